"""`keelback check`: generates programs of concurrent operations, runs them under many schedules, and shrinks what fails.

A program is a list of calls for each thread. Under one plan (who begins, and at which points another thread has its turn) it always
runs the same way; plans have few switches, at random points, which finds most bugs soon (after Burckhardt and others, "A
randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010). The results of all calls and the state in the end must be those
that the calls could have had one after another, in some order that keeps each thread's own.
"""

import argparse
import collections
import copy
import enum
import importlib.abc
import importlib.machinery
import inspect
import operator
import os
import random
import sys
import threading
import time
import traceback
import types
import typing

import transaction
from transaction import _points, testing

#: Steps after which a run is taken for endless.
STEPS = 20_000
#: In place of a line in a trace: the end of the thread.
END = 0xffff_ffff
#: Orders of the calls that are tried before a result is taken for wrong.
ORDERS = 2000


class Problem(Exception):
    """Something is wrong with what is to be tested, or with how it is to be."""


# Loading what is to be tested


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return compile(_points.instrument(self.get_data(path), path), path, 'exec', dont_inherit=True)

    def exec_module(self, module):
        prepare(module.__dict__)
        exec(self.get_code(module.__name__), module.__dict__)


class _Finder(importlib.abc.MetaPathFinder):
    """Modules beside the script get their points, too."""

    def __init__(self, folder):
        self.folder = folder

    def find_spec(self, fullname, path=None, target=None):
        folders = [self.folder] if path is None else [p for p in path if str(p).startswith(self.folder)]
        tail = fullname.rpartition('.')[2]
        for folder in folders:
            package = os.path.join(folder, tail, '__init__.py')
            for file, found in ((package, [os.path.join(folder, tail)]), (os.path.join(folder, tail + '.py'), None)):
                if os.path.isfile(file):
                    return importlib.machinery.ModuleSpec(fullname, _Loader(fullname, file), origin=file) \
                        if found is None else self._package(fullname, file, found)
        return None

    def _package(self, fullname, file, found):
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(fullname, file), origin=file, is_package=True)
        spec.submodule_search_locations = found
        return spec


def prepare(namespace):
    namespace[_points.POINT] = transaction._point
    namespace[_points.OPERATORS] = operator


def load(path):
    """Runs the script, which says what is to be tested; its source."""
    path = os.path.abspath(path)
    try:
        with open(path, 'rb') as file:
            source = file.read()
    except OSError as error:
        raise Problem(f"can't open file {path!r}: {error.strerror}") from None
    folder = os.path.dirname(path)
    sys.path[0] = folder
    sys.meta_path.insert(0, _Finder(folder))
    name = os.path.splitext(os.path.basename(path))[0]
    module = types.ModuleType(name)
    module.__file__ = path
    sys.modules[name] = module
    prepare(module.__dict__)
    exec(compile(_points.instrument(source, path), path, 'exec', dont_inherit=True), module.__dict__)
    if not testing.operations:
        raise Problem(f'{path}: no operations: decorate some functions with @operation (from transaction.testing)')
    if len(testing.states) != 1:
        raise Problem(f'{path}: there must be one function decorated with @state, not {len(testing.states)}')
    return path, source


# Values


