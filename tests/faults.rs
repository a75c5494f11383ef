//! What can go wrong around atomic blocks has one outcome each, and says what it is.

mod support;

use support::{keelback, run};

/// Runs a script with a line on standard input.
fn script(source: &str) -> support::Finished {
    run(keelback().args(["-c", source]), b"typed\n")
}

fn prints(source: &str, expected: &str) {
    let done = script(source);
    assert_eq!(
        done.expect_code(0).out(),
        expected,
        "{source}\n{}",
        done.err()
    );
}

fn raises(source: &str, message: &str) {
    let done = script(source);
    assert!(
        done.expect_code(1).last_err().contains(message),
        "{source}\n{}",
        done.err()
    );
}

#[test]
fn retry_where_it_cannot_be() {
    raises(
        "import transaction; transaction.retry()",
        "RuntimeError: transaction.retry() outside of an atomic block",
    );
    for import in ["transaction", "threading, transaction"] {
        raises(
            &format!("import {import}\nwith transaction.atomic:\n    transaction.retry()"),
            "RuntimeError: transaction.retry(): nothing was read that another thread could change",
        );
    }
}

#[test]
fn a_policy_that_raises_or_returns_nonsense() {
    let with = |policy: &str| {
        format!(
            "\
import threading, time, transaction
from transaction import atomic
n, stop = [0], []
def write():
    while not stop: n[0] += 1
thread = threading.Thread(target=write)
thread.start()
try:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with atomic(retry={policy}):
            seen = n[0]
            end = transaction.time() + 0.005
            while transaction.time() < end: pass
            n[0] = seen
except Exception as error:
    print(type(error).__name__, error)
stop.append(1)
thread.join()
"
        )
    };
    for (policy, told) in [
        (
            "lambda abort: 1 / 0",
            "ZeroDivisionError division by zero\n",
        ),
        (
            "lambda abort: 'perhaps'",
            "ValueError a retry policy returned \"perhaps\", which is no decision\n",
        ),
        (
            "lambda abort: []",
            "TypeError a retry policy returned list, which is no decision: None, a word, or seconds\n",
        ),
    ] {
        prints(&with(policy), told);
    }
    // One that never gives up is ended by the block's deadline.
    let done = script(&with("lambda abort: 'retry', deadline=0.1"));
    let out = done.expect_code(0).out();
    assert!(
        out.starts_with("Aborted the block was rolled back ")
            && out.contains("its deadline has passed"),
        "{out}"
    );
    // Wrong from the start.
    raises(
        "import transaction; transaction.atomic(retry='perhaps')",
        "ValueError: unknown retry policy \"perhaps\"",
    );
    raises(
        "import transaction; transaction.set_retry_policy(5)",
        "TypeError: a retry policy is a name or a callable, not int",
    );
}

#[test]
fn a_block_that_is_given_up_tells_on_abort() {
    prints(
        "\
import threading, time, transaction
from transaction import Aborted, atomic, on_abort, on_commit
n, stop, calls = [0], [], []
def write():
    while not stop: n[0] += 1
thread = threading.Thread(target=write)
thread.start()

def block(calls, **settings):
    with atomic(**settings):
        on_commit(lambda: calls.append('commit'))
        on_abort(lambda: calls.append('abort'))
        seen = n[0]
        try:
            with atomic:
                on_commit(lambda: calls.append('never'))
                on_abort(lambda: calls.append('inner'))
                raise KeyError
        except KeyError: pass
        end = transaction.time() + 0.005
        while transaction.time() < end: pass
        n[0] = seen

for settings in [dict(retry='giveup:2'), dict(retry=lambda abort: 'giveup'), dict(retry=lambda abort: 1 / 0),
                 dict(retry=lambda abort: 'retry', deadline=0.05)]:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        calls.clear()
        try: block(calls, **settings)
        except Exception as error:
            print(type(error).__name__, calls[0], calls[1:] in ([], ['inner']))
            break
        assert calls == ['commit', 'inner'], calls
stop.append(1)
thread.join()

def fails(): raise ValueError('told')
try:
    with atomic(deadline=0.02):
        on_abort(fails)
        on_abort(lambda: print('second'))
        n[0]
        transaction.retry()
except ValueError as error: print(error, type(error.__context__).__name__)
with atomic: n[0] = 1
print(n, transaction.is_atomic())
",
        "Aborted abort True\nAborted abort True\nZeroDivisionError abort True\nAborted abort True\n\
         second\ntold Aborted\n[1] False\n",
    );
}

