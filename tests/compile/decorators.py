@a
@b.c(1)
def f(x, /, y=1, *, z=[]):
    return x, y, z
@a
async def g(): pass