class Values:
    """Chooses arguments, among others from the constants of the script: they are where its cases differ."""

    def __init__(self, source):
        import ast
        self.ints, self.strings = {0, 1, 2, 3, 10, -1}, {'', 'a', 'b'}
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant):
                if type(node.value) is int and abs(node.value) < 1 << 62:
                    self.ints |= {node.value - 1, node.value, node.value + 1}
                elif type(node.value) is str and len(node.value) <= 20:
                    self.strings.add(node.value)
        self.ints, self.strings = sorted(self.ints), sorted(self.strings)
        self.hints = {}

    def of(self, op, rng):
        """Arguments for a call of the operation."""
        if op.name not in self.hints:
            try:
                self.hints[op.name] = typing.get_type_hints(op.function)
            except NameError as error:
                raise Problem(f'operation {op.name}(): {error}') from None
        arguments = {}
        for parameter in op.parameters:
            choice = op.choices.get(parameter.name)
            if callable(choice):
                arguments[parameter.name] = choice(rng)
            elif choice is not None:
                arguments[parameter.name] = rng.choice(list(choice))
            else:
                hint = self.hints[op.name].get(parameter.name, int)
                try:
                    arguments[parameter.name] = self.value(hint, rng)
                except TypeError:
                    raise Problem(
                        f'operation {op.name}(): no values are known for parameter {parameter}; give some: '
                        f'@operation({parameter.name}=[...])') from None
        return arguments

    def value(self, hint, rng):
        if hint is int:
            return rng.choice(self.ints) if rng.random() < 0.7 else rng.randint(-20, 120)
        if hint is str:
            return rng.choice(self.strings)
        if hint is bool:
            return rng.random() < 0.5
        if hint is float:
            return rng.choice([0.0, 0.5, 1.0, -1.0, 100.0])
        if hint is bytes:
            return rng.choice(self.strings).encode()
        if hint in (None, type(None)):
            return None
        if isinstance(hint, type) and issubclass(hint, enum.Enum):
            return rng.choice(list(hint))
        origin, parts = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Literal:
            return rng.choice(parts)
        if origin in (typing.Union, types.UnionType):
            return self.value(rng.choice(parts), rng)
        if origin in (list, set, frozenset) or hint in (list, set, frozenset):
            item = parts[0] if parts else int
            return (origin or hint)(self.value(item, rng) for _ in range(rng.randint(0, 3)))
        if origin is tuple:
            if len(parts) == 2 and parts[1] is ...:
                return tuple(self.value(parts[0], rng) for _ in range(rng.randint(0, 3)))
            return tuple(self.value(part, rng) for part in parts)
        if origin is dict or hint is dict:
            key, item = parts or (str, int)
            return {self.value(key, rng): self.value(item, rng) for _ in range(rng.randint(0, 3))}
        raise TypeError


# Programs and runs


class Call:
    def __init__(self, op, arguments):
        self.op, self.arguments = op, arguments

    def __str__(self):
        return f"{self.op.name}({', '.join(['s'] + [f'{k}={v!r}' for k, v in self.arguments.items()])})"

    def make(self, state):
        try:
            return 'returned', self.op.function(state, **copy.deepcopy(self.arguments))
        except transaction._Ended:
            raise
        except BaseException as error:
            return 'raised', error


class Plan:
    """Who begins, and at which steps which thread has its turn; and whether blocks are rolled back for no reason."""

    def __init__(self, first=0, switches=(), chaos=0):
        self.first, self.switches, self.chaos = first, tuple(sorted(switches)), chaos

    @staticmethod
    def random(rng, threads, steps):
        switches = {(rng.randint(1, max(steps, 1)), rng.randrange(threads)) for _ in range(rng.randint(1, 4))}
        return Plan(rng.randrange(threads), switches, rng.choice([0, 0, 0, 10]))


class Outcome:
    def __init__(self, results, state, ending, steps, trace):
        self.results, self.state, self.ending, self.steps, self.trace = results, state, ending, steps, trace


class Hang(Exception):
    """A thread does not end, and passes no points."""


class Runner:
    def __init__(self, timeout):
        self.timeout = timeout
        self.runs = 0

    def run(self, threads, plan):
        """Runs lists of calls in threads under a plan."""
        self.runs += 1
        state = testing.states[0]()
        schedule = transaction._Schedule(len(threads), plan.first, plan.switches, STEPS)
        results = [[] for _ in threads]

        def body(number):
            try:
                schedule.enter(number)
                for call in threads[number]:
                    transaction._point(0)
                    results[number].append(call.make(state))
            except transaction._Ended:
                pass
            finally:
                schedule.leave()

        transaction._set_chaos(plan.chaos)
        started = [threading.Thread(target=body, args=(number,), daemon=True) for number in range(len(threads))]
        for thread in started:
            thread.start()
        end = time.monotonic() + self.timeout
        try:
            for thread in started:
                thread.join(max(end - time.monotonic(), 0.01))
        finally:
            if any(thread.is_alive() for thread in started):
                schedule.stop()
        transaction._set_chaos(0)
        ending, steps, trace = schedule.outcome()
        if any(thread.is_alive() for thread in started):
            raise Hang(threads, trace)
        return Outcome(results, state, ending, steps, trace)


