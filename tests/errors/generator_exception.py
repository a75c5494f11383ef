def numbers():
    yield 1
    raise LookupError("in generator")
for n in numbers():
    print(n)
