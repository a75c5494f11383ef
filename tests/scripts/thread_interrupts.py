# Ctrl-C reaches the main thread wherever it waits, and a thread that computes does not keep it away.
import _thread, os, queue, signal, subprocess, threading, time

held, mine = threading.Lock(), threading.Lock()
mine.acquire()
busy_stop = []
release = threading.Event()

def busy():
    while not busy_stop: pass

def holder():
    with held: release.wait()

others = [threading.Thread(target=busy), threading.Thread(target=holder)]
for t in others: t.start()
while not held.locked(): pass

def own_lock(): mine.acquire()
def own_lock_timed(): mine.acquire(timeout=30)
def other_lock():
    with held: pass
def join(): others[0].join()
def join_timed(): others[1].join(30)
def queue_get(): queue.Queue().get()
def simple_queue_get(): queue.SimpleQueue().get()
def full_put():
    q = queue.Queue(1)
    q.put(1); q.put(2)
def sleep(): time.sleep(30)
def loop():
    while True: pass
def calls():
    def f(): pass
    while True: f()
def condition():
    c = threading.Condition()
    with c: c.wait()
def event(): threading.Event().wait(30)
def child(): subprocess.run(["sleep", "30"])
def generator():
    def forever():
        while True: yield
    for _ in forever(): pass

for wait in [own_lock, own_lock_timed, other_lock, join, join_timed, queue_get, simple_queue_get, full_put, sleep,
             loop, calls, condition, event, child, generator]:
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.1; kill -INT {os.getpid()}"])
    try:
        wait()
    except KeyboardInterrupt:
        print(wait.__name__, "interrupted")
    killer.wait()

# A handler that raises nothing lets the wait go on.
seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
killer = subprocess.Popen(["sh", "-c", f"sleep 0.1; kill -USR1 {os.getpid()}"])
print(mine.acquire(timeout=0.3), seen == [signal.SIGUSR1])
killer.wait()

# One that makes ready what is waited for ends it.
q = queue.Queue()
signal.signal(signal.SIGUSR1, lambda number, frame: mine.release())
killer = subprocess.Popen(["sh", "-c", f"sleep 0.1; kill -USR1 {os.getpid()}"])
print(mine.acquire())
killer.wait()

def interrupt(): time.sleep(0.1); _thread.interrupt_main()
t = threading.Thread(target=interrupt)
t.start()
try: time.sleep(30)
except KeyboardInterrupt: print("interrupt_main")
busy_stop.append(1)
release.set()
for t in others: t.join()
print("done")
