# Threads importing the same modules at once get the same, whole modules.
import os, sys
from _together import many
names = ["textwrap", "heapq", "bisect", "copy", "fnmatch", "shlex", "colorsys", "graphlib"]
if "KEELBACK_GC_STRESS" in os.environ: names = names[3:5]
def load(i):
    mods = []
    for n in names[i % 3:] + names[:i % 3]: mods.append(__import__(n))
    import colorsys
    assert colorsys.rgb_to_hsv(1, 0, 0) == (0.0, 1.0, 1)
    return {m.__name__: id(m) for m in mods}
results = many(load)
assert all(r == results[0] for r in results)
assert all(id(sys.modules[n]) == results[0][n] for n in names)
print("ok")
