"""An atomic block that imports what another thread is loading waits for it without being in its way. # needs: rollback"""
import os
import sys
import tempfile
import transaction
from _together import ROUNDS, together

SOURCE = """
import time
time.sleep(0.002)
loads = globals().get('loads', 0) + 1
time.sleep(0.002)
"""
with tempfile.TemporaryDirectory() as folder:
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    for i in range(ROUNDS // 10 + 1):
        name = f"slow_{i}"
        with open(os.path.join(folder, name + ".py"), "w") as file:
            file.write(SOURCE)

        def plainly():
            return __import__(name)

        def at_once():
            with transaction.atomic:
                module = __import__(name)
                assert module.loads == 1
            return module

        # Loading sleeps, which an atomic block may do but once it has begun to cannot wait for others: let the other one load.
        import threading

        loading = threading.Thread(target=plainly)
        loading.start()
        while name not in sys.modules:
            pass
        modules = together(plainly, at_once)
        loading.join()
        assert modules[0] is modules[1] is sys.modules[name]
print("ok")
