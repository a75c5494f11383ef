//! Scripts that are not trusted: nothing outside unless granted, however they go about it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keelback::Vm;
use keelback::embed::{Builder, Error, Sandbox};
use keelback::vm::guard::Stopped;

/// A folder of the test's own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("keelback-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }
    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path.display().to_string()
    }
    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn builder(sandbox: Sandbox) -> Builder {
    Vm::builder().threads(2).seed(1).sandbox(sandbox)
}

fn vm(sandbox: Sandbox) -> Vm {
    builder(sandbox).build().expect("starts")
}

/// Class and text of the exception.
fn raised(vm: &Vm, source: &str) -> String {
    match vm.run(source) {
        Err(Error::Exception { kind, message, .. }) => format!("{kind}: {message}"),
        other => panic!("{source}: no exception: {other:?}"),
    }
}

fn refused(vm: &Vm, source: &str) {
    let text = raised(vm, source);
    assert!(
        text.starts_with("PermissionError: ") && text.contains("the sandbox does not allow"),
        "{source}: {text}"
    );
}

#[test]
fn nothing_is_granted() {
    let vm = vm(Sandbox::new());
    vm.run("import os, io, sys, socket, select, signal, subprocess, marshal, faulthandler, fcntl, threading, importlib.util, tempfile, shutil, pathlib")
        .unwrap();
    for source in [
        "open('/etc/passwd')",
        "open('/etc/passwd', 'w')",
        "open(b'/etc/passwd')",
        "open('new-file', 'x')",
        "open(0)",
        "open(2, 'w', closefd=False)",
        "io.FileIO('/etc/passwd')",
        "io.FileIO(0)",
        "io.open_code('/etc/passwd')",
        "open('x', opener=lambda *a: 0)",
        "pathlib.Path('/etc/passwd').read_text()",
        "os.open('/etc/passwd', os.O_RDONLY)",
        "os.read(0, 1)",
        "os.write(1, b'x')",
        "os.close(0)",
        "os.dup(1)",
        "os.pipe()",
        "os.fdopen(1, 'w')",
        "os.listdir()",
        "os.listdir('/')",
        "os.listdir(3)",
        "os.scandir('/')",
        "os.stat('/etc/passwd')",
        "os.stat(0)",
        "os.stat('passwd', dir_fd=3)",
        "os.stat(path='/etc/passwd')",
        "os.lstat('/etc')",
        "os.readlink('/proc/self/exe')",
        "os.access('/etc/passwd', os.R_OK)",
        "os.mkdir('/tmp/x')",
        "os.rename('/tmp/a', '/tmp/b')",
        "os.unlink('/tmp/a')",
        "os.symlink('/etc/passwd', '/tmp/a')",
        "os.link('/etc/passwd', '/tmp/a')",
        "os.chmod('/tmp', 0)",
        "os.truncate('/tmp/a', 0)",
        "os.chdir('/')",
        "os.getcwd()",
        "os.umask(0)",
        "os.putenv('A', 'b')",
        "os.fork()",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getpid(), 9)",
        "os._exit(3)",
        "os.abort()",
        "os.nice(1)",
        "subprocess.run(['true'])",
        "subprocess.Popen('true', shell=True)",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "signal.raise_signal(signal.SIGTERM)",
        "signal.alarm(1)",
        "faulthandler.enable()",
        "fcntl.fcntl(0, fcntl.F_GETFL)",
        "socket.socket()",
        "socket.socket(fileno=0)",
        "socket.socketpair()",
        "socket.gethostname()",
        "socket.getaddrinfo('localhost', 80)",
        "socket.close(0)",
        "select.select([0], [], [], 0)",
        "select.poll()",
        "select.epoll()",
        "marshal.loads(marshal.dumps(1))",
        "import _thread; _thread.interrupt_main()",
        "import gc; gc.get_objects()",
        "import gc; gc.get_referents(os.stat)",
        "threading.Thread(target=print).start()",
        "import tempfile; tempfile.mkstemp(dir='/tmp')",
        "import importlib.machinery as m; m.SourceFileLoader('passwd', '/etc/passwd').get_code('passwd')",
        "import importlib.machinery as m; m.SourceFileLoader('passwd', '/etc/passwd').get_data('/etc/passwd')",
        // By way of others.
        "sys.modules['posix'].open('/', 0)",
        "import json; json.codecs.open('/etc/passwd')",
        "import importlib; importlib.import_module('posix').fork()",
        "import _imp, importlib.machinery as m; _imp.create_builtin(m.ModuleSpec('posix', None)).fork()",
        "sys.modules.pop('posix'); import posix; posix.fork()",
    ] {
        refused(&vm, source);
    }
    assert_eq!(
        vm.eval::<(usize, bool, bool)>(
            "len(os.environ), os.path.exists('/etc/passwd'), os.path.isdir('/')"
        )
        .unwrap(),
        (0, false, false)
    );
    vm.run("import pkgutil; assert not list(pkgutil.iter_modules(['/etc', '.']))")
        .unwrap();
    assert!(raised(&vm, "sys.path_hooks[-1]('/etc')").starts_with("ImportError"));
    let source = "sys.path.append('/etc'); sys.path_importer_cache.clear(); import passwd";
    assert!(raised(&vm, source).starts_with("ModuleNotFoundError"));
    assert_eq!(
        raised(&vm, "import pwd"),
        "ImportError: the sandbox does not allow importing 'pwd'"
    );
    assert_eq!(
        raised(&vm, "input()"),
        "RuntimeError: input(): lost sys.stdin"
    );
    // What computes alone still does.
    vm.run("import json, random, re, datetime, decimal, collections, asyncio, uuid, logging, time\nassert json.loads('[1]') == [1]\nassert len(os.urandom(4)) == 4\ntime.sleep(0.001)")
        .unwrap();
}

