"""The `transaction` module of Keelback for other Pythons: one lock for the process stands in for transactions.

A script that says `import transaction` runs on both. Blocks run one after another here, never in parallel; and what a
lock cannot do is different:

- It cannot take anything back. An exception that leaves a block just leaves it, and what the block has done stays done,
  with `rollback=True` as well. The calls of `on_abort` are made then, and those of `on_commit` are not.
- It keeps blocks apart from blocks, and from `Counter`s, but not from code outside of blocks.
- `retry()` can only run a function again: the one decorated with `@atomic` that is the outermost block, or those given to
  `or_else` outside of any block. What they have done before stays done, so they should look first and change things
  afterwards. It sleeps until another thread has ended a block or changed a `Counter`; what is changed outside of blocks
  does not wake it. In the body of an outermost `with atomic:` it is a RuntimeError. On its way it is an exception, though
  no `Exception`: a bare `except:` must let it pass.
- There are no conflicts: retry policies are checked, but never asked. `deadline` counts while the block waits for the
  lock, and in `retry()`.
"""

import operator
import os
import random
import threading
from dataclasses import dataclass
from functools import wraps
from itertools import count as _counting
from time import monotonic, time

from ._told import Abort, Place

# Without `time`: it would take the place of a module that most scripts know by that name.
__all__ = [
    'Abort', 'Aborted', 'Counter', 'Place', 'Queue', 'RetryPolicy', 'TransactionQueue', 'atomic', 'count',
    'hint_commit_soon', 'irrevocable', 'is_atomic', 'last_conflicts', 'on_abort', 'on_commit', 'or_else', 'parallel_for',
    'retry', 'set_retry_policy', 'stats', 'stmdict', 'stmset', 'threadlocalproperty',
]

# Held by the thread whose block runs.
_lock = threading.RLock()
# A block has ended, or a counter has changed: who waits in retry() looks again.
_changed = threading.Condition(_lock)
_counts = {'blocks': 0, 'commits': 0, 'waits': 0}

if hasattr(os, 'register_at_fork'):
    # A child has only the thread that forked: a lock that another one held would stay locked in it.
    os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)

# When a call that waits for the fate of its block is made. ALWAYS: a part of the block, to which it belonged, has failed.
_COMMIT, _ABORT, _ALWAYS = 'commit', 'abort', 'always'


class _Block:
    """An outermost block, while it runs."""

    __slots__ = ('can_repeat', 'alternatives', 'calls', 'marks')

    def __init__(self, can_repeat):
        self.can_repeat = can_repeat
        # How many first functions of or_else() are running.
        self.alternatives = 0
        # (when, function)
        self.calls = []
        # For each nested block: how many calls there were before it.
        self.marks = []

    def fail_since(self, mark):
        self.calls[mark:] = [(_ALWAYS, call) for when, call in self.calls[mark:] if when is not _COMMIT]


class _Own(threading.local):
    """What each thread has for itself."""

    block = None


_own = _Own()


class _Retry(BaseException):
    """retry() on its way to what can run again, or to the alternative."""


class Aborted(RuntimeError):
    """Raised where a block begins that has given up: here only because its deadline has passed.

    attempts: how often it has run; cause; lost: seconds in attempts that were rolled back; elapsed: seconds since it
    began; here, other, object: the lines and the object in dispute.
    """

    attempts = 0
    cause = ''
    lost = 0.0
    elapsed = 0.0
    here = None
    other = None
    object = ''


