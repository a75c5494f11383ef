//! Calls, in all their forms.
//!
//! `prepare` turns a callee and arguments that lie in consecutive registers into either a value (the callee was native, or made a
//! generator) or a pushed frame. The register before the arguments is free to be overwritten: a receiver is put there, so that
//! binding one costs no copying.

use super::frame::{Frame, Return};
use crate::code::flags;
use crate::heap::{Fail, Kind, R, Ref, Thread, Value};
use crate::objects::class::{Class, class_flags};
use crate::objects::dict::Dict;
use crate::objects::function::{BoundMethod, Code, Function};
use crate::objects::list::List;
use crate::objects::native::NativeFunction;
use crate::objects::set::Set;
use crate::objects::special::Sp;
use crate::objects::string::Str;
use crate::objects::{Instance, generator::Generator};

/// What came of preparing a call.
pub(super) enum Prepared {
    Value(Value),
    /// A frame was pushed.
    Pushed,
}

/// Pushes a frame for `function`, whose arguments lie at the start of `window`. Locals that are no parameters become null.
///
/// # Safety
/// `window` lies in the register stack, above everything live but the arguments.
#[inline(always)]
pub(super) unsafe fn push(
    th: &mut Thread,
    function: Ref<Function>,
    code: Ref<Code>,
    window: *mut Value,
    ret: Return,
    dst: u16,
    extra: Value,
) -> bool {
    // SAFETY: there is room, as checked.
    unsafe {
        let fp = th.vm.fp.add(1);
        let end = window.add(code.nregs as usize);
        if th.vm.stacks.depth(fp) > th.vm.recursion_limit || !th.vm.stacks.has_room(fp, end) {
            return too_deep(th);
        }
        for i in code.params..code.locals {
            *window.add(i as usize) = Value::NULL;
        }
        let start = th.copy_of(code);
        *fp = Frame {
            pc: start,
            start,
            regs: window,
            code,
            function,
            namespace: Value::NULL,
            extra,
            dst,
            ret,
            over: 0,
        };
        th.vm.fp = fp;
        th.vm.work += 1;
        true
    }
}

/// As [`push`] with `Return::Value`, if nothing stands in the way: no limit reached, and this thread has run the code before. It calls
/// nothing, so that a handler that uses it has nothing to save.
///
/// # Safety
/// As [`push`].
#[inline(always)]
pub(super) unsafe fn push_quick(
    th: &mut Thread,
    function: Ref<Function>,
    code: Ref<Code>,
    window: *mut Value,
    dst: u16,
) -> bool {
    // SAFETY: there is room, as checked.
    unsafe {
        let fp = th.vm.fp.add(1);
        let end = window.add(code.nregs as usize);
        let Some(Some(copy)) = th.vm.copies.get(code.id) else {
            return false;
        };
        if fp >= th.vm.frame_limit || end as *const Value >= th.vm.stacks.registers_end() {
            return false;
        }
        // Volatile: a call of `memset` would cost the handler more than the few stores that there are.
        for i in code.params..code.locals {
            window.add(i as usize).write_volatile(Value::NULL);
        }
        let start = copy.words.as_ptr();
        *fp = Frame {
            pc: start,
            start,
            regs: window,
            code,
            function,
            namespace: Value::NULL,
            extra: Value::NULL,
            dst,
            ret: Return::Value,
            over: 0,
        };
        th.vm.fp = fp;
        th.vm.work += 1;
        true
    }
}

#[cold]
#[inline(never)]
fn too_deep(th: &mut Thread) -> bool {
    // The handler of this very exception needs some frames as well.
    let limit = th.vm.recursion_limit;
    th.vm.recursion_limit = limit + 50;
    th.vm.fail = th.recursion_error("maximum recursion depth exceeded");
    th.vm.recursion_limit = limit;
    false
}

