//! Rust functions that scripts call, and the block of `Vm::atomically`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::Sink;
use super::convert::{FromPython, IntoPython};
use crate::heap::{Fail, R, Ref, Thread, Tracer, Value};
use crate::interpreter::Interpreter;
use crate::modules::import;
use crate::modules::sandbox::OUTPUT;
use crate::objects::native::{Native, Payload, tuple_items};

/// What a Rust function gives back to Python: a value, or an error text that is raised as `RuntimeError`.
pub trait HostResult {
    /// The value on the heap.
    ///
    /// # Errors
    /// The error that it is.
    fn into_result(self, th: &mut Thread) -> R<Value>;
}

impl<T: IntoPython> HostResult for T {
    fn into_result(self, th: &mut Thread) -> R<Value> {
        self.into_python(th)
    }
}
impl<T: IntoPython, E: std::fmt::Display> HostResult for Result<T, E> {
    fn into_result(self, th: &mut Thread) -> R<Value> {
        match self {
            Ok(v) => v.into_python(th),
            Err(e) => Err(th.runtime_error(e.to_string())),
        }
    }
}

type Body = dyn Fn(&mut Thread, &[Value]) -> R<Value> + Send + Sync;

/// A Rust function as an object that can be called.
struct Function {
    name: String,
    body: Arc<Body>,
}

impl Payload for Function {
    fn trace(&self, _: &mut Tracer) {}
}

/// A Rust function with so many parameters.
pub trait Callable<Args>: Send + Sync + 'static {
    /// Calls it; `pure` says that it has no effects of its own, and may be called in a block that is rolled back.
    ///
    /// # Errors
    /// If an argument is not what it wants; its own error.
    fn call(&self, th: &mut Thread, args: &[Value], pure: bool) -> R<Value>;
}

macro_rules! callables {
    ($( ($($name:ident),*) )*) => { $(
        impl<Fun, Out, $($name),*> Callable<($($name,)*)> for Fun
        where
            Fun: Fn($($name),*) -> Out + Send + Sync + 'static,
            Out: HostResult,
            $($name: FromPython),*
        {
            #[allow(non_snake_case, unused_mut, unused_variables)]
            fn call(&self, th: &mut Thread, args: &[Value], pure: bool) -> R<Value> {
                let wanted = <[&str]>::len(&[$(stringify!($name)),*]);
                if args.len() != wanted {
                    return Err(th.type_error(format!("{wanted} arguments are wanted, not {}", args.len())));
                }
                let mut items = args.iter();
                $(
                    let &item = items.next().expect("their number was checked");
                    let $name = $name::from_python(th, item).map_err(|f| plain(th, f))?;
                )*
                let out = if pure { self($($name),*) } else { th.outside(false, || self($($name),*))? };
                out.into_result(th)
            }
        }
    )* };
}
callables! { () (A) (A, B) (A, B, C) (A, B, C, D) }

/// To the script the wrong argument is an ordinary `TypeError`.
fn plain(th: &mut Thread, fail: Fail) -> Fail {
    if fail == Fail::Abort {
        return fail;
    }
    let exc = th.take_exc();
    let text = match th.to_str(exc) {
        Ok(text) => text.to_string(),
        Err(f) => return f,
    };
    match text.strip_prefix(super::convert::WRONG) {
        Some(what) => th.type_error(what),
        None => {
            th.exc = exc;
            fail
        }
    }
}

/// A module of Rust functions to come.
pub struct ModuleBuilder {
    name: String,
    functions: Vec<(String, Arc<Body>)>,
}

