"""What policies, exceptions and lists of conflicts tell with: the same on every Python."""


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


class Place:
    """A line of source: filename, line, function."""

    __slots__ = ('filename', 'line', 'function')
    __module__ = 'transaction'

    def __init__(self, filename, line, function):
        self.filename = filename
        self.line = line
        self.function = function

    def __eq__(self, other):
        if not isinstance(other, Place):
            return NotImplemented
        return (self.filename, self.line, self.function) == (other.filename, other.line, other.function)

    def __hash__(self):
        return hash((self.filename, self.line, self.function))

    def __str__(self):
        return f'{self.filename}:{self.line} in {self.function}'

    def __repr__(self):
        return f'Place({self.filename!r}, {self.line!r}, {self.function!r})'
