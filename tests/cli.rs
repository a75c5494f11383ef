//! The command line, and what a script may do to the process: exit codes and messages as CPython's.

mod support;

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{Finished, Folder, finish, keelback, run};

/// Runs the interpreter with arguments and nothing on standard input.
fn call<const N: usize>(arguments: [&str; N]) -> Finished {
    run(keelback().args(arguments), b"")
}

/// Runs a script given as text.
fn script(source: &str, arguments: &[&str]) -> Finished {
    let folder = Folder::new();
    let path = folder.file("script.py", source);
    run(keelback().args(arguments).arg(path), b"")
}

#[test]
fn command_option() {
    let done = call([
        "-c",
        "import sys; print(1 + 1, sys.argv, __name__)",
        "a",
        "-b",
    ]);
    assert_eq!(done.expect_code(0).out(), "2 ['-c', 'a', '-b'] __main__\n");
    assert_eq!(call(["-c", "pass"]).expect_code(0).out(), "");
    assert_eq!(call(["-c", "raise SystemExit(7)"]).expect_code(7).err(), "");
    let done = call(["-c", "x = 1\n1 / 0"]);
    let traceback = done.expect_code(1).err();
    assert!(traceback.starts_with(
        "Traceback (most recent call last):\n  File \"<string>\", line 2, in <module>\n    1 / 0\n    ~~^~~\n"
    ));
    assert!(
        traceback.ends_with("ZeroDivisionError: division by zero\n"),
        "{traceback}"
    );
}

#[test]
fn command_option_without_command() {
    let done = call(["-c"]);
    assert_ne!(done.expect_code(2).err(), "");
}

#[test]
fn module_option() {
    let folder = Folder::new();
    folder.file("pack/__init__.py", "print('package')\n");
    folder.file(
        "pack/__main__.py",
        "import sys\nprint('main', __name__, __package__, sys.argv[1:])\n",
    );
    folder.file(
        "pack/tool.py",
        "from . import __name__ as p\nprint(__name__, p)\n",
    );
    let module = |name: &str| {
        run(
            keelback().args(["-m", name, "x"]).current_dir(&folder.0),
            b"",
        )
    };
    assert_eq!(
        module("pack").expect_code(0).out(),
        "package\nmain __main__ pack ['x']\n"
    );
    assert_eq!(
        module("pack.tool").expect_code(0).out(),
        "package\n__main__ pack\n"
    );
    let missing = module("no_such_module");
    assert!(
        missing
            .expect_code(1)
            .err()
            .ends_with("No module named no_such_module\n"),
        "{}",
        missing.err()
    );
    assert_eq!(
        run(keelback().args(["-m", "json.tool"]), b"[1]")
            .expect_code(0)
            .out(),
        "[\n    1\n]\n"
    );
}

#[test]
fn standard_input() {
    assert_eq!(
        run(&mut keelback(), b"print('from stdin', __name__)\n")
            .expect_code(0)
            .out(),
        "from stdin __main__\n"
    );
    let done = run(
        keelback().args(["-", "a"]),
        b"import sys\nprint(sys.argv)\n",
    );
    assert_eq!(done.expect_code(0).out(), "['-', 'a']\n");
    let done = run(keelback().arg("-"), b"1 +\n");
    assert!(
        done.expect_code(1)
            .err()
            .contains("File \"<stdin>\", line 1"),
        "{}",
        done.err()
    );
    assert_eq!(done.last_err(), "SyntaxError: invalid syntax");
}

#[test]
fn version_and_help() {
    for option in ["--version", "-V"] {
        assert_eq!(
            call([option]).expect_code(0).out(),
            "Keelback 0.1.0 (Python 3.14)\n"
        );
    }
    let help = call(["--help"]).expect_code(0).out();
    for word in ["--mode", "--retry", "--stats", "--max-heap", "-c", "-m"] {
        assert!(
            help.contains(word),
            "--help does not tell of {word}:\n{help}"
        );
    }
    let done = call(["--no-such-option"]);
    assert!(
        done.expect_code(2).err().contains("--no-such-option"),
        "{}",
        done.err()
    );
    let done = call(["--mode", "wrong", "-c", "pass"]);
    assert!(
        done.expect_code(2).err().contains("wrong"),
        "{}",
        done.err()
    );
}

