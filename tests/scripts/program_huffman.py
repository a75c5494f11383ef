# Huffman coding there and back.
import heapq
from collections import Counter
def code(text):
    heap = [[n, i, c] for i, (c, n) in enumerate(sorted(Counter(text).items()))]
    heapq.heapify(heap); serial = len(heap)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, [a[0] + b[0], serial, (a[2], b[2])]); serial += 1
    table = {}
    def walk(node, bits):
        if isinstance(node, tuple):
            walk(node[0], bits + "0"); walk(node[1], bits + "1")
        else: table[node] = bits or "0"
    walk(heap[0][2], "")
    return table
text = "she sells sea shells by the sea shore, the shells she sells are sea shells for sure"
table = code(text); bits = "".join(table[c] for c in text)
back, out, cur = {v: k for k, v in table.items()}, [], ""
for b in bits:
    cur += b
    if cur in back: out.append(back[cur]); cur = ""
print(len(bits), "".join(out) == text, sorted(table.items(), key=lambda t: (len(t[1]), t[0]))[:6])
