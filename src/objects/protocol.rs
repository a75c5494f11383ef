//! The operations that every value has, as native code uses them: calling special methods, items, iteration, comparison,
//! text, truth. Attributes are in [`super::attribute`], numbers' operators in [`super::operators`]. What the instructions do in
//! their slow paths ends here too.

use num_bigint::BigInt;

use super::class::{Class, class_flags};
use super::define::{ClassMethod, StaticMethod};
use super::generator::Generator;
use super::int::Int;
use super::list::List;
use super::native::{NativeFunction, tuple_items};
use super::special::Sp;
use super::string::Str;
use crate::heap::{Fail, Kind, R, Ref, Thread, Value};

/// The rich comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl Cmp {
    /// The special method, and that of the operands swapped.
    pub const fn specials(self) -> (Sp, Sp) {
        match self {
            Cmp::Lt => (Sp::Lt, Sp::Gt),
            Cmp::Le => (Sp::Le, Sp::Ge),
            Cmp::Eq => (Sp::Eq, Sp::Eq),
            Cmp::Ne => (Sp::Ne, Sp::Ne),
            Cmp::Gt => (Sp::Gt, Sp::Lt),
            Cmp::Ge => (Sp::Ge, Sp::Le),
        }
    }
    pub const fn symbol(self) -> &'static str {
        match self {
            Cmp::Lt => "<",
            Cmp::Le => "<=",
            Cmp::Eq => "==",
            Cmp::Ne => "!=",
            Cmp::Gt => ">",
            Cmp::Ge => ">=",
        }
    }
}

/// The binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    And,
    Or,
    Xor,
}

/// A bool as the int that it is.
#[inline]
fn small_int(v: Value) -> Option<i64> {
    if v.is_int() {
        Some(v.int_unchecked())
    } else if v.is_bool() {
        Some((v == Value::TRUE) as i64)
    } else {
        None
    }
}

/// Compares an immediate int with a float exactly: ints of 51 bits are all floats.
fn order_numbers(a: Value, b: Value) -> Option<Option<std::cmp::Ordering>> {
    let number = |v: Value| v.as_float().or_else(|| small_int(v).map(|i| i as f64));
    Some(number(a)?.partial_cmp(&number(b)?))
}

impl Thread {
    /// Calls special method `sp` of `v`, looked up on its class; null if there is none.
    pub fn call_special(&mut self, v: Value, sp: Sp, args: &[Value]) -> R<Value> {
        let f = self.special(v, sp);
        if f.is_null() {
            return Ok(Value::NULL);
        }
        self.call_resolved(f, v, args)
    }

    /// Calls `f`, found in a dict of the method order of `v`'s class, as a method of `v`.
    pub fn call_resolved(&mut self, f: Value, v: Value, args: &[Value]) -> R<Value> {
        let with_receiver = |first: Value| {
            let mut buf = [Value::NULL; 8];
            buf[0] = first;
            buf[1..=args.len()].copy_from_slice(args);
            buf
        };
        if args.len() >= 8 {
            let class = self.class_of(v);
            let bound = self.bind_attr(f, v, class)?;
            return self.call(bound, args);
        }
        match f.kind() {
            Kind::Function => {
                let buf = with_receiver(v);
                self.call(f, &buf[..=args.len()])
            }
            Kind::NativeFunction => {
                let Some(native) = f.cast::<NativeFunction>() else {
                    return self.call(f, args);
                };
                if !native.is_method_descriptor() {
                    return self.call(f, args);
                }
                if let Some(owner) = native.owner.as_class()
                    && self.class_of(v) != owner
                    && !self.is_instance(v, owner)
                {
                    let (want, got) = (owner.name().to_string(), self.type_name(v));
                    let name = native.def.signature.name;
                    return Err(self.type_error(format!(
                        "descriptor '{name}' requires a '{want}' object but received a '{got}'"
                    )));
                }
                let buf = with_receiver(v);
                let signature = &native.def.signature;
                let (given, takes) = (args.len() + 1, signature.positional);
                if signature.simple && given <= takes && given >= signature.required && takes <= 8 {
                    // Bound by position already: left-out ones are null.
                    let mark = self.roots.len();
                    let result = (native.def.func)(self, &buf[..takes]);
                    self.roots.truncate(mark);
                    return result;
                }
                self.call(f, &buf[..given])
            }
            Kind::StaticMethod => match f.cast::<StaticMethod>() {
                Some(s) => {
                    let inner = self.get(s, &s.function)?;
                    self.call(inner, args)
                }
                None => self.call(f, args),
            },
            Kind::ClassMethod => match f.cast::<ClassMethod>() {
                Some(c) => {
                    let inner = self.get(c, &c.function)?;
                    let class = self.class_of(v).value();
                    self.call_resolved(inner, class, args)
                }
                None => self.call(f, args),
            },
            _ => {
                let get = self.special(f, Sp::Get);
                if get.is_null() {
                    return self.call(f, args);
                }
                let class = self.class_of(v).value();
                let bound = self.call_resolved(get, f, &[v, class])?;
                self.call(bound, args)
            }
        }
    }