/// Pushes a call `function(receiver)` above the running frame's window: for properties.
pub(super) unsafe fn push_above(
    th: &mut Thread,
    function: Value,
    receiver: Value,
    dst: u16,
) -> bool {
    // SAFETY: the cache was filled for a plain function of one parameter; the window is above all live registers.
    unsafe {
        let function: Ref<Function> = function.cast_unchecked();
        let window = th.nested_window();
        if !th.vm.stacks.has_room(th.vm.fp, window) {
            return too_deep(th);
        }
        *window = receiver;
        push(
            th,
            function,
            function.code(),
            window,
            Return::Value,
            dst,
            Value::NULL,
        )
    }
}

impl Thread {
    /// `sys.setrecursionlimit`.
    pub fn set_recursion_limit(&mut self, limit: usize) {
        self.vm.recursion_limit = limit;
        self.vm.frame_limit = self.vm.stacks.frame_within(limit);
    }
    /// The first register that is free for calls from native code.
    #[inline(always)]
    pub(super) fn nested_window(&self) -> *mut Value {
        let top = self.vm.top;
        match self.frame() {
            // SAFETY: within the register stack.
            Some(f) => unsafe { f.regs.add(f.code.nregs as usize) }.max(top),
            None => top,
        }
    }

    /// See the module's text. `n` arguments in all at `args`, the last of which are named by the tuple `names` (null: none).
    ///
    /// # Safety
    /// `args` and the register before it lie in the register stack, and nothing live lies above the arguments.
    #[inline(never)]
    pub(super) unsafe fn prepare(
        &mut self,
        mut callee: Value,
        mut args: *mut Value,
        mut n: usize,
        names: Value,
        ret: Return,
        dst: u16,
    ) -> R<Prepared> {
        // SAFETY (of the block): as the caller says; registers are written only from `args - 1` up.
        unsafe {
            loop {
                match callee.kind() {
                    Kind::Function => {
                        let function: Ref<Function> = callee.cast_unchecked();
                        let code = function.code();
                        if !(code.plain && names.is_null() && code.argcount as usize == n) {
                            self.bind_python(function, code, args, n, names)?;
                            if code.flags
                                & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR)
                                != 0
                            {
                                return Ok(Prepared::Value(
                                    self.new_generator(function, code, args),
                                ));
                            }
                        }
                        let done = push(self, function, code, args, ret, dst, Value::NULL);
                        return self.pushed(done);
                    }
                    Kind::NativeFunction => {
                        let native: Ref<NativeFunction> = callee.cast_unchecked();
                        return self
                            .call_native(native, args, n, names)
                            .map(Prepared::Value);
                    }
                    Kind::BoundMethod => {
                        let method: Ref<BoundMethod> = callee.cast_unchecked();
                        args = args.sub(1);
                        *args = method.receiver;
                        n += 1;
                        callee = method.function;
                        let unbound = match callee.cast::<NativeFunction>() {
                            Some(native) => native.receiver.is_null(),
                            None => callee.kind() == Kind::Function,
                        };
                        if unbound {
                            continue;
                        }
                        // The receiver's room is used up: go the long way round.
                        let all = std::slice::from_raw_parts(args, n).to_vec();
                        let before = self.claim(args.add(n));
                        let r = self.call_named(callee, &all, names);
                        self.vm.top = before;
                        return r.map(Prepared::Value);
                    }
                    Kind::Class => {
                        let class: Ref<Class> = callee.cast_unchecked();
                        if names.is_null() && !class.has_flag(class_flags::HEAP) {
                            let given = std::slice::from_raw_parts(args, n);
                            let before = self.claim(args.add(n));
                            let mark = self.roots.len();
                            let made = self.construct_quick(class, given);
                            self.roots.truncate(mark);
                            self.vm.top = before;
                            if let Some(v) = made? {
                                return Ok(Prepared::Value(v));
                            }
                        }
                        if class.has_flag(class_flags::PLAIN_NEW)
                            && class.layout.kind == Kind::Instance
                            && !class.has_flag(class_flags::ABSTRACT | class_flags::NO_NEW)
                            && self.special(callee, Sp::Call)
                                == self.rt.types().type_.special(Sp::Call)
                        {
                            let init = class.special(Sp::Init);
                            if init.kind() == Kind::Function {
                                let instance =
                                    self.alloc(class.root_shape(), Instance::new(), 0).value();
                                if class.has_flag(class_flags::HAS_DEL) {
                                    self.watch_finalizer(instance);
                                }
                                args = args.sub(1);
                                *args = instance;
                                n += 1;
                                let function: Ref<Function> = init.cast_unchecked();
                                let code = function.code();
                                if !(code.plain && names.is_null() && code.argcount as usize == n) {
                                    self.bind_python(function, code, args, n, names)?;
                                    if code.flags
                                        & (flags::GENERATOR
                                            | flags::COROUTINE
                                            | flags::ASYNC_GENERATOR)
                                        != 0
                                    {
                                        let made = self.new_generator(function, code, args);
                                        return Err(self.init_returned(made));
                                    }
                                }
                                if ret == Return::Exit {
                                    let done =
                                        push(self, function, code, args, ret, dst, Value::NULL);
                                    self.pushed(done)?;
                                    self.roots.push(instance);
                                    let v = self.run()?;
                                    if !v.is_none() {
                                        return Err(self.init_returned(v));
                                    }
                                    return Ok(Prepared::Value(instance));
                                }
                                let done =
                                    push(self, function, code, args, Return::Init, dst, instance);
                                return self.pushed(done);
                            }
                        }
                        let meta = self.special(callee, Sp::Call);
                        let all = std::slice::from_raw_parts(args, n).to_vec();
                        let before = self.claim(args.add(n));
                        let r = if meta == self.rt.types().type_.special(Sp::Call) {
                            self.type_call(class, &all, names)
                        } else {
                            let metaclass = self.class_of(callee);
                            match self.bind_attribute(meta, callee, metaclass) {
                                Ok(bound) => self.call_named(bound, &all, names),
                                Err(f) => Err(f),
                            }
                        };
                        self.vm.top = before;
                        return r.map(Prepared::Value);
                    }
                    _ => {
                        let call = if callee.is_null() {
                            Value::NULL
                        } else {
                            self.special(callee, Sp::Call)
                        };
                        if call.is_null() {
                            let name = self.type_name(callee);
                            return Err(self.type_error(format!("'{name}' object is not callable")));
                        }
                        // A function of a module is no method: it gets no receiver.
                        let method = match call.cast::<NativeFunction>() {
                            Some(native) => native.is_method_descriptor(),
                            None => call.kind() == Kind::Function,
                        };
                        if method {
                            args = args.sub(1);
                            *args = callee;
                            n += 1;
                            callee = call;
                            continue;
                        }
                        self.check_stack()?;
                        let class = self.class_of(callee);
                        let bound = self.bind_attribute(call, callee, class)?;
                        let all = std::slice::from_raw_parts(args, n).to_vec();
                        let before = self.claim(args.add(n));
                        let r = self.call_named(bound, &all, names);
                        self.vm.top = before;
                        return r.map(Prepared::Value);
                    }
                }
            }
        }
    }

    /// `descriptor.__get__(object, class)` where it has one.
    fn bind_attribute(&mut self, descriptor: Value, object: Value, class: Ref<Class>) -> R<Value> {
        let v = self.call_special(descriptor, Sp::Get, &[object, class.value()])?;
        Ok(if v.is_null() { descriptor } else { v })
    }

    #[inline(always)]
    fn pushed(&mut self, done: bool) -> R<Prepared> {
        if done {
            Ok(Prepared::Pushed)
        } else {
            Err(self.vm.fail)
        }
    }

    /// Keeps registers below `end` from nested calls; returns what to restore `vm.top` to.
    #[inline(always)]
    fn claim(&mut self, end: *mut Value) -> *mut Value {
        {
            let top = end.max(self.vm.top);
            std::mem::replace(&mut self.vm.top, top)
        }
    }

    #[cold]
    pub(super) fn init_returned(&mut self, v: Value) -> Fail {
        let name = self.type_name(v);
        self.type_error(format!("__init__() should return None, not '{name}'"))
    }

    /// Calls a native function with arguments in registers.
    ///
    /// # Safety
    /// As [`Thread::prepare`].
    #[inline(always)]
    pub(super) unsafe fn call_native(
        &mut self,
        native: Ref<NativeFunction>,
        args: *mut Value,
        n: usize,
        names: Value,
    ) -> R<Value> {
        // SAFETY (of the block): as `prepare`.
        unsafe {
            let def = native.def;
            let signature = &def.signature;
            let (mut args, mut n) = (args, n);
            if !native.receiver.is_null() {
                args = args.sub(1);
                *args = native.receiver;
                n += 1;
            }
            let mark = self.roots.len();
            let r;
            if signature.simple
                && names.is_null()
                && n <= signature.positional
                && n >= signature.required
            {
                for i in n..signature.positional {
                    *args.add(i) = Value::NULL;
                }
                let end = args.add(signature.positional);
                let before = self.claim(end);
                let slice = std::slice::from_raw_parts(args, signature.positional);
                r = match self.check_receiver(native, slice) {
                    Ok(()) => (def.func)(self, slice),
                    Err(f) => Err(f),
                };
                self.vm.top = before;
            } else {
                let given: Vec<Value> = std::slice::from_raw_parts(args, n).to_vec();
                let before = self.claim(args.add(n));
                r = self.call_native_bound(
                    native,
                    &given,
                    crate::objects::native::tuple_items(names),
                );
                self.vm.top = before;
            }
            self.roots.truncate(mark);
            r
        }
    }

    #[inline(always)]
    fn check_receiver(&mut self, native: Ref<NativeFunction>, args: &[Value]) -> R<()> {
        if native.owner.is_null() {
            return Ok(());
        }
        if !native.def.method {
            return self.check_constructor(native, args[0]);
        }
        // SAFETY: owners are classes.
        let owner: Ref<Class> = unsafe { native.owner.cast_unchecked() };
        let Some(&receiver) = args.first() else {
            return Ok(());
        };
        if receiver.is_null() || self.class_of(receiver) == owner {
            return Ok(());
        }
        self.check_receiver_slow(native, owner, receiver)
    }

    #[inline(never)]
    fn check_receiver_slow(
        &mut self,
        native: Ref<NativeFunction>,
        owner: Ref<Class>,
        receiver: Value,
    ) -> R<()> {
        if self.is_instance(receiver, owner) {
            return Ok(());
        }
        let (name, owner, got) = (
            native.def.signature.name,
            owner.name().to_string(),
            self.type_name(receiver),
        );
        let special = Sp::from_name(name).is_some();
        Err(self.type_error(if special {
            format!("descriptor '{name}' requires a '{owner}' object but received a '{got}'")
        } else {
            format!("descriptor '{name}' for '{owner}' objects doesn't apply to a '{got}' object")
        }))
    }

    /// The long way: binds by signature.
    #[inline(never)]
    fn call_native_bound(
        &mut self,
        native: Ref<NativeFunction>,
        given: &[Value],
        names: &[Value],
    ) -> R<Value> {
        let mut bound = Vec::with_capacity(native.def.signature.params.len());
        let mut given = given;
        // The receiver, or the class that a constructor gets, does not count in messages.
        if (native.def.method || !native.owner.is_null()) && given.len() > names.len() {
            bound.push(given[0]);
            given = &given[1..];
        } else if !native.owner.is_null() {
            return Err(self.receiver_missing(native));
        }
        self.check_receiver(native, &bound)?;
        self.bind(native, &mut bound, given, names)?;
        for &v in &bound {
            self.roots.push(v);
        }
        (native.def.func)(self, &bound)
    }

    /// Lays the arguments of a call of a Python function out as its parameters, in place.
    ///
    /// # Safety
    /// As [`Thread::prepare`].
    #[inline(never)]
    unsafe fn bind_python(
        &mut self,
        f: Ref<Function>,
        code: Ref<Code>,
        args: *mut Value,
        n: usize,
        names: Value,
    ) -> R<()> {
        // SAFETY (of the block): registers from `args` on are ours.
        unsafe {
            let names: &[Value] = crate::objects::native::tuple_items(names);
            let argcount = code.argcount as usize;
            let kwonly = code.kwonly as usize;
            let positional = n - names.len();
            if names.is_empty()
                && kwonly == 0
                && code.flags & (flags::VARARGS | flags::VARKEYWORDS) == 0
            {
                // Only defaults are missing, if anything.
                if positional == argcount {
                    return Ok(());
                }
                if positional < argcount {
                    let defaults = crate::objects::native::tuple_items(f.defaults.peek());
                    if positional + defaults.len() >= argcount {
                        // There may be more of them than parameters.
                        for i in positional..argcount {
                            *args.add(i) = defaults[i + defaults.len() - argcount];
                        }
                        return Ok(());
                    }
                }
            }
            let given: Vec<Value> = std::slice::from_raw_parts(args, n).to_vec();
            let before = self.claim(args.add(n.max(code.params as usize)));
            let r = self.bind_general(f, code, &given, names);
            self.vm.top = before;
            for (i, v) in r?.into_iter().enumerate() {
                *args.add(i) = v;
            }
            Ok(())
        }
    }

    fn bind_general(
        &mut self,
        f: Ref<Function>,
        code: Ref<Code>,
        given: &[Value],
        names: &[Value],
    ) -> R<Vec<Value>> {
        let (argcount, kwonly) = (code.argcount as usize, code.kwonly as usize);
        let posonly = code.unit.posonly as usize;
        let (positional, named) = given.split_at(given.len() - names.len());
        let named_params = argcount + kwonly;
        let mut out = vec![Value::NULL; code.params as usize];
        let direct = positional.len().min(argcount);
        out[..direct].copy_from_slice(&positional[..direct]);
        let mut at = named_params;
        if code.flags & flags::VARARGS != 0 {
            out[at] = self.tuple_value(&positional[direct..]);
            at += 1;
        }
        let mut kwargs = None;
        if code.flags & flags::VARKEYWORDS != 0 {
            let dict = Dict::new(self);
            out[at] = dict.value();
            kwargs = Some(dict);
        }
        for (i, &name) in names.iter().enumerate() {
            let Some(name) = self.name_value(name) else {
                return Err(self.type_error("keywords must be strings"));
            };
            let params = &code.varnames[posonly..named_params];
            match params.iter().position(|p| *p == name) {
                Some(p) => {
                    let p = p + posonly;
                    if !out[p].is_null() {
                        let (f, name) = (self.function_name(f), text(name));
                        return Err(self.type_error(format!(
                            "{f}() got multiple values for argument '{name}'"
                        )));
                    }
                    out[p] = named[i];
                }
                None => match kwargs {
                    Some(dict) => dict.insert_interned(self, name, named[i])?,
                    None => return Err(self.unexpected_keyword(f, code, name, names)),
                },
            }
        }
        if positional.len() > argcount && code.flags & flags::VARARGS == 0 {
            return Err(self.too_many_positional(f, code, positional.len(), &out));
        }
        if direct < argcount {
            let defaults = crate::objects::native::tuple_items(f.defaults.peek());
            for i in direct..argcount {
                if out[i].is_null() && i + defaults.len() >= argcount {
                    out[i] = defaults[i + defaults.len() - argcount];
                }
            }
            let missing: Vec<Value> = (0..argcount)
                .filter(|&i| out[i].is_null())
                .map(|i| code.varnames[i])
                .collect();
            if !missing.is_empty() {
                return Err(self.missing_parameters(f, "positional", &missing));
            }
        }
        let mut missing = vec![];
        for i in argcount..named_params {
            if out[i].is_null() {
                if let Some(defaults) = f.kwdefaults.peek().cast::<Dict>() {
                    out[i] = defaults.get_interned(self, code.varnames[i])?;
                }
                if out[i].is_null() {
                    missing.push(code.varnames[i]);
                }
            }
        }
        if !missing.is_empty() {
            return Err(self.missing_parameters(f, "keyword-only", &missing));
        }
        Ok(out)
    }

    fn function_name(&self, f: Ref<Function>) -> String {
        text(f.qualname.peek())
    }

    #[cold]
    fn unexpected_keyword(
        &mut self,
        f: Ref<Function>,
        code: Ref<Code>,
        name: Value,
        names: &[Value],
    ) -> Fail {
        let fname = self.function_name(f);
        let posonly: Vec<String> = code.varnames[..code.unit.posonly as usize]
            .iter()
            .filter(|p| names.iter().any(|n| text(*n) == text(**p)))
            .map(|p| text(*p))
            .collect();
        if !posonly.is_empty() {
            let list = posonly.join(", ");
            return self.type_error(format!(
                "{fname}() got some positional-only arguments passed as keyword arguments: '{list}'"
            ));
        }
        let name = text(name);
        let named = (code.argcount + code.kwonly) as usize;
        let known: Vec<String> = code.varnames[code.unit.posonly as usize..named]
            .iter()
            .map(|p| text(*p))
            .collect();
        let hint = crate::objects::traceback::suggest::keyword_hint(&known, &name);
        self.type_error(format!(
            "{fname}() got an unexpected keyword argument '{name}'{hint}"
        ))
    }

    #[cold]
    fn too_many_positional(
        &mut self,
        f: Ref<Function>,
        code: Ref<Code>,
        given: usize,
        out: &[Value],
    ) -> Fail {
        let fname = self.function_name(f);
        let argcount = code.argcount as usize;
        let defaults = crate::objects::native::tuple_items(f.defaults.peek()).len();
        let kwonly_given = (argcount..argcount + code.kwonly as usize)
            .filter(|&i| !out[i].is_null())
            .count();
        let (takes, plural) = if defaults > 0 {
            (
                format!("from {} to {argcount}", argcount - defaults.min(argcount)),
                true,
            )
        } else {
            (argcount.to_string(), argcount != 1)
        };
        let s = if plural { "s" } else { "" };
        let (extra, were) = if kwonly_given > 0 {
            let p = if given == 1 { "" } else { "s" };
            let k = if kwonly_given == 1 { "" } else { "s" };
            (
                format!(" positional argument{p} (and {kwonly_given} keyword-only argument{k})"),
                "were",
            )
        } else {
            (String::new(), if given == 1 { "was" } else { "were" })
        };
        self.type_error(format!(
            "{fname}() takes {takes} positional argument{s} but {given}{extra} {were} given"
        ))
    }

    #[cold]
    fn missing_parameters(&mut self, f: Ref<Function>, kind: &str, missing: &[Value]) -> Fail {
        let fname = self.function_name(f);
        let quoted: Vec<String> = missing.iter().map(|m| format!("'{}'", text(*m))).collect();
        let list = match quoted.as_slice() {
            [one] => one.clone(),
            [a, b] => format!("{a} and {b}"),
            many => format!(
                "{}, and {}",
                many[..many.len() - 1].join(", "),
                many[many.len() - 1]
            ),
        };
        let (n, s) = (missing.len(), if missing.len() == 1 { "" } else { "s" });
        self.type_error(format!(
            "{fname}() missing {n} required {kind} argument{s}: {list}"
        ))
    }

    /// `class(*args)` by `__new__` and `__init__`: what `type.__call__` does.
    pub fn type_call(&mut self, class: Ref<Class>, args: &[Value], names: Value) -> R<Value> {
        self.check_stack()?;
        let types = self.rt.types();
        if class == types.type_ && names.is_null() && args.len() == 1 {
            return Ok(self.class_of(args[0]).value());
        }
        if class.has_flag(class_flags::NO_NEW) {
            let name = class.name().to_string();
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        }
        let mark = self.roots.len();
        let new = class.special(Sp::New);
        let new = match new.cast::<crate::objects::define::StaticMethod>() {
            Some(s) => s.function.peek(),
            None => new,
        };
        if new.is_null() {
            let name = class.name().to_string();
            return Err(self.type_error(format!("cannot create '{name}' instances")));
        }
        let mut with_class = Vec::with_capacity(args.len() + 1);
        with_class.push(class.value());
        with_class.extend_from_slice(args);
        let instance = self.call_named(new, &with_class, names)?;
        if !self.is_instance(instance, class) {
            return Ok(instance);
        }
        self.roots.push(instance);
        let own = self.class_of(instance);
        let init = own.special(Sp::Init);
        if init != types.object.special(Sp::Init)
            || class.special(Sp::New) == types.object.special(Sp::New)
        {
            with_class[0] = instance;
            let r = match init.kind() {
                Kind::Function | Kind::NativeFunction => {
                    self.call_named(init, &with_class, names)?
                }
                _ => {
                    let bound = self.bind_attribute(init, instance, own)?;
                    self.call_named(bound, args, names)?
                }
            };
            if !r.is_none() {
                return Err(self.init_returned(r));
            }
        }
        if own.has_flag(class_flags::HAS_DEL) {
            self.watch_finalizer(instance);
        }
        self.roots.truncate(mark);
        Ok(instance)
    }

    /// The commonest calls of the commonest built-in classes, without looking up `__new__` and `__init__`. `None`: not one of them.
    fn construct_quick(&mut self, class: Ref<Class>, args: &[Value]) -> R<Option<Value>> {
        let t = self.rt.types();
        let made = match *args {
            [v] if class == t.type_ => self.class_of(v).value(),
            [v] if class == t.tuple => {
                if self.class_of(v) == t.tuple {
                    return Ok(Some(v));
                }
                let items = self.collect_items(v)?;
                self.tuple_value(&items)
            }
            [v] if class == t.list => {
                let list = List::new(self, &[]);
                list.extend(self, v)?;
                list.value()
            }
            [v] if class == t.set => {
                let set = Set::of_class(self, t.set);
                if v.kind() == Kind::Generator {
                    // Who knows how many: one buffer does for eight.
                    set.table().reserve(self, 8)?;
                }
                set.update(self, v)?;
                set.value()
            }
            [v] if class == t.str => self.to_str(v)?.value(),
            [v] if class == t.bool => Value::bool(self.truth(v)?),
            [v] if class == t.int && v.is_int() => v,
            [v] if class == t.float && v.is_float() => v,
            [v] if class == t.float && v.is_int() => Value::float(v.int_unchecked() as f64),
            [stop] if class == t.range && stop.is_int() => {
                let (zero, one) = (Value::small(0), Value::small(1));
                self.range_of(zero, stop, one)?.value()
            }
            [start, stop] if class == t.range && Value::both_int(start, stop) => {
                self.range_of(start, stop, Value::small(1))?.value()
            }
            [] if class == t.list => List::new(self, &[]).value(),
            [] if class == t.dict => Dict::new(self).value(),
            [] if class == t.set => Set::of_class(self, t.set).value(),
            _ => return Ok(None),
        };
        Ok(Some(made))
    }

    fn call_named(&mut self, f: Value, args: &[Value], names: Value) -> R<Value> {
        // SAFETY: the window above everything live.
        unsafe {
            self.check_stack()?;
            self.tick()?;
            let window = self.nested_window();
            if !self.vm.stacks.has_room(self.vm.fp, window.add(args.len())) {
                too_deep(self);
                return Err(self.vm.fail);
            }
            let first = window.add(2);
            std::ptr::copy_nonoverlapping(args.as_ptr(), first, args.len());
            self.vm.nested += 1;
            let prepared = self.prepare(f, first, args.len(), names, Return::Exit, 0);
            self.vm.nested -= 1;
            match prepared? {
                Prepared::Value(v) => Ok(v),
                Prepared::Pushed => self.run(),
            }
        }
    }

    /// `f(*args)`.
    pub fn call(&mut self, f: Value, args: &[Value]) -> R<Value> {
        self.call_named(f, args, Value::NULL)
    }
    /// `f(*args, **names)`: the last `names.len()` of `args` are given by name.
    pub fn call_kw(&mut self, f: Value, args: &[Value], names: &[Value]) -> R<Value> {
        if names.is_empty() {
            return self.call_named(f, args, Value::NULL);
        }
        let names = self.tuple_value(names);
        self.call_named(f, args, names)
    }
    /// `f(*args, **kwargs)` with a tuple and a dict (or null).
    pub fn call_ex(&mut self, f: Value, args: &[Value], kwargs: Value) -> R<Value> {
        let Some(dict) = kwargs.cast::<Dict>() else {
            return self.call(f, args);
        };
        let mut all = args.to_vec();
        let mut names = vec![];
        for (key, v) in dict.items(self)? {
            if key.kind() != Kind::Str {
                return Err(self.type_error("keywords must be strings"));
            }
            names.push(key);
            all.push(v);
        }
        self.call_kw(f, &all, &names)
    }
    /// Runs the code of a module, class body or `exec` in `globals`, with `namespace` (or null: the globals) as locals.
    pub fn run_code(&mut self, code: Ref<Code>, globals: Value, namespace: Value) -> R<Value> {
        let builtins = self.builtins_for(globals)?;
        let f = Function::new(
            self,
            code,
            globals,
            Value::NULL,
            Value::NULL,
            Value::NULL,
            Value::NULL,
            Value::NONE,
            builtins,
        )?;
        self.run_body(f, namespace)
    }
    /// Calls `function`, which has no parameters, with `namespace` as its locals: a class body.
    pub fn run_body(&mut self, function: Ref<Function>, namespace: Value) -> R<Value> {
        self.check_stack()?;
        // SAFETY: the window above everything live.
        unsafe {
            let window = self.nested_window();
            if !push(
                self,
                function,
                function.code(),
                window,
                Return::Exit,
                0,
                Value::NULL,
            ) {
                return Err(self.vm.fail);
            }
            (*self.vm.fp).namespace = namespace;
            self.run()
        }
    }

    /// The builtins that code with these globals sees.
    pub fn builtins_for(&mut self, globals: Value) -> R<Value> {
        let name = self.intern_value("__builtins__");
        let found = match globals.cast::<Dict>() {
            Some(dict) => dict.get_interned(self, name)?,
            None => Value::NULL,
        };
        if let Some(module) = found.cast::<crate::objects::define::Module>() {
            return Ok(module.dict().value());
        }
        if !found.is_null() {
            return Ok(found);
        }
        let builtins = self.rt.state.get("builtins");
        if let Some(dict) = globals.cast::<Dict>() {
            let module = self.rt.state.get("builtins module");
            let v = if module.is_null() { builtins } else { module };
            if !v.is_null() {
                dict.insert_interned(self, name, v)?;
            }
        }
        Ok(builtins)
    }

    /// A generator (coroutine, asynchronous generator) whose bound arguments lie at `args`.
    unsafe fn new_generator(
        &mut self,
        function: Ref<Function>,
        code: Ref<Code>,
        args: *mut Value,
    ) -> Value {
        let buf = crate::objects::list::ValueBuf::new(self, code.nregs as usize);
        for (i, slot) in buf.slots().iter().take(code.params as usize).enumerate() {
            // SAFETY: the arguments are there.
            slot.init(unsafe { *args.add(i) });
        }
        let types = self.rt.types();
        let class = if code.flags & flags::ASYNC_GENERATOR != 0 {
            types.async_generator
        } else if code.flags & flags::COROUTINE != 0 {
            types.coroutine
        } else {
            types.generator
        };
        let (name, qualname) = (function.name.peek(), function.qualname.peek());
        let object = Generator::new(function.value(), code.value(), name, qualname, buf.value());
        let made = self.alloc(class.root_shape(), object, 0).value();
        if code.closes {
            self.watch_finalizer(made);
        }
        made
    }

    /// Raises RecursionError when native code has nested too deeply; call it in native functions that recurse.
    #[inline]
    pub fn check_stack(&mut self) -> R<()> {
        if self.stack_left() < 256 << 10 {
            return Err(self.recursion_error("maximum recursion depth exceeded"));
        }
        Ok(())
    }
}

fn text(v: Value) -> String {
    v.cast::<Str>().map(|s| s.to_string()).unwrap_or_default()
}
