//! The operations that every value has, as native code uses them: calling, attributes, items, iteration, comparison,
//! text, truth, numbers. What the instructions do in their slow paths ends here too.

use num_bigint::BigInt;

use super::dict::Dict;
use super::int::Int;
use super::special::Sp;
use super::string::Str;
use crate::heap::{R, Ref, Thread, Value};

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

impl Thread {
    /// `getattr(v, name)` with an interned name.
    pub fn get_attr(&mut self, _v: Value, _name: Value) -> R<Value> {
        unimplemented!()
    }
    /// As [`Thread::get_attr`], null instead of AttributeError.
    pub fn get_attr_opt(&mut self, _v: Value, _name: Value) -> R<Value> {
        unimplemented!()
    }
    /// `getattr(v, "name")`.
    pub fn attr(&mut self, v: Value, name: &str) -> R<Value> {
        let name = self.intern_value(name);
        self.get_attr(v, name)
    }
    /// `setattr(v, name, x)` with an interned name.
    pub fn set_attr(&mut self, _v: Value, _name: Value, _x: Value) -> R<()> {
        unimplemented!()
    }
    /// `delattr(v, name)` with an interned name.
    pub fn del_attr(&mut self, _v: Value, _name: Value) -> R<()> {
        unimplemented!()
    }
    /// Calls special method `sp` of `v`, looked up on its class; null if there is none.
    pub fn call_special(&mut self, _v: Value, _sp: Sp, _args: &[Value]) -> R<Value> {
        unimplemented!()
    }
    /// `v.name(*args)`.
    pub fn call_method(&mut self, _v: Value, _name: &str, _args: &[Value]) -> R<Value> {
        unimplemented!()
    }
    /// `iter(v)`.
    pub fn iter(&mut self, _v: Value) -> R<Value> {
        unimplemented!()
    }
    /// `next(it)`, null at the end (StopIteration is swallowed).
    pub fn next(&mut self, _it: Value) -> R<Value> {
        unimplemented!()
    }
    /// Calls `f` for each item of an iterable until it says `false`.
    pub fn for_each(&mut self, _v: Value, _f: impl FnMut(&mut Thread, Value) -> R<bool>) -> R<()> {
        unimplemented!()
    }
    /// All items of an iterable. They stay rooted until the native function that asked returns to the loop.
    pub fn collect_items(&mut self, _v: Value) -> R<Vec<Value>> {
        unimplemented!()
    }
    /// `bool(v)`.
    pub fn truth(&mut self, _v: Value) -> R<bool> {
        unimplemented!()
    }
    /// `repr(v)`.
    pub fn repr(&mut self, _v: Value) -> R<Ref<Str>> {
        unimplemented!()
    }
    /// `str(v)`.
    pub fn to_str(&mut self, _v: Value) -> R<Ref<Str>> {
        unimplemented!()
    }
    /// `format(v, spec)`.
    pub fn format(&mut self, _v: Value, _spec: Ref<Str>) -> R<Ref<Str>> {
        unimplemented!()
    }
    /// `hash(v)`.
    pub fn hash(&mut self, _v: Value) -> R<i64> {
        unimplemented!()
    }
    /// `a is b or a == b`.
    pub fn equal(&mut self, _a: Value, _b: Value) -> R<bool> {
        unimplemented!()
    }
    /// The rich comparison, reflected and default forms included.
    pub fn compare(&mut self, _op: Cmp, _a: Value, _b: Value) -> R<Value> {
        unimplemented!()
    }
    /// `bool(a op b)`.
    pub fn compare_bool(&mut self, op: Cmp, a: Value, b: Value) -> R<bool> {
        let v = self.compare(op, a, b)?;
        self.truth(v)
    }
    /// `len(v)`.
    pub fn len_of(&mut self, _v: Value) -> R<usize> {
        unimplemented!()
    }
    /// `item in v`.
    pub fn contains(&mut self, _v: Value, _item: Value) -> R<bool> {
        unimplemented!()
    }
    /// `v[key]`.
    pub fn get_item(&mut self, _v: Value, _key: Value) -> R<Value> {
        unimplemented!()
    }
    /// `v[key] = x`.
    pub fn set_item(&mut self, _v: Value, _key: Value, _x: Value) -> R<()> {
        unimplemented!()
    }
    /// `del v[key]`.
    pub fn del_item(&mut self, _v: Value, _key: Value) -> R<()> {
        unimplemented!()
    }
    /// `a op b`.
    pub fn binary(&mut self, _op: BinOp, _a: Value, _b: Value) -> R<Value> {
        unimplemented!()
    }
    /// `a op= b`.
    pub fn inplace(&mut self, _op: BinOp, _a: Value, _b: Value) -> R<Value> {
        unimplemented!()
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
    pub fn is_instance_of(&mut self, _v: Value, _class: Value) -> R<bool> {
        unimplemented!()
    }
    /// `issubclass(c, class_or_tuple)`, hooks included.
    pub fn is_subclass_of(&mut self, _c: Value, _class: Value) -> R<bool> {
        unimplemented!()
    }
    /// The object's `__dict__`, made if there is none yet; null if the object has none.
    pub fn dict_of(&mut self, _v: Value) -> R<Option<Ref<Dict>>> {
        unimplemented!()
    }
    /// Sets an attribute of a class: the tables of it and its subclasses follow, and cached lookups end. Null deletes.
    pub fn class_set(
        &mut self,
        _class: Ref<super::class::Class>,
        _name: Value,
        _x: Value,
    ) -> R<()> {
        unimplemented!()
    }
}
