"""What the lock-based `transaction` does, one test for each thing that it says it does."""

import copy
import dataclasses
import inspect
import os
import pickle
import threading
import time
import unittest
import warnings

import transaction
from transaction import (
    Abort, Aborted, Counter, Place, Queue, RetryPolicy, TransactionQueue, atomic, count, hint_commit_soon, irrevocable,
    is_atomic, last_conflicts, on_abort, on_commit, or_else, parallel_for, retry, set_retry_policy, stats, stmdict, stmset,
    threadlocalproperty,
)

# For what must happen, so that a test fails in place of hanging; and for what must not.
LONG, SHORT = 5, 0.03


class Undo(Exception):
    pass


class InThread:
    """Calls a function in a thread of its own."""

    def __init__(self, function, *args):
        self._function, self._args = function, args
        self._result = self._raised = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self._result = self._function(*self._args)
        except BaseException as error:
            self._raised = error

    def running(self):
        """Whether it still runs after a moment."""
        self._thread.join(SHORT)
        return self._thread.is_alive()

    def result(self):
        self._thread.join(LONG)
        if self._thread.is_alive():
            raise AssertionError('the thread does not end')
        if self._raised is not None:
            raise self._raised
        return self._result


class Holder:
    """A thread that is in a block, until it is told to leave it."""

    def __init__(self):
        self._leave = threading.Event()
        entered = threading.Event()

        def hold():
            with atomic:
                entered.set()
                self._leave.wait(LONG)

        self._thread = InThread(hold)
        assert entered.wait(LONG)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self._leave.set()
        self._thread.result()


def wait_until(condition):
    end = time.monotonic() + LONG
    while not condition():
        if time.monotonic() > end:
            raise AssertionError('it does not happen')
        time.sleep(0.001)


def waits():
    """How often retry() has waited so far."""
    return stats().waits


