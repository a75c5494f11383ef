//! Keelback inside a Rust program: a [`Vm`] runs Python, from as many Rust threads at once as the builder allows, and lends it Rust functions.
//!
//! A call enters the interpreter with the calling thread: it becomes a thread of Python for so long, and its blocks are transactions
//! like those of any other. Values go in and out as plain data (`convert`), never as references into the heap, so that nothing of the
//! heap outlives a call. What stops a script from outside, an interrupt or a limit, is looked at where blocks end
//! (`vm::guard`), and is raised again and again until the call returns, so that no `except` holds it up.

mod convert;
mod host;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use keelback_stm::policy;

pub use crate::modules::sandbox::Sandbox;
pub use convert::{Dict, FromPython, IntoArgs, IntoPython};
pub use host::{HostResult, ModuleBuilder};

use crate::compile::Mode;
use crate::heap::runtime::Settings;
use crate::heap::{ExecMode, Fail, R, Runtime, Thread, Value};
use crate::interpreter::Interpreter;
use crate::modules::sys::{self, Config};
use crate::modules::{import, io};
use crate::vm::guard::{Guard, Stopped};
use crate::vm::{current_thread_of, set_current_thread};

/// Why a call into Python did not give a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The script raised an exception that it did not catch.
    Exception {
        /// The name of its class.
        kind: String,
        /// What `str()` of it says.
        message: String,
        /// As Python prints it, with its lines.
        traceback: String,
    },
    /// It was stopped: by [`Interrupter::interrupt`], or by a limit.
    Stopped(Stopped),
    /// The value is not what the caller wants.
    Conversion(String),
    /// Inside [`Vm::atomically`]: the block has met a conflict and will run again. Pass it on.
    Conflict,
    /// What the builder was given cannot be.
    Configuration(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Exception { kind, message, .. } if message.is_empty() => write!(f, "{kind}"),
            Error::Exception { kind, message, .. } => write!(f, "{kind}: {message}"),
            Error::Stopped(why) => write!(f, "{why}"),
            Error::Conversion(what) | Error::Configuration(what) => write!(f, "{what}"),
            Error::Conflict => write!(f, "the block has met a conflict, and runs again"),
        }
    }
}

impl std::error::Error for Error {}

/// What calls into Python give.
pub type Result<T> = std::result::Result<T, Error>;

/// Where a script's output goes.
type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// Settings of a [`Vm`] to come.
#[derive(Default)]
pub struct Builder {
    threads: Option<usize>,
    max_heap: Option<usize>,
    retry: Option<String>,
    time: Option<Duration>,
    work: Option<u64>,
    output: Option<usize>,
    sink: Option<Sink>,
    seed: Option<u64>,
    modules: Vec<ModuleBuilder>,
    path: Vec<String>,
    sandbox: Option<Sandbox>,
}

