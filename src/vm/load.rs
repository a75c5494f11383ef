//! Code units into the heap: constants and names become values.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::*};

use crate::code::{CodeUnit, Const, flags};
use crate::heap::{Header, R, Ref, Thread, Value};
use crate::objects::function::Code;

static IDS: AtomicUsize = AtomicUsize::new(0);

impl Thread {
    /// Loads a code unit and those within it.
    pub fn load_code(&mut self, unit: CodeUnit) -> R<Ref<Code>> {
        self.load_code_with(unit, None)
    }
    /// As [`Thread::load_code`], with these constants in place of the unit's.
    pub fn load_code_with(&mut self, unit: CodeUnit, given: Option<&[Value]>) -> R<Ref<Code>> {
        let mark = self.roots.len();
        let mut consts = Vec::with_capacity(unit.consts.len());
        for (i, c) in unit.consts.iter().enumerate() {
            let v = match given.and_then(|g| g.get(i)) {
                Some(v) => *v,
                None => self.load_const(c)?,
            };
            self.roots.push(v);
            consts.push(v);
        }
        let names: Vec<Value> = unit
            .names
            .iter()
            .map(|n| self.intern_wtf8(n.as_bytes()).value())
            .collect();
        let varnames: Vec<Value> = unit
            .varnames
            .iter()
            .map(|n| self.intern_wtf8(n.as_bytes()).value())
            .collect();
        let extra = [flags::VARARGS, flags::VARKEYWORDS]
            .iter()
            .filter(|&&f| unit.flags & f != 0)
            .count() as u32;
        let params = unit.argcount + unit.kwonly + extra;
        let locals = unit
            .cellvars
            .iter()
            .map(|c| c.1 as u32 + 1)
            .max()
            .unwrap_or(0)
            .max(unit.varnames.len() as u32);
        let odd = flags::VARARGS
            | flags::VARKEYWORDS
            | flags::GENERATOR
            | flags::COROUTINE
            | flags::ASYNC_GENERATOR;
        let (name, qualname) = (
            self.intern_wtf8(unit.name.as_bytes()).value(),
            self.intern_wtf8(unit.qualname.as_bytes()).value(),
        );
        let code = Code {
            header: Header::empty(),
            name,
            qualname,
            environment: Default::default(),
            noted: Default::default(),
            id: IDS.fetch_add(1, Relaxed),
            consts: consts.into(),
            names: names.into(),
            varnames: varnames.into(),
            argcount: unit.argcount,
            kwonly: unit.kwonly,
            nregs: unit.nregs,
            flags: unit.flags,
            params,
            locals: locals.max(params),
            plain: unit.flags & odd == 0 && unit.kwonly == 0,
            closes: super::finalize::may_need_closing(&unit),
            unit: Arc::new(unit),
        };
        let class = self.rt.types().code;
        let code = self.alloc(class.root_shape(), code, 0);
        self.roots.truncate(mark);
        Ok(code)
    }

    fn load_const(&mut self, c: &Const) -> R<Value> {
        Ok(match c {
            Const::None => Value::NONE,
            Const::Ellipsis => Value::ELLIPSIS,
            Const::Bool(b) => Value::bool(*b),
            Const::Int(i) => self.int(*i),
            Const::BigInt(i) => self.big(i.clone()),
            Const::Float(f) => Value::float(*f),
            Const::Complex(re, im) => {
                let class = self.rt.types().complex;
                self.alloc(
                    class.root_shape(),
                    crate::objects::Complex::new(*re, *im),
                    0,
                )
                .value()
            }
            Const::Str(s) => {
                // Short ones may be attribute names: interning makes them compare by address.
                if s.len() <= 64 {
                    self.intern_wtf8(s.as_bytes()).value()
                } else {
                    self.str_wtf8(s).value()
                }
            }
            Const::Bytes(b) => self.bytes(b).value(),
            Const::Tuple(items) => {
                let items = self.load_consts(items)?;
                self.tuple_value(&items)
            }
            Const::FrozenSet(items) => {
                let items = self.load_consts(items)?;
                super::pending::frozen(self, &items)?
            }
            Const::Slice(parts) => {
                let parts = self.load_consts(&parts[..])?;
                self.slice(parts[0], parts[1], parts[2]).value()
            }
            Const::Code(unit) => self.load_code((**unit).clone())?.value(),
        })
    }

    fn load_consts(&mut self, items: &[Const]) -> R<Vec<Value>> {
        let mut out = Vec::with_capacity(items.len());
        for c in items {
            let v = self.load_const(c)?;
            self.roots.push(v);
            out.push(v);
        }
        Ok(out)
    }
}
