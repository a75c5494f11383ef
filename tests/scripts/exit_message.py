# sys.exit with a string prints it and exits with 1.
import sys
print("before")
sys.exit("the message")