impl Builder {
    /// How many Rust threads may be inside at once; more wait. Default: one for each processor. With 1 there are no barriers, and
    /// everything runs faster, until a script starts a thread of its own.
    pub fn threads(mut self, n: usize) -> Self {
        self.threads = Some(n);
        self
    }
    /// The most bytes that the heap may take; past it a script gets `MemoryError`.
    pub fn max_heap(mut self, bytes: usize) -> Self {
        self.max_heap = Some(bytes);
        self
    }
    /// The retry policy, by name (`keelback --retry`).
    pub fn retry_policy(mut self, name: &str) -> Self {
        self.retry = Some(name.to_string());
        self
    }
    /// The longest that one call may take, and the threads that it has started.
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time = Some(limit);
        self
    }
    /// The most work of one call, and the threads that it has started: rounds of loops, and calls. Counted to within one block of each thread.
    pub fn work_limit(mut self, units: u64) -> Self {
        self.work = Some(units);
        self
    }
    /// The most bytes that may be printed, in the life of the [`Vm`].
    pub fn output_limit(mut self, bytes: usize) -> Self {
        self.output = Some(bytes);
        self
    }
    /// Takes what scripts print, in place of standard output and standard error. Called when the block that has printed it has committed.
    pub fn output(mut self, sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.sink = Some(Arc::new(sink));
        self
    }
    /// The seed of hashes and random numbers, for runs that repeat.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
    /// A folder in which scripts find modules.
    pub fn path(mut self, folder: &str) -> Self {
        self.path.push(folder.to_string());
        self
    }
    /// Limits what scripts may do outside the interpreter. Without it they may do what this process may.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = Some(sandbox);
        self
    }
    /// A module of Rust functions that scripts can import.
    ///
    /// ```
    /// let vm = keelback::Vm::builder()
    ///     .module("host", |m| m.function("add", |a: i64, b: i64| a + b))
    ///     .build()
    ///     .unwrap();
    /// vm.run("import host").unwrap();
    /// assert_eq!(vm.eval::<i64>("host.add(40, 2)").unwrap(), 42);
    /// ```
    pub fn module(mut self, name: &str, fill: impl FnOnce(ModuleBuilder) -> ModuleBuilder) -> Self {
        self.modules.push(fill(ModuleBuilder::new(name)));
        self
    }
    /// Starts the interpreter.
    ///
    /// # Errors
    /// If a setting cannot be.
    pub fn build(self) -> Result<Vm> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = self.threads.unwrap_or(processors);
        if threads == 0 {
            return Err(Error::Configuration(
                "threads(0): nobody could run anything".to_string(),
            ));
        }
        let mut settings = Settings {
            mode: ExecMode::Stm,
            seed: self.seed.unwrap_or_else(crate::cli::random_seed),
            ..Settings::default()
        };
        if let Some(bytes) = self.max_heap {
            settings.max_heap = bytes;
        }
        let policy = match &self.retry {
            Some(name) => {
                Some(policy::by_name(name).map_err(|e| Error::Configuration(e.to_string()))?)
            }
            None => None,
        };
        let own = self.modules.iter().map(ModuleBuilder::name);
        let sandbox = match self.sandbox {
            Some(sandbox) => {
                let resolved = sandbox.resolve(own, &self.path);
                Some(Arc::new(resolved.map_err(Error::Configuration)?))
            }
            None => None,
        };
        let sandboxed = sandbox.as_ref().map(|s| s.max_threads());
        let config = Config {
            sandbox,
            script_folder: None,
            ignore_environment: true,
            dont_write_bytecode: true,
            argv: vec![String::new()],
            ..Config::default()
        };
        let outer = current_thread_of(None);
        let mut it = Interpreter::new(settings, config);
        let rt = it.th.rt;
        if let Some(most) = sandboxed {
            rt.threads.limit(most);
        }
        if let Some(policy) = policy {
            rt.engine.set_policy(policy);
        }
        let made = Self::prepare(&mut it, self.modules, self.sink, self.output, &self.path);
        let made = made.map_err(|f| error_of(&mut it.th, f));
        if threads > 1 {
            it.th.publish_all(&[]);
            rt.parallel.store(true, std::sync::atomic::Ordering::SeqCst);
        }
        drop(it);
        set_current_thread(outer);
        made?;
        Ok(Vm {
            inner: Arc::new(Inner {
                rt,
                gate: Gate {
                    free: Mutex::new(threads),
                    changed: Condvar::new(),
                },
                parallel: threads > 1,
                time: self.time,
                work: self.work,
                guard: Arc::new(Guard::default()),
            }),
        })
    }

    fn prepare(
        it: &mut Interpreter,
        modules: Vec<ModuleBuilder>,
        sink: Option<Sink>,
        limit: Option<usize>,
        path: &[String],
    ) -> R<()> {
        for module in modules {
            module.install(&mut it.th)?;
        }
        if sink.is_some() || limit.is_some() || it.th.sandbox().is_some() {
            host::redirect_output(it, sink, limit)?;
        }
        let sys = import::loaded(&mut it.th, "sys")?;
        let list = it.th.attr(sys, "path")?;
        for (i, folder) in path.iter().enumerate() {
            let (at, folder) = (it.th.int(i as i64), it.th.str_value(folder));
            it.th.call_method(list, "insert", &[at, folder])?;
        }
        Ok(())
    }
}

