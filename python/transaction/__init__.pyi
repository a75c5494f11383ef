from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Literal, NoReturn, SupportsFloat, SupportsIndex, TypeVar, overload
from typing_extensions import ParamSpec, Self, TypeAlias

__all__ = [
    'Abort', 'Aborted', 'Counter', 'Place', 'Queue', 'RetryPolicy', 'TransactionQueue', 'atomic', 'count',
    'hint_commit_soon', 'irrevocable', 'is_atomic', 'last_conflicts', 'on_abort', 'on_commit', 'or_else', 'parallel_for',
    'retry', 'set_retry_policy', 'stats', 'stmdict', 'stmset', 'threadlocalproperty',
]

_P = ParamSpec('_P')
_T = TypeVar('_T')
_S = TypeVar('_S')
_F = TypeVar('_F', bound=Callable[..., Any])

# A word ('retry', 'shrink', 'wait', 'irrevocable', 'giveup', or a policy's name), seconds to back off, or None.
_Decision: TypeAlias = str | float | None
_Policy: TypeAlias = str | Callable[[Abort], _Decision]

class Aborted(RuntimeError):
    attempts: int
    cause: str
    lost: float
    elapsed: float
    here: Place | None
    other: Place | None
    object: str

class _Atomic:
    def __init__(self, rollback: bool = True, deadline: float | None = None) -> None: ...
    def __enter__(self) -> None: ...
    def __exit__(
        self,
        type: type[BaseException] | None = None,
        value: BaseException | None = None,
        traceback: TracebackType | None = None,
        /,
    ) -> Literal[False]: ...
    @overload
    def __call__(
        self,
        function: None = None,
        /,
        *,
        rollback: bool = ...,
        retry: _Policy | None = None,
        deadline: SupportsFloat | SupportsIndex | None = ...,
        name: object = None,
    ) -> _Atomic: ...
    @overload
    def __call__(
        self,
        function: _F,
        /,
        *,
        rollback: bool = ...,
        retry: _Policy | None = None,
        deadline: SupportsFloat | SupportsIndex | None = ...,
        name: object = None,
    ) -> _F: ...

atomic: _Atomic

def retry() -> NoReturn: ...
def or_else(first: Callable[[], _T], second: Callable[[], _S], /) -> _T | _S: ...
def on_commit(function: _F, /) -> _F: ...
def on_abort(function: _F, /) -> _F: ...
def is_atomic() -> bool: ...
def irrevocable() -> None: ...
def hint_commit_soon() -> None: ...
def count() -> int: ...
def time() -> float: ...

class Counter:
    def __init__(self, value: float = 0, /) -> None: ...
    def add(self, n: float = 1, /) -> None: ...
    @property
    def value(self) -> Any: ...  # an int, or a float once one has been added
    def reset(self, value: float = 0, /) -> None: ...
    def __iadd__(self, n: float, /) -> Self: ...
    def __isub__(self, n: float, /) -> Self: ...
    def __int__(self) -> int: ...
    def __float__(self) -> float: ...
    def __bool__(self) -> bool: ...
    def __index__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

class Abort:
    attempt: int
    cause: str
    lost: float
    elapsed: float
    reads: int
    writes: int
    other_irrevocable: bool
    def __init__(
        self,
        attempt: int,
        cause: str = '',
        lost: float = 0.0,
        elapsed: float = 0.0,
        reads: int = 0,
        writes: int = 0,
        other_irrevocable: bool = False,
    ) -> None: ...

class Place:
    filename: str
    line: int
    function: str
    def __init__(self, filename: str, line: int, function: str) -> None: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

class RetryPolicy:
    def __init__(self, name: str = 'default') -> None: ...
    def __call__(self, abort: Abort, /) -> str | float: ...

def set_retry_policy(policy: _Policy | None, /) -> None: ...

@dataclass(frozen=True)
class _Stats:
    aborts: dict[str, int]
    blocks: int
    commits: int
    read_only_commits: int = 0
    partial_rollbacks: int = 0
    lost_work: int = 0
    reads: int = 0
    writes: int = 0
    irrevocable: int = 0
    waits: int = 0

def stats() -> _Stats: ...

@dataclass(frozen=True)
class _Conflict:
    at: float
    thread: int
    other_thread: int | None
    cause: str
    object: str
    here: Place | None
    other: Place | None
    lost: float
    attempt: int

def last_conflicts(n: SupportsIndex = 10, /) -> list[_Conflict]: ...

class TransactionQueue:
    def __init__(self, threads: int | None = None, *, ordered: bool = False) -> None: ...
    def __len__(self) -> int: ...
    def add(self, function: Callable[_P, object], /, *args: _P.args, **kwargs: _P.kwargs) -> None: ...
    def add_generator(self, generator: Iterable[object], /) -> None: ...
    def run(self, threads: int | None = None, *, ordered: bool | None = None) -> None: ...

def parallel_for(
    function: Callable[[_T], object],
    items: Iterable[_T],
    threads: int | None = None,
    ordered: bool = False,
    progress: bool = False,
) -> None: ...

class threadlocalproperty(Generic[_T]):
    @overload
    def __init__(self: threadlocalproperty[Any], factory: None = None) -> None: ...
    @overload
    def __init__(self, factory: Callable[[], _T]) -> None: ...
    def __set_name__(self, owner: type, name: str) -> None: ...
    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> _T: ...
    def __set__(self, instance: object, value: _T) -> None: ...
    def __delete__(self, instance: object) -> None: ...

stmdict = dict
stmset = set

class Queue(Generic[_T]):
    maxsize: int
    def __init__(self, maxsize: int = 0) -> None: ...
    def put(self, item: _T, block: bool = True, timeout: float | None = None) -> None: ...
    def get(self, block: bool = True, timeout: float | None = None) -> _T: ...
    def put_nowait(self, item: _T) -> None: ...
    def get_nowait(self) -> _T: ...
    def qsize(self) -> int: ...
    def empty(self) -> bool: ...
    def full(self) -> bool: ...
    def task_done(self) -> None: ...
    def join(self) -> None: ...