#[test]
fn the_whole_library_can_be_imported() {
    let vm = vm(Sandbox::new());
    vm.run(
        "
import sys
failed = {}
for name in sorted(sys.stdlib_module_names):
    if name in ('antigravity', 'this', 'idlelib', 'turtle', 'turtledemo', 'tkinter'):
        continue
    try:
        __import__(name)
    except PermissionError as e:
        failed[name] = str(e)
    except Exception:
        # For other reasons: not on this system, or not in Keelback.
        pass
",
    )
    .unwrap();
    assert_eq!(vm.eval::<String>("str(failed)").unwrap(), "{}");
}

#[test]
fn a_traceback_does_not_show_files() {
    let folder = Folder::new("traceback");
    let secret = folder.write("secret.txt", "line one\nthe secret\n");
    for (granted, sandbox) in [
        (false, Sandbox::new()),
        (true, Sandbox::new().read(&folder.0)),
    ] {
        let vm = vm(sandbox);
        let Err(Error::Exception { traceback, .. }) =
            vm.run(&format!("exec(compile('\\n1/0', {secret:?}, 'exec'))"))
        else {
            panic!("no exception")
        };
        assert_eq!(traceback.contains("the secret"), granted, "{traceback}");
        let line = format!("import linecache; linecache.getline({secret:?}, 2)");
        vm.run(&line).unwrap();
    }
}

