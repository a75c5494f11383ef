# Loops with break, continue and else.
for i in range(5):
    if i == 1:
        continue
    if i == 3:
        break
    print(i)
else:
    print("not reached")
for i in range(2):
    pass
else:
    print("for else", i)
n = 0
while n < 3:
    n += 1
    if n == 2:
        continue
    print("while", n)
else:
    print("while else")
while True:
    n -= 1
    if n < 0:
        break
else:
    print("not reached")
for a in range(3):
    for b in range(3):
        if b == a:
            break
        print(a, b)
    else:
        print("inner else", a)
for x, (y, *z) in [(1, (2, 3, 4)), (5, [6])]:
    print(x, y, z)
for [] in [[], ()]:
    print("empty target")
class Holder: pass
h = Holder()
items = [0, 0]
for h.attr in range(3): pass
for items[1] in "ab": pass
print(h.attr, items)
