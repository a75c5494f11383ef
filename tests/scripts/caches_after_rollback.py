# expected: by hand
# needs: rollback
# What a rolled-back block cached is not seen after it.
import transaction
x = 1
def get(): return x
def go2():
    global x
    try:
        with transaction.atomic:
            x = 2
            assert get() == 2
            raise ValueError
    except ValueError: pass
    for _ in range(3):
        assert get() == 1 and globals()["x"] == 1
go2(); go2()
print("ok")
