//! An interpreter as a Rust program holds it: started, fed with source, finished.

use crate::compile::{Mode, Options};
use crate::heap::runtime::Settings;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::modules::sys::{self, Config};
use crate::modules::{import, io};
use crate::objects::define::Module;
use crate::objects::exception::Exception;
use crate::objects::string::Str;
use crate::threads::signals;
use crate::{builtins, modules, objects, vm};

/// A started interpreter and its main thread.
pub struct Interpreter {
    /// The main thread. Boxed, since the runtime knows its address.
    pub th: Box<Thread>,
    main: Ref<Module>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With this status.
    Code(i32),
    /// Interrupted: the process should die of SIGINT.
    Interrupt,
}

impl Interpreter {
    /// Starts an interpreter on this OS thread.
    ///
    /// # Panics
    /// If the modules that every program needs cannot be made, which is a bug.
    pub fn new(settings: Settings, config: Config) -> Interpreter {
        let mut th = objects::boot(settings);
        vm::set_current_thread(&mut *th);
        if th.rt.state.config.set(config).is_err() {
            unreachable!("a fresh interpreter has no configuration")
        }
        let builtins = builtins::init(&mut th);
        let main = Self::start_modules(&mut th, builtins);
        match main {
            Ok(main) => Interpreter { th, main },
            Err(_) => {
                let exc = th.take_exc();
                let text = sys::format_exception(&mut th, exc).unwrap_or_default();
                panic!("the interpreter does not start: {text}")
            }
        }
    }

    fn start_modules(th: &mut Thread, builtins: Ref<Module>) -> R<Ref<Module>> {
        let sys = sys::init(th)?;
        let dict = import::sys_modules(th);
        for (name, module) in [("sys", sys), ("builtins", builtins)] {
            import::mark_builtin(th, module, name)?;
            th.define(dict, name, module.value());
        }
        io::start(th)?;
        let main = th.new_module("__main__");
        th.define(main.dict(), "__builtins__", builtins.value());
        let loader = import::builtin_importer(th);
        th.define(main.dict(), "__loader__", loader);
        th.define(dict, "__main__", main.value());
        Ok(main)
    }

    /// Makes this thread the one that serves signals: SIGINT becomes KeyboardInterrupt.
    pub fn catch_signals(&mut self) {
        signals::start(&mut self.th)
    }

    /// The module `__main__`.
    pub fn main_module(&self) -> Ref<Module> {
        self.main
    }

    /// Sets a name in `__main__`.
    pub fn set_main(&mut self, name: &str, v: Value) {
        let dict = self.main.dict();
        self.th.define(dict, name, v)
    }

    /// Runs statements in `__main__`.
    ///
    /// # Errors
    /// The exception is in the thread's `exc`.
    pub fn run(&mut self, source: &str, filename: &str) -> R<Value> {
        self.run_mode(source, filename, Mode::Exec)
    }

    /// As [`Interpreter::run`], in another mode: the value of an expression, or a statement at a prompt.
    ///
    /// # Errors
    /// The exception is in the thread's `exc`.
    pub fn run_mode(&mut self, source: &str, filename: &str, mode: Mode) -> R<Value> {
        let mut opts = Options::new(mode, filename);
        opts.optimize = self.th.rt.state.optimize();
        let code = self.th.compile_source(source, &opts)?;
        let dict = self.main.dict().value();
        self.th.run_code(code, dict, dict)
    }

    /// What an outcome of [`Interpreter::run`] means for the process; prints the traceback of an exception.
    pub fn conclude(&mut self, outcome: R<Value>) -> Exit {
        match outcome {
            Ok(_) => Exit::Code(0),
            Err(Fail::Abort) => {
                eprintln!("keelback: internal error: a block was aborted outside any block");
                Exit::Code(1)
            }
            Err(Fail::Raise) => {
                let exc = self.th.take_exc();
                exit_of(&mut self.th, exc)
            }
        }
    }

    /// Ends the program: waits for its threads, runs what was registered with `atexit` and the finalizers that are left, flushes. The status
    /// to exit with.
    pub fn finish(&mut self, exit: Exit) -> Exit {
        let th = &mut *self.th;
        let mut exit = exit;
        if let Ok(threading) = import::loaded(th, "threading")
            && !threading.is_null()
        {
            let outcome = th.call_method(threading, "_shutdown", &[]);
            if let Err(Fail::Raise) = outcome {
                // An interrupt ends the wait, and nothing else.
                let f = th.unraisable(
                    Fail::Raise,
                    "Exception ignored on threading shutdown",
                    threading,
                );
                let _ = f;
            }
        }
        modules::atexit::run(th);
        th.run_remaining_finalizers();
        if !sys::flush_std_streams(th) && exit == Exit::Code(0) {
            exit = Exit::Code(120);
        }
        io::flush_all();
        exit
    }
}

/// The exit status that an uncaught exception means, its traceback printed.
pub fn exit_of(th: &mut Thread, exc: Value) -> Exit {
    let x = &th.rt.types().exceptions;
    if th.is_instance(exc, x.system_exit) {
        return Exit::Code(system_exit_code(th, exc));
    }
    sys::show_exception(th, exc);
    if th.is_instance(exc, th.rt.types().exceptions.keyboard_interrupt) {
        return Exit::Interrupt;
    }
    Exit::Code(1)
}

fn system_exit_code(th: &mut Thread, exc: Value) -> i32 {
    let key = th.intern_value("code");
    let code = match th.get_attr_opt(exc, key) {
        Ok(v) if !v.is_null() => v,
        _ => {
            th.take_exc();
            match exc.cast::<Exception>() {
                Some(e) => objects::native::tuple_items(e.args.peek())
                    .first()
                    .copied()
                    .unwrap_or(Value::NONE),
                None => Value::NONE,
            }
        }
    };
    if code.is_none() {
        return 0;
    }
    if let Some(i) = th.as_bigint(code) {
        return i64::try_from(&i).map_or(-1, |i| i as i32);
    }
    let text = match code.cast::<Str>() {
        Some(s) => s.to_string(),
        None => match th.to_str(code) {
            Ok(s) => s.to_string(),
            Err(_) => {
                th.take_exc();
                String::new()
            }
        },
    };
    if sys::write_stderr(th, &format!("{text}\n")).is_err() {
        th.take_exc();
    }
    1
}
