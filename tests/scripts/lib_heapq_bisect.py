# heapq, bisect, array-free algorithms.
import heapq, bisect
h = [5, 1, 4]; heapq.heapify(h); heapq.heappush(h, 0); print([heapq.heappop(h) for _ in range(4)], heapq.nlargest(2, [3, 1, 9]), heapq.nsmallest(2, "hello"), list(heapq.merge([1, 4], [2, 3])), heapq.nlargest(1, ["aa", "b"], key=len))
h = [1, 2, 3]; print(heapq.heapreplace(h, 10), heapq.heappushpop(h, 0), h)
l = [1, 2, 2, 3]; print(bisect.bisect(l, 2), bisect.bisect_left(l, 2), bisect.bisect_right(l, 5), bisect.bisect_left(l, 2, lo=2)); bisect.insort(l, 2.5); print(l, bisect.bisect([(1, "a"), (5, "b")], 3, key=lambda p: p[0]))
try:
    heapq.heappop([])
except IndexError as e:
    print(e)