/// How many threads may still come in.
struct Gate {
    free: Mutex<usize>,
    changed: Condvar,
}

struct Inner {
    rt: &'static Runtime,
    gate: Gate,
    parallel: bool,
    time: Option<Duration>,
    work: Option<u64>,
    guard: Arc<Guard>,
}

impl Drop for Inner {
    /// Threads that scripts have started end too.
    fn drop(&mut self) {
        self.guard.interrupt();
        self.rt.world.poke_all();
    }
}

/// An interpreter. Its clones are the same one; with the last of them go the threads that scripts have started. The memory of its heap stays with the process.
///
/// ```
/// use keelback::Vm;
/// let vm = Vm::builder().threads(2).build().unwrap();
/// vm.run("def greet(name): return f'hello {name}'").unwrap();
/// assert_eq!(vm.call::<String>("greet", ("world",)).unwrap(), "hello world");
/// ```
#[derive(Clone)]
pub struct Vm {
    inner: Arc<Inner>,
}

/// Stops what runs in a [`Vm`], from any thread.
#[derive(Clone)]
pub struct Interrupter {
    rt: &'static Runtime,
    guard: Arc<Guard>,
}

impl Interrupter {
    /// Stops all calls that are under way: each gives [`Error::Stopped`]. Later ones run.
    pub fn interrupt(&self) {
        self.guard.interrupt();
        self.rt.world.poke_all();
    }
}

/// A module, as [`Vm::import`] gives it.
pub struct Module {
    vm: Vm,
    name: String,
}

impl Module {
    /// Calls a function of the module.
    ///
    /// # Errors
    /// What it raises; if the result is no `T`.
    pub fn call<T: FromPython>(&self, function: &str, args: impl IntoArgs) -> Result<T> {
        self.vm.enter(|th| {
            let module = import::import_module(th, &self.name)?;
            let args = args.into_args(th)?;
            let result = th.call_method(module, function, &args)?;
            T::from_python(th, result)
        })
    }
    /// An attribute of the module.
    ///
    /// # Errors
    /// If there is none; if it is no `T`.
    pub fn get<T: FromPython>(&self, name: &str) -> Result<T> {
        self.vm.enter(|th| {
            let module = import::import_module(th, &self.name)?;
            let value = th.attr(module, name)?;
            T::from_python(th, value)
        })
    }
}

/// The inside of [`Vm::atomically`]: runs as the [`Vm`] does, and all of it is one step.
pub struct Scope<'a> {
    th: &'a mut Thread,
}

impl Scope<'_> {
    /// As [`Vm::run`].
    ///
    /// # Errors
    /// As there, and [`Error::Conflict`], which must be passed on.
    pub fn run(&mut self, source: &str) -> Result<()> {
        run_source(self.th, source).map_err(|f| error_of(self.th, f))
    }
    /// As [`Vm::eval`].
    ///
    /// # Errors
    /// As [`Scope::run`].
    pub fn eval<T: FromPython>(&mut self, expression: &str) -> Result<T> {
        let value = eval_source(self.th, expression).and_then(|v| T::from_python(self.th, v));
        value.map_err(|f| error_of(self.th, f))
    }
    /// As [`Vm::set`].
    ///
    /// # Errors
    /// As [`Scope::run`].
    pub fn set(&mut self, name: &str, value: impl IntoPython) -> Result<()> {
        set_global(self.th, name, value).map_err(|f| error_of(self.th, f))
    }
    /// As [`Vm::call`].
    ///
    /// # Errors
    /// As [`Scope::run`].
    pub fn call<T: FromPython>(&mut self, function: &str, args: impl IntoArgs) -> Result<T> {
        let value = call_global(self.th, function, args).and_then(|v| T::from_python(self.th, v));
        value.map_err(|f| error_of(self.th, f))
    }
}