#[test]
fn missing_file() {
    let done = call(["/nonexistent/script.py"]);
    let message = done.expect_code(2).err();
    assert!(
        message.ends_with(
            "can't open file '/nonexistent/script.py': [Errno 2] No such file or directory\n"
        ),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
}

#[test]
fn folder_as_script() {
    let folder = Folder::new();
    folder.file(
        "app/__main__.py",
        "import helper, sys\nprint(helper.x, __name__, sys.path[0] == sys.argv[0])\n",
    );
    folder.file("app/helper.py", "x = 5\n");
    let done = run(keelback().arg(folder.0.join("app")), b"");
    assert_eq!(done.expect_code(0).out(), "5 __main__ True\n");
    fs::create_dir(folder.0.join("empty")).expect("writable");
    let done = run(keelback().arg(folder.0.join("empty")), b"");
    assert!(
        done.expect_code(1)
            .err()
            .contains("can't find '__main__' module in "),
        "{}",
        done.err()
    );
}

#[test]
fn source_that_is_no_utf8() {
    let folder = Folder::new();
    let bad = folder.file("bad.py", b"x = 1\ny = '\xff'\n");
    let done = run(keelback().arg(bad), b"");
    assert!(
        done.expect_code(1).last_err().starts_with("SyntaxError: "),
        "{}",
        done.err()
    );
    assert!(done.err().contains("\\xff"), "{}", done.err());
    let declared = folder.file(
        "latin.py",
        b"# -*- coding: latin-1 -*-\nprint(ascii('\xe9'))\n",
    );
    assert_eq!(
        run(keelback().arg(declared), b"").expect_code(0).out(),
        "'\\xe9'\n"
    );
    let marked = folder.file("bom.py", b"\xef\xbb\xbfprint('after the mark')\n");
    assert_eq!(
        run(keelback().arg(marked), b"").expect_code(0).out(),
        "after the mark\n"
    );
    let null = folder.file("null.py", b"x = 1\n\0\n");
    let done = run(keelback().arg(null), b"");
    assert!(
        done.expect_code(1)
            .err()
            .contains("SyntaxError: source code cannot contain null bytes"),
        "{}",
        done.err()
    );
}

#[test]
fn unusual_line_ends() {
    let folder = Folder::new();
    let path = folder.file(
        "crlf.py",
        "if True:\r\n    print('crlf')\r\nx = '''a\r\nb'''\r\nprint(len(x))",
    );
    assert_eq!(
        run(keelback().arg(path), b"").expect_code(0).out(),
        "crlf\n3\n"
    );
    let path = folder.file("empty.py", "");
    assert_eq!(run(keelback().arg(path), b"").expect_code(0).out(), "");
}

#[test]
fn python_path() {
    let folder = Folder::new();
    folder.file("one/here.py", "v = 1\n");
    folder.file("two/there.py", "v = 2\n");
    let path = format!("{0}/one:{0}/two", folder.0.display());
    let done = run(
        keelback()
            .env("PYTHONPATH", path)
            .args(["-c", "import here, there; print(here.v, there.v)"]),
        b"",
    );
    assert_eq!(done.expect_code(0).out(), "1 2\n");
}

#[test]
fn library_folder_overrides_the_embedded_one() {
    let folder = Folder::new();
    folder.file("textwrap.py", "mine = True\n");
    let program = "import textwrap, queue; print(textwrap.mine, queue.Queue.__name__)";
    let done = run(
        keelback()
            .env("KEELBACK_LIB", &folder.0)
            .args(["-c", program]),
        b"",
    );
    assert_eq!(done.expect_code(0).out(), "True Queue\n");
}

#[test]
fn bytecode_cache_follows_the_source() {
    let folder = Folder::new();
    let bytecode = folder.0.join("bytecode");
    let go = || {
        let mut command = keelback();
        command
            .env("PYTHONPYCACHEPREFIX", &bytecode)
            .current_dir(&folder.0)
            .args(["-c", "import m; print(m.v)"]);
        run(&mut command, b"").expect_code(0).out()
    };
    folder.file("m.py", "v = 'first'\n");
    assert_eq!((go(), go()), ("first\n".into(), "first\n".into()));
    folder.file("m.py", "v = 'second, longer'\n");
    assert_eq!(go(), "second, longer\n");
    for file in files_below(&bytecode) {
        fs::write(file, b"damaged").expect("writable");
    }
    assert_eq!(go(), "second, longer\n");
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("the cache was written")
        .flatten()
    {
        if entry.path().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

#[test]
fn uncaught_in_thread() {
    let done = script(
        "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='T')\nt.start(); t.join()\nprint('on')",
        &[],
    );
    assert_eq!(done.expect_code(0).out(), "on\n");
    assert!(
        done.err()
            .starts_with("Exception in thread T:\nTraceback (most recent call last):\n"),
        "{}",
        done.err()
    );
    assert!(
        done.err()
            .ends_with("ZeroDivisionError: division by zero\n"),
        "{}",
        done.err()
    );
}

#[test]
fn exception_in_del_is_reported_and_ignored() {
    let source = "import gc\nclass C:\n    def __del__(self): raise ValueError('in del')\nc = C()\ndel c\ngc.collect()\nprint('on')";
    let done = script(source, &[]);
    assert_eq!(done.expect_code(0).out(), "on\n");
    assert!(
        done.err().contains("Exception ignored") && done.err().contains("ValueError: in del"),
        "{}",
        done.err()
    );
}

#[test]
fn closed_standard_output() {
    let source =
        "import sys\nfor i in range(100000): print('line', i)\nprint('done', file=sys.stderr)";
    let folder = Folder::new();
    let path = folder.file("script.py", source);
    let mut command = keelback();
    let mut child = command
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut pipe = child.stdout.take().expect("piped");
    let mut first = [0; 6];
    pipe.read_exact(&mut first).expect("it prints");
    assert_eq!(&first, b"line 0");
    drop(pipe);
    let done = finish(child);
    assert_eq!(
        done.expect_code(1).last_err(),
        "BrokenPipeError: [Errno 32] Broken pipe"
    );
}

#[test]
fn standard_output_closed_by_the_script() {
    let done = script(
        "import sys, os\nprint('kept')\nsys.stdout.flush()\nos.close(1)\nsys.exit(3)",
        &[],
    );
    assert_eq!(done.expect_code(3).out(), "kept\n");
}

#[test]
fn full_device() {
    let mut command = keelback();
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    command
        .args(["-c", "print('lost')"])
        .stdout(full)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let done = finish(command.spawn().expect("starts"));
    assert!(
        done.expect_code(120)
            .err()
            .contains("No space left on device"),
        "{}",
        done.err()
    );
}

#[test]
fn output_before_an_exit_is_kept() {
    for (source, code) in [
        ("print('kept', end='')", 0),
        ("print('kept', end='')\n1 / 0", 1),
        ("print('kept', end='')\nraise SystemExit(4)", 4),
        (
            "import threading, sys\nprint('kept', end='')\nthreading.Thread(target=threading.Event().wait, daemon=True).start()",
            0,
        ),
    ] {
        assert_eq!(
            script(source, &[]).expect_code(code).out(),
            "kept",
            "{source}"
        );
    }
}

#[test]
fn deep_recursion_is_an_exception() {
    for (source, limit) in [
        ("def f(): f()", 1000),
        ("def f(): return sorted([1, 2], key=lambda x: f())", 1000),
        (
            "class C:\n    def __repr__(self): return repr(self)\ndef f(): repr(C())",
            1000,
        ),
        ("def f(): return eval('f()')", 1000),
        (
            "def f():\n    x = []\n    for _ in range(200000): x = [x]\n    return repr(x)",
            1000,
        ),
        (
            "def f():\n    x = {}\n    for _ in range(200000): x = {1: x}\n    return x == x.copy() and repr(x)",
            1000,
        ),
        ("def f(): f()", 100_000),
    ] {
        let source = format!(
            "import sys\nsys.setrecursionlimit({limit})\n{source}\ntry:\n    f()\nexcept RecursionError:\n    print('caught')\n"
        );
        assert_eq!(
            script(&source, &[]).expect_code(0).out(),
            "caught\n",
            "{source}"
        );
    }
}

#[test]
fn deeply_nested_source_is_an_error() {
    for source in [
        format!("x = {}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("x = {}1", "-".repeat(20000)),
        format!("x = 1{}", " + 1".repeat(50000)),
    ] {
        let done = script(&source, &[]);
        // Whether so deep an expression compiles is up to the compiler; a signal it must not be.
        assert!(
            matches!(done.code(), Some(0 | 1)),
            "{}: {}",
            done.ending(),
            done.last_err()
        );
        let named = ["", "SyntaxError", "MemoryError", "RecursionError"];
        assert!(
            named.contains(&done.last_err().split(':').next().unwrap_or_default()),
            "{}",
            done.last_err()
        );
    }
}

#[test]
fn heap_limit_is_a_memory_error() {
    for source in [
        "x = []\nwhile True: x.append([0] * 1000)",
        "x = 'a' * 1000\nwhile True: x += x",
        "x = [0] * 10**12",
        "x = bytearray(10**13)",
        "d = {}\nfor i in range(10**9): d[i] = str(i)",
    ] {
        let source = format!(
            "def f():\n    {}\ntry:\n    f()\nexcept MemoryError:\n    print('caught')\n",
            source.replace('\n', "\n    ")
        );
        let done = script(&source, &["--max-heap", "64M"]);
        assert_eq!(done.expect_code(0).out(), "caught\n", "{source}");
    }
    let done = script(
        "x = []\nwhile True: x.append([0] * 1000)",
        &["--max-heap", "64M"],
    );
    assert_eq!(done.expect_code(1).last_err(), "MemoryError");
}

#[test]
fn memory_is_collected_while_others_wait_for_the_end_of_a_long_block() {
    let source = r#"
import threading, time, transaction

class Kind:
    pass

running = [True]
raised = []

def allocate():
    try:
        for _ in range(3):
            with transaction.atomic:
                time.sleep(0)  # cannot abort from here on
                for i in range(200000):
                    [i] * 20
    except BaseException as error:
        raised.append(error)
    finally:
        running[0] = False

def change():
    while running[0]:
        Kind.__len__ = lambda self: 1

threads = [threading.Thread(target=f) for f in (allocate, change, change)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(raised or "ok")
"#;
    let done = script(source, &["--max-heap", "32M"]);
    assert_eq!(done.expect_code(0).out(), "ok\n");
}

/// Starts a script that prints a line when it is ready, waits for the line, and sends SIGINT.
fn interrupt(source: &str) -> Finished {
    let folder = Folder::new();
    let path = folder.file("script.py", source);
    let mut command = keelback();
    // In a group of its own, so that the signal reaches nobody else.
    command
        .arg(path)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child: Child = command.spawn().expect("starts");
    let mut ready = [0; 6];
    child
        .stdout
        .as_mut()
        .expect("piped")
        .read_exact(&mut ready)
        .expect("the script says when it is ready");
    assert_eq!(&ready, b"ready\n");
    std::thread::sleep(Duration::from_millis(50));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(kill.success());
    let sent = Instant::now();
    let done = finish(child);
    assert!(
        sent.elapsed() < Duration::from_secs(10),
        "it took {:?} to end",
        sent.elapsed()
    );
    done
}

/// The status of a process that SIGINT ended, as [`Finished::code`] gives it.
const INTERRUPTED: i32 = -2;

#[test]
fn interrupt_ends_a_loop() {
    let done = interrupt("print('ready', flush=True)\nwhile True: pass");
    assert_eq!(
        done.expect_code(INTERRUPTED).last_err(),
        "KeyboardInterrupt"
    );
}

#[test]
fn interrupt_ends_a_wait() {
    for wait in [
        "import time; time.sleep(60)",
        "import threading; threading.Event().wait()",
        "import queue; queue.Queue().get()",
        "import threading; l = threading.Lock(); l.acquire(); l.acquire()",
        "import threading; threading.Condition().acquire() and threading.Barrier(2).wait()",
        "sum(x for x in iter(int, 1))",
    ] {
        let done = interrupt(&format!("print('ready', flush=True)\n{wait}\n"));
        assert_eq!(
            done.expect_code(INTERRUPTED).last_err(),
            "KeyboardInterrupt",
            "{wait}"
        );
    }
}

#[test]
fn interrupt_can_be_caught() {
    let done = interrupt(
        "try:\n    print('ready', flush=True)\n    while True: pass\nexcept KeyboardInterrupt:\n    print('caught')\nfinally:\n    print('finally')",
    );
    assert_eq!(done.expect_code(0).out(), "caught\nfinally\n");
}

#[test]
fn interrupt_ends_a_deadlock_between_threads() {
    let source = "
import threading
a, b, met = threading.Lock(), threading.Lock(), threading.Barrier(2)
def take(x, y):
    with x:
        met.wait()
        with y: pass
other = threading.Thread(target=take, args=(a, b), daemon=True)
other.start()
print('ready', flush=True)
take(b, a)
";
    let done = interrupt(source);
    assert_eq!(
        done.expect_code(INTERRUPTED).last_err(),
        "KeyboardInterrupt"
    );
}

#[test]
fn interrupt_while_threads_work() {
    let source = "
import threading
stop = []
def work():
    d = {}
    while not stop:
        for i in range(100): d[i] = i
ts = [threading.Thread(target=work) for _ in range(3)]
for t in ts: t.start()
try:
    print('ready', flush=True)
    for t in ts: t.join()
except KeyboardInterrupt:
    stop.append(1)
    for t in ts: t.join()
    print('joined')
";
    assert_eq!(interrupt(source).expect_code(0).out(), "joined\n");
}

#[test]
fn mode_off_refuses_a_second_thread() {
    let done = script(
        "import threading\nthreading.Thread(target=print).start()",
        &["--mode", "off"],
    );
    let message = done.expect_code(1).last_err();
    assert!(
        message.starts_with("RuntimeError: ") && message.contains("--mode off"),
        "{message}"
    );
}

#[test]
fn statistics_are_printed_at_exit() {
    let source = "
import threading
lock, n = threading.Lock(), 0
def work():
    global n
    for _ in range(2000):
        with lock: n += 1
ts = [threading.Thread(target=work) for _ in range(2)]
for t in ts: t.start()
for t in ts: t.join()
print(n)
";
    let done = script(source, &["--stats"]);
    assert_eq!(done.expect_code(0).out(), "4000\n");
    for word in ["blocks", "commits", "aborts"] {
        assert!(
            done.err().contains(word),
            "--stats does not tell of {word}:\n{}",
            done.err()
        );
    }
}

#[test]
fn retry_policy_is_checked() {
    let done = call(["--retry", "no-such-policy", "-c", "pass"]);
    assert!(
        done.expect_code(2).err().contains("no-such-policy"),
        "{}",
        done.err()
    );
}

#[test]
fn stats_are_a_dataclass() {
    let script = "import dataclasses, transaction
with transaction.atomic:
    pass
s = transaction.stats()
print(type(s).__name__, dataclasses.is_dataclass(s), s.commits > 0, sorted(s.aborts)[-1], s.waits)
";
    let done = run(keelback().args(["-c", script]), b"");
    assert_eq!(done.out(), "Stats True True yielded 0\n", "{}", done.err());
}
