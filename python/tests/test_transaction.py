"""The package over a lock keeps what it promises, and has the names that Keelback's own module has."""

import ast
import os
import threading
import time
import unittest

import transaction
from transaction import (
    Abort, Aborted, Counter, Queue, RetryPolicy, TransactionQueue, atomic, count, is_atomic, on_abort, on_commit,
    or_else, parallel_for, retry, set_retry_policy, stats, threadlocalproperty,
)


def in_threads(*functions):
    """Runs functions in threads; raises what one of them raises."""
    raised = []

    def run(function):
        try:
            function()
        except BaseException as error:
            raised.append(error)
    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive(), 'a thread hangs'
    if raised:
        raise raised[0]


class Blocks(unittest.TestCase):
    def test_one_at_a_time(self):
        inside, most = [], []

        def work():
            for _ in range(50):
                with atomic:
                    inside.append(1)
                    most.append(len(inside))
                    time.sleep(0)
                    inside.pop()
        in_threads(work, work, work)
        self.assertEqual(max(most), 1)

    def test_nested_blocks_and_asking(self):
        self.assertFalse(is_atomic())
        with atomic:
            with atomic(retry='backoff', name='inner'):
                self.assertTrue(is_atomic())
            self.assertTrue(is_atomic())
        self.assertFalse(is_atomic())

    def test_exceptions_pass(self):
        with self.assertRaises(KeyError):
            with atomic:
                raise KeyError
        self.assertFalse(is_atomic())

    def test_decorated(self):
        @atomic
        def add(a, b=2):
            """Adds."""
            return a + b, is_atomic()
        self.assertEqual(add(1), (3, True))
        self.assertEqual((add.__name__, add.__doc__), ('add', 'Adds.'))

        @atomic(deadline=5)
        def fail():
            raise OSError
        self.assertRaises(OSError, fail)
        self.assertFalse(is_atomic())

    def test_wrong_settings(self):
        self.assertRaises(ValueError, atomic, retry='perhaps')
        self.assertRaises(TypeError, atomic, retry=5)
        self.assertRaises(ValueError, atomic, deadline=-1)
        self.assertRaises(TypeError, atomic, 5)
        self.assertRaises(TypeError, atomic, colour='red')

    def test_callbacks(self):
        told = []
        with atomic:
            with atomic:
                on_commit(lambda: told.append(('commit', is_atomic())))
            on_abort(lambda: told.append('abort'))
            self.assertEqual(told, [])
        self.assertEqual(told, [('commit', False)])
        with self.assertRaises(KeyError):
            with atomic:
                on_commit(lambda: told.append('commit'))
                on_abort(lambda: told.append('abort'))
                raise KeyError
        self.assertEqual(told[1:], ['abort'])
        on_commit(lambda: told.append('at once'))
        self.assertEqual(told[-1], 'at once')
        with self.assertRaises(ZeroDivisionError):
            with atomic:
                on_commit(lambda: 1 / 0)
                on_commit(lambda: told.append('all are called'))
        self.assertEqual(told[-1], 'all are called')
        self.assertRaises(TypeError, on_commit, 5)


class Waiting(unittest.TestCase):
    def test_retry_waits_for_a_change(self):
        items, got = [], []

        @atomic
        def take():
            if not items:
                retry()
            return items.pop()

        def put():
            for i in range(20):
                time.sleep(0.001)
                with atomic:
                    items.append(i)
        in_threads(lambda: got.extend(take() for _ in range(20)), put)
        self.assertEqual(sorted(got), list(range(20)))

    def test_deadline(self):
        @atomic(deadline=0.05)
        def never():
            retry()
        with self.assertRaises(Aborted) as caught:
            never()
        self.assertEqual(caught.exception.cause, 'deadline')
        self.assertGreaterEqual(caught.exception.elapsed, 0.05)
        self.assertFalse(is_atomic())

    def test_where_it_cannot_be(self):
        with self.assertRaisesRegex(RuntimeError, 'outside of an atomic block'):
            retry()
        with self.assertRaisesRegex(RuntimeError, 'decorated with @atomic'):
            with atomic:
                retry()
        self.assertFalse(is_atomic())

    def test_or_else(self):
        self.assertEqual(or_else(lambda: 1, lambda: 2), 1)
        self.assertEqual(or_else(retry, lambda: 2), 2)
        with atomic:
            self.assertEqual(or_else(retry, is_atomic), True)
            with self.assertRaises(RuntimeError):
                or_else(retry, retry)
        left, right = [], []

        @atomic
        def take():
            def of(items):
                return lambda: items.pop() if items else retry()
            return or_else(of(left), of(right))

        def put():
            time.sleep(0.01)
            with atomic:
                right.append('r')
        got = []
        in_threads(lambda: got.append(take()), put)
        self.assertEqual(got, ['r'])
        self.assertRaises(KeyError, or_else, lambda: {}[1], lambda: 2)