impl Vm {
    /// Settings to choose.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Runs statements, in the module `__main__` that all calls share.
    ///
    /// # Errors
    /// The exception that it raises; [`Error::Stopped`].
    pub fn run(&self, source: &str) -> Result<()> {
        self.enter(|th| run_source(th, source))
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// The exception that it raises; [`Error::Stopped`]; if the value is no `T`.
    pub fn eval<T: FromPython>(&self, expression: &str) -> Result<T> {
        self.enter(|th| {
            let value = eval_source(th, expression)?;
            T::from_python(th, value)
        })
    }

    /// Calls a function of `__main__`.
    ///
    /// # Errors
    /// As [`Vm::eval`].
    pub fn call<T: FromPython>(&self, function: &str, args: impl IntoArgs) -> Result<T> {
        self.enter(|th| {
            let value = call_global(th, function, args)?;
            T::from_python(th, value)
        })
    }

    /// Sets a name in `__main__`.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn set(&self, name: &str, value: impl IntoPython) -> Result<()> {
        self.enter(|th| set_global(th, name, value))
    }

    /// Imports a module.
    ///
    /// # Errors
    /// What importing it raises.
    pub fn import(&self, name: &str) -> Result<Module> {
        self.enter(|th| import::import_module(th, name))?;
        Ok(Module {
            vm: self.clone(),
            name: name.to_string(),
        })
    }

    /// Runs `body` as one transaction: other threads see all of what it does in Python, or nothing; an error that it returns takes all of it
    /// back. `body` runs again after a conflict, so what it does in Rust must bear that.
    ///
    /// ```
    /// let vm = keelback::Vm::builder().build().unwrap();
    /// vm.run("a, b = 100, 0").unwrap();
    /// let refused = vm.atomically(|scope| {
    ///     scope.run("a -= 150; b += 150")?;
    ///     if scope.eval::<i64>("a")? < 0 {
    ///         scope.run("raise ValueError('overdrawn')")?;
    ///     }
    ///     Ok(())
    /// });
    /// assert!(refused.is_err());
    /// assert_eq!(vm.eval::<(i64, i64)>("a, b").unwrap(), (100, 0));
    /// ```
    ///
    /// # Errors
    /// What `body` returns; the exception that ends it.
    pub fn atomically<T>(&self, mut body: impl FnMut(&mut Scope<'_>) -> Result<T>) -> Result<T> {
        let mut outcome = None;
        let entered = self.enter(|th| {
            let mut once = |th: &mut Thread| -> R<()> {
                let result = body(&mut Scope { th });
                let conflict = th.txn.conflict_cause().is_some();
                match result {
                    Err(Error::Conflict) => Err(Fail::Abort),
                    // Whoever swallows a conflict has seen what never was.
                    _ if conflict => Err(Fail::Abort),
                    Ok(v) => {
                        outcome = Some(Ok(v));
                        Ok(())
                    }
                    Err(e) => {
                        outcome = Some(Err(e));
                        Err(host::rolled_back(th))
                    }
                }
            };
            host::in_block(th, &mut once)
        });
        match (entered, outcome) {
            (Err(_), Some(Err(e))) => Err(e),
            (Err(e), _) => Err(e),
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => unreachable!("a block that has ended has run"),
        }
    }

    /// What stops calls from other threads.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter {
            rt: self.inner.rt,
            guard: Arc::clone(&self.inner.guard),
        }
    }

    /// Runs `f` with this thread as one of Python's.
    fn enter<T>(&self, f: impl FnOnce(&mut Thread) -> R<T>) -> Result<T> {
        let inner = &*self.inner;
        let inside = current_thread_of(Some(inner.rt));
        if !inside.is_null() {
            // A Rust function that a script has called calls back.
            // SAFETY: the thread belongs to this OS thread, and is alive for as long as it is registered here; the native function that we are
            // in does not touch it meanwhile.
            let th = unsafe { &mut *inside };
            return f(th).map_err(|fail| error_of(th, fail));
        }
        let place = inner.gate.enter();
        let outer = current_thread_of(None);
        let mut thread = Thread::attach(inner.rt);
        set_current_thread(&mut *thread);
        let th = &mut *thread;
        th.vm.epoch = inner.rt.epoch.load(std::sync::atomic::Ordering::SeqCst) << 8;
        th.guard_by(
            Arc::clone(&inner.guard),
            inner.time.map(|t| Instant::now() + t),
            inner.work,
        );
        th.begin_trace("embedded");
        if inner.parallel || inner.rt.parallel.load(std::sync::atomic::Ordering::SeqCst) {
            th.barriers_on();
        }
        // What the last call has left behind is none of this one's business.
        let result = match th.collect_if_wanted().and_then(|()| f(th)) {
            Ok(v) => Ok(v),
            Err(fail) => Err(error_of(th, fail)),
        };
        // Native code outside all handlers is in a block that cannot abort.
        let ended = th.commit_block();
        debug_assert!(ended.is_ok(), "an irrevocable block commits");
        sys::flush_std_streams(th);
        if th.vm.in_block {
            let ended = th.commit_block();
            debug_assert!(ended.is_ok(), "as above");
        }
        io::flush_all();
        th.end_trace();
        drop(thread);
        set_current_thread(outer);
        drop(place);
        result
    }
}

