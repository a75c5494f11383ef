"""What of `transaction` is written in Python and belongs to its native part."""


def _decorate(context, function):
    # A Python function, so that the block has a frame to go back to.
    def atomic(*args, **kwargs):
        with context:
            return function(*args, **kwargs)
    for name in ('__module__', '__name__', '__qualname__', '__doc__', '__annotate__'):
        try:
            setattr(atomic, name, getattr(function, name))
        except AttributeError:
            pass
    atomic.__dict__.update(getattr(function, '__dict__', {}))
    atomic.__wrapped__ = function
    return atomic


def or_else(first, second, /):
    """Calls `first` as a block of its own; if that would wait (retry), undoes what it did and calls `second`.

    If both would wait, the running atomic block sleeps until something changes that either has read.
    """
    # A block for both, if there is none: and a frame for it to go back to.
    with atomic:
        return _or_else(first, second)


class Abort:
    """What a retry policy is told of a block that was rolled back.

    attempt: how often in a row; cause: why, in words; lost: seconds in the block that was rolled back, if they are
    measured; elapsed: seconds since the first attempt; reads, writes: objects in its logs; other_irrevocable: whether
    the block in its way cannot be rolled back.
    """

    __slots__ = ('attempt', 'cause', 'lost', 'elapsed', 'reads', 'writes', 'other_irrevocable')
    __module__ = 'transaction'

    def __init__(self, attempt, cause='', lost=0.0, elapsed=0.0, reads=0, writes=0, other_irrevocable=False):
        self.attempt = attempt
        self.cause = cause
        self.lost = lost
        self.elapsed = elapsed
        self.reads = reads
        self.writes = writes
        self.other_irrevocable = other_irrevocable

    def __repr__(self):
        facts = ', '.join(f'{name}={getattr(self, name)!r}' for name in self.__slots__)
        return f'Abort({facts})'


_Stats = None


def stats():
    """What the blocks of this thread, and of threads that have ended, have counted so far: a dataclass.

    blocks, commits, read_only_commits; aborts, a dict by cause; partial_rollbacks (of nested blocks); lost_work (back
    edges and calls that were rolled back); reads and writes (log entries at commits); irrevocable; waits (in retry).
    """
    global _Stats
    counts = _counts()
    if _Stats is None:
        # Not at import: `dataclasses` takes longer than all else here.
        from dataclasses import make_dataclass
        fields = [(name, dict if name == 'aborts' else int) for name in counts]
        _Stats = make_dataclass('Stats', fields, frozen=True, module='transaction')
    return _Stats(**counts)
