//! Displays, comprehensions, f-strings, functions, imports and the odds and ends that are one call each.

use super::*;
use crate::code::Intrinsic as In;
use crate::code::instr::{a_of, b_of, c_of};
use crate::heap::{Fail, Kind, R, Ref, Thread};
use crate::objects::class::Class;
use crate::objects::dict::Dict;
use crate::objects::function::{Code, Function};
use crate::objects::list::List;
use crate::objects::set::Set;
use crate::objects::special::Sp;
use crate::objects::string::Str;
use crate::vm::dispatch::{flat, flat_unit, next};

/// Registers `b .. b+n` as a slice. The frame's registers stay where they are.
unsafe fn window<'a>(regs: *mut Value, b: usize, n: usize) -> &'a [Value] {
    // SAFETY: registers of the running frame.
    unsafe { std::slice::from_raw_parts(regs.add(b), n) }
}

/// A handler that is one call giving a value.
macro_rules! value_ops {
    ($($name:ident ($th:ident, $regs:ident, $w:ident, $pc:ident) [$ext:literal] $body:expr;)*) => {
        $(
            #[allow(non_snake_case)]
            mod $name {
                #[allow(unused_imports)]
                use super::*;
                #[allow(unused_variables, unused_unsafe)]
                fn inner($th: &mut Thread, $regs: *mut Value, $w: u64, $pc: *const u64) -> R<Value> {
                    // SAFETY: registers and words of the running frame.
                    unsafe { $body }
                }
                #[inline(never)]
                pub(super) fn body($th: &mut Thread, $regs: *mut Value, $w: u64, $pc: *const u64) -> Value {
                    let _ = ($pc, $w, $regs);
                    let r: R<Value> = inner($th, $regs, $w, $pc);
                    flat($th, r)
                }
            }
        )*
        handlers! {
            $($name(pc, regs, th, w) {
                slow!(M, pc, pc.add($ext), regs, th, a_of(w), $name::body(th, regs, w, pc))
            })*
        }
    };
}
/// A handler that is one call without a value.
macro_rules! unit_ops {
    ($($name:ident ($th:ident, $regs:ident, $w:ident) $body:expr;)*) => {
        $(
            #[allow(non_snake_case)]
            mod $name {
                #[allow(unused_imports)]
                use super::*;
                #[allow(unused_variables, unused_unsafe)]
                fn inner($th: &mut Thread, $regs: *mut Value, $w: u64) -> R<()> {
                    // SAFETY: registers of the running frame.
                    unsafe { $body }
                }
                #[inline(never)]
                pub(super) fn body($th: &mut Thread, $regs: *mut Value, $w: u64) -> bool {
                    let r: R<()> = inner($th, $regs, $w);
                    flat_unit($th, r)
                }
            }
        )*
        handlers! {
            $($name(pc, regs, th, w) {
                slow_unit!(M, pc, pc, regs, th, $name::body(th, regs, w))
            })*
        }
    };
}

