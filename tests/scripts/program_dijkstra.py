# Shortest paths with a heap, on a seeded graph.
import heapq, random
r = random.Random(3)
graph = {n: {r.randrange(60): r.randrange(1, 20) for _ in range(4)} for n in range(60)}
def paths(start):
    dist, queue, prev = {start: 0}, [(0, start)], {}
    while queue:
        d, n = heapq.heappop(queue)
        if d > dist[n]: continue
        for m, w in graph[n].items():
            if d + w < dist.get(m, 10**9):
                dist[m], prev[m] = d + w, n
                heapq.heappush(queue, (d + w, m))
    return dist, prev
dist, prev = paths(0)
print(len(dist), sum(dist.values()), max(dist.values()))
def route(n): return [n] if n == 0 else route(prev[n]) + [n]
print(route(max(dist, key=lambda n: (dist[n], n))))
