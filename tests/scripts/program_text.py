# A small text formatter: paragraphs, tables and an index, all string methods.
text = """The heap is shared.  Every object carries a version.

A block reads and writes; at its end it commits.   A block that meets
another one rolls back, and runs again. So no update is lost."""
def paragraphs(t): return [" ".join(p.split()) for p in t.split("\n\n")]
def justify(p, width):
    line, lines = [], []
    for w in p.split():
        if sum(map(len, line)) + len(line) + len(w) > width: lines.append(line); line = []
        line.append(w)
    for l in lines:
        gaps = len(l) - 1; spare = width - sum(map(len, l))
        yield l[0].ljust(width) if not gaps else "".join(w + " " * (spare // gaps + (i < spare % gaps) if i < gaps else 0) for i, w in enumerate(l))
    yield " ".join(line)
for p in paragraphs(text):
    for line in justify(p, 34): print(f"|{line:<34}|")
index = {}
for n, p in enumerate(paragraphs(text), 1):
    for w in p.lower().translate({ord(c): None for c in ".,;"}).split():
        if len(w) > 4: index.setdefault(w, set()).add(n)
for w, ps in sorted(index.items()): print(f"{w:.<12}{', '.join(map(str, sorted(ps))):.>6}")