def same(a, b, depth=0):
    """Are two values the same, as far as one can see? What can only be compared by identity counts as the same if its parts are."""
    if a is b:
        return True
    if type(a) is not type(b) or depth > 20:
        return depth > 20
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and same(v, b[k], depth + 1) for k, v in a.items())
    if callable(a):
        # Methods of two objects, say.
        return True
    if isinstance(a, (list, tuple, collections.deque)):
        return len(a) == len(b) and all(same(x, y, depth + 1) for x, y in zip(a, b))
    if isinstance(a, BaseException):
        return same(a.args, b.args, depth + 1)
    if type(a).__eq__ is object.__eq__:
        parts, others = getattr(a, '__dict__', None), getattr(b, '__dict__', None)
        if isinstance(a, transaction.Counter):
            return a.value == b.value
        return parts is None or same(parts, others, depth + 1)
    try:
        # NaN is not equal to itself.
        return bool(a == b) or a != a and b != b
    except Exception:
        return True


class Program:
    """Calls for some threads."""

    def __init__(self, threads):
        self.threads = [calls for calls in threads if calls]
        self.orders = None
        self.known = []
        self.completes = False

    @staticmethod
    def random(rng, values):
        threads, calls = rng.choice([(2, 1), (2, 1), (2, 2), (2, 3), (3, 1), (3, 2)])
        ops = testing.operations
        return Program([
            [Call(op, values.of(op, rng)) for op in rng.choices(ops, k=rng.randint(1, calls))] for _ in range(threads)
        ])

    @property
    def size(self):
        return sum(map(len, self.threads))

    def _orders(self):
        """All orders of the calls that keep each thread's own, as lists of thread numbers."""
        def more(left, order):
            if not any(left):
                yield order
            for number, n in enumerate(left):
                if n:
                    yield from more([*left[:number], n - 1, *left[number + 1:]], [*order, number])
        return more([len(calls) for calls in self.threads], [])

    def _next_order(self, runner):
        """Makes the calls one after another in one more order; false if there is none."""
        if self.orders is None:
            self.orders = self._orders()
        for order in self.orders:
            places = [iter(calls) for calls in self.threads]
            done = runner.run([[next(places[number]) for number in order]], Plan())
            if done.ending is not None:
                # A call waits for one that comes later: not an order in which they can be made.
                if done.ending == 'too long':
                    return done
                continue
            self.completes = True
            results = [[] for _ in self.threads]
            for number, result in zip(order, done.results[0]):
                results[number].append(result)
            done.results = results
            self.known.append(done)
            return done
        return None

    def is_serial(self, outcome, runner):
        """Could the calls have had these results, and left this state, one after another?"""
        for known in self.known:
            if self._fits(known, outcome):
                return True
        while len(self.known) < ORDERS:
            known = self._next_order(runner)
            if known is None or known.ending:
                return False
            if self._fits(known, outcome):
                return True
        return True

    def can_complete(self, runner):
        return self.completes or bool(self._next_order(runner))

    def _fits(self, known, outcome):
        for calls, mine, theirs in zip(self.threads, known.results, outcome.results):
            for call, (kind, a), (other, b) in zip(calls, mine, theirs):
                if call.op.serial and (kind != other or not same(a, b)):
                    return False
        return not all(call.op.serial for calls in self.threads for call in calls) or same(known.state, outcome.state)


class Failure:
    def __init__(self, kind, text, program, plan, outcome):
        self.kind, self.text, self.program, self.plan, self.outcome = kind, text, program, plan, outcome