#[test]
fn a_folder_to_read() {
    let folder = Folder::new("read");
    let file = folder.write("in/a.txt", "hello");
    let other = folder.write("out/b.txt", "secret");
    std::os::unix::fs::symlink(folder.0.join("out"), folder.0.join("in/link")).unwrap();
    std::os::unix::fs::symlink(folder.0.join("in/a.txt"), folder.0.join("in/same")).unwrap();
    let inside = folder.at("in");
    let vm = vm(Sandbox::new().read(&inside));
    vm.run("import os, pathlib").unwrap();
    vm.set("file", file.as_str()).unwrap();
    vm.set("inside", inside.as_str()).unwrap();
    vm.set("other", other.as_str()).unwrap();
    vm.run(
        "
assert open(file).read() == 'hello'
assert open(inside + '/same').read() == 'hello'
assert open(inside + '/../in/a.txt', 'rb').read() == b'hello'
assert pathlib.Path(file).read_text() == 'hello'
assert sorted(os.listdir(inside)) == ['a.txt', 'link', 'same']
assert sorted(e.name for e in os.scandir(inside)) == ['a.txt', 'link', 'same']
assert os.stat(path=file).st_size == 5
assert os.path.exists(file) and os.path.isfile(file) and os.path.isdir(inside)
assert not os.path.exists(other)
assert [p.name for p in pathlib.Path(inside).glob('*.txt')] == ['a.txt']
",
    )
    .unwrap();
    assert!(raised(&vm, "open(inside + '/none')").starts_with("FileNotFoundError"));
    assert!(raised(&vm, "open(inside + '/a\\0b')").starts_with("ValueError"));
    for source in [
        "open(other)",
        "open(inside + '/link/b.txt')",
        "open(inside + '/../out/b.txt')",
        "open(inside + '/none/../../out/b.txt')",
        "open(inside + '/../out/none')",
        "os.listdir(inside + '/link')",
        "os.listdir(inside + '/..')",
        "open(file, 'w')",
        "open(file, 'a')",
        "open(file, 'r+')",
        "open(inside + '/new', 'x')",
        "os.unlink(file)",
        "os.mkdir(inside + '/new')",
        "os.rename(file, inside + '/new')",
        "os.utime(file)",
        // It says one thing when asked, and another the next time.
        "class P:\n    n = 0\n    def __fspath__(self):\n        self.n += 1\n        return file if self.n == 1 else other\nopen(other if os.stat(P()).st_size == 5 and open(P()).read() == 'hello' else file)",
    ] {
        refused(&vm, source);
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "hello");
}

#[test]
fn a_folder_to_write() {
    let folder = Folder::new("write");
    let inside = folder.at("in");
    fs::create_dir(&inside).unwrap();
    let other = folder.write("out/b.txt", "secret");
    std::os::unix::fs::symlink(&other, folder.0.join("in/link")).unwrap();
    std::os::unix::fs::symlink(folder.0.join("out/new"), folder.0.join("in/lost")).unwrap();
    let vm = vm(Sandbox::new().write(&inside));
    vm.set("inside", inside.as_str()).unwrap();
    vm.set("out", folder.at("out")).unwrap();
    vm.run(
        "
import os, shutil, tempfile
a = inside + '/a'
with open(a, 'w') as f: f.write('1')
with open(a, 'a') as f: f.write('2')
assert open(a).read() == '12'
os.mkdir(inside + '/d')
os.rename(a, inside + '/d/b')
shutil.copy(inside + '/d/b', a)
assert open(a).read() == '12'
os.chmod(a, 0o600)
with tempfile.TemporaryDirectory(dir=inside) as t:
    open(t + '/x', 'w').close()
assert not os.path.exists(t)
shutil.rmtree(inside + '/d')
os.unlink(a)
",
    )
    .unwrap();
    for source in [
        "open(inside + '/link', 'w')",
        "open(inside + '/lost', 'w')",
        "os.rename(inside, out + '/in')",
        "os.rename(out + '/b.txt', inside + '/b.txt')",
        "os.chmod(inside + '/link', 0)",
        "os.chmod(inside, 0o4777)",
        "os.chmod(path=inside, mode=0o2777)",
        "os.symlink('/etc/passwd', inside + '/passwd')",
        "os.link(out + '/b.txt', inside + '/b')",
        "os.rmdir(inside + '/../out')",
        "shutil.rmtree(out)",
    ] {
        let text = raised(&vm, source);
        assert!(
            text.starts_with("PermissionError: ") || text.contains("Too many levels"),
            "{source}: {text}"
        );
    }
    // A link is removed, not what it leads to.
    vm.run("os.unlink(inside + '/link')").unwrap();
    assert_eq!(fs::read_to_string(&other).unwrap(), "secret");
    assert!(!Path::new(&folder.at("out/new")).exists());
}

