# The digit limit between int and str.
import sys
print(sys.get_int_max_str_digits())
try:
    str(10**5000)
except ValueError as e:
    print(e)
try:
    int("1" * 5000)
except ValueError as e:
    print(e)
print(len(hex(10**5000)), int("f" * 5000, 16) == 16**5000 - 1)
sys.set_int_max_str_digits(0)
s = str(10**5000 + 7)
print(len(s), s[-3:], int(s) == 10**5000 + 7)
sys.set_int_max_str_digits(640)
try:
    sys.set_int_max_str_digits(10)
except ValueError as e:
    print(e)