value_ops! {
    BuildList(th, regs, w, pc) [0] Ok(List::new(th, window(regs, b_of(w), c_of(w))).value());
    BuildSet(th, regs, w, pc) [0] th.build_set(window(regs, b_of(w), c_of(w)));
    BuildMap(th, regs, w, pc) [0] th.build_map(window(regs, b_of(w), c_of(w) * 2));
    BuildString(th, regs, w, pc) [0] crate::objects::string::join(th, window(regs, b_of(w), c_of(w)));
    BuildSlice(th, regs, w, pc) [0] {
        let parts = window(regs, b_of(w), c_of(w));
        Ok(th.slice(parts[0], parts[1], parts.get(2).copied().unwrap_or(Value::NONE)).value())
    };
    ListToTuple(th, regs, w, pc) [0] {
        let items = th.collect_items(get(regs, b_of(w)))?;
        Ok(th.tuple_value(&items))
    };
    FormatValue(th, regs, w, pc) [0] th.format_value(get(regs, b_of(w)), c_of(w), Value::NULL);
    FormatSpec(th, regs, w, pc) [1] th.format_value(get(regs, b_of(w)), *pc as usize, get(regs, c_of(w)));
    BuildInterpolation(th, regs, w, pc) [0] {
        let parts = window(regs, b_of(w), 3);
        th.build_interpolation(parts[0], parts[1], c_of(w), parts[2])
    };
    BuildTemplate(th, regs, w, pc) [0] th.build_template(get(regs, b_of(w)), get(regs, c_of(w)));
    MakeFunction(th, regs, w, pc) [1] th.make_function(regs, b_of(w), c_of(w), *pc);
    LoadBuildClass(th, regs, w, pc) [0] th.builtin("__build_class__");
    LoadAssertionError(th, regs, w, pc) [0] Ok(th.rt.types().exceptions.assertion_error.value());
    Intrinsic(th, regs, w, pc) [0] th.intrinsic(c_of(w), get(regs, b_of(w)), Value::NULL);
    Intrinsic2(th, regs, w, pc) [0] th.intrinsic(c_of(w), get(regs, b_of(w)), get(regs, b_of(w) + 1));
    ImportName(th, regs, w, pc) [1] {
        let name = super::super::names::name_at(th, b_of(w));
        th.import_name(name, get(regs, c_of(w)), *pc as usize)
    };
    ImportFrom(th, regs, w, pc) [0] {
        let name = super::super::names::name_at(th, c_of(w));
        th.import_from(get(regs, b_of(w)), name)
    };
    ExcMatch(th, regs, w, pc) [0] th.exception_matches(get(regs, b_of(w)), get(regs, c_of(w))).map(Value::bool);
    PrepReraiseStar(th, regs, w, pc) [0] {
        th.prep_reraise_star(get(regs, b_of(w)), get(regs, c_of(w)))
    };
    GetAIter(th, regs, w, pc) [0] th.get_aiter(get(regs, b_of(w)));
    GetANext(th, regs, w, pc) [0] th.get_anext(get(regs, b_of(w)));
    GetYieldFromIter(th, regs, w, pc) [0] th.get_yield_from_iter(get(regs, b_of(w)));
    AsyncGenWrap(th, regs, w, pc) [0] th.async_gen_wrap(get(regs, b_of(w)));
    GetAwaitable(th, regs, w, pc) [0] th.get_awaitable(get(regs, b_of(w)), c_of(w));
    MatchKeys(th, regs, w, pc) [0] th.match_keys(get(regs, b_of(w)), get(regs, c_of(w)));
    MatchClass(th, regs, w, pc) [1] th.match_class(get(regs, b_of(w)), get(regs, c_of(w)), *pc);
    GetLen(th, regs, w, pc) [0] th.len_of(get(regs, b_of(w))).map(|n| Value::small(n as i64));
}

handlers! {
    BuildTuple(pc, regs, th, w) {
        if let Some(v) = th.tuple_quick(window(regs, b_of(w), c_of(w))) {
            set(regs, a_of(w), v);
            next!(M, pc, regs, th)
        }
        return BuildTupleSlow::<M>(pc, regs, th, w);
    }
    #[inline(never)]
    BuildTupleSlow(pc, regs, th, w) {
        slow!(M, pc, pc, regs, th, a_of(w), th.tuple_value(window(regs, b_of(w), c_of(w))))
    }
}

unit_ops! {
    ListAppend(th, regs, w) {
        // SAFETY (of the cast): the compiler made the list.
        let list: crate::heap::Ref<List> = get(regs, a_of(w)).cast_unchecked();
        list.push(th, get(regs, b_of(w)))
    };
    SetAdd(th, regs, w) {
        let set: crate::heap::Ref<Set> = get(regs, a_of(w)).cast_unchecked();
        set.add(th, get(regs, b_of(w))).map(|_| ())
    };
    MapAdd(th, regs, w) {
        let dict: crate::heap::Ref<Dict> = get(regs, a_of(w)).cast_unchecked();
        dict.insert(th, get(regs, b_of(w)), get(regs, c_of(w)))
    };
    ListExtend(th, regs, w) th.list_extend(get(regs, a_of(w)), get(regs, b_of(w)), c_of(w) == 1);
    SetUpdate(th, regs, w) {
        let set: crate::heap::Ref<Set> = get(regs, a_of(w)).cast_unchecked();
        th.for_each(get(regs, b_of(w)), |th, item| set.add(th, item).map(|_| true))
    };
    DictUpdate(th, regs, w) th.dict_update(get(regs, a_of(w)), get(regs, b_of(w)));
    DictMerge(th, regs, w) th.dict_merge(get(regs, a_of(w)), get(regs, b_of(w)), get(regs, c_of(w)));
    ImportStar(th, regs, w) th.import_star(get(regs, a_of(w)));
    ExcGroupMatch(th, regs, w) {
        let (matched, rest) = th.group_match(get(regs, b_of(w)), get(regs, c_of(w)))?;
        set(regs, a_of(w), matched);
        set(regs, a_of(w) + 1, rest);
        Ok(())
    };
    ExcTriple(th, regs, w) {
        let exc = get(regs, b_of(w));
        let class = th.class_of(exc);
        let tb = exc.cast::<crate::objects::exception::Exception>().map_or(Value::NULL, |e| e.traceback.peek());
        set(regs, a_of(w), class.value());
        set(regs, a_of(w) + 1, exc);
        set(regs, a_of(w) + 2, tb.or_none());
        Ok(())
    };
    SetupAnnotations(th, _regs, _w) th.setup_annotations();
}