def examine(program, plan, runner, serial):
    """Runs the program under the plan; the failure, if there is one."""
    outcome = runner.run(program.threads, plan)
    def failure(kind, text):
        return Failure(kind, text, program, plan, outcome)
    if outcome.ending == 'deadlock':
        if not program.can_complete(runner):
            # Whoever waits waits for something that nobody does.
            return None
        return failure('deadlock', 'deadlock: all threads wait for each other')
    if outcome.ending == 'too long':
        return failure('endless', f'an operation does not end within {STEPS:,} steps')
    for check in testing.invariants:
        try:
            holds = check(outcome.state)
        except Exception as error:
            return failure(check.__name__, f'invariant {check.__name__}: {last_line(error)}')
        if holds is not None and not holds:
            return failure(check.__name__, f'invariant {check.__name__} does not hold')
    if serial and not program.is_serial(outcome, runner):
        return failure('serial', 'no order of the calls, one after another, gives these results and this state')
    if not serial:
        for result in (r for results in outcome.results for r in results):
            if result[0] == 'raised':
                return failure('raised', f'an operation raised {last_line(result[1])}')
    return None


def last_line(error):
    return traceback.format_exception_only(error)[-1].strip()


def search(program, rng, runner, serial, plans, kind=None, also=()):
    """Runs the program under some plans; the first failure (of this kind)."""
    threads = len(program.threads)
    steps = 50
    for plan in [*also, *(Plan(first) for first in range(threads)), *range(plans)]:
        if isinstance(plan, int):
            plan = Plan.random(rng, threads, steps)
        failure = examine(program, plan, runner, serial)
        if failure and kind in (None, failure.kind):
            return failure
        if not failure and not plan.switches and not plan.chaos:
            steps = runner_steps(program, runner) or steps
    return None


def runner_steps(program, runner):
    outcome = runner.run(program.threads, Plan())
    return outcome.steps


# Shrinking


