# Any other object is printed.
import sys
sys.exit([1, 2])