class Atomic(unittest.TestCase):
    def tearDown(self):
        self.assertFalse(is_atomic())
        # Whoever leaves the lock locked spoils the next test.
        InThread(atomic(lambda: None)).result()

    def test_blocks_of_threads_run_one_after_another(self):
        n = [0]

        def work():
            for _ in range(200):
                with atomic:
                    seen = n[0]
                    time.sleep(0)
                    n[0] = seen + 1

        for thread in [InThread(work) for _ in range(4)]:
            thread.result()
        self.assertEqual(n, [800])

    def test_another_thread_waits_for_the_whole_outermost_block(self):
        def look():
            with atomic:
                pass

        with atomic:
            with atomic:
                pass
            thread = InThread(look)
            self.assertTrue(thread.running())
        thread.result()

    def test_is_atomic_is_of_this_thread(self):
        self.assertFalse(is_atomic())
        with atomic as value:
            self.assertIsNone(value)
            with atomic:
                self.assertTrue(is_atomic())
            self.assertTrue(is_atomic())
            self.assertFalse(InThread(is_atomic).result())
        self.assertFalse(is_atomic())

    def test_exception_leaves_the_block_and_its_effects_stay(self):
        items = []
        for context in atomic, atomic(rollback=True), atomic(rollback=False):
            with self.assertRaises(Undo):
                with context:
                    items.append(1)
                    raise Undo
        self.assertEqual(items, [1, 1, 1])

    def test_settings_are_checked(self):
        for settings, error in (
            ({'retry': 'perhaps'}, ValueError),
            ({'retry': 'giveup:0'}, ValueError),
            ({'retry': 3}, TypeError),
            ({'deadline': -1}, ValueError),
            ({'deadline': float('nan')}, ValueError),
            ({'deadline': []}, TypeError),
            ({'unknown': 1}, TypeError),
        ):
            with self.subTest(settings), self.assertRaises(error):
                atomic(**settings)
        with self.assertRaises(TypeError):
            atomic(3)
        for retry in None, 'wait', 'giveup:3', RetryPolicy(), lambda abort: None:
            with atomic(retry=retry, deadline=1, rollback=True, name='mine'):
                self.assertTrue(is_atomic())
        self.assertEqual(repr(atomic(deadline=1)), 'transaction.atomic')

    def test_settings_of_settings_add_up(self):
        calls = []
        context = atomic(rollback=False)(deadline=0.01)
        with self.assertRaises(Undo):
            with context:
                on_commit(lambda: calls.append('commit'))
                raise Undo
        self.assertEqual(calls, ['commit'])
        with Holder():
            for late in context, atomic(deadline=0.01)(rollback=False):
                with self.assertRaises(Aborted):
                    late.__enter__()

    def test_decorated_function_is_a_block_and_looks_the_same(self):
        @atomic
        def add(a, *, b: int = 1):
            "doc"
            return is_atomic(), a + b

        self.assertEqual(add(1), (True, 2))
        self.assertEqual(add(a=1, b=2), (True, 3))
        self.assertEqual((add.__name__, add.__doc__), ('add', 'doc'))
        self.assertEqual(str(inspect.signature(add)), '(a, *, b: int = 1)')
        self.assertTrue(inspect.isfunction(add))
        self.assertFalse(is_atomic())

        @atomic(deadline=1)
        def function(self, function):
            return self, function

        self.assertEqual(function(self=1, function=2), (1, 2))

    def test_decorated_method_has_its_object(self):
        class C:
            @atomic
            def me(self):
                return self

        c = C()
        self.assertIs(c.me(), c)

    def test_decorated_function_passes_exceptions_on(self):
        @atomic
        def fail():
            raise Undo

        with self.assertRaises(Undo):
            fail()

    def test_leaving_by_return_and_continue(self):
        def early():
            for i in range(3):
                with atomic:
                    if i == 0:
                        continue
                    return i

        self.assertEqual(early(), 1)

    def test_exit_without_enter(self):
        with self.assertRaisesRegex(RuntimeError, 'no atomic block is open'):
            atomic.__exit__(None, None, None)

    def test_deadline_counts_while_the_lock_is_held(self):
        start = time.monotonic()
        with Holder():
            with self.assertRaises(Aborted) as caught:
                with atomic(deadline=SHORT):
                    self.fail('the block runs')
            with self.assertRaises(Aborted):
                atomic(deadline=0)(self.fail)()
        self.assertEqual((caught.exception.attempts, caught.exception.cause), (0, 'deadline'))
        self.assertGreaterEqual(time.monotonic() - start, SHORT)
        with atomic(deadline=0):
            # Time runs out in waiting only.
            pass
        with atomic(deadline=1e300):
            pass

    def test_deadline_of_a_nested_block_does_not_count(self):
        calls = []

        @atomic(deadline=0)
        def inner():
            if not calls:
                retry()

        @atomic
        def outer():
            inner()
            return 'done'

        before = waits()
        thread = InThread(outer)
        wait_until(lambda: waits() > before)
        with atomic:
            calls.append(1)
        self.assertEqual(thread.result(), 'done')

    @unittest.skipUnless(hasattr(os, 'fork'), 'needs fork')
    def test_child_process_is_not_locked(self):
        # The other thread is in a block most of the time.
        stop = threading.Event()

        def work():
            while not stop.is_set():
                with atomic:
                    time.sleep(0.001)

        thread = InThread(work)
        try:
            for _ in range(3):
                with warnings.catch_warnings():
                    # That there is another thread is the point.
                    warnings.simplefilter('ignore', DeprecationWarning)
                    child = os.fork()
                if not child:
                    try:
                        with atomic(deadline=LONG):
                            os._exit(0)
                    finally:
                        os._exit(1)
                self.assertEqual(os.waitpid(child, 0)[1], 0)
        finally:
            stop.set()
            thread.result()