class _Atomic:
    """`atomic`, and what calling it with settings gives."""

    __slots__ = ('_rollback', '_deadline')

    def __init__(self, rollback=True, deadline=None):
        self._rollback = rollback
        self._deadline = deadline

    def __enter__(self):
        block = _own.block
        if block is None:
            self._begin(monotonic())
        else:
            block.marks.append(len(block.calls))

    def __exit__(self, type=None, value=None, traceback=None, /):
        _end(type is not None and self._rollback)
        return False

    def __call__(self, function=None, /, *, rollback=..., retry=None, deadline=..., name=None):
        _check_policy(retry)
        context = _Atomic(
            self._rollback if rollback is ... else bool(rollback),
            self._deadline if deadline is ... else _checked_deadline(deadline),
        )
        if function is None:
            return context
        if not callable(function):
            raise TypeError(f"atomic() wraps a function, not '{type(function).__name__}'")

        @wraps(function)
        def atomic(*args, **kwargs):
            return context._run(function, *args, **kwargs)
        return atomic

    def __repr__(self):
        return 'transaction.atomic'

    def _begin(self, start, attempts=0, can_repeat=False):
        """Begins an outermost block, or raises Aborted."""
        if self._deadline is None:
            _lock.acquire()
        elif not _lock.acquire(timeout=self._left(start)):
            raise self._aborted(start, attempts)
        _own.block = _Block(can_repeat)

    def _run(self, function, /, *args, **kwargs):
        """Calls the function as a block; as the outermost one again and again, while it would wait."""
        if _own.block is not None:
            with self:
                return function(*args, **kwargs)
        start, attempts = monotonic(), 0
        while True:
            self._begin(start, attempts, can_repeat=True)
            try:
                result = function(*args, **kwargs)
            except _Retry:
                self._wait(start)
            except BaseException:
                _end(self._rollback)
                raise
            else:
                _end(False)
                return result
            attempts += 1
            if self._left(start) == 0:
                raise self._aborted(start, attempts)

    def _wait(self, start):
        """Ends the block, which is to run again, and waits until it may find something else."""
        # Held once more, for the block's own hold ends here, and up to the wait no change must be missed.
        with _lock:
            _own.block = None
            _lock.release()
            _counts['waits'] += 1
            _changed.wait(self._left(start))

    def _left(self, start):
        """Seconds that are left of those that the block has; None if there is no deadline."""
        if self._deadline is None:
            return None
        return max(0, min(start + self._deadline - monotonic(), threading.TIMEOUT_MAX))

    def _aborted(self, start, attempts):
        times = 'once' if attempts == 1 else f'{attempts} times'
        error = Aborted(f'the block has run {times}, and its deadline has passed')
        error.attempts = attempts
        error.cause = 'deadline'
        error.elapsed = monotonic() - start
        return error


atomic = _Atomic()


def _end(failed):
    """Ends the innermost block of this thread."""
    block = _own.block
    if block is None:
        raise RuntimeError('no atomic block is open')
    if block.marks:
        mark = block.marks.pop()
        if failed:
            block.fail_since(mark)
        return
    try:
        # First of all: what a signal's handler does from here on is no longer a part of the block.
        _own.block = None
        if failed:
            block.fail_since(0)
        _counts['blocks'] += 1
        _counts['commits'] += not failed
        _changed.notify_all()
    finally:
        _lock.release()
    if block.calls:
        _call_all(call for when, call in block.calls if when is not _ABORT)


def _call_all(calls):
    for call in calls:
        try:
            call()
        except BaseException:
            # The last exception goes on, with the one before as its context.
            _call_all(calls)
            raise


def _check_policy(policy):
    if isinstance(policy, str):
        RetryPolicy(policy)
    elif policy is not None and not callable(policy):
        raise TypeError(f'a retry policy is a name or a callable, not {type(policy).__name__}')


def _checked_deadline(deadline):
    if deadline is None:
        return None
    seconds = float(deadline)
    # Not a number is not allowed, either.
    if not seconds >= 0:
        raise ValueError('deadline must be a number of seconds, not negative')
    return seconds


def retry():
    """The block cannot go on: waits until another thread has ended one, then runs it again. Only in functions."""
    block = _own.block
    if block is None:
        raise RuntimeError('transaction.retry() outside of an atomic block')
    if not (block.can_repeat or block.alternatives):
        raise RuntimeError(
            'transaction.retry() in `with atomic:`, whose body this Python cannot run again: move the body into a function '
            'decorated with @atomic, and call that outside of any other block')
    raise _Retry


def or_else(first, second, /):
    """Calls `first`; if that would wait (retry), calls `second` in its place. What `first` has done stays done.

    If both would wait, the running atomic block waits. Outside of any block this is a block of its own.
    """
    return atomic._run(_or_else, first, second)


def _or_else(first, second):
    block = _own.block
    block.alternatives += 1
    try:
        with atomic:
            return first()
    except _Retry:
        pass
    finally:
        block.alternatives -= 1
    return second()


def on_commit(function, /):
    """Calls the function once, after the outermost block has ended well; outside of any block at once."""
    if not _after_block(_COMMIT, function):
        function()
    return function


def on_abort(function, /):
    """Calls the function once, after the outermost block has ended, if an exception has left this block or one around it."""
    _after_block(_ABORT, function)
    return function


def _after_block(when, function):
    if not callable(function):
        raise TypeError(f'a callable is needed, not {type(function).__name__}')
    block = _own.block
    if block is not None:
        block.calls.append((when, function))
    return block is not None


def is_atomic():
    """Whether this thread is in an atomic block."""
    return _own.block is not None


def irrevocable():
    """The block cannot be rolled back from here on: which none can, here."""


def hint_commit_soon():
    """A good moment to end a block: of use only where blocks begin and end by themselves."""


