# input and sys.stdin.
import sys
name = input("name? ")
print("hello", name)
print(repr(input()), sys.stdin.readline())
for line in sys.stdin:
    if line.strip() == "stop": break
    print("line", repr(line))
print(repr(sys.stdin.read(3)), repr(sys.stdin.read()), repr(sys.stdin.read()), repr(sys.stdin.readline()))
try:
    input("prompt ")
except EOFError as e:
    print(type(e).__name__, e)
