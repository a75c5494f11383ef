//! Native functions, their signatures, and objects with a Rust payload.
//!
//! A native function is `fn(&mut Thread, &[Value]) -> R<Value>`. Its **signature** is given as text in Python's
//! notation, `"pop(self, index=-1, /)"`, and binds a call's arguments to parameters: the function always gets
//! exactly one value per parameter, in order, null for one that the caller left out (the default in the text is for
//! `help` and `inspect`), a tuple for `*args` and a dict for `**kwargs`. A wrong call raises CPython's `TypeError` before
//! the function runs.

use super::class::Class;
use super::dict::Dict;
use super::tuple::Tuple;
use crate::heap::{Fail, Header, Kind, Layout, R, Ref, Slot, Thread, Tracer, Value};

/// The Rust side of a native function. The arguments are bound, see the module's text.
pub type NativeFn = fn(&mut Thread, &[Value]) -> R<Value>;

/// How a parameter takes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    Positional,
    Either,
    Keyword,
    Args,
    Kwargs,
}

/// One parameter of a native function.
#[derive(Clone, Debug)]
pub struct Param {
    pub name: &'static str,
    pub kind: ParamKind,
    /// The default's text, if there is one.
    pub default: Option<&'static str>,
}

/// A parsed signature.
#[derive(Debug)]
pub struct Signature {
    pub name: &'static str,
    pub params: Vec<Param>,
    /// Parameters that can be given by position.
    pub positional: usize,
    /// Of those, how many must be given.
    pub required: usize,
    /// Only positional parameters: a call without keywords binds by copying.
    pub simple: bool,
    /// The text between the parentheses.
    pub text: &'static str,
}

impl Signature {
    /// Parses `name(self, a, b=1, /, c=2, *args, d=3, **kwargs)`.
    ///
    /// # Panics
    /// On malformed text: signatures are literals of this program.
    pub fn parse(source: &'static str) -> Signature {
        let (name, rest) = source
            .split_once('(')
            .unwrap_or_else(|| panic!("no parenthesis in {source}"));
        let text = rest
            .strip_suffix(')')
            .unwrap_or_else(|| panic!("no closing parenthesis in {source}"));
        let mut params: Vec<Param> = vec![];
        let mut kind = ParamKind::Either;
        for part in split_params(text) {
            if part == "/" {
                params
                    .iter_mut()
                    .for_each(|p| p.kind = ParamKind::Positional);
            } else if part == "*" {
                kind = ParamKind::Keyword;
            } else if let Some(name) = part.strip_prefix("**") {
                params.push(Param {
                    name,
                    kind: ParamKind::Kwargs,
                    default: None,
                });
            } else if let Some(name) = part.strip_prefix('*') {
                params.push(Param {
                    name,
                    kind: ParamKind::Args,
                    default: None,
                });
                kind = ParamKind::Keyword;
            } else {
                let (name, default) = match part.split_once('=') {
                    Some((n, d)) => (n, Some(d)),
                    None => (part, None),
                };
                params.push(Param {
                    name,
                    kind,
                    default,
                });
            }
        }
        let by_position = |p: &&Param| matches!(p.kind, ParamKind::Positional | ParamKind::Either);
        let positional = params.iter().filter(by_position).count();
        let required = params
            .iter()
            .filter(by_position)
            .filter(|p| p.default.is_none())
            .count();
        let simple = positional == params.len();
        Signature {
            name,
            params,
            positional,
            required,
            simple,
            text,
        }
    }
}

impl Signature {
    /// Are there parameters that can be given by position and by name, or by name alone? The first `given` do not count.
    fn by_name(&self, given: usize) -> bool {
        let keywords = || self.params.iter().any(|p| p.kind == ParamKind::Keyword);
        self.params.iter().any(|p| p.kind == ParamKind::Either)
            || self.positional <= given && keywords()
    }
    /// `__text_signature__`: the receiver of a method is `$self`.
    pub fn text_signature(&self, method: bool) -> String {
        match (method, self.text) {
            (true, text) => format!("(${text})"),
            (false, "") => "($module, /)".to_string(),
            (false, text) => format!("($module, {text})"),
        }
    }
    /// The signature without the first parameter, as the class shows that of its `__new__`.
    pub fn text_after_first(&self) -> String {
        match self.text.split_once(',') {
            Some((_, rest)) => {
                let rest = rest.trim_start();
                let rest = rest.strip_prefix("/, ").unwrap_or(rest);
                format!("({})", if rest == "/" { "" } else { rest })
            }
            None => "()".to_string(),
        }
    }
}

