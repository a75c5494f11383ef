def key(x):
    return x.nope
print(sorted([1, 2], key=key))
