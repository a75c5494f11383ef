"""What of `transaction` is written in Python and belongs to its native part; `_told.py` of the package for all Pythons follows it."""


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


_Stats = None
_Conflict = None


def last_conflicts(n=10, /):
    """The last conflicts, the youngest first, as dataclasses: what this costs begins with the first call, which finds none.

    at: seconds since then; thread, other_thread: identifiers as `threading.get_ident()` gives them; cause; object: what kind it is;
    here: the line that read or wrote it in the block that was rolled back; other: the line that wrote it in the other one (each a
    `Place`, or None); lost: seconds; attempt.
    """
    global _Conflict
    found = _last_conflicts(n)
    if _Conflict is None:
        # As below.
        from dataclasses import make_dataclass
        fields = [
            ('at', float), ('thread', int), ('other_thread', int | None), ('cause', str), ('object', str),
            ('here', Place | None), ('other', Place | None), ('lost', float), ('attempt', int),
        ]
        _Conflict = make_dataclass('Conflict', fields, frozen=True, module='transaction')
    return [_Conflict(*facts) for facts in found]


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


# What is in `transaction._work` is loaded when it is asked for.
_LATER = ('TransactionQueue', 'parallel_for', 'threadlocalproperty', 'Queue')
stmdict = dict
stmset = set


def __getattr__(name):
    if name not in _LATER:
        raise AttributeError(f"module 'transaction' has no attribute {name!r}")
    from transaction import _work
    found = globals()[name] = getattr(_work, name)
    return found


def __dir__():
    return sorted({*globals(), *_LATER})


# Without `time`: it would take the place of a module that most scripts know by that name.
__all__ = [
    'Abort', 'Aborted', 'Counter', 'Place', 'Queue', 'RetryPolicy', 'TransactionQueue', 'atomic', 'count', 'hint_commit_soon',
    'irrevocable', 'is_atomic', 'last_conflicts', 'on_abort', 'on_commit', 'or_else', 'parallel_for', 'retry',
    'set_retry_policy', 'stats', 'stmdict', 'stmset', 'threadlocalproperty',
]
