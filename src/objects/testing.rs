//! What the tests of several types share: threads on one runtime, and blocks.

use std::sync::OnceLock;

use crate::heap::{Fail, R, Runtime, Thread, Value};

/// A thread of the one runtime for such tests.
pub fn test_thread() -> Box<Thread> {
    static RUNTIME: OnceLock<&'static Runtime> = OnceLock::new();
    let settings = || crate::heap::runtime::Settings {
        max_heap: 2 << 30,
        ..Default::default()
    };
    Thread::attach(RUNTIME.get_or_init(|| super::boot(settings()).rt))
}

/// Runs `body` as a block until it commits; how often it was aborted.
pub fn block<T>(th: &mut Thread, mut body: impl FnMut(&mut Thread) -> R<T>) -> (T, u32) {
    let mut aborts = 0;
    loop {
        th.txn.begin();
        match body(th) {
            Ok(v) => {
                if th.txn.commit().is_ok() {
                    return (v, aborts);
                }
            }
            Err(Fail::Abort) => {}
            Err(Fail::Raise) => panic!("an exception"),
        }
        th.txn.abort();
        aborts += 1;
        for _ in 0..(aborts * 64).min(4096) {
            std::hint::spin_loop();
        }
        if aborts % 16 == 0 {
            std::thread::yield_now();
        }
    }
}

/// Publishes `shared` and runs `f` in several threads with barriers on, each with its number.
pub fn in_threads(threads: u64, shared: Value, f: impl Fn(&mut Thread, u64) + Sync) {
    let mut main = test_thread();
    main.publish(shared);
    let rt = main.rt;
    std::thread::scope(|scope| {
        for t in 0..threads {
            let f = &f;
            scope.spawn(move || {
                let mut th = Thread::attach(rt);
                th.barriers = true;
                f(&mut th, t);
            });
        }
    });
}

/// The next number of a small generator.
pub fn random(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    *state >> 33
}

thread_local! {
    static PRINTED: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

/// Runs a script that needs no module, with the built-in types and a few functions; what it printed.
pub fn run_script(th: &mut Thread, source: &str) -> String {
    use super::dict::Dict;
    use super::function::Function;
    use super::native::{NativeDef, NativeFn, tuple_items};
    let functions: &[(&'static str, NativeFn)] = &[
        ("print(*args)", |th, a| {
            let mut line = vec![];
            for &v in tuple_items(a[0]) {
                line.push(th.to_str(v)?.to_string());
            }
            PRINTED.with_borrow_mut(|out| {
                out.push_str(&line.join(" "));
                out.push('\n');
            });
            Ok(Value::NONE)
        }),
        ("len(v, /)", |th, a| {
            let n = th.len_of(a[0])?;
            Ok(th.int(n as i64))
        }),
        ("repr(v, /)", |th, a| Ok(th.repr(a[0])?.value())),
        ("hash(v, /)", |th, a| {
            let h = th.hash(a[0])?;
            Ok(th.int(h))
        }),
        ("iter(v, /)", |th, a| th.iter(a[0])),
        ("next(v, /)", |th, a| {
            let v = th.next(a[0])?;
            th.or_stop(v)
        }),
        (
            "__build_class__(func, name, /, *bases, **kwargs)",
            super::build_class::builtin_build_class,
        ),
        ("isinstance(v, c, /)", |th, a| {
            Ok(Value::bool(th.is_instance_of(a[0], a[1])?))
        }),
        ("reversed(v, /)", |th, a| {
            th.call_method(a[0], "__reversed__", &[])
        }),
        ("sorted(v, /, *, key=None, reverse=False)", |th, a| {
            let list = super::list::List::new(th, &[]);
            list.extend(th, a[0])?;
            let reverse = !a[2].is_null() && th.truth(a[2])?;
            list.sort(th, a[1], reverse)?;
            Ok(list.value())
        }),
    ];
    let types = th.rt.types();
    let builtins = Dict::new(th);
    for &(signature, f) in functions {
        let def = NativeDef::leak(signature, f, false);
        let v = th
            .native(def, Value::NULL, Value::NULL, Value::NULL)
            .value();
        th.define(builtins, def.signature.name, v);
    }
    for class in [
        types.object,
        types.type_,
        types.int,
        types.bool,
        types.float,
        types.str,
        types.bytes,
        types.list,
        types.tuple,
        types.dict,
        types.set,
        types.frozenset,
        types.range,
        types.slice,
    ] {
        let name = class.name().to_string();
        th.define(builtins, &name, class.value());
    }
    for (name, class) in types.exceptions.names() {
        th.define(builtins, name, class.value());
    }
    th.set_state("builtins", builtins.value());
    let globals = Dict::new(th);
    let name = th.str_value("__main__");
    th.define(globals, "__name__", name);
    let options = crate::compile::Options::new(crate::compile::Mode::Exec, "<test>");
    let compiled = crate::compile::compile(source, &options).expect("the script compiles");
    let code = th.load_code(compiled.code).expect("the code loads");
    let null = Value::NULL;
    let main = Function::new(
        th,
        code,
        globals.value(),
        null,
        null,
        null,
        null,
        null,
        builtins.value(),
    )
    .expect("nothing conflicts with a test");
    let result = th.call(main.value(), &[]);
    let mut out = PRINTED.with_borrow_mut(std::mem::take);
    if result == Err(Fail::Raise) {
        let e = th.take_exc();
        let name = th.type_name(e);
        let text = th.to_str(e).map(|s| s.to_string()).unwrap_or_default();
        out.push_str(&format!("{name}: {text}\n"));
    }
    out
}

#[test]
fn containers_behave_as_in_cpython() {
    let mut th = test_thread();
    let out = run_script(
        &mut th,
        include_str!("../../tests/scripts/type_containers.py"),
    );
    for (ours, theirs) in out
        .lines()
        .zip(include_str!("../../tests/scripts/type_containers.out").lines())
    {
        assert_eq!(ours, theirs);
    }
}