class Retry(unittest.TestCase):
    def setUp(self):
        self.items = []
        self.runs = 0
        self.before = waits()

    def tearDown(self):
        self.assertFalse(is_atomic())
        InThread(atomic(lambda: None)).result()

    def wait_for_waits(self, n):
        wait_until(lambda: waits() >= self.before + n)

    @atomic
    def take(self):
        self.runs += 1
        if not self.items:
            retry()
        return self.items.pop(0)

    def put(self, *items):
        with atomic:
            self.items.extend(items)

    def test_outside_of_a_block(self):
        for function in retry, lambda: [retry()]:
            with self.assertRaises(RuntimeError) as caught:
                function()
            self.assertEqual(str(caught.exception), 'transaction.retry() outside of an atomic block')

    def test_in_the_body_of_with(self):
        with self.assertRaisesRegex(RuntimeError, r'move the body into a function decorated with @atomic'):
            with atomic:
                retry()
        # A function within is not what would have to run again.
        with self.assertRaisesRegex(RuntimeError, 'move the body'):
            with atomic:
                self.take()
        self.assertEqual(waits(), self.before)

    def test_function_runs_again_when_another_thread_has_ended_a_block(self):
        thread = InThread(self.take)
        self.wait_for_waits(1)
        self.assertTrue(thread.running())
        self.assertEqual(self.runs, 1)
        self.put('a')
        self.assertEqual(thread.result(), 'a')
        self.assertEqual(self.runs, 2)

    def test_other_blocks_wake_it_and_it_waits_again(self):
        thread = InThread(self.take)
        self.wait_for_waits(1)
        self.put()
        self.wait_for_waits(2)
        self.assertTrue(thread.running())
        self.put('a')
        self.assertEqual(thread.result(), 'a')
        self.assertEqual(self.runs, 3)

    def test_block_that_an_exception_leaves_wakes_it(self):
        thread = InThread(self.take)
        self.wait_for_waits(1)
        with self.assertRaises(Undo):
            with atomic:
                self.items.append('a')
                raise Undo
        self.assertEqual(thread.result(), 'a')

    def test_those_that_wait_do_not_wake_each_other(self):
        threads = [InThread(self.take) for _ in range(3)]
        self.wait_for_waits(3)
        time.sleep(SHORT)
        self.assertEqual((self.runs, waits()), (3, self.before + 3))
        self.put(1, 2, 3)
        self.assertEqual({thread.result() for thread in threads}, {1, 2, 3})

    def test_nested_block_has_the_outermost_function_run_again(self):
        runs = []

        @atomic
        def outer():
            runs.append('outer')
            with atomic:
                runs.append('with')
                return self.take()

        thread = InThread(outer)
        self.wait_for_waits(1)
        self.put('a')
        self.assertEqual(thread.result(), 'a')
        self.assertEqual(runs, ['outer', 'with'] * 2)

    def test_passes_except_exception(self):
        @atomic
        def careful():
            try:
                return self.take()
            except Exception:
                return 'caught'

        thread = InThread(careful)
        self.wait_for_waits(1)
        self.put('a')
        self.assertEqual(thread.result(), 'a')

    def test_deadline(self):
        @atomic(deadline=SHORT)
        def take():
            return self.take()

        start = time.monotonic()
        with self.assertRaises(Aborted) as caught:
            take()
        spent = time.monotonic() - start
        error = caught.exception
        self.assertIsInstance(error, RuntimeError)
        self.assertGreaterEqual(error.attempts, 1)
        self.assertEqual((error.cause, error.lost, error.here, error.other), ('deadline', 0.0, None, None))
        self.assertIn('deadline', str(error))
        self.assertTrue(SHORT <= error.elapsed <= spent, error.elapsed)
        self.assertIsNone(error.__context__)
        self.put('a')
        self.assertEqual(take(), 'a')

    def test_deadline_counts_over_all_attempts(self):
        stop = threading.Event()

        def disturb():
            while not stop.is_set():
                self.put()
                time.sleep(0.002)

        thread = InThread(disturb)
        with self.assertRaises(Aborted) as caught:
            atomic(deadline=0.1)(self.take)()
        stop.set()
        thread.result()
        self.assertGreater(caught.exception.attempts, 1)
        self.assertLess(caught.exception.elapsed, LONG)

    def test_callbacks_of_an_attempt_that_waits_are_dropped(self):
        calls = []

        @atomic
        def take():
            on_commit(lambda: calls.append('commit'))
            on_abort(lambda: calls.append('abort'))
            return self.take()

        thread = InThread(take)
        self.wait_for_waits(1)
        self.put('a')
        thread.result()
        self.assertEqual(calls, ['commit'])

    def replace_wait(self, wait):
        """Has retry() call `wait` where it would sleep: there a signal's handler may run."""
        condition = transaction._changed
        condition.wait = wait
        self.addCleanup(lambda: vars(condition).pop('wait'))

    def test_in_its_wait_the_thread_is_in_no_block(self):
        seen = []

        def wait(timeout):
            seen.append((is_atomic(), timeout))
            self.items.append('a')

        self.replace_wait(wait)
        self.assertEqual(self.take(), 'a')
        self.assertEqual(seen, [(False, None)])

    def test_interrupt_in_the_wait(self):
        def wait(timeout):
            raise KeyboardInterrupt

        self.replace_wait(wait)
        with self.assertRaises(KeyboardInterrupt):
            self.take()