#[test]
fn modules_of_a_list() {
    let folder = Folder::new("modules");
    folder.write(
        "own.py",
        "import json\ndef dump(x): return json.dumps(x)\ndef other():\n    import csv",
    );
    folder.write("__pycache__/own.keelback.pyc", "nonsense");
    let vm = builder(Sandbox::new().modules(&["json", "os.path", "own"]))
        .path(folder.0.to_str().unwrap())
        .module("host", |m| m.function("one", || 1i64))
        .build()
        .unwrap();
    vm.run("import json, json.decoder, os.path, own, host\nfrom json import loads\nassert own.dump([1]) == '[1]' and host.one() == 1")
        .unwrap();
    for (source, name) in [
        ("import sys", "sys"),
        ("import os", "os"),
        ("from os import fork", "os"),
        ("__import__('subprocess')", "subprocess"),
        ("import asyncio.events", "asyncio.events"),
        ("import jsonx", "jsonx"),
        ("own.other()", "csv"),
        ("exec('import socket')", "socket"),
    ] {
        assert_eq!(
            raised(&vm, source),
            format!("ImportError: the sandbox does not allow importing '{name}'"),
            "{source}"
        );
    }
    // Its folder serves to import from, and for nothing else.
    vm.set("folder", folder.0.to_str().unwrap()).unwrap();
    refused(&vm, "open(folder + '/own.py')");
    // The program around it asks for what it likes.
    vm.import("csv").unwrap();
}

#[test]
fn sockets() {
    let vm = vm(Sandbox::new().sockets().threads(2));
    vm.run(
        "
import socket, threading, asyncio, select
server = socket.create_server(('127.0.0.1', 0))
def serve():
    s, _ = server.accept()
    with s: s.sendall(s.recv(10).upper())
t = threading.Thread(target=serve)
t.start()
with socket.create_connection(server.getsockname()) as c:
    c.sendall(b'hello')
    assert c.recv(10) == b'HELLO'
t.join()
server.close()
a, b = socket.socketpair()
a.send(b'x')
assert select.select([b], [], [], 1)[0] == [b]
again = socket.socket(fileno=a.detach())
again.send(b'y')
assert b.recv(2) == b'xy'
async def main():
    await asyncio.sleep(0.001)
    return 7
assert asyncio.run(main()) == 7
",
    )
    .unwrap();
    for source in [
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(fileno=b.fileno())",
        "socket.socket(fileno=0)",
        "socket.fromfd(0, socket.AF_INET, socket.SOCK_STREAM)",
        "socket.close(0)",
        "import os; os.read(b.fileno(), 1)",
        "open(b.fileno())",
        "open('/etc/passwd')",
    ] {
        refused(&vm, source);
    }
}

