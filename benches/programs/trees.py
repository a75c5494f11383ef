"""Independent work: each thread builds and walks binary trees of its own."""
from _bench import measure, rounds

ROUNDS = rounds(250)


def build(depth):
    if depth == 0:
        return (None, None)
    return (build(depth - 1), build(depth - 1))


def count(tree):
    left, right = tree
    if left is None:
        return 1
    return 1 + count(left) + count(right)


def work(index):
    for _ in range(ROUNDS):
        assert count(build(12)) == 8191


measure(work)