class OrElse(unittest.TestCase):
    tearDown = Retry.tearDown

    def test_first_alone_if_it_does_not_wait(self):
        self.assertEqual(or_else(lambda: (is_atomic(), 1), self.fail), (True, 1))

    def test_second_in_its_place_if_it_would_wait(self):
        self.assertEqual(or_else(retry, lambda: (is_atomic(), 2)), (True, 2))
        with atomic:
            self.assertEqual(or_else(retry, lambda: 3), 3)
            self.assertEqual(or_else(atomic(lambda: [retry()]), lambda: 4), 4)
            self.assertEqual(or_else(lambda: or_else(retry, retry), lambda: 5), 5)
            self.assertTrue(is_atomic())

    def test_it_is_a_block_of_its_own(self):
        thread = None

        def first():
            nonlocal thread
            thread = InThread(atomic(lambda: 'other'))
            self.assertTrue(thread.running())
            retry()

        def second():
            self.assertTrue(thread.running())
            return 'second'

        self.assertEqual(or_else(first, second), 'second')
        self.assertEqual(thread.result(), 'other')

    def check_both_wait(self, take):
        before = waits()
        boxes = [], []

        def from_box(box):
            def from_box():
                if not box:
                    retry()
                return box.pop()
            return from_box

        for i in range(2):
            thread = InThread(take, from_box(boxes[0]), from_box(boxes[1]))
            wait_until(lambda: waits() == before + 1 + i)
            with atomic:
                boxes[i].append(i)
            self.assertEqual(thread.result(), i)

    def test_both_wait_outside_of_a_block(self):
        self.check_both_wait(or_else)

    def test_both_wait_in_a_function(self):
        runs = []

        @atomic
        def take(first, second):
            runs.append(1)
            with atomic:
                return or_else(first, second)

        self.check_both_wait(take)
        self.assertEqual(len(runs), 4)

    def test_both_wait_in_with(self):
        with self.assertRaisesRegex(RuntimeError, 'move the body'):
            with atomic:
                or_else(retry, retry)
        # The first function is over by then.
        with self.assertRaisesRegex(RuntimeError, 'move the body'):
            with atomic:
                or_else(retry, int)
                retry()

    def test_exception_is_no_reason_to_try_the_second(self):
        with self.assertRaises(Undo):
            or_else(self.raise_undo, self.fail)
        with self.assertRaises(Undo) as caught:
            or_else(retry, self.raise_undo)
        self.assertIsNone(caught.exception.__context__)

    def raise_undo(self):
        raise Undo

    def test_callbacks_of_the_first(self):
        calls = []

        def first():
            on_commit(lambda: calls.append('commit of first'))
            on_abort(lambda: calls.append('abort of first'))
            retry()

        def second():
            on_commit(lambda: calls.append('commit of second'))
            on_abort(lambda: calls.append('abort of second'))

        or_else(first, second)
        self.assertEqual(calls, ['abort of first', 'commit of second'])