/// A wait for the network ends with the time that a call has.
#[test]
fn limits_in_waits_for_sockets() {
    let vm = builder(Sandbox::new().sockets())
        .time_limit(Duration::from_millis(150))
        .build()
        .unwrap();
    assert!((0..100).any(|_| vm.run("import socket, select").is_ok()));
    vm.run("a, b = socket.socketpair()\nserver = socket.create_server(('127.0.0.1', 0))")
        .unwrap();
    let start = Instant::now();
    for source in [
        "a.recv(1)",
        "b.settimeout(60); b.recv(1)",
        "while True: a.send(bytes(10**5))",
        "c = socket.create_connection(server.getsockname()); s, _ = server.accept(); c.sendall(bytes(3 * 10**7))",
        "server.accept()",
        "select.select([a], [], [])",
        "p = select.poll(); p.register(a, select.POLLIN); p.poll()",
        "e = select.epoll(); e.register(a, select.EPOLLIN); e.poll(60)",
        // An address that nobody answers at, where there is a network at all.
        "c = socket.socket(); c.connect(('10.255.255.1', 9))\nwhile True: pass",
    ] {
        let ended = vm.run(source);
        if let Err(Error::Exception { kind, .. }) = &ended {
            assert!(
                source.contains("10.255") && kind == "OSError",
                "{source}: {ended:?}"
            );
            continue;
        }
        assert_eq!(ended, Err(Error::Stopped(Stopped::Time)), "{source}");
    }
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    for source in [
        "a, b = socket.socketpair(); a.send(b'x'); assert b.recv(5) == b'x'\nb.settimeout(0.01)\ntry: b.recv(1)\nexcept TimeoutError: pass\nelse: 1/0",
        "server = socket.create_server(('127.0.0.1', 0)); c = socket.create_connection(server.getsockname()); s, _ = server.accept()\nc.send(b'y'); assert s.recv(5) == b'y' and c.getblocking()",
    ] {
        let mut ended = vm.run(source);
        for _ in 0..100 {
            if ended == Err(Error::Stopped(Stopped::Time)) {
                // The machine is busy.
                ended = vm.run(source);
            }
        }
        assert_eq!(ended, Ok(()), "{source}");
    }
}

#[test]
fn processes_and_the_environment() {
    let vm = vm(Sandbox::new().environment());
    assert_eq!(
        vm.eval::<Option<String>>("__import__('os').environ.get('PATH')")
            .unwrap(),
        std::env::var("PATH").ok()
    );
    refused(&vm, "import os; os.environ['A'] = 'b'");
    let vm = self::vm(Sandbox::new().processes());
    vm.run("import subprocess, os\nassert subprocess.run(['echo', 'hi'], capture_output=True).stdout == b'hi\\n'\nassert os.listdir('/')\nr, w = os.pipe()\nassert os.stat(r).st_size == os.fstat(r).st_size\nos.close(r); os.close(w)")
        .unwrap();
}

#[test]
fn threads_have_the_limits_of_the_call() {
    let printed = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
    let sink = printed.clone();
    let vm = builder(Sandbox::new().threads(3))
        .time_limit(Duration::from_millis(500))
        .output(move |text| sink.lock().unwrap().push_str(text))
        .build()
        .unwrap();
    assert!((0..100).any(|_| vm.run("import threading").is_ok()));
    let start = Instant::now();
    // The call itself ends, its threads do not; then they do.
    vm.run("import threading\ndef f():\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass\nfor _ in range(3): threading.Thread(target=f).start()\nn = threading.active_count()")
        .unwrap();
    refused(&vm, "for _ in range(9): threading.Thread(target=f).start()");
    while vm.eval::<i64>("__import__('_thread')._count()").unwrap() > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "they still run");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(*printed.lock().unwrap(), "", "they were not asked");
    vm.run("t = threading.Thread(target=print); t.start(); t.join()")
        .unwrap();

    let vm = builder(Sandbox::new().threads(3))
        .work_limit(100_000)
        .build()
        .unwrap();
    vm.run("import threading\ndone = []\ndef f():\n    for _ in range(90_000): pass\n    done.append(1)")
        .unwrap();
    // The call itself may end before its threads are stopped.
    let ended = vm.run("t = [threading.Thread(target=f) for _ in range(3)]\nfor x in t: x.start()\nfor x in t: x.join()");
    assert!(
        [Ok(()), Err(Error::Stopped(Stopped::Work))].contains(&ended),
        "{ended:?}"
    );
    while vm.eval::<i64>("__import__('_thread')._count()").unwrap() > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        vm.eval::<usize>("len(done)").unwrap() <= 1,
        "the work of one is all there was"
    );
}

