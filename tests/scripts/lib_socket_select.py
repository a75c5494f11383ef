# Sockets, selectors and pipes.
import os, select, selectors, socket, threading

a, b = socket.socketpair()
a.sendall(b"hello")
print(b.recv(3), b.recv(10))
print(select.select([a, b], [a], [], 0)[1] == [a])
b.send(b"x")
r, w, x = select.select([a, b], [], [], 5)
print(r == [a], w, x)
print(a.recv(1))
a.setblocking(False)
try:
    a.recv(1)
except BlockingIOError as e:
    print(type(e).__name__)
a.settimeout(0.02)
try:
    a.recv(1)
except TimeoutError as e:
    print(e, a.gettimeout())
view = bytearray(8)
b.sendall(b"abcd")
print(a.recv_into(view), bytes(view))
a.close()
print(b.recv(1), b.fileno() > 0, a.fileno())
b.close()

server = socket.create_server(("127.0.0.1", 0))
host, port = server.getsockname()
def serve():
    conn, addr = server.accept()
    with conn:
        f = conn.makefile("rwb")
        for line in f:
            f.write(line.upper())
            f.flush()
t = threading.Thread(target=serve)
t.start()
with socket.create_connection((host, port), timeout=10) as c:
    f = c.makefile("rw", encoding="utf-8", newline="\n")
    for word in ("eins", "zwei"):
        print(word, file=f, flush=True)
        print(f.readline().strip())
    f.close()
t.join()
server.close()

sel = selectors.DefaultSelector()
r, w = os.pipe()
sel.register(r, selectors.EVENT_READ, "pipe")
print(sel.select(0))
os.write(w, b"!")
print([(k.data, m) for k, m in sel.select(5)])
sel.unregister(r)
sel.close()
p = select.poll()
p.register(r, select.POLLIN)
print(p.poll(0) == [(r, select.POLLIN)])
os.close(r); os.close(w)
print(socket.inet_aton("127.0.0.1"), socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, "::1")), socket.ntohs(socket.htons(80)))
print(socket.getaddrinfo("127.0.0.1", 80, type=socket.SOCK_STREAM)[0][4])
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("127.0.0.1", 0))
u.sendto(b"dgram", u.getsockname())
print(u.recvfrom(10)[0], u.type.name, u.family.name)
u.close()
try:
    socket.create_connection(("127.0.0.1", port), timeout=5)
except ConnectionRefusedError as e:
    print(type(e).__name__)
