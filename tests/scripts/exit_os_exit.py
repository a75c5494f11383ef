# os._exit does not flush or clean up; what was flushed is there.
import os, sys
print("flushed", flush=True)
os._exit(4)