/// The limits hold in loops of native code too, which run no bytecode, and for single operations that would take for ever.
#[test]
fn limits_in_native_code() {
    // What is stopped by the time, and what ends before it: on a machine that is busy too.
    let [short, long] = [150, 60_000].map(|millis| {
        builder(Sandbox::new())
            .max_heap(64 << 20)
            .time_limit(Duration::from_millis(millis))
            .build()
            .unwrap()
    });
    // On a slow machine this takes more than one call may.
    let imports =
        "import collections, itertools, re, io, math, heapq, functools, statistics, random";
    assert!((0..100).any(|_| short.run(imports).is_ok()));
    long.run(imports).unwrap();
    let time = "the time limit";
    for (source, ends) in [
        ("collections.deque(itertools.repeat(0), maxlen=0)", time),
        ("sum(itertools.repeat(1))", time),
        ("sum(range(10**12))", time),
        ("max(iter(int, 1))", time),
        ("-1 in itertools.count()", time),
        ("any(iter(int, 1))", time),
        ("functools.reduce(lambda a, b: a, iter(int, 1))", time),
        ("heapq.nsmallest(1, iter(int, 1))", time),
        ("dict(zip(iter(int, 1), iter(int, 1)))", time),
        ("sorted([1] * 10**6, key=lambda x: sum(range(1000)))", time),
        ("re.match('(a+)+$', 'a' * 40 + 'b')", time),
        ("re.sub('(a|aa)+$', '', 'a' * 40 + 'b')", time),
        ("re.findall('(?:ä+)+$', 'ä' * 40 + 'b')", time),
        ("list(itertools.count())", "MemoryError"),
        ("[*iter(int, 1)]", ""),
        ("sorted(itertools.repeat(1))", "MemoryError"),
        ("1 << 10**12", "MemoryError"),
        ("10**10**8", "OverflowError"),
        ("(3**10**6)**(10**4)", "MemoryError"),
        ("x = 3**1000\nfor _ in range(99): x *= x", "OverflowError"),
        ("pow(3, 10**300000, 10**300000 + 7)", "OverflowError"),
        ("math.factorial(10**7)", "OverflowError"),
        ("math.comb(10**7, 5 * 10**6)", "OverflowError"),
        ("random.getrandbits(10**8)", "OverflowError"),
        ("int.from_bytes(bytes(10**7))", "OverflowError"),
        (
            "b = io.BytesIO(); b.seek(10**12); b.write(b'x')",
            "MemoryError",
        ),
        ("('a' * 10**6).translate({97: 'x' * 10**4})", "MemoryError"),
        ("re.sub('a', 'x' * 10**4, 'a' * 10**6)", ""),
    ] {
        let start = Instant::now();
        let vm = if ends == time { &short } else { &long };
        let text = match vm.run(source) {
            Err(Error::Exception { kind, .. }) => kind,
            Err(e) => e.to_string(),
            Ok(()) => panic!("{source} ended"),
        };
        assert!(text.contains(ends), "{source}: {text}");
        let took = start.elapsed();
        assert!(took < Duration::from_secs(50), "{source}: {took:?}");
    }
    let vm = builder(Sandbox::new()).max_heap(64 << 20).build().unwrap();
    // What is garbage does not count: several times the heap.
    vm.run("n = 'a' * 10**6\nfor i in range(150): n = n[1:] + 'a'")
        .unwrap();
    // Without a limit on time there is none on ints, but memory.
    vm.run("x = 1 << 10**7; import re; re.match('a*', 'a' * 10**5)")
        .unwrap();
}

#[test]
fn threads_end_with_the_interpreter() {
    let (sender, receiver) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(sender);
    let vm = builder(Sandbox::new().threads(1))
        .module("host", |m| {
            m.function("beat", move || held.lock().unwrap().send(()).is_ok())
        })
        .build()
        .unwrap();
    vm.run("import host, threading, time\ndef f():\n    while True:\n        host.beat()\n        time.sleep(0.001)\nthreading.Thread(target=f, daemon=True).start()")
        .unwrap();
    receiver.recv().unwrap();
    drop(vm);
    let start = Instant::now();
    while receiver.recv_timeout(Duration::from_millis(300)).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(20), "it still runs");
    }
}

