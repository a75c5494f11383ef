"""Runs another script as the main program while a second thread is alive and waits."""

import sys
import threading

threading.Thread(target=threading.Event().wait, daemon=True).start()
sys.argv = sys.argv[1:]
path = sys.argv[0]
with open(path, encoding="utf-8") as file:
    source = file.read()
scope = sys.modules["__main__"].__dict__
scope["__file__"] = path
exec(compile(source, path, "exec"), scope)