class Callbacks(unittest.TestCase):
    tearDown = Retry.tearDown

    def setUp(self):
        self.calls = []

    def note(self, text):
        return lambda: self.calls.append(text)

    def test_after_the_outermost_block_without_the_lock(self):
        def call():
            InThread(atomic(self.note('another thread'))).result()
            self.calls.append(is_atomic())

        with atomic:
            with atomic:
                on_commit(call)
                on_abort(self.note('abort'))
            self.assertEqual(self.calls, [])
        self.assertEqual(self.calls, ['another thread', False])
        self.calls.clear()
        atomic(lambda: on_commit(call))()
        self.assertEqual(self.calls, ['another thread', False])

    def test_exception(self):
        def fail():
            on_commit(self.note('commit'))
            on_abort(self.note('abort'))
            raise Undo

        with self.assertRaises(Undo):
            with atomic:
                fail()
        self.assertEqual(self.calls, ['abort'])
        with self.assertRaises(Undo):
            atomic(fail)()
        self.assertEqual(self.calls, ['abort'] * 2)
        with self.assertRaises(Undo):
            with atomic(rollback=False):
                fail()
        with self.assertRaises(Undo):
            atomic(fail, rollback=False)()
        self.assertEqual(self.calls, ['abort'] * 2 + ['commit'] * 2)

    def test_exception_in_a_nested_block(self):
        for fails, expected in (False, ['outer', 'inner abort', 'last']), (True, ['inner abort', 'outer abort']):
            self.calls.clear()
            try:
                with atomic:
                    on_commit(self.note('outer'))
                    try:
                        with atomic:
                            on_commit(self.note('never'))
                            on_abort(self.note('inner abort'))
                            raise Undo
                    except Undo:
                        pass
                    on_commit(self.note('last'))
                    on_abort(self.note('outer abort'))
                    self.assertEqual(self.calls, [])
                    if fails:
                        raise Undo
            except Undo:
                pass
            self.assertEqual(self.calls, expected)

    def test_each_is_called_once(self):
        with atomic:
            on_commit(self.note(1))
        with atomic:
            pass
        self.assertEqual(self.calls, [1])

    def test_outside_of_a_block(self):
        on_commit(self.note('at once'))
        self.assertEqual(self.calls, ['at once'])
        on_abort(self.note('never'))
        with self.assertRaises(Undo):
            with atomic:
                raise Undo
        self.assertEqual(self.calls, ['at once'])

    def test_they_belong_to_the_thread(self):
        with atomic:
            on_commit(self.note('mine'))
            InThread(on_commit, self.note('of the other')).result()
            self.assertEqual(self.calls, ['of the other'])
        self.assertEqual(self.calls, ['of the other', 'mine'])

    def test_all_are_called_and_the_last_exception_goes_on(self):
        def fail(error):
            def fail():
                self.calls.append(error)
                raise error
            return fail

        one, two = KeyError(1), ValueError(2)
        with self.assertRaises(ValueError) as caught:
            with atomic:
                for call in fail(one), self.note('between'), fail(two), self.note('last'):
                    on_commit(call)
        self.assertEqual(self.calls, [one, 'between', two, 'last'])
        self.assertIs(caught.exception, two)
        self.assertIs(two.__context__, one)

    def test_exception_of_on_abort_goes_on(self):
        with self.assertRaises(ValueError) as caught:
            with atomic:
                on_abort(lambda: int('x'))
                raise Undo
        self.assertIsInstance(caught.exception.__context__, Undo)

    def test_many(self):
        with atomic:
            for i in range(5000):
                on_commit(self.note(i))
        self.assertEqual(self.calls, list(range(5000)))

    def test_argument(self):
        for register in on_commit, on_abort:
            with self.assertRaises(TypeError):
                register(None)
            function = self.note(1)
            self.assertIs(register(function), function)