#[test]
fn input_in_a_block() {
    // The block cannot be rolled back any more; all else is as ever.
    prints(
        "from transaction import atomic\nwith atomic:\n    line = input('> ')\nprint('got', line)",
        "> got typed\n",
    );
}

#[test]
fn fork_in_a_block() {
    prints(
        "\
import os
from transaction import atomic
cell = [0]
with atomic:
    cell[0] = 1
    pid = os.fork()
# The block ends in both.
with atomic:
    cell[0] += 1 if pid else 10
if pid:
    os.waitpid(pid, 0)
    print('parent', cell)
else:
    os.write(1, f'child {cell}\\n'.encode())
    os._exit(0)
",
        "child [11]\nparent [2]\n",
    );
    raises(
        "\
import os, threading
from transaction import atomic
stop = threading.Event()
thread = threading.Thread(target=stop.wait)
thread.start()
try:
    with atomic:
        os.fork()
finally:
    stop.set()
",
        "RuntimeError: os.fork() is not supported while other threads run",
    );
}

#[test]
fn a_thread_that_is_started_in_a_block() {
    let started = "import threading\nfrom transaction import atomic\nthread = threading.Thread(target=print, args=('second',))\n";
    // It starts when the block has ended, and is there after it.
    prints(
        &format!(
            "{started}with atomic:\n    thread.start()\n    print('first', thread.is_alive())\nthread.join()"
        ),
        "first False\nsecond\n",
    );
    raises(
        &format!("{started}with atomic:\n    thread.start()\n    thread.join()"),
        "RuntimeError: cannot join thread before it is started",
    );
    // And never, if the block is rolled back.
    prints(
        &format!(
            "{started}try:\n    with atomic:\n        thread.start()\n        raise KeyError\nexcept KeyError:\n    print(thread.is_alive())"
        ),
        "False\n",
    );
}

#[test]
fn waits_in_a_block() {
    // For a thread's end, a lock and a queue: until another thread has done what they wait for.
    prints(
        "\
import queue, threading, time
from transaction import atomic
lock, jobs = threading.Lock(), queue.Queue()
lock.acquire()
def other():
    time.sleep(0.02); lock.release()
    time.sleep(0.02); jobs.put('job')
    time.sleep(0.02)
thread = threading.Thread(target=other)
thread.start()
with atomic:
    with lock: print('locked')
with atomic:
    print(jobs.get())
with atomic:
    thread.join()
    print(thread.is_alive())
",
        "locked\njob\nFalse\n",
    );
    // With a timeout, though the block runs again and again: alone, and with another thread there.
    let timeouts = "\
begun = time.monotonic()
try:
    with atomic: jobs.get(timeout=0.05)
except queue.Empty: print('empty')
with atomic: print(lock.acquire(timeout=0.05))
with atomic: print(event.wait(0.05))
try:
    with atomic(deadline=0.05): jobs.get()
except Aborted as error: print(error.cause, error)
try:
    with atomic: jobs.get_nowait()
except queue.Empty: print('at once')
print(0.19 < time.monotonic() - begun < 5)
";
    let head = "\
import queue, threading, time
from transaction import Aborted, atomic
lock, jobs, event, stop = threading.Lock(), queue.Queue(), threading.Event(), []
lock.acquire()
";
    let told = "empty\nFalse\nFalse\ndeadline the block has waited, and its deadline has passed\nat once\nTrue\n";
    prints(&format!("{head}{timeouts}"), told);
    prints(
        &format!(
            "{head}
def other():
    while not stop: time.sleep(0.001)
thread = threading.Thread(target=other)
thread.start()
{timeouts}stop.append(1)
thread.join()
"
        ),
        told,
    );
}

#[test]
fn an_exception_in_on_commit() {
    // It is raised after the block, which stays committed; the other callbacks are called.
    prints(
        "\
from transaction import atomic, on_commit
cell = []
try:
    with atomic:
        on_commit(lambda: 1 / 0)
        on_commit(lambda: print('called'))
        cell.append(1)
except ZeroDivisionError:
    print(cell)
",
        "called\n[1]\n",
    );
}