handlers! {
    MatchSequence(pc, regs, th, w) {
        let class = th.class_of(get(regs, b_of(w)));
        set(regs, a_of(w), Value::bool(class.has_flag(crate::objects::class::class_flags::SEQUENCE)));
        next!(M, pc, regs, th)
    }
    MatchMapping(pc, regs, th, w) {
        let class = th.class_of(get(regs, b_of(w)));
        set(regs, a_of(w), Value::bool(class.has_flag(crate::objects::class::class_flags::MAPPING)));
        next!(M, pc, regs, th)
    }
}

impl Thread {
    fn build_set(&mut self, items: &[Value]) -> R<Value> {
        let set = Set::new(self);
        for &v in items {
            set.add(self, v)?;
        }
        Ok(set.value())
    }
    fn build_map(&mut self, pairs: &[Value]) -> R<Value> {
        let dict = Dict::new(self);
        for pair in pairs.chunks_exact(2) {
            dict.insert(self, pair[0], pair[1])?;
        }
        Ok(dict.value())
    }

    fn format_value(&mut self, v: Value, conversion: usize, spec: Value) -> R<Value> {
        let v = match conversion {
            1 => self.to_str(v)?.value(),
            2 => self.repr(v)?.value(),
            3 => self.ascii(v)?.value(),
            _ => v,
        };
        let types = self.rt.types();
        if spec.is_null() {
            if self.class_of(v) == types.str {
                return Ok(v);
            }
            let empty = self.intern("");
            return Ok(self.format(v, empty)?.value());
        }
        match spec.cast::<Str>() {
            Some(spec) => Ok(self.format(v, spec)?.value()),
            None => Err(self.type_error("format spec must be a string")),
        }
    }

    fn make_function(
        &mut self,
        regs: *mut Value,
        code: usize,
        base: usize,
        parts: u64,
    ) -> R<Value> {
        let Some(frame) = self.frame() else {
            unreachable!("functions are made by a frame")
        };
        let (function, code) = (frame.function, frame.code.consts[code]);
        let Some(code) = code.cast::<Code>() else {
            unreachable!("MakeFunction names a code constant")
        };
        let mut at = base;
        let mut part = |bit: u64| {
            if parts & bit == 0 {
                return Value::NULL;
            }
            at += 1;
            // SAFETY: registers of the running frame.
            unsafe { get(regs, at - 1) }
        };
        let (defaults, kwdefaults, annotate, closure) = (part(1), part(2), part(4), part(8));
        let globals = function.globals;
        let name = self.static_name("__name__");
        let module = match globals.cast::<Dict>() {
            Some(dict) => dict.get_interned(self, name)?,
            None => Value::NULL,
        };
        let builtins = function.builtins;
        let f = Function::new(
            self,
            code,
            globals,
            closure,
            defaults,
            kwdefaults,
            annotate,
            module.or_none(),
            builtins,
        )?;
        Ok(f.value())
    }

    /// A name of the `builtins` module.
    pub fn builtin(&mut self, name: &str) -> R<Value> {
        let interned = self.intern_value(name);
        let builtins = match self.frame() {
            Some(frame) => frame.function.builtins,
            None => self.rt.state.get("builtins"),
        };
        let v = match builtins.cast::<Dict>() {
            Some(dict) => dict.get_interned(self, interned)?,
            None => Value::NULL,
        };
        if v.is_null() {
            return Err(self.name_error(format!("{name} not found")));
        }
        Ok(v)
    }

    fn list_extend(&mut self, list: Value, v: Value, starred: bool) -> R<()> {
        // SAFETY: the compiler made the list.
        let list: crate::heap::Ref<List> = unsafe { list.cast_unchecked() };
        if starred && self.special(v, Sp::Iter).is_null() && self.special(v, Sp::GetItem).is_null()
        {
            let name = self.type_name(v);
            return Err(self.type_error(format!("Value after * must be an iterable, not {name}")));
        }
        self.for_each(v, |th, item| list.push(th, item).map(|()| true))
    }

