# SystemExit can be caught, and does not derive from Exception.
import sys
try:
    try:
        sys.exit(5)
    except Exception:
        print("never")
except SystemExit as e:
    print(e.code, repr(e), e)
try:
    exit(2)
except SystemExit as e:
    print(e.code)
try:
    raise SystemExit
except SystemExit as e:
    print(e.code)
print("goes on")
