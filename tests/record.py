#!/usr/bin/env python3
"""Records what a given interpreter prints for the scripts beside this file.

    python3 tests/record.py PYTHON [NAME ...]

Without names, every script in `scripts/` and `errors/` is recorded anew, but for those that carry the line
`# expected: by hand`, because their syntax or behaviour is newer than the CPython that we record from.

For each NAME.py are written
    NAME.out    standard output
    NAME.code   the exit status, where it is not 0
    NAME.err    in `errors/`: standard error, with the script's folder shown as $DIR;
                in `scripts/`: its last line, where the exit status is not 0
A NAME.in, where there is one, is fed to the script's standard input; NAME.args holds its arguments, one a line.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BY_HAND = "# expected: by hand"


def write(path, text):
    """Writes a file that says something, and removes one that would say nothing."""
    if text:
        with open(path, "w", encoding="utf-8", newline="") as out:
            out.write(text)
    elif os.path.exists(path):
        os.remove(path)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


def record(python, folder, name):
    stem = os.path.join(folder, name)
    if BY_HAND in read(stem + ".py"):
        return "by hand"
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "KEELBACK"))}
    env.update(PYTHONDONTWRITEBYTECODE="1", PYTHONUTF8="1")
    done = subprocess.run(
        [python, stem + ".py"] + read(stem + ".args").splitlines(),
        input=read(stem + ".in").encode(),
        capture_output=True,
        cwd=folder,
        env=env,
        timeout=60,
    )
    out, err = done.stdout.decode(), done.stderr.decode("utf-8", "backslashreplace")
    whole = os.path.basename(folder) == "errors"
    if err and not whole and not done.returncode:
        return "wrote to standard error:\n" + err
    if whole:
        err = err.replace(folder, "$DIR")
    else:
        err = err.rstrip("\n").rpartition("\n")[2] + "\n" if done.returncode and err else ""
    write(stem + ".out", out)
    write(stem + ".err", err)
    write(stem + ".code", f"{done.returncode}\n" if done.returncode else "")
    return None


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    python, wanted = sys.argv[1], sys.argv[2:]
    for folder in (os.path.join(HERE, "scripts"), os.path.join(HERE, "errors")):
        for file in sorted(os.listdir(folder)):
            name, ext = os.path.splitext(file)
            if ext == ".py" and (not wanted or name in wanted):
                problem = record(python, folder, name)
                if problem:
                    print(f"{name}: {problem}")


if __name__ == "__main__":
    main()