def smaller_values(value):
    if isinstance(value, bool):
        return [False] if value else []
    if isinstance(value, int):
        near = [0, 1, value // 2, value - 1 if value > 0 else value + 1]
        return [v for v in dict.fromkeys(near) if abs(v) < abs(value) or v == -value > 0]
    if isinstance(value, (str, bytes, list, tuple)):
        return [value[:0], value[:len(value) // 2], value[1:]] if value else []
    return []


def smaller(program):
    """Programs with less in them."""
    for number in range(len(program.threads)):
        if len(program.threads) > 1:
            yield [calls for i, calls in enumerate(program.threads) if i != number]
    for number, calls in enumerate(program.threads):
        for i in range(len(calls)):
            yield [c[:i] + c[i + 1:] if n == number else c for n, c in enumerate(program.threads)]
    for number, calls in enumerate(program.threads):
        for i, call in enumerate(calls):
            for name, value in call.arguments.items():
                if name in call.op.choices:
                    continue
                for less in smaller_values(value):
                    changed = Call(call.op, {**call.arguments, name: less})
                    yield [c[:i] + [changed] + c[i + 1:] if n == number else c for n, c in enumerate(program.threads)]


def shrink(failure, seed, runner, serial, show):
    """The smallest program and plan found that fail in the same way."""
    end = time.monotonic() + 10
    again = True
    while again and time.monotonic() < end:
        again = False
        for threads in smaller(failure.program):
            program = Program(threads)
            if not program.threads or time.monotonic() > end:
                continue
            show(f'shrinking: {failure.program.size} calls')
            found = search(program, random.Random(seed), runner, serial, 60, failure.kind, [failure.plan])
            if found:
                failure, again = found, True
                break
    # Fewer switches, and no forced rollbacks.
    program, threads = failure.program, len(failure.program.threads)
    plans = [Plan(first) for first in range(threads)]
    steps = min(failure.outcome.steps, 150)
    plans += [Plan(first, [(step, to)]) for first in range(threads) for step in range(1, steps + 1)
              for to in range(threads) if to != first]
    for plan in plans:
        if len(failure.plan.switches) <= len(plan.switches) and not failure.plan.chaos or time.monotonic() > end:
            break
        found = examine(program, plan, runner, serial)
        if found and found.kind == failure.kind:
            failure = found
    again = True
    while again and time.monotonic() < end:
        again = False
        plan = failure.plan
        fewer = [Plan(plan.first, plan.switches[:i] + plan.switches[i + 1:], plan.chaos) for i in range(len(plan.switches))]
        if plan.chaos:
            fewer.append(Plan(plan.first, plan.switches))
        for plan in fewer:
            found = examine(program, plan, runner, serial)
            if found and found.kind == failure.kind:
                failure, again = found, True
                break
    return failure


# Showing


def shown(result):
    kind, value = result
    return f'raised {last_line(value)}' if kind == 'raised' else f'returned {value!r}'


def show_state(state):
    if type(state).__repr__ is object.__repr__ and hasattr(state, '__dict__'):
        parts = ', '.join(f'{k}={v!r}' for k, v in vars(state).items())
        return f'{type(state).__name__}({parts})'
    return repr(state)


def timeline(failure, lines):
    """Who did what when: a column for each thread."""
    program, trace = failure.program, failure.outcome.trace
    threads = len(program.threads)
    width = max(24, min(52, 150 // max(threads, 1)))
    rows, last, current = [], [None] * threads, None
    began = [0] * threads
    for thread, line in trace:
        if line == END:
            if failure.outcome.ending:
                continue
            text = '< done'
        elif line == 0:
            text = f'> {program.threads[thread][began[thread]]}'
            began[thread] += 1
            last[thread] = None
        elif last[thread] == line and current == thread:
            continue
        else:
            goes_on = last[thread] == line and current != thread
            source = lines[line - 1].strip() if line <= len(lines) else ''
            text = f'{line:>4}  {source}' + ('   (goes on)' if goes_on else '')
            last[thread] = line
        current = thread
        rows.append((thread, text))
    shown_rows = rows if len(rows) <= 120 else rows[:60] + [None] + rows[-60:]
    out = ['  '.join(f'thread {number + 1}'.ljust(width) for number in range(threads)).rstrip()]
    for row in shown_rows:
        if row is None:
            out.append('...')
            continue
        thread, text = row
        if len(text) > width:
            text = text[:width - 3] + '...'
        out.append(('  '.join(' ' * width for _ in range(thread)) + ('  ' if thread else '') + text).rstrip())
    return out


def describe(failure, path, source, seed):
    lines = source.decode(errors='replace').splitlines()
    out = [f'FAILED: {failure.text}', '']
    for number, calls in enumerate(failure.program.threads, 1):
        for i, call in enumerate(calls):
            results = failure.outcome.results[number - 1]
            result = shown(results[i]) if i < len(results) else 'did not end'
            out.append(f'  thread {number}: {call}   {result}')
    if failure.kind not in ('deadlock', 'endless'):
        out.append(f'  state in the end: {show_state(failure.outcome.state)}')
    if failure.kind == 'serial':
        seen = []
        for known in failure.program.known:
            text = f'{show_state(known.state)}  ' + ', '.join(
                f'{call.op.name}() {shown(r)}' for calls, results in zip(failure.program.threads, known.results)
                for call, r in zip(calls, results))
            if text not in seen:
                seen.append(text)
        out.append('  one after another: ' + (f'\n{"or":>19} '.join(seen[:4]) if seen else 'they never end'))
    out.append('')
    out.extend('  ' + line for line in timeline(failure, lines))
    if failure.plan.chaos:
        out.append('  (blocks were rolled back at random, too)')
    out.append('')
    out.append(f'again: keelback check {os.path.relpath(path)} --seed {seed} --cases 1')
    return '\n'.join(out)


class Progress:
    def __init__(self):
        self.terminal = sys.stderr is not None and sys.stderr.isatty()
        self.last = 0

    def __call__(self, text):
        now = time.monotonic()
        if self.terminal and now - self.last > 0.05:
            self.last = now
            print(f'\r{text}\x1b[K', end='', file=sys.stderr, flush=True)

    def clear(self):
        if self.terminal:
            print('\r\x1b[K', end='', file=sys.stderr, flush=True)


def bar(part, width=24):
    full = round(min(part, 1) * width)
    return '[' + '#' * full + '.' * (width - full) + ']'


def write_junit(file, path, checked, failure, text, seconds):
    from xml.sax.saxutils import escape, quoteattr
    kinds = [*(check.__name__ for check in testing.invariants), 'serial', 'deadlock', 'endless']
    if failure and failure not in kinds:
        kinds.append(failure)
    name = os.path.splitext(os.path.basename(path))[0]
    cases = []
    for kind in kinds:
        inner = f'<failure message={quoteattr(text.splitlines()[0])}>{escape(text)}</failure>' if kind == failure else ''
        cases.append(f'  <testcase classname={quoteattr(name)} name={quoteattr(kind)}>{inner}</testcase>')
    with open(file, 'w', encoding='utf-8') as out:
        out.write(
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f'<testsuite name={quoteattr("keelback check " + name)} tests="{len(kinds)}" '
            f'failures="{1 if failure else 0}" errors="0" time="{seconds:.3f}">\n' + '\n'.join(cases) + '\n</testsuite>\n')


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog='keelback check',
        description='Tests the operations of a script (see transaction.testing) in threads, under many schedules.',
        epilog='exit status: 0 nothing found, 1 something fails, 2 there is nothing to test')
    parser.add_argument('script')
    parser.add_argument('--seed', type=int, help='of the first program (default: a random one)')
    parser.add_argument('--cases', type=int, default=150, metavar='N', help='programs to try (%(default)s)')
    parser.add_argument('--schedules', type=int, default=40, metavar='N', help='schedules for each (%(default)s)')
    parser.add_argument('--time', type=float, default=60, metavar='S', help='seconds to search at most (%(default)s)')
    parser.add_argument('--timeout', type=float, default=10, metavar='S',
                        help='seconds after which a run is taken for endless (%(default)s)')
    parser.add_argument('--no-serial', action='store_true',
                        help='results need not be those of some order, one after another; then no operation may raise')
    parser.add_argument('--junit', metavar='FILE', help='write the result as JUnit XML')
    options = parser.parse_args(arguments)
    for name in ('cases', 'schedules', 'time', 'timeout'):
        if getattr(options, name) <= 0:
            parser.error(f'--{name} must be positive')
    return options


def main(arguments=None):
    options = parse(arguments)
    try:
        path, source = load(options.script)
        return check(options, path, source)
    except Problem as problem:
        print(f'keelback check: {problem}', file=sys.stderr)
        return 2
    except SyntaxError:
        traceback.print_exc(limit=0)
        return 2
    except Exception as error:
        # The script's own, or its state function's: told without the frames of this module.
        trace = error.__traceback__
        while trace.tb_next and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        traceback.print_exception(error.with_traceback(trace))
        return 2


def check(options, path, source):
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    serial = not options.no_serial
    values, runner, show = Values(source), Runner(options.timeout), Progress()
    begun = time.monotonic()
    failure = text = kind = None
    cases = 0
    try:
        for case in range(options.cases):
            spent = time.monotonic() - begun
            if spent > options.time:
                break
            show(f'{bar(max(case / options.cases, spent / options.time))} {case} programs, {runner.runs} runs')
            rng = random.Random(seed + case)
            failure = search(Program.random(rng, values), rng, runner, serial, options.schedules)
            cases += 1
            if failure:
                failure = shrink(failure, seed + case, runner, serial, show)
                kind, text = failure.kind, describe(failure, path, source, seed + case)
                break
    except Hang as hang:
        threads, trace = hang.args
        kind = 'endless'
        text = f'FAILED: an operation does not end within {options.timeout:g} s\n\n' + '\n'.join(
            f'  thread {number}: {call}' for number, calls in enumerate(threads, 1) for call in calls)
        trace = [(thread, line) for thread, line in trace if 0 < line < END]
        if trace:
            thread, line = trace[-1]
            text += f'\n  the last step was of thread {thread + 1}, line {line}'
        text += f'\n\nagain: keelback check {os.path.relpath(path)} --seed {seed + cases} --cases 1'
    finally:
        show.clear()
    seconds = time.monotonic() - begun
    if options.junit:
        write_junit(options.junit, path, cases, kind, text, seconds)
    if kind:
        print(text, flush=True)
        print(f'\n1 failure in {cases} programs, {runner.runs} runs, {seconds:.1f} s', flush=True)
    else:
        print(f'ok: {cases} programs, {runner.runs} runs, {len(testing.operations)} operations, '
              f'{len(testing.invariants)} invariants, {seconds:.1f} s (seed {seed})', flush=True)
    if kind == 'endless' and threading.active_count() > 1:
        # Its thread cannot be ended.
        os._exit(1)
    return 1 if kind else 0


if __name__ == '__main__':
    sys.exit(main())
