# assert with and without a message.
assert True
assert 1, "fine"
try:
    assert False
except AssertionError as e:
    print(repr(e))
try:
    assert 0, ("tuple", "message")
except AssertionError as e:
    print(repr(e), e.args)
def msg():
    print("evaluated")
    return "m"
assert 1, msg()
try:
    assert [], msg()
except AssertionError as e:
    print(e)
print(__debug__)