    /// `iter(v)`.
    pub fn iter(&mut self, v: Value) -> R<Value> {
        let f = self.special(v, Sp::Iter);
        if f.is_null() || f.is_none() {
            if f.is_null() && !self.special(v, Sp::GetItem).is_null() && v.kind() != Kind::Dict {
                return Ok(self.sequence_iterator(v));
            }
            let name = self.type_name(v);
            return Err(self.type_error(format!("'{name}' object is not iterable")));
        }
        let it = self.call_resolved(f, v, &[])?;
        if self.special(it, Sp::Next).is_null() {
            let name = self.type_name(it);
            return Err(self.type_error(format!("iter() returned non-iterator of type '{name}'")));
        }
        Ok(it)
    }
    /// `next(it)`, null at the end (StopIteration is swallowed).
    pub fn next(&mut self, it: Value) -> R<Value> {
        // It may ask another for its next item, and that one another.
        self.check_stack()?;
        self.tick()?;
        if let Some(next) = self.class_of(it).native_next() {
            return next(self, it);
        }
        if let Some(g) = it.cast::<super::generator::Generator>() {
            if self.class_of(it) == self.rt.types().generator {
                return self.next_of_generator(g);
            }
        }
        let f = self.special(it, Sp::Next);
        if f.is_null() {
            let name = self.type_name(it);
            return Err(self.type_error(format!("'{name}' object is not an iterator")));
        }
        match self.call_resolved(f, it, &[]) {
            Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.stop_iteration) => {
                self.take_exc();
                Ok(Value::NULL)
            }
            result => result,
        }
    }
    /// Calls `f` for each item of an iterable until it says `false`.
    pub fn for_each(
        &mut self,
        v: Value,
        mut f: impl FnMut(&mut Thread, Value) -> R<bool>,
    ) -> R<()> {
        if self.is_plain_tuple(v) {
            for &item in tuple_items(v) {
                if !f(self, item)? {
                    break;
                }
            }
            return Ok(());
        }
        if let Some(list) = v.cast::<List>()
            && self.special(v, Sp::Iter) == self.rt.types().list.special(Sp::Iter)
        {
            let mut at = 0;
            loop {
                let item = list.get(self, at)?;
                if item.is_null() || !f(self, item)? {
                    return Ok(());
                }
                at += 1;
            }
        }
        let it = self.iter(v)?;
        if let Some(g) = it.cast::<Generator>()
            && self.class_of(it) == self.rt.types().generator
        {
            loop {
                let item = self.next_of_generator(g)?;
                if item.is_null() || !f(self, item)? {
                    return Ok(());
                }
            }
        }
        loop {
            let item = self.next(it)?;
            if item.is_null() || !f(self, item)? {
                return Ok(());
            }
        }
    }
    /// A tuple whose iteration is `tuple`'s own.
    fn is_plain_tuple(&self, v: Value) -> bool {
        v.kind() == Kind::Tuple
            && self.special(v, Sp::Iter) == self.rt.types().tuple.special(Sp::Iter)
    }
    /// All items of an iterable. They stay rooted until the native function that asked returns to the loop.
    pub fn collect_items(&mut self, v: Value) -> R<Vec<Value>> {
        let items = if self.is_plain_tuple(v) {
            tuple_items(v).to_vec()
        } else if let Some(list) = v.cast::<List>()
            && self.special(v, Sp::Iter) == self.rt.types().list.special(Sp::Iter)
        {
            list.items(self)?
        } else {
            let mut items = Vec::with_capacity(8);
            self.for_each(v, |th, item| {
                if items.len() == items.capacity() {
                    th.check_size(2 * items.len() * size_of::<Value>())?;
                }
                th.roots.push(item);
                items.push(item);
                Ok(true)
            })?;
            return Ok(items);
        };
        for &item in &items {
            self.roots.push(item)
        }
        Ok(items)
    }

    /// `bool(v)`.
    pub fn truth(&mut self, v: Value) -> R<bool> {
        match v {
            Value::TRUE => return Ok(true),
            Value::FALSE | Value::NONE => return Ok(false),
            _ => {}
        }
        if let Some(i) = v.as_int() {
            return Ok(i != 0);
        }
        if let Some(f) = v.as_float() {
            return Ok(f != 0.0);
        }
        let class = self.class_of(v);
        let types = self.rt.types();
        if class == types.str {
            return Ok(v.cast::<Str>().is_some_and(|s| !s.is_empty()));
        }
        if class == types.tuple {
            return Ok(!tuple_items(v).is_empty());
        }
        let f = class.special(Sp::Bool);
        if f.is_null() && class.special(Sp::Len).is_null() {
            return Ok(true);
        }
        if !f.is_null() {
            let result = self.call_resolved(f, v, &[])?;
            if !result.is_bool() {
                let name = self.type_name(result);
                return Err(
                    self.type_error(format!("__bool__ should return bool, returned {name}"))
                );
            }
            return Ok(result == Value::TRUE);
        }
        if !class.special(Sp::Len).is_null() {
            return Ok(self.len_of(v)? != 0);
        }
        Ok(true)
    }

    fn text_of(&mut self, v: Value, sp: Sp) -> R<Ref<Str>> {
        let result = self.call_special(v, sp, &[])?;
        match result.cast::<Str>() {
            Some(s) => Ok(s),
            None => {
                let name = if result.is_null() {
                    "nothing".to_string()
                } else {
                    self.type_name(result)
                };
                let what = sp.name();
                Err(self.type_error(format!("{what} returned non-string (type {name})")))
            }
        }
    }
    /// `repr(v)`.
    pub fn repr(&mut self, v: Value) -> R<Ref<Str>> {
        self.check_stack()?;
        if let Some(i) = v.as_int() {
            return Ok(self.str(&i.to_string()));
        }
        self.text_of(v, Sp::Repr)
    }
    /// `str(v)`.
    pub fn to_str(&mut self, v: Value) -> R<Ref<Str>> {
        if let Some(s) = v.cast::<Str>()
            && self.class_of(v) == self.rt.types().str
        {
            return Ok(s);
        }
        self.check_stack()?;
        self.text_of(v, Sp::Str)
    }
    /// `ascii(v)`: the repr with everything but ASCII escaped.
    pub fn ascii(&mut self, v: Value) -> R<Ref<Str>> {
        let text = self.repr(v)?;
        if text.is_ascii() {
            return Ok(text);
        }
        let mut out = String::new();
        for c in text.as_wtf8().code_points() {
            match c.to_u32() {
                c @ 0..=0x7f => out.push(c as u8 as char),
                c @ 0x80..=0xff => out.push_str(&format!("\\x{c:02x}")),
                c @ 0x100..=0xffff => out.push_str(&format!("\\u{c:04x}")),
                c => out.push_str(&format!("\\U{c:08x}")),
            }
        }
        Ok(self.str(&out))
    }
    /// `format(v, spec)`.
    pub fn format(&mut self, v: Value, spec: Ref<Str>) -> R<Ref<Str>> {
        if spec.is_empty() {
            let types = self.rt.types();
            let class = self.class_of(v);
            if class == types.str || class == types.int {
                return self.to_str(v);
            }
        }
        let result = self.call_special(v, Sp::Format, &[spec.value()])?;
        if result.is_null() {
            let name = self.type_name(v);
            return Err(self.type_error(format!("Type {name} doesn't define __format__")));
        }
        match result.cast::<Str>() {
            Some(s) => Ok(s),
            None => {
                let name = self.type_name(result);
                Err(self.type_error(format!("__format__ must return a str, not {name}")))
            }
        }
    }

    /// `hash(v)`.
    pub fn hash(&mut self, v: Value) -> R<i64> {
        if let Some(i) = small_int(v) {
            return Ok(if i == -1 { -2 } else { i });
        }
        if let Some(s) = v.cast::<Str>()
            && self.class_of(v) == self.rt.types().str
        {
            return Ok(s.hash(self));
        }
        let f = self.special(v, Sp::Hash);
        if f.is_null() || f.is_none() {
            let name = self.type_name(v);
            return Err(self.type_error(format!("unhashable type: '{name}'")));
        }
        let result = self.call_resolved(f, v, &[])?;
        if let Some(i) = small_int(result) {
            return Ok(if i == -1 { -2 } else { i });
        }
        match self.as_bigint(result) {
            Some(big) => {
                let hash = i64::try_from(&big).unwrap_or_else(|_| big_hash(&big));
                Ok(if hash == -1 { -2 } else { hash })
            }
            None => Err(self.type_error("__hash__ method should return an integer")),
        }
    }

    /// `a is b or a == b`.
    pub fn equal(&mut self, a: Value, b: Value) -> R<bool> {
        if a == b {
            return Ok(true);
        }
        if Value::both_int(a, b) {
            return Ok(false);
        }
        self.compare_bool(Cmp::Eq, a, b)
    }

    /// Both exact strings?
    #[inline]
    fn both_str(&self, a: Value, b: Value) -> Option<(Ref<Str>, Ref<Str>)> {
        let (x, y) = (a.cast::<Str>()?, b.cast::<Str>()?);
        let str = self.rt.types().str;
        (self.class_of(a) == str && self.class_of(b) == str).then_some((x, y))
    }

    /// The comparison of two values of the simplest types, without running anything.
    #[inline]
    fn compare_simple(&self, op: Cmp, a: Value, b: Value) -> Option<bool> {
        if Value::both_int(a, b) {
            return Some(op.holds_partly(Some(a.int_unchecked().cmp(&b.int_unchecked()))));
        }
        if let Some((x, y)) = self.both_str(a, b) {
            // WTF-8 sorts as the code points do.
            return Some(match op {
                Cmp::Eq => x == y || x.as_bytes() == y.as_bytes(),
                Cmp::Ne => x != y && x.as_bytes() != y.as_bytes(),
                _ => op.holds_partly(Some(x.as_bytes().cmp(y.as_bytes()))),
            });
        }
        order_numbers(a, b).map(|order| op.holds_partly(order))
    }

    /// The rich comparison, reflected and default forms included.
    pub fn compare(&mut self, op: Cmp, a: Value, b: Value) -> R<Value> {
        if let Some(result) = self.compare_simple(op, a, b) {
            return Ok(Value::bool(result));
        }
        self.check_stack()?;
        let (sp, reflected) = op.specials();
        let (ca, cb) = (self.class_of(a), self.class_of(b));
        let (fa, fb) = (ca.special(sp), cb.special(reflected));
        let mut tried = false;
        if ca != cb && !fb.is_null() && cb.is_subclass(ca) {
            tried = true;
            let result = self.call_resolved(fb, b, &[a])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if !fa.is_null() {
            let result = self.call_resolved(fa, a, &[b])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        if !tried && !fb.is_null() {
            let result = self.call_resolved(fb, b, &[a])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
        match op {
            Cmp::Eq => Ok(Value::bool(a == b)),
            Cmp::Ne => Ok(Value::bool(a != b)),
            _ => {
                let (x, y) = (self.type_name(a), self.type_name(b));
                Err(self.type_error(format!(
                    "'{}' not supported between instances of '{x}' and '{y}'",
                    op.symbol()
                )))
            }
        }
    }
    /// `bool(a op b)`.
    pub fn compare_bool(&mut self, op: Cmp, a: Value, b: Value) -> R<bool> {
        if let Some(result) = self.compare_simple(op, a, b) {
            return Ok(result);
        }
        let v = self.compare(op, a, b)?;
        self.truth(v)
    }

    /// `len(v)`.
    pub fn len_of(&mut self, v: Value) -> R<usize> {
        let class = self.class_of(v);
        let types = self.rt.types();
        if class == types.str {
            return Ok(v.cast::<Str>().map_or(0, |s| s.len()));
        }
        if class == types.tuple {
            return Ok(tuple_items(v).len());
        }
        let f = class.special(Sp::Len);
        if f.is_null() || f.is_none() {
            let name = self.type_name(v);
            return Err(self.type_error(format!("object of type '{name}' has no len()")));
        }
        let result = self.call_resolved(f, v, &[])?;
        let n = match result.as_int() {
            Some(n) => n,
            None => self.index_i64(result)?,
        };
        usize::try_from(n).map_err(|_| self.value_error("__len__() should return >= 0"))
    }

    /// `operator.length_hint(v)`: 0 if nothing is known.
    pub fn length_hint(&mut self, v: Value) -> R<usize> {
        if !self.special(v, Sp::Len).is_null() {
            match self.len_of(v) {
                Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.type_error) => {
                    self.take_exc();
                }
                result => return result,
            }
        }
        let hint = match self.call_special(v, Sp::LengthHint, &[]) {
            Err(Fail::Raise) if self.raised_is(self.rt.types().exceptions.type_error) => {
                self.take_exc();
                return Ok(0);
            }
            hint => hint?,
        };
        if hint.is_null() || hint == Value::NOT_IMPLEMENTED {
            return Ok(0);
        }
        if small_int(hint).is_none() && self.as_bigint(hint).is_none() {
            let name = self.type_name(hint);
            return Err(self.type_error(format!("__length_hint__ must be an integer, not {name}")));
        }
        let n = self.index_i64(hint)?;
        usize::try_from(n).map_err(|_| self.value_error("__length_hint__() should return >= 0"))
    }

    /// `item in v`.
    pub fn contains(&mut self, v: Value, item: Value) -> R<bool> {
        let f = self.special(v, Sp::Contains);
        if f.is_none() {
            let name = self.type_name(v);
            return Err(self.type_error(format!("'{name}' object is not a container")));
        }
        if !f.is_null() {
            let result = self.call_resolved(f, v, &[item])?;
            return self.truth(result);
        }
        if self.special(v, Sp::Iter).is_null() && self.special(v, Sp::GetItem).is_null() {
            let name = self.type_name(v);
            return Err(self.type_error(format!(
                "argument of type '{name}' is not a container or iterable"
            )));
        }
        let mut found = false;
        self.for_each(v, |th, x| {
            found = th.equal(x, item)?;
            Ok(!found)
        })?;
        Ok(found)
    }

    /// `v[key]`.
    pub fn get_item(&mut self, v: Value, key: Value) -> R<Value> {
        let f = self.special(v, Sp::GetItem);
        if !f.is_null() && !f.is_none() {
            return self.call_resolved(f, v, &[key]);
        }
        if let Some(class) = v.as_class() {
            if class == self.rt.types().type_ {
                return self.generic_alias(v, key);
            }
            let name = self.intern_value(Sp::ClassGetItem.name());
            let hook = self.get_attr_opt(v, name)?;
            if !hook.is_null() && !hook.is_none() {
                return self.call(hook, &[key]);
            }
            let name = class.name().to_string();
            return Err(self.type_error(format!("type '{name}' is not subscriptable")));
        }
        let name = self.type_name(v);
        Err(self.type_error(format!("'{name}' object is not subscriptable")))
    }
    /// `v[key] = x`.
    pub fn set_item(&mut self, v: Value, key: Value, x: Value) -> R<()> {
        let result = self.call_special(v, Sp::SetItem, &[key, x])?;
        if result.is_null() {
            let name = self.type_name(v);
            return Err(
                self.type_error(format!("'{name}' object does not support item assignment"))
            );
        }
        Ok(())
    }
    /// `del v[key]`.
    pub fn del_item(&mut self, v: Value, key: Value) -> R<()> {
        let result = self.call_special(v, Sp::DelItem, &[key])?;
        if result.is_null() {
            let class = self.class_of(v);
            // CPython words it differently on its two ways to items.
            let by_index = !self.special(key, Sp::Index).is_null()
                && (class.has_flag(class_flags::HEAP)
                    || matches!(
                        v.kind(),
                        Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Range
                    ));
            let verb = if by_index {
                "doesn't support"
            } else {
                "does not support"
            };
            let name = class.name().to_string();
            return Err(self.type_error(format!("'{name}' object {verb} item deletion")));
        }
        Ok(())
    }
    /// `operator.index(v)`, an int of any size as a value.
    pub fn index(&mut self, v: Value) -> R<Value> {
        if self.is_int(v) {
            return Ok(self.exact_int(v));
        }
        let result = self.call_special(v, Sp::Index, &[])?;
        if result.is_null() {
            let name = self.type_name(v);
            return Err(self.type_error(format!(
                "'{name}' object cannot be interpreted as an integer"
            )));
        }
        if !self.is_int(result) {
            let name = self.type_name(result);
            return Err(self.type_error(format!("__index__ returned non-int (type {name})")));
        }
        Ok(self.exact_int(result))
    }
    /// `operator.index(v)` as a machine number; OverflowError ("cannot fit 'int' into an index-sized integer").
    #[inline]
    pub fn index_i64(&mut self, v: Value) -> R<i64> {
        if let Some(i) = v.as_int() {
            return Ok(i);
        }
        match self.index_of(v)?.to_i64() {
            Some(i) => Ok(i),
            None => {
                let name = self.type_name(v);
                Err(self.overflow_error(format!("cannot fit '{name}' into an index-sized integer")))
            }
        }
    }
    /// The number in an int of any size (bools and int subclasses included), if `v` is one.
    pub fn as_bigint(&self, v: Value) -> Option<BigInt> {
        Some(Int::of(v)?.to_big().into_owned())
    }
    /// `callable(v)`.
    pub fn is_callable(&self, v: Value) -> bool {
        !self.special(v, Sp::Call).is_null()
    }

    /// `isinstance(v, class_or_tuple)`, hooks included.
    pub fn is_instance_of(&mut self, v: Value, class: Value) -> R<bool> {
        let types = self.rt.types();
        if let Some(c) = class.as_class() {
            if self.class_of(v) == c {
                return Ok(true);
            }
            if c.metaclass().special(Sp::InstanceCheck) == types.type_.special(Sp::InstanceCheck) {
                return self.type_instance_check(c, v);
            }
        } else if class.kind() == Kind::Tuple {
            self.check_stack()?;
            for &c in tuple_items(class) {
                if self.is_instance_of(v, c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        } else if let Some(members) = self.union_members(class) {
            for &c in tuple_items(members) {
                if c.kind() == Kind::Native && c.as_class().is_none() && !c.is_none() {
                    self.reject_generic(
                        c,
                        "isinstance() argument 2 cannot be a parameterized generic",
                    )?;
                }
                let c = if c.is_none() {
                    types.none_type.value()
                } else {
                    c
                };
                if self.is_instance_of(v, c)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        self.check_stack()?;
        let hook = self.call_special(class, Sp::InstanceCheck, &[v])?;
        if !hook.is_null() {
            return self.truth(hook);
        }
        self.abstract_instance_check(v, class)
    }

    /// `type.__instancecheck__`: the class, or what the object claims as `__class__`.
    pub fn type_instance_check(&mut self, class: Ref<Class>, v: Value) -> R<bool> {
        if self.is_instance(v, class) {
            return Ok(true);
        }
        if !v.is_object()
            || self.class_of(v).has_flag(class_flags::PLAIN_GET) && !self.claims_class(v)?
        {
            return Ok(false);
        }
        let claimed = self.attr_opt(v, "__class__")?;
        Ok(claimed
            .as_class()
            .is_some_and(|c| c != self.class_of(v) && c.is_subclass(class)))
    }

    /// Does the class of `v` say something else than `object` about `__class__`?
    fn claims_class(&mut self, v: Value) -> R<bool> {
        let name = self.intern_value("__class__");
        let object = self.rt.types().object;
        let own = self.class_of(v);
        Ok(self.class_lookup(own, name)? != self.class_lookup(object, name)?)
    }

    fn abstract_bases(&mut self, c: Value) -> R<Value> {
        let bases = self.attr_opt(c, "__bases__")?;
        Ok(if bases.kind() == Kind::Tuple {
            bases
        } else {
            Value::NULL
        })
    }

    fn abstract_instance_check(&mut self, v: Value, class: Value) -> R<bool> {
        if self.abstract_bases(class)?.is_null() {
            return Err(
                self.type_error("isinstance() arg 2 must be a type, a tuple of types, or a union")
            );
        }
        let own = self.attr_opt(v, "__class__")?;
        if own.is_null() {
            return Ok(false);
        }
        self.abstract_subclass(own, class)
    }

    fn abstract_subclass(&mut self, c: Value, class: Value) -> R<bool> {
        self.check_stack()?;
        if c == class {
            return Ok(true);
        }
        let bases = self.abstract_bases(c)?;
        for &base in tuple_items(bases) {
            if self.abstract_subclass(base, class)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `issubclass(c, class_or_tuple)`, hooks included.
    pub fn is_subclass_of(&mut self, c: Value, class: Value) -> R<bool> {
        let types = self.rt.types();
        if let Some(d) = class.as_class()
            && d.metaclass().special(Sp::SubclassCheck) == types.type_.special(Sp::SubclassCheck)
        {
            if let Some(c) = c.as_class() {
                return Ok(c.is_subclass(d));
            }
            return self.recursive_subclass_check(c, class);
        }
        if class.kind() == Kind::Tuple {
            self.check_stack()?;
            for &d in tuple_items(class) {
                if self.is_subclass_of(c, d)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        if let Some(members) = self.union_members(class) {
            for &d in tuple_items(members) {
                if d.kind() == Kind::Native {
                    self.reject_generic(
                        d,
                        "issubclass() argument 2 cannot be a parameterized generic",
                    )?;
                }
                let d = if d.is_none() {
                    types.none_type.value()
                } else {
                    d
                };
                if self.is_subclass_of(c, d)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        self.check_stack()?;
        let hook = self.call_special(class, Sp::SubclassCheck, &[c])?;
        if !hook.is_null() {
            return self.truth(hook);
        }
        self.recursive_subclass_check(c, class)
    }

    /// `type.__subclasscheck__`: by the method order, or by `__bases__` for what only looks like classes.
    pub fn recursive_subclass_check(&mut self, c: Value, class: Value) -> R<bool> {
        if let (Some(c), Some(d)) = (c.as_class(), class.as_class()) {
            return Ok(c.is_subclass(d));
        }
        if c.as_class().is_none() && self.abstract_bases(c)?.is_null() {
            return Err(self.type_error("issubclass() arg 1 must be a class"));
        }
        if class.as_class().is_none() && self.abstract_bases(class)?.is_null() {
            return Err(self
                .type_error("issubclass() arg 2 must be a class, a tuple of classes, or a union"));
        }
        self.abstract_subclass(c, class)
    }

    fn reject_generic(&mut self, c: Value, message: &str) -> R<()> {
        if self.is_generic_alias(c) {
            return Err(self.type_error(message));
        }
        Ok(())
    }
}

/// The hash of an int of any size: its residue by 2**61 - 1, with its sign.
fn big_hash(big: &BigInt) -> i64 {
    let residue = big % ((1i64 << 61) - 1);
    i64::try_from(&residue).unwrap_or(0)
}