class Policies(unittest.TestCase):
    def test_names(self):
        for name in 'default', 'immediate', 'backoff', 'shrink', 'wait', 'irrevocable', 'giveup:3':
            self.assertEqual(repr(RetryPolicy(name)), f'transaction.RetryPolicy("{name}")')
            set_retry_policy(name)
        for name in '', 'giveup', 'giveup:', 'giveup:0', 'giveup:-1', 'giveup:x', 'Default':
            with self.subTest(name), self.assertRaisesRegex(ValueError, 'unknown retry policy'):
                RetryPolicy(name)
            with self.subTest(name), self.assertRaisesRegex(ValueError, 'unknown retry policy'):
                set_retry_policy(name)
        with self.assertRaises(TypeError):
            RetryPolicy(3)
        self.assertEqual(repr(RetryPolicy()), repr(RetryPolicy('default')))

    def test_decisions(self):
        words = {
            'default': [(1, 'retry'), (2, 'retry'), (3, float), (5, float), (6, 'shrink'), (9, 'wait'), (12, 'irrevocable')],
            'immediate': [(1, 'retry'), (99, 'retry')],
            'backoff': [(1, float), (99, float)],
            'shrink': [(16, 'shrink'), (17, float)],
            'wait': [(1, 'wait')],
            'irrevocable': [(1, 'irrevocable')],
            'giveup:3': [(1, float), (2, float), (3, 'giveup'), (4, 'giveup')],
        }
        for name, expected in words.items():
            for attempt, decision in expected:
                with self.subTest(name, attempt=attempt):
                    got = RetryPolicy(name)(Abort(attempt))
                    if decision is float:
                        self.assertTrue(0 <= got <= 0.001, got)
                    else:
                        self.assertEqual(got, decision)
        self.assertEqual(RetryPolicy()(Abort(1, other_irrevocable=True)), 'wait')

    def test_set_retry_policy(self):
        for policy in None, RetryPolicy(), lambda abort: 'retry':
            self.assertIsNone(set_retry_policy(policy))
        with self.assertRaises(TypeError):
            set_retry_policy(3)

    def test_abort(self):
        abort = Abort(2, 'retry', 0.5, reads=3)
        self.assertEqual(
            repr(abort),
            "Abort(attempt=2, cause='retry', lost=0.5, elapsed=0.0, reads=3, writes=0, other_irrevocable=False)")


class Rest(unittest.TestCase):
    def test_all_names(self):
        for name in transaction.__all__:
            self.assertTrue(hasattr(transaction, name), name)
        self.assertNotIn('time', transaction.__all__)
        self.assertIs(stmdict, dict)
        self.assertIs(stmset, set)

    def test_these_do_nothing(self):
        for function in irrevocable, hint_commit_soon:
            self.assertIsNone(function())
            with atomic:
                self.assertIsNone(function())
        self.assertEqual(last_conflicts(), [])
        self.assertEqual(last_conflicts(3), [])
        with self.assertRaises(TypeError):
            last_conflicts('x')

    def test_count(self):
        def take():
            return [count() for _ in range(2000)]

        numbers = [n for thread in [InThread(take) for _ in range(4)] for n in thread.result()]
        self.assertEqual(len(set(numbers)), 8000)
        self.assertTrue(all(type(n) is int for n in numbers))
        # Who takes a number does not wait for blocks.
        with Holder():
            self.assertFalse(InThread(count).running())

    def test_time(self):
        self.assertIsInstance(transaction.time(), float)
        self.assertLess(abs(transaction.time() - time.time()), 1)

    def test_stats(self):
        before = stats()
        with atomic:
            with atomic:
                pass
        atomic(lambda: None)()
        with self.assertRaises(Undo):
            with atomic:
                raise Undo
        after = stats()
        self.assertEqual((after.blocks - before.blocks, after.commits - before.commits), (3, 2))
        self.assertTrue(repr(after).startswith('Stats(aborts={'), after)
        with self.assertRaises(dataclasses.FrozenInstanceError):
            after.blocks = 0
        self.assertEqual([field.name for field in dataclasses.fields(after)], [
            'aborts', 'blocks', 'commits', 'read_only_commits', 'partial_rollbacks', 'lost_work', 'reads', 'writes',
            'irrevocable', 'waits',
        ])
        self.assertEqual(set(after.aborts.values()), {0})
        self.assertIn('retry', after.aborts)
        self.assertEqual((after.reads, after.lost_work, after.irrevocable), (0, 0, 0))

    def test_aborted_of_ones_own(self):
        error = Aborted('text')
        self.assertEqual((str(error), error.attempts, error.cause, error.here), ('text', 0, '', None))

    def test_place(self):
        place = Place('f.py', 3, 'g')
        self.assertEqual((str(place), repr(place)), ('f.py:3 in g', "Place('f.py', 3, 'g')"))
        self.assertEqual(place, Place('f.py', 3, 'g'))
        self.assertEqual(hash(place), hash(Place('f.py', 3, 'g')))
        self.assertNotEqual(place, Place('f.py', 4, 'g'))


