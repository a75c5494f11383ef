# A discrete event simulation with coroutines as processes.
import heapq
class Sim:
    def __init__(self): self.now, self.queue, self.serial, self.log = 0, [], 0, []
    def start(self, process): self.at(0, process)
    def at(self, delay, process):
        heapq.heappush(self.queue, (self.now + delay, self.serial, process)); self.serial += 1
    def run(self, until):
        while self.queue and self.queue[0][0] <= until:
            self.now, _, process = heapq.heappop(self.queue)
            try: self.at(process.send(None), process)
            except StopIteration as e: self.log.append((self.now, "ended", e.value))
def machine(sim, name, work, breaks):
    done = 0
    try:
        while done < 5:
            yield work
            done += 1
            sim.log.append((sim.now, name, done))
            if done % breaks == 0: yield 3
    finally:
        sim.log.append((sim.now, name, "off"))
    return f"{name}:{done}"
sim = Sim()
for spec in (("drill", 4, 2), ("saw", 3, 3), ("press", 7, 9)): sim.start(machine(sim, *spec))
sim.run(25)
for entry in sim.log: print(entry)
print(len(sim.queue), sim.now)
