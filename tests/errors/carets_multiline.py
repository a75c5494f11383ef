def total(*args):
    return sum(args)
result = total(
    1,
    2,
    "three",
)
