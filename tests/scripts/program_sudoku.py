# Constraint propagation with dicts of strings, and search with copies.
# computes much
rows, cols = "ABCDEFGHI", "123456789"
cells = [r + c for r in rows for c in cols]
units = [[r + c for c in cols] for r in rows] + [[r + c for r in rows] for c in cols] + [[r + c for r in rs for c in cs] for rs in ("ABC", "DEF", "GHI") for cs in ("123", "456", "789")]
peers = {s: {p for u in units if s in u for p in u} - {s} for s in cells}
def assign(v, s, d): return v if all(eliminate(v, s, x) for x in v[s] if x != d) else None
def eliminate(v, s, d):
    if d not in v[s]: return v
    v[s] = v[s].replace(d, "")
    if not v[s]: return None
    if len(v[s]) == 1 and not all(eliminate(v, p, v[s]) for p in peers[s]): return None
    for u in units:
        if s in u:
            places = [p for p in u if d in v[p]]
            if not places or len(places) == 1 and not assign(v, places[0], d): return None
    return v
def search(v):
    if v is None or all(len(v[s]) == 1 for s in cells): return v
    s = min((s for s in cells if len(v[s]) > 1), key=lambda s: (len(v[s]), s))
    for d in v[s]:
        if (r := search(assign(v.copy(), s, d))): return r
grid = "4.....8.5.3..........7......2.....6.....8.4......1.......6.3.7.5..2.....1.4......"
v = {s: cols for s in cells}
for s, d in zip(cells, grid):
    if d in cols: assign(v, s, d)
v = search(v)
for r in rows: print(" ".join(v[r + c] for c in cols))