    fn dict_update(&mut self, dict: Value, other: Value) -> R<()> {
        // SAFETY: the compiler made the dict.
        let dict: crate::heap::Ref<Dict> = unsafe { dict.cast_unchecked() };
        if other.kind() != Kind::Dict {
            let keys = self.intern_value("keys");
            if self.get_attr_opt(other, keys)?.is_null() {
                let name = self.type_name(other);
                return Err(self.type_error(format!("'{name}' object is not a mapping")));
            }
        }
        crate::vm::pending::dict_update(self, dict, other)
    }

    fn dict_merge(&mut self, dict: Value, other: Value, callee: Value) -> R<()> {
        // SAFETY: the compiler made the dict.
        let dict: crate::heap::Ref<Dict> = unsafe { dict.cast_unchecked() };
        let items = if let Some(other) = other.cast::<Dict>() {
            other.items(self)?
        } else {
            let keys = self.intern_value("keys");
            if self.get_attr_opt(other, keys)?.is_null() {
                let (f, name) = (self.callee_name(callee), self.type_name(other));
                return Err(self.type_error(format!(
                    "{f} argument after ** must be a mapping, not {name}"
                )));
            }
            let keys = self.call_method(other, "keys", &[])?;
            let keys = self.collect_items(keys)?;
            let mut items = vec![];
            for key in keys {
                let v = self.get_item(other, key)?;
                self.roots.push(v);
                items.push((key, v));
            }
            items
        };
        for (key, v) in items {
            if dict.contains(self, key)? {
                let f = self.callee_name(callee);
                if key.kind() != Kind::Str {
                    return Err(self.type_error(format!("{f} keywords must be strings")));
                }
                let key = self.to_str(key)?;
                return Err(self.type_error(format!(
                    "{f} got multiple values for keyword argument '{key}'"
                )));
            }
            dict.insert(self, key, v)?;
        }
        Ok(())
    }

    /// How messages name what is called.
    pub(crate) fn callee_name(&mut self, callee: Value) -> String {
        let name = self.intern_value("__qualname__");
        match self.get_attr_opt(callee, name) {
            Ok(v) if v.kind() == Kind::Str => {
                let module = self.intern_value("__module__");
                let own = v.cast::<Str>().map(|s| s.to_string()).unwrap_or_default();
                match self
                    .get_attr_opt(callee, module)
                    .ok()
                    .and_then(|m| m.cast::<Str>())
                {
                    Some(m) if m.to_string() != "builtins" => format!("{m}.{own}()"),
                    _ => format!("{own}()"),
                }
            }
            _ => {
                self.take_exc();
                format!("{} object", self.type_name(callee))
            }
        }
    }

    /// The items of `args`, for `callee(*args)`.
    pub(super) fn star_arguments(&mut self, callee: Value, args: Value) -> R<Vec<Value>> {
        let iterable =
            !self.special(args, Sp::Iter).is_null() || !self.special(args, Sp::GetItem).is_null();
        if !iterable {
            let (f, name) = (self.callee_name(callee), self.type_name(args));
            return Err(self.type_error(format!(
                "{f} argument after * must be an iterable, not {name}"
            )));
        }
        self.collect_items(args)
    }

    fn setup_annotations(&mut self) -> R<()> {
        let Some(frame) = self.frame() else {
            return Ok(());
        };
        let namespace = if frame.namespace.is_null() {
            frame.function.globals
        } else {
            frame.namespace
        };
        let name = self.intern_value("__annotations__");
        if self.namespace_get(namespace, name)?.is_null() {
            let dict = Dict::new(self).value();
            self.set_item(namespace, name, dict)?;
        }
        Ok(())
    }

    fn exception_matches(&mut self, exc: Value, classes: Value) -> R<bool> {
        let base = self.rt.types().exceptions.base_exception;
        let own = self.class_of(exc);
        let items: Vec<Value> = match classes.cast::<crate::objects::tuple::Tuple>() {
            Some(t) => t.items().to_vec(),
            None => vec![classes],
        };
        for &c in &items {
            if !c.as_class().is_some_and(|c| c.is_subclass(base)) {
                return Err(self.type_error(
                    "catching classes that do not inherit from BaseException is not allowed",
                ));
            }
        }
        Ok(items
            .iter()
            .any(|c| c.as_class().is_some_and(|c| own == c || own.is_subclass(c))))
    }