impl ModuleBuilder {
    pub(super) fn new(name: &str) -> Self {
        ModuleBuilder {
            name: name.to_string(),
            functions: Vec::new(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A function that does something: in an atomic block it makes the block one that cannot be rolled back.
    pub fn function<Args>(self, name: &str, f: impl Callable<Args>) -> Self {
        self.add(name, f, false)
    }

    /// A function of its arguments alone: a block may call it, and be rolled back and call it again.
    pub fn pure_function<Args>(self, name: &str, f: impl Callable<Args>) -> Self {
        self.add(name, f, true)
    }

    fn add<Args>(mut self, name: &str, f: impl Callable<Args>, pure: bool) -> Self {
        let body = move |th: &mut Thread, args: &[Value]| f.call(th, args, pure);
        self.functions.push((name.to_string(), Arc::new(body)));
        self
    }

    pub(super) fn install(self, th: &mut Thread) -> R<()> {
        let module = th.new_module(&self.name);
        let dict = module.dict();
        for (name, body) in self.functions {
            let function = function(th, &name, body);
            th.define(dict, &name, function);
        }
        th.rt.immortal(module.value());
        import::mark_builtin(th, module, &self.name)?;
        let modules = import::sys_modules(th);
        th.define(modules, &self.name, module.value());
        Ok(())
    }
}

fn function(th: &mut Thread, name: &str, body: Arc<Body>) -> Value {
    let class = match th.known_class::<Function>() {
        Some(class) => class,
        None => th.new_type::<Function>("keelback.host_function", 0, |t| {
            t.method("__call__(self, /, *args)", call)
                .method("__repr__(self, /)", |th, a| {
                    let name = this(a[0]).name.clone();
                    Ok(th.str_value(&format!("<host function {name}>")))
                });
        }),
    };
    let payload = Function {
        name: name.to_string(),
        body,
    };
    th.new_native(class, payload).value()
}

fn this(v: Value) -> Ref<Native<Function>> {
    v.native().expect("the receiver's class was checked")
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let body = Arc::clone(&this(a[0]).body);
    let args = tuple_items(a[1]).to_vec();
    let mark = th.roots.len();
    args.iter().for_each(|&v| th.roots.push(v));
    let result = body(th, &args);
    th.roots.truncate(mark);
    result
}

/// What scripts print goes to `sink`, or to standard output, up to so many bytes.
pub(super) fn redirect_output(
    it: &mut Interpreter,
    sink: Option<Sink>,
    limit: Option<usize>,
) -> R<()> {
    let printed = AtomicUsize::new(0);
    let write = move |text: String| -> Result<(), String> {
        let all = printed.fetch_add(text.len(), Relaxed) + text.len();
        if limit.is_some_and(|limit| all > limit) {
            return Err("the output limit is used up".to_string());
        }
        match &sink {
            Some(sink) => sink(&text),
            None => print!("{text}"),
        }
        Ok(())
    };
    let body =
        move |th: &mut Thread, args: &[Value]| Callable::<(String,)>::call(&write, th, args, false);
    let write = function(&mut it.th, "write", Arc::new(body));
    it.set_main("_keelback_write", write);
    it.run(include_str!("output.py"), OUTPUT).map(drop)
}

/// The exception by which an error of the Rust side takes a block back.
pub(super) fn rolled_back(th: &mut Thread) -> Fail {
    th.runtime_error("the block is taken back")
}

/// Runs `once` as an atomic block: from a Python frame, so that there is something to go back to.
pub(super) fn in_block(th: &mut Thread, once: &mut dyn FnMut(&mut Thread) -> R<()>) -> R<()> {
    let module = import::import_module(th, "transaction")?;
    let decorate = th.rt.state.get(crate::modules::transaction::WRAPPER);
    let atomic = th.attr(module, "atomic")?;
    let once: *mut (dyn FnMut(&mut Thread) -> R<()> + '_) = once;
    // SAFETY: only the lifetime changes; see where it is called.
    let pointer = Passed(unsafe {
        std::mem::transmute::<*mut (dyn FnMut(&mut Thread) -> R<()> + '_), *mut Once>(once)
    });
    let body = move |th: &mut Thread, _: &[Value]| {
        let pointer = &pointer;
        // SAFETY: the function object is called by the call below alone, on this thread, which holds `once` meanwhile; nobody else gets
        // hold of the object.
        unsafe { (*pointer.0)(th) }.map(|()| Value::NONE)
    };
    let function = function(th, "atomically", Arc::new(body));
    let wrapped = th.call(decorate, &[atomic, function])?;
    th.call(wrapped, &[]).map(drop)
}

type Once = dyn FnMut(&mut Thread) -> R<()> + 'static;

/// A pointer that is used by the thread alone that made it.
struct Passed(*mut Once);
// SAFETY: see above.
unsafe impl Send for Passed {}
// SAFETY: see above.
unsafe impl Sync for Passed {}
