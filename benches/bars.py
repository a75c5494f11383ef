#!/usr/bin/env python3
"""Measures Keelback against the bars it was built to reach, and prints one table row for each.

    python3 benches/bars.py [--keelback BINARY] [--python CPYTHON] [--repeat N] [--only WORD] [--suite DIR --pyperf DIR]

Run it with CPython. What a row compares takes turns, so that a machine whose speed drifts treats both alike; a figure
is the median over the repeats, and the spread is their least and greatest. Throughput is that of two threads doing the
same work each, over one thread doing it once: 2 is perfect. Where the program's work is fixed (wordcount, feeds) it is
one thread's time over two threads' time. "Two processes" is the same throughput of two *processes* of one thread each, which
share nothing: what the machine has to give at that moment (virtual processors may be halves of one core, or another's).

The rows over pyperformance need its sources (`pip install --target DIR --no-deps pyperformance`) as --suite, and
a folder with a module `pyperf` that prints `NAME <tab> SECONDS <tab> ROUNDS` for each benchmark as --pyperf.
"""

import argparse
import glob
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PROGRAMS = os.path.join(HERE, "programs")
SUITE = "nbody fannkuch richards deltablue float chaos spectral_norm nqueens generators unpack_sequence".split()
POLICIES = ("default", "immediate", "backoff", "shrink", "wait", "irrevocable", "giveup:50")


class Failed(Exception):
    """A program did not end well; its last line says why."""


class Bench:
    """The interpreters and options of this run."""

    def __init__(self, options):
        self.options = options
        self.rows = []
        # What two processes reached in place of two threads, for the row that is being measured.
        self.ceilings = []

    def run(self, command, cwd=None, **env):
        """Runs a command; gives back what it printed, its seconds, and its peak memory in KiB."""
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KEELBACK"))}
        start = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=cwd, env={**keep, **env}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        # Each program prints little: reading one pipe after the other cannot block it.
        out, err = child.stdout.read(), child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        if child.returncode:
            last = (err.decode(errors="replace").strip() or "no message").splitlines()[-1]
            raise Failed(f"{os.path.basename(command[-1])}: exit {child.returncode}: {last}")
        return out.decode(), seconds, usage.ru_maxrss

    def keelback(self, program, *arguments, mode="stm", **env):
        command = [self.options.keelback, "--mode", mode, program, *arguments]
        return self.run(command, **env)

    def program(self, name, threads, mode="stm", **env):
        """Seconds that a program of ours reports."""
        path = os.path.join(PROGRAMS, name + ".py")
        scale = str(self.options.scale)
        return float(self.keelback(path, mode=mode, KEELBACK_THREADS=str(threads), BENCH_SCALE=scale, **env)[0].split()[0])

    def both(self, measure):
        """Two calls at once; the greater result."""
        with ThreadPoolExecutor(2) as pool:
            return max(pool.map(lambda _: measure(), range(2)))

    def suite(self, command, name):
        """Seconds by benchmark, from one pyperformance file."""
        path = os.path.join(self.options.suite, "pyperformance/data-files/benchmarks", f"bm_{name}", "run_benchmark.py")
        out, _, _ = self.run([*command, path], cwd=os.path.dirname(path), PYTHONPATH=self.options.pyperf)
        lines = [line.split("\t") for line in out.splitlines()]
        return {parts[0]: max(float(parts[1]), 1e-12) for parts in lines if len(parts) == 3}

    def row(self, name, bar, compare, unit=""):
        """Measures one row: `compare()` gives a figure, `bar` is (\"<=\" or \">=\", limit)."""
        if self.options.only not in name:
            return
        sign, limit = bar
        self.ceilings = []
        try:
            figures = [compare() for _ in range(self.options.repeat)]
        except (Failed, OSError, ValueError, IndexError) as error:
            self.show(name, bar, unit, "-", "-", f"FAILED: {error}")
            return
        middle = statistics.median(figures)
        good = middle <= limit if sign == "<=" else middle >= limit
        spread = f"{min(figures):.3g} to {max(figures):.3g}"
        self.show(name, bar, unit, f"{middle:.3g}{unit}", spread, "pass" if good else "MISS")

    def show(self, name, bar, unit, figure, spread, verdict):
        self.rows.append(verdict)
        ceiling = f"{statistics.median(self.ceilings):.3g}" if self.ceilings else ""
        print(f"| {name} | {bar[0]} {bar[1]}{unit} | {figure} | {spread} | {ceiling} | {verdict} |", flush=True)