/// A place inside, given back when dropped.
struct Place<'a>(&'a Gate);

impl Gate {
    fn enter(&self) -> Place<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free == 0 {
            free = self
                .changed
                .wait(free)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
        Place(self)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_one();
    }
}

/// The globals of `__main__`.
fn main_dict(th: &mut Thread) -> R<Value> {
    let main = import::import_module(th, "__main__")?;
    th.attr(main, "__dict__")
}

fn in_main(th: &mut Thread, source: &str, mode: Mode) -> R<Value> {
    let opts = crate::compile::Options::new(mode, "<embedded>");
    let code = th.compile_source(source, &opts)?;
    let dict = main_dict(th)?;
    th.run_code(code, dict, dict)
}

fn run_source(th: &mut Thread, source: &str) -> R<()> {
    in_main(th, source, Mode::Exec).map(drop)
}

fn eval_source(th: &mut Thread, expression: &str) -> R<Value> {
    in_main(th, expression, Mode::Eval)
}

fn set_global(th: &mut Thread, name: &str, value: impl IntoPython) -> R<()> {
    let value = value.into_python(th)?;
    let dict = main_dict(th)?;
    let name = th.intern_value(name);
    th.set_item(dict, name, value)
}

fn call_global(th: &mut Thread, function: &str, args: impl IntoArgs) -> R<Value> {
    let main = import::import_module(th, "__main__")?;
    let function = th.attr(main, function)?;
    let args = args.into_args(th)?;
    th.call(function, &args)
}

/// What a failure means to the caller. Takes the exception.
fn error_of(th: &mut Thread, fail: Fail) -> Error {
    if fail == Fail::Abort {
        return Error::Conflict;
    }
    if let Some(why) = th.stopped() {
        th.take_exc();
        return Error::Stopped(why);
    }
    let exc = th.take_exc();
    let kind = th.type_name(exc);
    let message = match th.to_str(exc) {
        Ok(text) => text.to_string(),
        Err(_) => {
            th.take_exc();
            String::new()
        }
    };
    if let Some(what) = message.strip_prefix(convert::WRONG) {
        return Error::Conversion(what.to_string());
    }
    let traceback = match sys::format_exception(th, exc) {
        Ok(text) => text,
        Err(_) => {
            th.take_exc();
            String::new()
        }
    };
    Error::Exception {
        kind,
        message,
        traceback,
    }
}