#[test]
fn a_folder_that_is_not_there() {
    let Err(Error::Configuration(text)) = builder(Sandbox::new().read("/no/such/folder")).build()
    else {
        panic!("built")
    };
    assert!(text.contains("/no/such/folder"), "{text}");
}

/// Scripts that try to make the interpreter itself do harm.
#[test]
fn code_is_what_the_compiler_made() {
    let vm = vm(Sandbox::new());
    for source in [
        "def f(): pass\nf.__code__.replace(co_flags=f.__code__.co_flags | 4)",
        "def f(): return [1, 'x']\nf.__code__.replace(co_consts=())",
        "def f(): return 'x'\nf.__code__.replace(co_consts=tuple(1 for _ in f.__code__.co_consts))",
        "def f(): pass\nf.__code__.replace(co_code=b'1234')",
    ] {
        assert!(raised(&vm, source).starts_with("ValueError"), "{source}");
    }
    // Names of the library's files are the library's, and code of patterns comes from its compiler.
    for source in [
        "compile('1', '<keelback>/re/_compiler.py', 'exec')",
        "def f(): pass\nf.__code__.replace(co_filename='<keelback>/os.py')",
    ] {
        assert!(raised(&vm, source).starts_with("ValueError"), "{source}");
    }
    refused(&vm, "import _sre; _sre.compile('a', 0, [17], 0, {}, ())");
    vm.run("import re; assert re.match('a(b)?', 'ab').group(1) == 'b'")
        .unwrap();
}

/// What once ended the process, or went on for minutes.
#[test]
fn natives_that_are_led_astray() {
    let vm = builder(Sandbox::new())
        .max_heap(64 << 20)
        .time_limit(Duration::from_secs(60))
        .build()
        .unwrap();
    vm.run("import array, itertools, math\nclass I:\n    def __init__(self, of): self.of = of\n    def __index__(self):\n        del self.of[:]\n        return 50")
        .unwrap();
    for (source, ends) in [
        ("b = bytearray(100); b[I(b):I(b)] = b'x' * 10", ""),
        ("b = bytearray(100); b[I(b)] = 1", "IndexError"),
        ("a = array.array('i', [1] * 100); a[I(a)] = 1", "IndexError"),
        ("a = array.array('i', [1] * 100); a[I(a):I(a)] = a[:1]", ""),
        (
            "def f(a, b, c): return a, b, c\nf.__defaults__ = (1, 2, 3, 4, 5)\nassert f() == (3, 4, 5) and f(0) == (0, 4, 5) and f(c=0) == (3, 4, 0)",
            "",
        ),
        (
            "i = iter([1])\nfor _ in range(200000): i = map(str, i)\nnext(i)",
            "RecursionError",
        ),
        (
            "i = iter([1])\nfor _ in range(200000): i = itertools.chain(i)\nnext(i)",
            "RecursionError",
        ),
        (
            "exec('with ' + ','.join(['a'] * 50000) + ': pass')",
            "SyntaxError",
        ),
        ("'%s' * 10**5 % tuple(range(10**5))", ""),
        ("format(1.5, '.1000000000f')", "MemoryError"),
        ("'%.1000000000f' % 1.5", "MemoryError"),
        (
            "math.gcd((1 << 4_000_000) - 1, (1 << 3_999_999) - 1)",
            "OverflowError",
        ),
        ("sum([[1]] * 10**5, [])", "MemoryError"),
        ("x = list('x' * 10**5); ('x ' * 10**5).split()", ""),
    ] {
        let text = match vm.run(source) {
            Err(Error::Exception { kind, .. }) => kind,
            Err(e) => e.to_string(),
            Ok(()) => String::new(),
        };
        assert_eq!(text, ends, "{source}");
    }
}