class Counters(unittest.TestCase):
    def test_arithmetic(self):
        counter = same = Counter(10)
        counter.add()
        counter.add(3)
        counter += 7
        counter -= 1
        self.assertIs(counter, same)
        self.assertEqual((counter.value, int(counter), float(counter)), (20, 20, 20.0))
        self.assertEqual(range(30)[counter], 20)
        counter.reset()
        self.assertFalse(counter)
        counter.reset(-2.5)
        self.assertTrue(counter)
        self.assertEqual((counter.value, int(counter)), (-2.5, -2))
        with self.assertRaises(TypeError):
            range(30)[counter]
        self.assertEqual(repr(counter), 'transaction.Counter(-2.5)')
        self.assertEqual(Counter().value, 0)

    def test_equality(self):
        counter = Counter(3)
        self.assertTrue(counter == 3 and 3.0 == counter and counter != 4)
        self.assertFalse(counter == '3')
        # Two counters are two things, and can be keys.
        self.assertFalse(counter == Counter(3))
        names = {counter: 'a'}
        counter.add()
        self.assertEqual(names[counter], 'a')

    def test_wrong_arguments(self):
        counter = Counter()
        for wrong in (
            lambda: Counter('3'), lambda: counter.add('3'), lambda: counter.add(None), lambda: counter.reset('3'),
            lambda: counter.__iadd__('3'), lambda: counter.__isub__([]),
        ):
            with self.assertRaises(TypeError):
                wrong()
        with self.assertRaises(AttributeError):
            counter.value = 3
        self.assertEqual(counter.value, 0)

    def test_copies(self):
        counter = Counter(3)
        for other in copy.copy(counter), pickle.loads(pickle.dumps(counter)):
            other.add()
            self.assertEqual((counter.value, other.value), (3, 4))

    def test_threads(self):
        counter = Counter()

        def work():
            nonlocal counter
            for _ in range(1000):
                counter.add(2)
                counter += 1

        for thread in [InThread(work) for _ in range(4)]:
            thread.result()
        self.assertEqual(counter.value, 12000)

    def test_what_a_block_has_half_done_is_not_seen(self):
        counter = Counter()
        with atomic:
            counter.add()
            look, add = InThread(lambda: counter.value), InThread(counter.add, 10)
            self.assertTrue(look.running() and add.running())
            self.assertEqual(counter.value, 1)
            counter.add(-1)
        self.assertIn(look.result(), (0, 10))
        add.result()
        self.assertEqual(counter.value, 10)

    def test_change_wakes_who_waits(self):
        counter = Counter()

        @atomic
        def wait():
            if counter.value < 2:
                retry()
            return counter.value

        for change in lambda: counter.add(2), lambda: counter.reset(3):
            counter.reset()
            before = waits()
            thread = InThread(wait)
            wait_until(lambda: waits() > before)
            change()
            self.assertGreaterEqual(thread.result(), 2)


class Work(unittest.TestCase):
    """That what is shared out among threads works over this base."""

    def test_transaction_queue(self):
        seen = []
        queue = TransactionQueue(4, ordered=True)
        for i in range(5):
            queue.add(lambda i: seen.append((i, is_atomic())), i)
        queue.run()
        self.assertEqual(seen, [(i, True) for i in range(5)])

    def test_parallel_for(self):
        seen = []
        parallel_for(seen.append, range(100), threads=4)
        self.assertEqual(sorted(seen), list(range(100)))

    def test_queue(self):
        queue = Queue(maxsize=2)

        def consume():
            got = []
            for _ in range(20):
                got.append(queue.get())
                queue.task_done()
            return got

        thread = InThread(consume)
        for i in range(20):
            queue.put(i)
        InThread(queue.join).result()
        self.assertEqual(thread.result(), list(range(20)))

    def test_threadlocalproperty(self):
        class Parser:
            buffer = threadlocalproperty(list)

        parser = Parser()
        parser.buffer.append(1)
        self.assertEqual(InThread(lambda: parser.buffer).result(), [])
        self.assertEqual(parser.buffer, [1])

    def test_annotations_can_be_evaluated(self):
        def f(jobs: Queue[int], local: threadlocalproperty[list]): ...

        self.assertIs(f.__annotations__['jobs'].__origin__, Queue)
        self.assertIs(threadlocalproperty[list].__origin__, threadlocalproperty)


if __name__ == '__main__':
    unittest.main()