/// Splits at the commas that are not within quotes or brackets.
fn split_params(text: &'static str) -> Vec<&'static str> {
    let (mut parts, mut start, mut depth, mut quote) = (vec![], 0, 0, None);
    for (i, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    let last = text[start..].trim();
    if !last.is_empty() {
        parts.push(last);
    }
    parts
}

/// A native function as defined: one per function in the program.
#[derive(Debug)]
pub struct NativeDef {
    pub signature: Signature,
    pub func: NativeFn,
    pub doc: &'static str,
    /// The first parameter is the receiver.
    pub method: bool,
}

/// Is it a special method that CPython has a slot for? Other special methods are ordinary methods to look at.
fn is_slot(name: &str) -> bool {
    const ORDINARY: &[&str] = &[
        "__bytes__",
        "__ceil__",
        "__class_getitem__",
        "__complex__",
        "__copy__",
        "__deepcopy__",
        "__dir__",
        "__enter__",
        "__exit__",
        "__floor__",
        "__format__",
        "__fspath__",
        "__init_subclass__",
        "__instancecheck__",
        "__length_hint__",
        "__missing__",
        "__mro_entries__",
        "__prepare__",
        "__reduce__",
        "__reduce_ex__",
        "__reversed__",
        "__round__",
        "__sizeof__",
        "__subclasscheck__",
        "__subclasshook__",
        "__trunc__",
    ];
    super::special::Sp::from_name(name).is_some() && !ORDINARY.contains(&name)
}

/// `builtin_function_or_method`, `method_descriptor` and `wrapper_descriptor` objects.
#[repr(C)]
pub struct NativeFunction {
    header: Header,
    pub def: &'static NativeDef,
    /// The receiver that a bound builtin method prepends, or null.
    pub receiver: Value,
    /// The class whose method this is (its receivers are checked), or null.
    pub owner: Value,
    /// `__module__`.
    pub module: Value,
}

// SAFETY: repr(C), header first.
unsafe impl Layout for NativeFunction {
    const KIND: Kind = Kind::NativeFunction;
    fn trace(&self, t: &mut Tracer) {
        t.value(self.receiver);
        t.value(self.owner);
        t.value(self.module);
    }
}

impl NativeFunction {
    /// Is it a method of its owner, to be bound when found by way of an instance?
    #[inline]
    pub fn is_method_descriptor(&self) -> bool {
        self.def.method && self.receiver.is_null() && !self.owner.is_null()
    }
    /// Is it the `__new__` of its owner?
    #[inline]
    pub fn is_constructor(&self) -> bool {
        !self.def.method && !self.owner.is_null()
    }
    /// `__name__`: a constructor's signature has the class' name, for messages.
    pub fn name(&self) -> &'static str {
        if self.is_constructor() {
            "__new__"
        } else {
            self.def.signature.name
        }
    }
}

impl NativeFunction {
    /// Is it what a call of its owner, a class, comes to?
    fn is_type_call(&self) -> bool {
        self.is_constructor() || self.def.method && self.def.signature.name == "__init__"
    }
    /// The name in most messages: the function's, or the class' for a constructor.
    fn call_name(&self) -> String {
        match self.owner.as_class() {
            Some(owner) if self.is_type_call() && self.def.method => owner.name().to_string(),
            _ => self.def.signature.name.to_string(),
        }
    }
    /// The name with the class or the module before it.
    fn full_name(&self) -> String {
        let name = self.call_name();
        if self.is_type_call() {
            return name;
        }
        // A class method is a method of `type`; it is known by the class that it is bound to.
        let bound = self.receiver.as_class();
        let owner = bound
            .or(self.owner.as_class())
            .and_then(|c| c.qualname.peek().cast::<super::string::Str>());
        let module = self
            .module
            .cast::<super::string::Str>()
            .filter(|m| m.as_bytes() != b"builtins");
        match owner.or(module) {
            Some(lead) => format!("{lead}.{name}"),
            None => name,
        }
    }
}

impl NativeDef {
    /// A definition that lives as long as the process.
    pub fn leak(signature: &'static str, func: NativeFn, method: bool) -> &'static NativeDef {
        Box::leak(Box::new(NativeDef {
            signature: Signature::parse(signature),
            func,
            doc: "",
            method,
        }))
    }
}

impl Thread {
    /// A native function object.
    pub fn native(
        &mut self,
        def: &'static NativeDef,
        receiver: Value,
        owner: Value,
        module: Value,
    ) -> Ref<NativeFunction> {
        let types = self.rt.types();
        let class = if owner.is_null() || !def.method {
            types.builtin_function
        } else {
            let special = is_slot(def.signature.name);
            match (special, receiver.is_null()) {
                (true, true) => types.wrapper_descriptor,
                (false, true) => types.method_descriptor,
                (true, false) => types.method_wrapper,
                (false, false) => types.builtin_function,
            }
        };
        let object = NativeFunction {
            header: Header::empty(),
            def,
            receiver,
            owner,
            module,
        };
        self.alloc(class.root_shape(), object, 0)
    }

    /// Binds a call's arguments to the parameters of `native` and appends them to `out`: `args` are the positional
    /// ones followed by one value for each name in `names`. `out` may hold the receiver already; `args` does not.
    pub fn bind(
        &mut self,
        native: Ref<NativeFunction>,
        out: &mut Vec<Value>,
        args: &[Value],
        names: &[Value],
    ) -> R<()> {
        let signature: &'static Signature = &native.def.signature;
        let given = out.len();
        let (positional, named) = args.split_at(args.len() - names.len());
        let total = given + positional.len();
        let has = |kind| signature.params.iter().any(|p| p.kind == kind);
        let most = signature.params.len();
        let too_many = total > signature.positional && !has(ParamKind::Args)
            || total + names.len() > most
                && signature.by_name(given)
                && !has(ParamKind::Args)
                && !has(ParamKind::Kwargs);
        if too_many {
            return Err(self.too_many_arguments(native, given, total, names.len()));
        }
        let direct = signature.positional.min(total) - given.min(signature.positional);
        out.extend_from_slice(&positional[..direct]);
        out.resize(signature.positional, Value::NULL);
        let mut kwargs: Option<Ref<Dict>> = None;
        let mut rest = Value::NULL;
        for p in &signature.params[signature.positional..] {
            let v = match p.kind {
                ParamKind::Args => {
                    rest = self.tuple_value(&positional[direct..]);
                    rest
                }
                ParamKind::Kwargs => {
                    let dict = Dict::new(self);
                    kwargs = Some(dict);
                    dict.value()
                }
                _ => Value::NULL,
            };
            out.push(v);
        }
        let _keep = rest;
        for (i, &name) in names.iter().enumerate() {
            let text = name
                .cast::<super::string::Str>()
                .map(|s| s.to_string())
                .unwrap_or_default();
            let at = signature.params.iter().position(|p| {
                p.name == text && matches!(p.kind, ParamKind::Either | ParamKind::Keyword)
            });
            match (at, kwargs) {
                (Some(at), _) => {
                    if !out[at].is_null() {
                        let message = if at < total {
                            format!(
                                "argument for {}() given by name ('{text}') and position ({})",
                                native.call_name(),
                                at + 1 - given
                            )
                        } else {
                            format!(
                                "{}() got multiple values for argument '{text}'",
                                native.call_name()
                            )
                        };
                        return Err(self.type_error(message));
                    }
                    out[at] = named[i];
                }
                (None, Some(dict)) => dict.insert(self, name, named[i])?,
                (None, None) => {
                    let takes_none = signature
                        .params
                        .iter()
                        .all(|p| matches!(p.kind, ParamKind::Positional | ParamKind::Args));
                    let message = if takes_none {
                        format!("{}() takes no keyword arguments", native.full_name())
                    } else {
                        format!(
                            "{}() got an unexpected keyword argument '{text}'",
                            native.call_name()
                        )
                    };
                    return Err(self.type_error(message));
                }
            }
        }
        for (i, p) in signature.params.iter().enumerate() {
            if out[i].is_null() && p.default.is_none() {
                return Err(self.missing_argument(native, given, total, i));
            }
        }
        Ok(())
    }

    #[cold]
    fn too_many_arguments(
        &mut self,
        native: Ref<NativeFunction>,
        given: usize,
        total: usize,
        named: usize,
    ) -> Fail {
        let s = &native.def.signature;
        let name = native.call_name();
        let max = s.positional - given.min(s.positional);
        let min = s.required.saturating_sub(given);
        let n = total - given;
        let bound = if max == min { "exactly" } else { "at most" };
        let message = if s.by_name(given) {
            let all = s.params.len() - given.min(s.params.len());
            let least = s
                .params
                .iter()
                .filter(|p| p.default.is_none())
                .count()
                .saturating_sub(given);
            if n + named > all {
                let bound = if all == least { "exactly" } else { "at most" };
                let keyword = if n == 0 { "keyword " } else { "" };
                format!(
                    "{name}() takes {bound} {all} {keyword}argument{} ({} given)",
                    plural(all),
                    n + named
                )
            } else if max == 0 {
                format!("{name}() takes no positional arguments")
            } else {
                format!(
                    "{name}() takes {bound} {max} positional argument{} ({n} given)",
                    plural(max)
                )
            }
        } else {
            self.wrong_count(native, min, max, n + named)
        };
        self.type_error(message)
    }

    /// What a function without named parameters says of a wrong number of arguments.
    fn wrong_count(
        &mut self,
        native: Ref<NativeFunction>,
        min: usize,
        max: usize,
        n: usize,
    ) -> String {
        let s = &native.def.signature;
        let wrapped = native.def.method && is_slot(s.name) && s.name != "__init__";
        if wrapped && min == max {
            format!("expected {max} argument{}, got {n}", plural(max))
        } else if max == 0 && native.is_type_call() {
            format!("{} takes no arguments", native.call_name())
        } else if max == 0 {
            format!("{}() takes no arguments ({n} given)", native.full_name())
        } else if max == 1 && min == 1 && s.simple && !native.is_type_call() {
            format!(
                "{}() takes exactly one argument ({n} given)",
                native.full_name()
            )
        } else {
            let (bound, count) = match (min == max, n < min) {
                (true, _) => ("", max),
                (false, true) => ("at least ", min),
                (false, false) => ("at most ", max),
            };
            format!(
                "{} expected {bound}{count} argument{}, got {n}",
                native.call_name(),
                plural(count)
            )
        }
    }

    #[cold]
    fn missing_argument(
        &mut self,
        native: Ref<NativeFunction>,
        given: usize,
        total: usize,
        at: usize,
    ) -> Fail {
        let s = &native.def.signature;
        let name = native.call_name();
        let p = &s.params[at];
        let (min, max) = (
            s.required.saturating_sub(given),
            s.positional - given.min(s.positional),
        );
        let n = total - given;
        let message = match p.kind {
            ParamKind::Positional if given == 0 && at == 0 && p.name == "self" => {
                format!("unbound method {}() needs an argument", s.name)
            }
            ParamKind::Positional if s.by_name(given) => {
                let needed = s
                    .params
                    .iter()
                    .filter(|p| p.kind == ParamKind::Positional && p.default.is_none());
                let needed = needed.count() - given;
                let bound = if needed == max { "exactly" } else { "at least" };
                format!(
                    "{name}() takes {bound} {needed} positional argument{} ({n} given)",
                    plural(needed)
                )
            }
            ParamKind::Positional if s.params.iter().any(|p| p.kind == ParamKind::Args) => {
                let least = if native.is_type_call() {
                    ""
                } else {
                    "at least "
                };
                format!(
                    "{name} expected {least}{min} argument{}, got {n}",
                    plural(min)
                )
            }
            ParamKind::Positional => self.wrong_count(native, min, max, n),
            ParamKind::Keyword => {
                format!(
                    "{name}() missing required keyword-only argument: '{}'",
                    p.name
                )
            }
            // The one that leaves the position out.
            _ if name == "enumerate" => format!("{name}() missing required argument '{}'", p.name),
            _ => format!(
                "{name}() missing required argument '{}' (pos {})",
                p.name,
                at + 1 - given
            ),
        };
        self.type_error(message)
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// The Rust part of a native object: any type whose mutable state is in `Slot`s (or is hidden state, or is
/// protected by locks and has no meaning to transactions, as an open file).
pub trait Payload: Sized + Send + Sync + 'static {
    /// Reports every value held.
    fn trace(&self, t: &mut Tracer) {
        let _ = t;
    }
}

struct Vtable {
    type_id: std::any::TypeId,
    trace: fn(*const (), &mut Tracer),
}

/// An object with a Rust payload.
#[repr(C)]
pub struct Native<P> {
    header: Header,
    vtable: &'static Vtable,
    payload: P,
}

struct VtableOf<P>(std::marker::PhantomData<P>);
impl<P: Payload> VtableOf<P> {
    const TABLE: Vtable = Vtable {
        type_id: std::any::TypeId::of::<P>(),
        // SAFETY: called with the address of a `P` by `trace_native` alone.
        trace: |p, t| unsafe { (*(p as *const P)).trace(t) },
    };
}

// SAFETY: repr(C), header first; the vtable discriminates between payloads.
unsafe impl<P: Payload> Layout for Native<P> {
    const KIND: Kind = Kind::Native;
    fn trace(&self, t: &mut Tracer) {
        self.payload.trace(t)
    }
}

impl<P> std::ops::Deref for Native<P> {
    type Target = P;
    fn deref(&self) -> &P {
        &self.payload
    }
}

/// Traces a native object whose payload type is not known here.
pub(super) fn trace_native(header: &Header, t: &mut Tracer) {
    // SAFETY: objects of kind `Native` start like `Native<()>`; the payload follows the two parts at the alignment that
    // `repr(C)` gives it, which for word-aligned payloads is right behind.
    unsafe {
        let object = &*(header as *const Header as *const Native<u64>);
        (object.vtable.trace)(&raw const object.payload as *const (), t)
    }
}

impl Value {
    /// The native object with payload `P` that this value is, if it is one.
    pub fn native<P: Payload>(self) -> Option<Ref<Native<P>>> {
        if self.kind() != Kind::Native {
            return None;
        }
        // SAFETY: the kind says that this is some `Native`; its vtable says which.
        unsafe {
            let object: Ref<Native<u64>> = Ref::from_value(self);
            (object.vtable.type_id == std::any::TypeId::of::<P>()).then(|| Ref::from_value(self))
        }
    }
}

impl Thread {
    /// A native object of `class`, which was made with the layout of `Native<P>` (or is a subclass of such a one).
    ///
    /// # Panics
    /// If the class has another layout, in debug builds.
    pub fn new_native<P: Payload>(&mut self, class: Ref<Class>, payload: P) -> Ref<Native<P>> {
        self.new_native_sized(class, payload, 0)
    }

    /// As [`Thread::new_native`], with `extra` uninitialised bytes behind the payload (then the class has no room for
    /// attributes).
    pub fn new_native_sized<P: Payload>(
        &mut self,
        class: Ref<Class>,
        payload: P,
        extra: usize,
    ) -> Ref<Native<P>> {
        const { assert!(align_of::<P>() <= 8) };
        debug_assert!(
            class.layout.kind == Kind::Native && class.layout.bytes == size_of::<Native<P>>()
        );
        debug_assert!(extra == 0 || class.root_shape().instance_bytes() == class.layout.bytes);
        let object = Native {
            header: Header::empty(),
            vtable: &VtableOf::<P>::TABLE,
            payload,
        };
        self.alloc(class.root_shape(), object, extra)
    }

    /// The receiver as a native object, or the TypeError of a method called on something else.
    pub fn native_self<P: Payload>(&mut self, v: Value, what: &str) -> R<Ref<Native<P>>> {
        match v.native() {
            Some(n) => Ok(n),
            None => {
                let name = self.type_name(v);
                Err(self.type_error(format!(
                    "descriptor requires a '{what}' object but received a '{name}'"
                )))
            }
        }
    }
}

/// `args` of a tuple, as a slice that lives as long as the tuple is reachable.
pub fn tuple_items(v: Value) -> &'static [Value] {
    match v.cast::<Tuple>() {
        // SAFETY: the caller's stack keeps the tuple alive while it uses the items; they never change.
        Some(t) => unsafe { &*(t.items() as *const [Value]) },
        None => &[],
    }
}

/// A mutable reference cell for native state that is a value: see `Slot`.
pub type ValueSlot = Slot;
