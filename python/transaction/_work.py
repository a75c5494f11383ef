"""Work shared out among threads, and collections that do not tie them together.

The same on every Python. Where there are no transactions (`_Turn` is missing), a lock keeps calls apart, and so they
are made one after another, by the caller.
"""

import os
import sys
import threading
import time as _time
from collections import deque
from queue import Empty, Full, SimpleQueue

import transaction
from transaction import Aborted, Counter, atomic, is_atomic, retry

_Turn = getattr(transaction, '_Turn', None)

stmdict = dict
stmset = set


def _thread_count(threads):
    if threads is None:
        wanted = os.environ.get('KEELBACK_THREADS', '')
        if wanted.isdigit() and int(wanted) > 0:
            return int(wanted)
        cpus = getattr(os, 'process_cpu_count', os.cpu_count)
        return cpus() or 1
    if not isinstance(threads, int) or threads < 1:
        raise ValueError(f'threads must be a positive number, not {threads!r}')
    return threads


def _in_threads(worker, threads):
    """Calls `worker(0)` here and `worker(1)` to `worker(threads - 1)` in threads, as far as there can be more.

    `worker` does not raise. Nor does this, but for what interrupts the wait for the others.
    """
    started = []
    for number in range(1, threads):
        thread = threading.Thread(target=worker, args=(number,), daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # No more threads, or none at all: those that there are do all the work.
            break
        started.append(thread)
    worker(0)
    for thread in started:
        thread.join()


class _Stopped(Exception):
    """Rolls back a call that comes after one that has failed."""


class _Run:
    """What the workers of one run have in common: the first failure."""

    def __init__(self):
        self.failures = []

    def fail(self, error):
        with atomic:
            if not self.failures:
                self.failures.append(error)

    def finish(self):
        if self.failures:
            try:
                raise self.failures[0]
            finally:
                # The exception's traceback leads to this frame, and this frame to the exception.
                self.failures = []


def _in_order(turn, position, function, args, kwargs):
    """Calls the function as the one at this position: its effects are seen after those of all before it. Whether it did.

    It is tried while others before it still run. If one of them is in its way, or takes much longer, it is rolled back, waits
    until its turn has come, and is called again.
    """
    turn.begin(position)
    try:
        with atomic(retry='giveup:1'):
            try:
                function(*args, **kwargs)
            finally:
                # An exception counts only if it is raised in that order, too.
                if not turn.reach():
                    raise _Stopped
        return True
    except _Stopped:
        return False
    except Aborted:
        # In the wait that follows; an exception of the function's own is raised again after it.
        pass
    finally:
        turn.end()
    while not turn.wait(position):
        # Between two waits there is time for Ctrl-C.
        pass
    if turn.stopped():
        return False
    with atomic:
        function(*args, **kwargs)
    return True


class TransactionQueue:
    """Calls that are made in parallel, with the effect of making them one after another.

    Each call is one atomic block. An exception rolls its call back, keeps those from being made that have not begun, and is
    raised by `run`; they stay in the queue. A call may add more.
    """

    def __init__(self, threads=None, *, ordered=False):
        self._threads = _thread_count(threads)
        self._ordered = ordered
        self._pending = deque()

    def __len__(self):
        return len(self._pending)

    def add(self, function, /, *args, **kwargs):
        """Adds a call. If that happens in a block that is rolled back, it does not happen."""
        if not callable(function):
            raise TypeError(f'a callable is needed, not {type(function).__name__}')
        self._pending.append((function, args, kwargs))

    def add_generator(self, generator, /):
        """Adds the steps of a generator: each, up to the next `yield`, is one call, and the next one comes after it."""
        step = iter(generator).__next__
        self._pending.append((self._step, (step,), {}))

    def _step(self, step):
        try:
            step()
        except StopIteration:
            return
        self._pending.append((self._step, (step,), {}))

    def run(self, threads=None, *, ordered=None):
        """Makes all calls. With `ordered`, their effects are those of making them in the order in which they were added."""
        threads = self._threads if threads is None else _thread_count(threads)
        ordered = self._ordered if ordered is None else ordered
        if threads == 1 or _Turn is None or is_atomic():
            while self._pending:
                function, args, kwargs = self._pending.popleft()
                with atomic:
                    function(*args, **kwargs)
        elif ordered:
            self._run_in_order(threads)
        else:
            self._run_freely(threads)

    def _run_freely(self, threads):
        pending, run = self._pending, _Run()
        busy = [False] * threads

        def worker(number):
            busy[number] = True
            try:
                while not run.failures:
                    with atomic:
                        call = pending.popleft() if pending else None
                    if call is not None:
                        function, args, kwargs = call
                        with atomic:
                            function(*args, **kwargs)
                        continue
                    busy[number] = False
                    with atomic:
                        if not pending and not run.failures and any(busy):
                            retry()
                        if not pending:
                            return
                        busy[number] = True
            except BaseException as error:
                run.fail(error)
            finally:
                busy[number] = False

        _in_threads(worker, threads)
        run.finish()

    def _run_in_order(self, threads):
        # In rounds: what calls add comes after all that was there before them.
        while self._pending:
            calls = list(self._pending)
            done = _each_in_order(calls, lambda call: call, threads)
            for _ in range(next(done)):
                self._pending.popleft()
            for _ in done:
                pass


def _each_in_order(items, call_of, threads, tick=None):
    """Makes the calls for all items, in their order: first yields how many have had their effect, then raises what one of them has raised."""
    turn, run = _Turn(), _Run()

    def worker(number):
        try:
            while True:
                position = turn.take()
                if position >= len(items) or run.failures:
                    return
                function, args, kwargs = call_of(items[position])
                if not _in_order(turn, position, function, args, kwargs):
                    return
                turn.pass_on()
                if tick and number == 0:
                    tick(turn.now())
        except BaseException as error:
            run.fail(error)
            turn.stop()

    _in_threads(worker, threads)
    yield turn.now()
    run.finish()


def parallel_for(function, items, threads=None, ordered=False, progress=False):
    """The loop `for x in items: function(x)`, on all cores; each call is one atomic block.

    With `ordered` the result is that of the loop; otherwise that of the loop over the items in some order. An exception ends it. With
    `progress`, a bar on standard error says how far it is.
    """
    if not callable(function):
        raise TypeError(f'a callable is needed, not {type(function).__name__}')
    threads = _thread_count(threads)
    bar = _Progress(items) if progress else None
    try:
        if threads == 1 or _Turn is None or is_atomic():
            for done, item in enumerate(items, 1):
                with atomic:
                    function(item)
                if bar:
                    bar.show(done)
        elif ordered:
            for _ in _each_in_order(list(items), lambda item: (function, (item,), {}), threads, bar and bar.show):
                pass
        else:
            _each(function, iter(items), threads, bar)
    finally:
        if bar:
            bar.end()


def _each(function, items, threads, bar):
    run, done = _Run(), Counter()

    def worker(number):
        # As many items at once as take about a millisecond: taking some is a block of its own.
        size = 1
        try:
            while not run.failures:
                with atomic:
                    taken = []
                    for item in items:
                        taken.append(item)
                        if len(taken) == size:
                            break
                if not taken:
                    return
                start = _time.perf_counter()
                for item in taken:
                    with atomic:
                        function(item)
                    if run.failures:
                        return
                spent = _time.perf_counter() - start
                size = min(size * 2, 256) if spent < 0.0005 else max(size // 2, 1) if spent > 0.002 else size
                if bar:
                    done.add(len(taken))
                    if number == 0:
                        bar.show(done.value)
        except BaseException as error:
            run.fail(error)

    _in_threads(worker, threads)
    if bar:
        bar.show(done.value)
    run.finish()


class _Progress:
    """A bar on standard error, if that is a terminal; otherwise one line at the end."""

    WIDTH = 32

    def __init__(self, items):
        try:
            self.total = len(items)
        except TypeError:
            self.total = None
        self.done = 0
        self.start = self.shown = _time.monotonic()
        self.terminal = sys.stderr is not None and sys.stderr.isatty()

    def show(self, done):
        self.done = max(self.done, done)
        now = _time.monotonic()
        if self.terminal and now - self.shown >= 0.1:
            self.shown = now
            print(f'\r{self.text(now)}\x1b[K', end='', file=sys.stderr, flush=True)

    def text(self, now):
        spent = now - self.start
        rate = f'{self.done / spent:.0f}/s' if spent > 0 else ''
        if not self.total:
            return f'{self.done} done  {spent:.1f} s  {rate}'
        part = min(self.done / self.total, 1)
        full = round(part * self.WIDTH)
        bar = '#' * full + '.' * (self.WIDTH - full)
        left = spent / part - spent if part else 0
        return f'[{bar}] {part:4.0%}  {self.done}/{self.total}  {spent:.1f} s, {left:.1f} s left  {rate}'

    def end(self):
        if sys.stderr is None:
            return
        start = '\r' if self.terminal else ''
        end = '\x1b[K\n' if self.terminal else '\n'
        print(f'{start}{self.text(_time.monotonic())}', end=end, file=sys.stderr, flush=True)


class threadlocalproperty:
    """An attribute of which each thread has its own, for each object: at first what `factory()` gives.

        class Parser:
            buffer = threadlocalproperty(list)
    """

    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, factory=None):
        self._factory = factory
        self._name = None

    def __set_name__(self, owner, name):
        self._name = name

    def _local(self, instance):
        if self._name is None:
            raise TypeError('a threadlocalproperty must be an attribute of a class')
        # An entry of the object, under a name that is no identifier.
        key = f'{self._name} of each thread'
        attributes = instance.__dict__
        local = attributes.get(key)
        if local is None:
            local = attributes.setdefault(key, threading.local())
        return local

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        local = self._local(instance)
        try:
            return local.value
        except AttributeError:
            pass
        if self._factory is None:
            raise AttributeError(f'{type(instance).__name__!r} object has no attribute {self._name!r} in this thread')
        local.value = value = self._factory()
        return value

    def __set__(self, instance, value):
        self._local(instance).value = value

    def __delete__(self, instance):
        try:
            del self._local(instance).value
        except AttributeError:
            raise AttributeError(
                f'{type(instance).__name__!r} object has no attribute {self._name!r} in this thread') from None


@atomic
def _wait_for_zero(counter):
    if counter.value:
        retry()


class Queue:
    """A queue whose two ends do not conflict: as `queue.Queue`, of which it has the methods."""

    __class_getitem__ = classmethod(type(list[int]))

    def __init__(self, maxsize=0):
        self.maxsize = maxsize
        self._items = SimpleQueue()
        self._unfinished = Counter()
        self._room = None
        if maxsize > 0:
            # One entry for each place that is free.
            self._room = SimpleQueue()
            for _ in range(maxsize):
                self._room.put(None)

    def put(self, item, block=True, timeout=None):
        if self._room is not None:
            try:
                self._room.get(block, timeout)
            except Empty:
                raise Full from None
        self._unfinished.add(1)
        self._items.put(item)

    def get(self, block=True, timeout=None):
        item = self._items.get(block, timeout)
        if self._room is not None:
            self._room.put(None)
        return item

    def put_nowait(self, item):
        self.put(item, block=False)

    def get_nowait(self):
        return self.get(block=False)

    def qsize(self):
        return self._items.qsize()

    def empty(self):
        return self._items.empty()

    def full(self):
        return self._room is not None and self._room.empty()

    def task_done(self):
        with atomic:
            if self._unfinished.value <= 0:
                raise ValueError('task_done() called too many times')
            self._unfinished.add(-1)

    def join(self):
        _wait_for_zero(self._unfinished)
