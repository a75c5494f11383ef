from collections.abc import Callable, Iterable
from random import Random
from typing import Any, TypeVar, overload

_F = TypeVar('_F', bound=Callable[..., Any])

__all__ = ['state', 'operation', 'invariant']

def state(function: _F, /) -> _F: ...
@overload
def operation(function: _F, /) -> _F: ...
@overload
def operation(
    function: None = None, /, *, serial: bool = True, **choices: Iterable[Any] | Callable[[Random], Any]
) -> Callable[[_F], _F]: ...
def invariant(function: _F, /) -> _F: ...