class Work(unittest.TestCase):
    def test_queue_of_calls(self):
        seen = []
        queue = TransactionQueue(4, ordered=True)
        for i in range(10):
            queue.add(seen.append, i)
        queue.run()
        self.assertEqual(seen, list(range(10)))
        queue.add_generator(seen.append(i) for i in range(3))
        queue.run()
        self.assertEqual(seen[10:], [0, 1, 2])

    def test_parallel_for(self):
        seen = []
        parallel_for(lambda x: seen.append((x, is_atomic())), range(5), threads=2, ordered=True)
        self.assertEqual(seen, [(i, True) for i in range(5)])
        with self.assertRaises(ZeroDivisionError):
            parallel_for(lambda x: 1 / x, [1, 0, 2])

    def test_collections(self):
        counter = Counter(5)
        in_threads(*[lambda: [counter.add() for _ in range(100)]] * 3)
        counter += 2
        self.assertEqual((counter.value, int(counter), repr(counter)), (307, 307, 'transaction.Counter(307)'))
        counter.reset()
        self.assertFalse(counter)
        self.assertRaises(TypeError, counter.add, '1')
        queue = Queue(2)
        got = []
        in_threads(lambda: [queue.put(i) for i in range(20)], lambda: got.extend(queue.get() for _ in range(20)))
        self.assertEqual(got, list(range(20)))
        for _ in got:
            queue.task_done()
        queue.join()
        self.assertEqual(len({count() for _ in range(100)}), 100)
        self.assertLess(abs(transaction.time() - time.time()), 5)

    def test_threadlocalproperty(self):
        class Parser:
            buffer = threadlocalproperty(list)
        parser = Parser()
        parser.buffer.append(1)
        in_threads(lambda: self.assertEqual(parser.buffer, []))
        self.assertEqual(parser.buffer, [1])


class Names(unittest.TestCase):
    def test_policies(self):
        for name in ('default', 'immediate', 'backoff', 'shrink', 'wait', 'irrevocable', 'giveup:3'):
            set_retry_policy(name)
            self.assertIn(name, repr(RetryPolicy(name)))
        self.assertEqual(RetryPolicy('giveup:2')(Abort(2)), 'giveup')
        self.assertEqual([RetryPolicy()(Abort(n)) for n in (1, 7, 10, 40)], ['retry', 'shrink', 'wait', 'irrevocable'])
        self.assertLessEqual(RetryPolicy('backoff')(Abort(4)), 1e-3)
        self.assertRaises(ValueError, RetryPolicy, 'giveup:0')
        set_retry_policy('default')

    def test_stats(self):
        before = stats()
        with atomic:
            pass
        self.assertEqual(stats().commits, before.commits + 1)
        self.assertEqual(transaction.last_conflicts(3), [])

    def test_the_names_are_those_of_keelback(self):
        # Its module names them in one list, which is not at hand where this package is installed alone.
        path = os.path.join(os.path.dirname(__file__), '../../src/modules/transaction/base.py')
        if not os.path.exists(path):
            self.skipTest("Keelback's sources are not here")
        with open(path) as file:
            tree = ast.parse(file.read())
        native = next(ast.literal_eval(node.value) for node in tree.body
                      if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == '__all__')
        self.assertEqual(sorted(native), sorted(transaction.__all__))
        for name in native:
            self.assertTrue(hasattr(transaction, name), name)

    def test_testing_can_be_imported(self):
        from transaction.testing import invariant, operation, state

        @state
        def s():
            return []

        @operation(x=[1, 2])
        def f(s, x):
            return x

        @invariant
        def i(s):
            return True
        self.assertEqual((s(), f([], 2), i([])), ([], 2, True))


if __name__ == '__main__':
    unittest.main()