    fn match_keys(&mut self, subject: Value, keys: Value) -> R<Value> {
        let keys = crate::objects::native::tuple_items(keys);
        let mut values = Vec::with_capacity(keys.len());
        let mut seen: Vec<Value> = vec![];
        let get = self.attr(subject, "get")?;
        let marker = crate::objects::Instance::new();
        let class = self.rt.types().object;
        let marker = self.alloc(class.root_shape(), marker, 0).value();
        for &key in keys {
            for &other in &seen {
                if self.equal(other, key)? {
                    let key = self.repr(key)?;
                    return Err(
                        self.value_error(format!("mapping pattern checks duplicate key ({key})"))
                    );
                }
            }
            seen.push(key);
            let v = self.call(get, &[key, marker])?;
            if v == marker {
                return Ok(Value::NONE);
            }
            self.roots.push(v);
            values.push(v);
        }
        Ok(self.tuple_value(&values))
    }

    fn is_among(&mut self, names: &[Value], name: Value) -> R<bool> {
        for &known in names {
            if self.equal(known, name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn repeated_sub_pattern(&mut self, class: Ref<Class>, name: Value) -> R<Fail> {
        let (class, name) = (class.name().to_string(), self.to_str(name)?);
        Ok(self.type_error(format!(
            "{class}() got multiple sub-patterns for attribute '{name}'"
        )))
    }

    fn match_class(&mut self, subject: Value, class: Value, ext: u64) -> R<Value> {
        let positional = ext as u32 as usize;
        let Some(frame) = self.frame() else {
            unreachable!("patterns are matched by a frame")
        };
        let names = crate::objects::native::tuple_items(frame.code.consts[(ext >> 32) as usize]);
        let Some(c) = class.as_class() else {
            return Err(self.type_error("called match pattern must be a class"));
        };
        if !self.is_instance_of(subject, class)? {
            return Ok(Value::NONE);
        }
        let mut out = Vec::with_capacity(positional + names.len());
        let mut seen: Vec<Value> = vec![];
        if positional > 0 {
            let match_args = self.intern_value("__match_args__");
            let args = self.get_attr_opt(class, match_args)?;
            let class_name = c.name().to_string();
            if args.is_null() {
                if !c.has_flag(crate::objects::class::class_flags::MATCH_SELF) {
                    return Err(self.type_error(format!(
                        "{class_name}() accepts 0 positional sub-patterns ({positional} given)"
                    )));
                }
                if positional > 1 {
                    return Err(self.type_error(format!(
                        "{class_name}() accepts 1 positional sub-pattern ({positional} given)"
                    )));
                }
                out.push(subject);
            } else {
                if args.kind() != Kind::Tuple {
                    let name = self.type_name(args);
                    return Err(self.type_error(format!(
                        "{class_name}.__match_args__ must be a tuple (got {name})"
                    )));
                }
                let args = crate::objects::native::tuple_items(args);
                if args.len() < positional {
                    let s = if args.len() == 1 { "" } else { "s" };
                    return Err(self.type_error(format!(
                        "{class_name}() accepts {} positional sub-pattern{s} ({positional} given)",
                        args.len()
                    )));
                }
                for &name in &args[..positional] {
                    if name.kind() != Kind::Str {
                        let name = self.type_name(name);
                        return Err(self.type_error(format!(
                            "__match_args__ elements must be strings (got {name})"
                        )));
                    }
                    if self.is_among(&seen, name)? {
                        return Err(self.repeated_sub_pattern(c, name)?);
                    }
                    seen.push(name);
                    let Some(name) = self.name_value(name) else {
                        unreachable!()
                    };
                    let v = self.get_attr_opt(subject, name)?;
                    if v.is_null() {
                        return Ok(Value::NONE);
                    }
                    self.roots.push(v);
                    out.push(v);
                }
            }
        }
        for &name in names {
            if self.is_among(&seen, name)? {
                return Err(self.repeated_sub_pattern(c, name)?);
            }
            let Some(interned) = self.name_value(name) else {
                unreachable!("names are strings")
            };
            let v = self.get_attr_opt(subject, interned)?;
            if v.is_null() {
                return Ok(Value::NONE);
            }
            self.roots.push(v);
            out.push(v);
        }
        Ok(self.tuple_value(&out))
    }

    fn intrinsic(&mut self, which: usize, a: Value, b: Value) -> R<Value> {
        let is = |i: In| i as usize == which;
        if is(In::Display) {
            let sys = self.rt.state.get("sys");
            let hook = self.attr(sys, "displayhook")?;
            return self.call(hook, &[a]);
        }
        if is(In::StopIterationError) {
            return self.stop_iteration_error(a);
        }
        if is(In::SetFunctionTypeParams) {
            let name = self.intern_value("__type_params__");
            self.set_attr(a, name, b)?;
            return Ok(a);
        }
        self.typing_intrinsic(which, a, b)
    }
}
