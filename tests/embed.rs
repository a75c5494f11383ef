//! Keelback inside a Rust program: values, functions, threads, transactions, limits.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keelback::Vm;
use keelback::embed::Error;
use keelback::vm::guard::Stopped;

fn vm() -> Vm {
    Vm::builder().threads(4).seed(1).build().expect("starts")
}

fn exception<T: std::fmt::Debug>(result: Result<T, Error>) -> (String, String, String) {
    match result {
        Err(Error::Exception {
            kind,
            message,
            traceback,
        }) => (kind, message, traceback),
        other => panic!("no exception: {other:?}"),
    }
}

#[test]
fn values_in_and_out() {
    for vm in [vm(), Vm::builder().threads(1).build().unwrap()] {
        vm.set("n", 1i64 << 62).unwrap();
        assert_eq!(vm.eval::<i128>("n * 4").unwrap(), 1 << 64);
        assert_eq!(vm.eval::<f64>("n / 2 ** 62").unwrap(), 1.0);
        vm.set("s", "grüße").unwrap();
        assert_eq!(vm.eval::<String>("s.upper()").unwrap(), "GRÜSSE");
        vm.set("l", vec![Some(1), None, Some(3)]).unwrap();
        assert_eq!(
            vm.eval::<Vec<Option<i32>>>("l[::-1]").unwrap(),
            [Some(3), None, Some(1)]
        );
        vm.set("d", HashMap::from([("a".to_string(), (1, true))]))
            .unwrap();
        let d: BTreeMap<String, (i64, bool)> = vm.eval("{**d, 'b': (2, False)}").unwrap();
        assert_eq!(
            d,
            BTreeMap::from([("a".to_string(), (1, true)), ("b".to_string(), (2, false))])
        );
        vm.set("b", &b"\x00\xff"[..]).unwrap();
        assert_eq!(vm.eval::<Vec<u32>>("b").unwrap(), [0, 255]);
        assert!(
            vm.eval::<bool>("b == b'\\x00\\xff' and l is not None")
                .unwrap()
        );
        vm.eval::<()>("None").unwrap();
        assert_eq!(
            vm.eval::<Vec<i64>>("(i * i for i in range(4))").unwrap(),
            [0, 1, 4, 9]
        );
    }
}

#[test]
fn what_does_not_fit_is_told() {
    let vm = vm();
    for (result, told) in [
        (vm.eval::<i64>("'x'").map(drop), "an int is wanted, not str"),
        (
            vm.eval::<i64>("2 ** 70").map(drop),
            "the int is too large for i64",
        ),
        (
            vm.eval::<u32>("-1").map(drop),
            "the int is too large for u32",
        ),
        (
            vm.eval::<String>("b'x'").map(drop),
            "a str is wanted, not bytes",
        ),
        (
            vm.eval::<(i64, i64)>("(1, 2, 3)").map(drop),
            "a tuple of 2 is wanted, not tuple",
        ),
        (
            vm.eval::<Vec<String>>("'abc'").map(drop),
            "a list is wanted, not str",
        ),
    ] {
        assert_eq!(result, Err(Error::Conversion(told.to_string())));
    }
}

#[test]
fn exceptions_have_their_traceback() {
    let vm = vm();
    vm.run("def f(x):\n    return 1 / x").unwrap();
    let (kind, message, traceback) = exception(vm.call::<f64>("f", (0,)));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("ZeroDivisionError", "division by zero")
    );
    assert!(traceback.contains("line 2, in f"), "{traceback}");
    let (kind, ..) = exception(vm.run("1 +"));
    assert_eq!(kind, "SyntaxError");
    assert_eq!(vm.call::<f64>("f", (4,)).unwrap(), 0.25, "it goes on");
    let (kind, message, _) = exception(vm.import("no_such_module").map(drop));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("ModuleNotFoundError", "No module named 'no_such_module'")
    );
}

#[test]
fn modules_of_both_sides() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let vm = Vm::builder()
        .module("host", move |m| {
            m.function("tell", move |text: String, times: i64| {
                told.lock().unwrap().push((text, times))
            })
            .function("fail", || Err::<(), _>("not today"))
            .pure_function("twice", |n: i64| n * 2)
        })
        .build()
        .unwrap();
    vm.run("import host\nhost.tell('hi', 3)\nfrom host import twice")
        .unwrap();
    assert_eq!(*seen.lock().unwrap(), [("hi".to_string(), 3)]);
    assert_eq!(
        vm.eval::<Vec<i64>>("list(map(twice, [1, 2]))").unwrap(),
        [2, 4]
    );
    let (kind, message, _) = exception(vm.run("host.fail()"));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("RuntimeError", "not today")
    );
    let (kind, message, _) = exception(vm.run("twice('x')"));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("TypeError", "an int is wanted, not str")
    );
    let (kind, message, _) = exception(vm.run("twice()"));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("TypeError", "1 arguments are wanted, not 0")
    );
    let json = vm.import("json").unwrap();
    assert_eq!(
        json.call::<String>("dumps", (vec![1, 2],)).unwrap(),
        "[1, 2]"
    );
    assert_eq!(
        vm.import("math").unwrap().get::<f64>("pi").unwrap(),
        std::f64::consts::PI
    );
}

#[test]
fn many_rust_threads_at_once() {
    let vm = vm();
    vm.run("total = 0\nfrom transaction import atomic\ndef add(n):\n    global total\n    for _ in range(n):\n        with atomic: total += 1").unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            // More than may be inside.
            scope.spawn(|| {
                for _ in 0..10 {
                    vm.call::<()>("add", (20,)).unwrap();
                }
            });
        }
    });
    assert_eq!(vm.eval::<i64>("total").unwrap(), 1600);
}