def library_sources():
    """The sources of the library that the binary embeds, where cargo unpacked them; else CPython's."""
    crates = os.path.join(os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo")), "registry/src")
    found = sorted(glob.glob(os.path.join(crates, "*/rustpython-pylib-*/Lib")))
    return found[-1] if found else os.path.dirname(os.__file__)


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def suite_rows(bench):
    """One thread, against CPython, against no barriers, and with a second thread alive."""
    options = bench.options
    stm, off = [options.keelback, "--mode", "stm"], [options.keelback, "--mode", "off"]
    waiting = [*stm, os.path.join(PROGRAMS, "_second_thread.py")]
    least = []

    def compare(base, other):
        ratios = []
        for name in SUITE:
            a, b = bench.suite(base, name), bench.suite(other, name)
            if not a or a.keys() != b.keys():
                raise Failed(f"{name}: the interpreters report different benchmarks")
            ratios += [a[key] / b[key] for key in a]
        least.append(min(ratios))
        return geometric_mean(ratios)

    bench.row("pyperformance: CPython's time over ours, geometric mean", (">=", 1.7), lambda: compare([options.python], stm))
    if least:
        lows = iter(least[:])
        options_repeat, options.repeat = options.repeat, len(least)
        bench.row("pyperformance: the least of them", (">=", 1.0), lambda: next(lows))
        options.repeat = options_repeat
    bench.row("pyperformance: --mode stm over --mode off", ("<=", 1.05), lambda: compare(stm, off))
    bench.row("pyperformance: the same with a second thread alive", ("<=", 1.3), lambda: compare(waiting, off))


def throughput_rows(bench):
    def throughput(name):
        one = bench.program(name, 1)
        bench.ceilings.append(2 * one / bench.both(lambda: bench.program(name, 1)))
        return 2 * one / bench.program(name, 2)

    for name in ("mandelbrot", "richards", "trees"):
        bench.row(f"two threads, independent: {name}", (">=", 1.8), lambda: throughput(name))
    for name in ("read_dict", "read_attribute", "read_method", "read_list", "read_global", "read_class", "raise_shared"):
        bench.row(f"two threads, only reading: {name}", (">=", 1.8), lambda: throughput(name))

    def fixed(path, *arguments):
        """One thread's time over two threads', from the seconds the example reports on standard error."""
        def seconds(threads):
            script = os.path.join(ROOT, "examples", path)
            command = [bench.options.keelback, script, "-t", threads, *arguments]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise Failed(f"{path}: exit {done.returncode}: {(done.stderr.strip() or '-').splitlines()[-1]}")
            return float(done.stderr.split(" s with ")[0].split()[-1])

        one = seconds("1")
        bench.ceilings.append(2 * one / bench.both(lambda: seconds("1")))
        return one / max(seconds("2"), 1e-9)

    words = bench.options.words or library_sources()
    bench.row("two threads: wordcount", (">=", 1.6), lambda: fixed("wordcount.py", words))
    bench.row("two threads: feeds", (">=", 1.6), lambda: fixed("feeds.py", "60"))
    for name in ("list_halves", "dict_keys", "moves_one_lock"):
        bench.row(f"two threads: {name}", (">=", 1.6), lambda: throughput(name))
    bench.row(
        "one counter under one lock: throughput over --mode gil's",
        (">=", 0.8),
        lambda: bench.program("counter_one_lock", 2, "gil") / bench.program("counter_one_lock", 2),
    )


def transaction_rows(bench):
    """The module `transaction`. Its programs compare within themselves, in turns."""

    def figures(name, *arguments, first, last):
        """The numbers between two words, one for each line."""
        out, _, _ = bench.keelback(os.path.join(PROGRAMS, name + ".py"), *arguments)
        lines = [line for line in out.splitlines() if first in line]
        return [float(line.rpartition(first)[2].partition(last)[0]) for line in lines]

    def queue():
        bench.ceilings.append(2 * bench.program("mandelbrot", 1) / bench.both(lambda: bench.program("mandelbrot", 1)))
        return statistics.median(figures("transaction_queue", first="call, ", last=" times"))

    bench.row("an empty atomic block", ("<=", 80), lambda: bench.program("atomic_empty", 1), " ns")
    bench.row("two threads: TransactionQueue over the plain loop", (">=", 1.8), queue)
    bench.row(
        "one Counter: throughput of 8 threads over one's",
        (">=", 1.6),
        lambda: statistics.median(figures("transaction_counter", first="ratio ", last="\n")),
    )
    seconds = str(bench.options.seconds)
    for policy in POLICIES:
        bench.row(
            f"bank, 16 threads, {seconds} s, policy {policy}: the slowest over the mean",
            (">=", 0.25),
            lambda policy=policy: figures("bank_policies", policy, seconds, first="thread ", last=" of")[0],
        )

    def log(name):
        """Elapsed time with the log over that without, medians of turns."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "stmlog")
            turns = [(bench.program(name, 2), bench.program(name, 2, KEELBACK_STM_LOG=path)) for _ in range(9)]
        without, with_log = (statistics.median(column) for column in zip(*turns))
        return with_log / without

    for name in ("richards", "read_dict", "moves_one_lock"):
        bench.row(f"--stm-log, time over that without: {name}", ("<=", 1.05), lambda name=name: log(name))


def process_rows(bench):
    options = bench.options

    def start():
        return min(bench.run([options.keelback, "-c", "pass"])[1] for _ in range(5)) * 1e3

    def peak(interpreter):
        # Through GNU time: a child's own figure begins with what its parent, this program, takes.
        try:
            done = subprocess.run(["/usr/bin/time", "-f", "%M", interpreter, "-c", "pass"], stderr=subprocess.PIPE)
        except OSError as error:
            raise Failed(f"needs GNU time: {error}") from None
        return int(done.stderr.split()[-1])

    def memory():
        return peak(options.keelback) / peak(options.python)

    bench.row("keelback -c pass", ("<=", 15), start, " ms")
    bench.row("its peak memory over CPython's", ("<=", 1.0), memory)
    bench.row("allocation of a small short-lived object", ("<=", 10), lambda: bench.program("allocation", 1), " ns")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keelback", default=os.path.join(ROOT, "target/release/keelback"))
    parser.add_argument("--python", default=sys.executable, help="the CPython to compare with")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--scale", type=float, default=3, help="multiplies the programs' rounds (default 3: about a second each, so that starting a thread does not count)")
    parser.add_argument("--seconds", type=int, default=60, help="how long the bank runs under each policy (default 60)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--suite", help="the folder that holds pyperformance")
    parser.add_argument("--pyperf", help="the folder that holds a stand-in for pyperf")
    parser.add_argument("--words", help="what wordcount reads (default: the embedded library's sources)")
    options = parser.parse_args()
    for name in ("keelback", "suite", "pyperf"):
        path = getattr(options, name)
        if path:
            setattr(options, name, os.path.abspath(path))
    bench = Bench(options)
    print("| figure | bar | measured | spread | two processes | |\n|---|---|---|---|---|---|")
    if options.suite and options.pyperf:
        suite_rows(bench)
    else:
        print("| pyperformance | | not measured | | | give --suite and --pyperf |")
    throughput_rows(bench)
    transaction_rows(bench)
    process_rows(bench)
    missed = [verdict for verdict in bench.rows if verdict != "pass"]
    print(f"\n{len(bench.rows) - len(missed)} of {len(bench.rows)} bars reached, {options.repeat} repeats")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
