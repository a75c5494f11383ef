# sys.exit with a number, after output.
import sys
print("before")
sys.exit(3)
