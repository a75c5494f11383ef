# All solutions of the queens' puzzle by backtracking with generators.
def queens(n, row=0, columns=(), up=(), down=()):
    if row == n:
        yield columns
        return
    for c in range(n):
        if c not in columns and row + c not in up and row - c not in down:
            yield from queens(n, row + 1, columns + (c,), up + (row + c,), down + (row - c,))
print([sum(1 for _ in queens(n)) for n in range(1, 7)], next(queens(8)))
