"""What `keelback check` tests: a state, operations that threads do on it, and what must hold.

    from transaction.testing import state, operation, invariant

    @state
    def accounts():
        return {"a": 100, "b": 0}

    @operation
    def transfer(s, amount: int):
        ...

    @invariant
    def total(s):
        return sum(s.values()) == 100

The decorated functions stay what they are.
"""

import inspect

__all__ = ['state', 'operation', 'invariant']

#: What has been decorated so far.
states = []
operations = []
invariants = []


class Operation:
    """One operation: the function, and for some of its parameters the values to choose from, or what chooses one."""

    def __init__(self, function, choices, serial):
        self.function = function
        self.name = getattr(function, '__name__', repr(function))
        self.choices = choices
        self.serial = serial
        parameters = list(inspect.signature(function).parameters.values())
        if not parameters:
            raise TypeError(f'operation {self.name}() must take the state')
        for parameter in parameters[1:]:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
                raise TypeError(f'operation {self.name}(): parameter {parameter} cannot be given by name')
        self.parameters = parameters[1:]
        unknown = set(choices) - {parameter.name for parameter in self.parameters}
        if unknown:
            raise TypeError(f'operation {self.name}() has no parameter {sorted(unknown)[0]!r}')


def state(function, /):
    """Makes the state that a program begins with. It is called anew for each run."""
    states.append(function)
    return function


def operation(function=None, /, *, serial=True, **choices):
    """Something that threads do, given the state. Its other parameters get values by their annotations, or from what is
    given here for them: a list to choose from, or a function that is given a `random.Random`.

    With `serial=False` the result need not be one that the operations could have had one after another.
    """
    if function is None:
        return lambda function: operation(function, serial=serial, **choices)
    operations.append(Operation(function, choices, serial))
    return function


def invariant(function, /):
    """What must hold of the state when all operations are done: returns false, or raises, if it does not."""
    invariants.append(function)
    return function
