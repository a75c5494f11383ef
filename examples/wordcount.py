"""Counts words over files, with several threads that share one dict.

    keelback examples/wordcount.py [-t THREADS] FILE_OR_FOLDER ...

Without files it counts its own text. Every thread takes the next file from a shared list and adds its words to one
shared dict, under one lock. Nothing here is special to Keelback: the same script runs on CPython, where one thread
works at a time. On Keelback the lock is elided, and threads wait only where they meet at the same word.
"""

import os
import sys
import threading
import time

lock = threading.Lock()


def files_below(path):
    """The path itself, or all Python and text files below a folder, sorted."""
    if not os.path.isdir(path):
        return [path]
    found = []
    for folder, _, names in os.walk(path):
        for name in names:
            if name.endswith((".py", ".txt", ".md", ".rst", ".rs")):
                found.append(os.path.join(folder, name))
    return sorted(found)


def words_of(line):
    """The line's words: runs of letters, digits and underscores, in lower case."""
    return "".join([c if c.isalnum() or c == "_" else " " for c in line]).lower().split()


def count_file(path, counts):
    """Adds the words of one file to `counts`, a line at a time."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    total = 0
    for line in lines:
        words = words_of(line)
        total += len(words)
        with lock:
            for word in words:
                counts[word] = counts.get(word, 0) + 1
    return total


def worker(paths, counts, totals):
    """Takes files until there are none left."""
    while True:
        try:
            path = paths.pop()
        except IndexError:
            return
        totals.append(count_file(path, counts))


def main(arguments):
    threads = int(os.environ.get("KEELBACK_THREADS", os.cpu_count() or 1))
    if arguments[:1] == ["-t"]:
        threads, arguments = int(arguments[1]), arguments[2:]
    paths = [path for argument in arguments or [__file__] for path in files_below(argument)]
    files, counts, totals = len(paths), {}, []

    start = time.perf_counter()
    workers = [threading.Thread(target=worker, args=(paths, counts, totals)) for _ in range(threads)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    seconds = time.perf_counter() - start

    total = sum(totals)
    assert total == sum(counts.values()), "a word was lost"
    print(f"{total} words, {len(counts)} different, in {files} files")
    for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]:
        print(f"{count:8}  {word}")
    print(f"{seconds:.2f} s with {threads} threads", file=sys.stderr)


main(sys.argv[1:])
