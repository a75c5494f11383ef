"""Independent work: an operating system's scheduler, simulated with objects and method calls, one for each thread.

Tasks of four kinds pass packets to each other; after Martin Richards' benchmark.
"""
from _bench import measure, rounds

ROUNDS = rounds(60)
IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
DEVICE_PACKET, WORK_PACKET = range(2)


class Packet:
    def __init__(self, link, owner, kind):
        self.link = link
        self.owner = owner
        self.kind = kind
        self.datum = 0
        self.data = [0, 0, 0, 0]

    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        last = queue
        while last.link is not None:
            last = last.link
        last.link = self
        return queue


class Task:
    def __init__(self, scheduler, number, priority, queue):
        self.scheduler = scheduler
        self.number = number
        self.priority = priority
        self.queue = queue
        self.waiting = queue is None
        self.holding = False
        self.next = scheduler.tasks
        scheduler.tasks = self
        scheduler.table[number] = self

    def runnable(self):
        return not self.holding and (not self.waiting or self.queue is not None)

    def run(self):
        packet = self.queue
        if packet is not None and self.waiting:
            self.queue = packet.link
            self.waiting = False
        else:
            packet = None
        return self.step(packet)

    def wait(self):
        self.waiting = True
        return self

    def hold(self):
        self.scheduler.holds += 1
        self.holding = True
        return self.next

    def release(self, number):
        task = self.scheduler.table[number]
        task.holding = False
        return task if task.priority > self.priority else self

    def send(self, packet):
        task = self.scheduler.table[packet.owner]
        self.scheduler.packets += 1
        packet.owner = self.number
        task.queue = packet.append_to(task.queue)
        return task if task.priority > self.priority else self


class IdleTask(Task):
    def __init__(self, scheduler, *rest):
        super().__init__(scheduler, *rest)
        self.waiting = False
        self.control = 1
        self.count = 3000

    def step(self, packet):
        self.count -= 1
        if self.count == 0:
            return self.hold()
        if self.control & 1 == 0:
            self.control >>= 1
            return self.release(DEVICE_A)
        self.control = (self.control >> 1) ^ 0xD008
        return self.release(DEVICE_B)


class WorkTask(Task):
    def __init__(self, *rest):
        super().__init__(*rest)
        self.destination = HANDLER_A
        self.letter = 0

    def step(self, packet):
        if packet is None:
            return self.wait()
        self.destination = HANDLER_B if self.destination == HANDLER_A else HANDLER_A
        packet.owner = self.destination
        packet.datum = 0
        for i in range(4):
            self.letter = self.letter % 26 + 1
            packet.data[i] = 64 + self.letter
        result = self.send(packet)
        self.wait()
        return result if result is not self else self


class HandlerTask(Task):
    def __init__(self, *rest):
        super().__init__(*rest)
        self.work = None
        self.device = None

    def step(self, packet):
        if packet is not None:
            if packet.kind == WORK_PACKET:
                self.work = packet.append_to(self.work)
            else:
                self.device = packet.append_to(self.device)
        work = self.work
        if work is None:
            return self.wait()
        at = work.datum
        if at >= 4:
            self.work = work.link
            return self.finish(work)
        device = self.device
        if device is None:
            return self.wait()
        self.device = device.link
        device.datum = work.data[at]
        work.datum = at + 1
        return self.finish(device)

    def finish(self, packet):
        self.waiting = self.queue is not None or self.work is None
        return self.send(packet)


class DeviceTask(Task):
    def __init__(self, *rest):
        super().__init__(*rest)
        self.pending = None

    def step(self, packet):
        if packet is None:
            packet = self.pending
            if packet is None:
                return self.wait()
            self.pending = None
            self.wait()
            return self.send(packet)
        self.pending = packet
        return self.hold()


class Scheduler:
    def __init__(self):
        self.tasks = None
        self.table = [None] * 6
        self.holds = self.packets = 0

    def run(self):
        steps = 0
        task = self.tasks
        while task is not None:
            if task.runnable():
                task = task.run()
                steps += 1
            else:
                task = task.next
            if task is None and self.table[IDLE].count > 0:
                task = self.tasks
        return steps


def simulate():
    s = Scheduler()
    IdleTask(s, IDLE, 0, None)
    WorkTask(s, WORKER, 1000, Packet(Packet(None, 0, WORK_PACKET), 0, WORK_PACKET))
    for handler, device, priority in ((HANDLER_A, DEVICE_A, 2000), (HANDLER_B, DEVICE_B, 3000)):
        queue = None
        for _ in range(3):
            queue = Packet(queue, device, DEVICE_PACKET)
        HandlerTask(s, handler, priority, queue)
        DeviceTask(s, device, priority + 2000, None)
    return s.run(), s.holds, s.packets


EXPECTED = simulate()


def work(index):
    for _ in range(ROUNDS):
        assert simulate() == EXPECTED


measure(work)