_numbers = _counting()
# Not the lock of the blocks: who takes a number need not wait for them. Re-entrant for signal handlers.
_numbers_lock = threading.RLock()


def count():
    """An integer that no other call in this process gives."""
    with _numbers_lock:
        return next(_numbers)


class Counter:
    """A number that threads add to. Each change is one step, as if it were a block."""

    __slots__ = ('_value', '__weakref__')

    def __init__(self, value=0, /):
        self._value = _number(value)

    def add(self, n=1, /):
        with _lock:
            self._value += _number(n)
            _changed.notify_all()

    @property
    def value(self):
        # Not what a block of another thread has only half done.
        with _lock:
            return self._value

    def reset(self, value=0, /):
        with _lock:
            self._value = _number(value)
            _changed.notify_all()

    def __iadd__(self, n, /):
        self.add(n)
        return self

    def __isub__(self, n, /):
        self.add(-_number(n))
        return self

    def __int__(self):
        return int(self.value)

    def __float__(self):
        return float(self.value)

    def __bool__(self):
        return bool(self.value)

    def __index__(self):
        return operator.index(self.value)

    def __eq__(self, other, /):
        if isinstance(other, (int, float)):
            return self.value == other
        return NotImplemented

    # By identity, as two counters are compared: it can be a key, though its value changes.
    __hash__ = object.__hash__

    def __repr__(self):
        return f'transaction.Counter({self.value!r})'

    def __reduce__(self):
        return type(self), (self.value,)


def _number(n):
    if not isinstance(n, (int, float)):
        raise TypeError(f'a Counter counts numbers, not {type(n).__name__}')
    return n


class RetryPolicy:
    """A built-in policy: called with an `Abort`, it returns a word or seconds, as a policy of one's own would."""

    __slots__ = ('_name', '_attempts')

    _NAMES = ('default', 'immediate', 'backoff', 'shrink', 'wait', 'irrevocable')

    def __init__(self, name='default'):
        if not isinstance(name, str):
            raise TypeError(f"a policy's name is a str, not {type(name).__name__}")
        self._name = name
        # After how many it gives up.
        self._attempts = None
        if name not in self._NAMES:
            word, _, number = name.partition(':')
            if word != 'giveup' or not (number.isascii() and number.isdigit()) or int(number) == 0:
                raise ValueError(f'unknown retry policy "{name}" (known: {", ".join(self._NAMES)}, giveup:N)')
            self._attempts = int(number)

    def __call__(self, abort, /):
        attempt, other_irrevocable = abort.attempt, abort.other_irrevocable
        if self._attempts is not None:
            return 'giveup' if attempt >= self._attempts else _back_off(attempt)
        if self._name == 'immediate':
            return 'retry'
        if self._name == 'backoff':
            return _back_off(attempt)
        if self._name == 'shrink':
            return 'shrink' if attempt <= 16 else _back_off(attempt - 16)
        if self._name != 'default':
            return self._name
        if other_irrevocable or 9 <= attempt <= 11:
            return 'wait'
        if attempt <= 2:
            return 'retry'
        if attempt <= 5:
            return _back_off(attempt)
        return 'shrink' if attempt <= 8 else 'irrevocable'

    def __repr__(self):
        return f'transaction.RetryPolicy("{self._name}")'


def _back_off(attempt):
    """Up to two microseconds, doubled with each attempt, and at most a millisecond."""
    return random.uniform(0, min(2e-6 * 2 ** min(max(attempt - 1, 0), 20), 1e-3))


def set_retry_policy(policy, /):
    """The policy of the process: a name, a callable, or None."""
    _check_policy(policy)


@dataclass(frozen=True)
class _Stats:
    """A lock knows of blocks, of commits (blocks that no exception has left), and of waits (in retry)."""

    __qualname__ = 'Stats'

    aborts: dict
    blocks: int
    commits: int
    read_only_commits: int = 0
    partial_rollbacks: int = 0
    lost_work: int = 0
    reads: int = 0
    writes: int = 0
    irrevocable: int = 0
    waits: int = 0


_CAUSES = ('read changed', 'owned by other', 'changed at commit', 'yielded', 'retry', 'explicit', 'chaos')


def stats():
    """What the blocks of all threads have counted so far: a dataclass."""
    return _Stats(aborts=dict.fromkeys(_CAUSES, 0), **_counts)


def last_conflicts(n=10, /):
    """The last conflicts, the youngest first: none."""
    operator.index(n)
    return []


# Last: it imports from here.
from ._work import Queue, TransactionQueue, parallel_for, stmdict, stmset, threadlocalproperty  # noqa: E402
