# Conway's game on a set of cells.
from collections import Counter
def step(cells):
    near = Counter((x + dx, y + dy) for x, y in cells for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy)
    return {c for c, n in near.items() if n == 3 or n == 2 and c in cells}
cells = {(1, 0), (2, 1), (0, 2), (1, 2), (2, 2)}
for _ in range(20): cells = step(cells)
for y in range(9): print("".join(".#"[(x, y) in cells] for x in range(9)))
r = {(0, 1), (0, 2), (1, 0), (1, 1), (2, 1)}
sizes = []
for _ in range(60): r = step(r); sizes.append(len(r))
print(sizes)