#[test]
fn a_rust_function_calls_back() {
    let vm = vm();
    let again = vm.clone();
    let slot = Arc::new(Mutex::new(None::<Vm>));
    let inner = Arc::clone(&slot);
    let outer = Vm::builder()
        .module("host", move |m| {
            m.function("call", move |name: String| {
                let vm = inner.lock().unwrap().clone().expect("put there below");
                vm.call::<i64>(&name, ()).map_err(|e| e.to_string())
            })
            .function("elsewhere", move || {
                again.eval::<i64>("40 + 2").map_err(|e| e.to_string())
            })
        })
        .build()
        .unwrap();
    *slot.lock().unwrap() = Some(outer.clone());
    outer.run("import host\ndef deep(): return 7\ndef f(): return host.call('deep') + host.elsewhere()").unwrap();
    assert_eq!(outer.call::<i64>("f", ()).unwrap(), 49);
}

#[test]
fn a_transaction_from_rust() {
    let vm = vm();
    vm.run("accounts = {'a': 1000, 'b': 0}\ndef move(n):\n    accounts['a'] -= n\n    accounts['b'] += n").unwrap();
    let runs = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    vm.atomically(|scope| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        let before: i64 = scope.eval("accounts['a'] + accounts['b']")?;
                        scope.call::<()>("move", (1,))?;
                        let after: i64 = scope.eval("accounts['a'] + accounts['b']")?;
                        assert_eq!((before, after), (1000, 1000));
                        Ok(())
                    })
                    .unwrap();
                }
            });
        }
    });
    assert_eq!(
        vm.eval::<(i64, i64)>("accounts['a'], accounts['b']")
            .unwrap(),
        (800, 200)
    );
    assert!(runs.load(Ordering::Relaxed) >= 200);
    // An error takes it back: the program's own, and an exception.
    let own = vm.atomically(|scope| {
        scope.call::<()>("move", (100,))?;
        Err::<(), _>(Error::Configuration("no".to_string()))
    });
    assert_eq!(own, Err(Error::Configuration("no".to_string())));
    exception(vm.atomically(|scope| {
        scope.call::<()>("move", (100,))?;
        scope.run("1 / 0")
    }));
    assert_eq!(vm.eval::<i64>("accounts['b']").unwrap(), 200);
}

#[test]
fn an_interrupt_from_outside() {
    let vm = vm();
    for source in [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import time\ntime.sleep(60)",
        "import threading\nl = threading.Lock()\nl.acquire()\nl.acquire()",
        "from transaction import atomic\nwith atomic:\n    while True: pass",
    ] {
        let interrupter = vm.interrupter();
        let start = Instant::now();
        let stopped = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(30));
                interrupter.interrupt();
            });
            vm.run(source)
        });
        assert_eq!(
            stopped,
            Err(Error::Stopped(Stopped::Interrupted)),
            "{source}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{source}: {:?}",
            start.elapsed()
        );
    }
    assert_eq!(vm.eval::<i64>("1 + 1").unwrap(), 2, "later calls run");
}

#[test]
fn limits() {
    for threads in [1, 2] {
        let vm = Vm::builder()
            .threads(threads)
            .time_limit(Duration::from_millis(100))
            .build()
            .unwrap();
        let start = Instant::now();
        assert_eq!(
            vm.run("while True: pass"),
            Err(Error::Stopped(Stopped::Time))
        );
        assert_eq!(
            vm.run("import time; time.sleep(9)"),
            Err(Error::Stopped(Stopped::Time))
        );
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{:?}",
            start.elapsed()
        );
        vm.run("x = 1").unwrap();

        let vm = Vm::builder()
            .threads(threads)
            .work_limit(20_000)
            .build()
            .unwrap();
        vm.run("for i in range(1000): pass").unwrap();
        assert_eq!(
            vm.run("for i in range(10**9): pass"),
            Err(Error::Stopped(Stopped::Work))
        );
        vm.run("for i in range(1000): pass").unwrap();

        let vm = Vm::builder()
            .threads(threads)
            .max_heap(64 << 20)
            .build()
            .unwrap();
        let (kind, ..) = exception(vm.run("l = []\nwhile True: l.append([0] * 1000)"));
        assert_eq!(kind, "MemoryError");
        vm.run("l = None\nx = [0] * 1000").unwrap();
    }
}

#[test]
fn output_is_taken_and_limited() {
    let text = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&text);
    let vm = Vm::builder()
        .output(move |t| sink.lock().unwrap().push_str(t))
        .output_limit(100)
        .build()
        .unwrap();
    vm.run("print('hello', 5)\nimport sys\nprint('error', file=sys.stderr)")
        .unwrap();
    vm.run("from transaction import atomic\ntry:\n    with atomic:\n        print('never')\n        raise KeyError\nexcept KeyError: pass").unwrap();
    assert_eq!(*text.lock().unwrap(), "hello 5\nerror\n");
    let (_, message, _) = exception(vm.run("while True: print('x' * 10)"));
    assert_eq!(message, "the output limit is used up");
    assert!(text.lock().unwrap().len() <= 100);
}

#[test]
fn settings_that_cannot_be() {
    for builder in [
        Vm::builder().threads(0),
        Vm::builder().retry_policy("perhaps"),
    ] {
        match builder.build() {
            Err(Error::Configuration(_)) => {}
            other => panic!("{:?}", other.map(drop)),
        }
    }
}
