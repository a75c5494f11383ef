# json.
import json
obj = {"a": [1, 2.5, None, True, False], "b": {"c": "é\n\"\\ \u2028😀"}, "d": [], "e": {}, "f": "", "g": 10**20, "h": 1e100, "i": -0.0}
s = json.dumps(obj)
print(s, json.loads(s) == obj)
print(json.dumps(obj, indent=2, sort_keys=True, ensure_ascii=False)); print(json.dumps([1, {"a": 2}], separators=(",", ":")), json.dumps({1: "int", True: 1, None: 2, 1.5: 3}), json.dumps("a"), json.dumps((1, 2)), json.dumps([float("inf"), float("nan")]))
for text in ("1", "-1.5e3", '"\\u00e9\\ud83d\\ude00\\n"', "[1, [2]]", ' {"a" : null } ', "true", "NaN", "-Infinity", '{"a":1,"a":2}'):
    print(repr(json.loads(text)), end=" ")
print()
for bad in ("", "{", "[1,]", "{'a': 1}", '"abc', "nul", '{"a" 1}', "1 2", '"\x01"', "[1 2]", '{"a":1,}', '"\\x"'):
    try:
        json.loads(bad)
    except json.JSONDecodeError as e:
        print(e.lineno, e.colno, e.pos)
for bad in ({1, 2}, object, 1j, {(1, 2): 3}, b"x"):
    try:
        json.dumps(bad)
    except TypeError as e:
        print(e)
class E(json.JSONEncoder):
    def default(self, o): return sorted(o) if isinstance(o, set) else super().default(o)
print(json.dumps({2, 1}, cls=E), json.dumps(1j, default=str), json.loads("[1.5, 2]", parse_float=str, parse_int=float), json.loads('{"a": 1}', object_hook=lambda d: list(d.items())), json.loads('{"a": 1}', object_pairs_hook=lambda p: p), json.loads(b'"bytes"'))
loop = []; loop.append(loop)
try:
    json.dumps(loop)
except ValueError as e:
    print(e)
import io
f = io.StringIO(); json.dump({"x": 1}, f); f.seek(0); print(json.load(f))
