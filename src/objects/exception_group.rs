//! Exception groups: making, splitting, and what `except*` needs.

use super::class::class_flags;
use super::exception::Exception;
use super::exception_methods::{args_of, this};
use super::list::List;
use super::native::tuple_items;
use super::special::Sp;
use crate::heap::{Kind, R, Ref, Thread, Value};

/// Words: message, tuple of exceptions.
const MESSAGE: usize = 0;
const EXCEPTIONS: usize = 1;

impl Thread {
    fn is_group(&self, v: Value) -> bool {
        v.kind() == Kind::Exception
            && self.is_instance(v, self.rt.types().exceptions.base_exception_group)
    }

    /// The exceptions in a group.
    pub fn group_members(&mut self, group: Value) -> R<&'static [Value]> {
        let e = this(self, group)?;
        let members = self.get(e, &e.extra[EXCEPTIONS])?;
        Ok(tuple_items(members))
    }

    /// `BaseExceptionGroup(message, exceptions)`.
    fn new_group(&mut self, message: &str, members: Value) -> R<Value> {
        let class = self.rt.types().exceptions.base_exception_group.value();
        let message = self.str_value(message);
        self.call(class, &[message, members])
    }

    /// `group.derive(members)`, with the group's traceback, cause, context and notes.
    fn derive_group(&mut self, group: Value, members: &[Value]) -> R<Value> {
        let list = List::new(self, members).value();
        let new = self.call_method(group, "derive", &[list])?;
        if !self.is_group(new) {
            return Err(self.type_error("derive must return an instance of BaseExceptionGroup"));
        }
        let (old, e) = (this(self, group)?, this(self, new)?);
        let (tb, context, cause, suppress) = self.read(old, |o| {
            (
                o.traceback.peek(),
                o.context.peek(),
                o.cause.peek(),
                o.suppress.peek(),
            )
        })?;
        self.set(e, &e.traceback, tb)?;
        self.set(e, &e.context, context)?;
        self.set(e, &e.cause, cause)?;
        self.set_raw(e, &e.suppress, suppress)?;
        let name = self.intern_value("__notes__");
        let notes = self.get_attr_opt(group, name)?;
        if let Some(notes) = notes.cast::<List>() {
            let items = notes.items(self)?;
            let copy = List::new(self, &items).value();
            self.set_attr(new, name, copy)?;
        }
        Ok(new)
    }

    /// Splits `exc` into the part whose leaves (or whole subgroups) `test` picks and the rest; null where there is nothing.
    fn split_group(
        &mut self,
        exc: Value,
        test: &mut dyn FnMut(&mut Thread, Value) -> R<bool>,
    ) -> R<(Value, Value)> {
        self.check_stack()?;
        if test(self, exc)? {
            return Ok((exc, Value::NULL));
        }
        if !self.is_group(exc) {
            return Ok((Value::NULL, exc));
        }
        let (mut matched, mut rest) = (vec![], vec![]);
        for &member in self.group_members(exc)? {
            let (m, r) = self.split_group(member, test)?;
            for (v, list) in [(m, &mut matched), (r, &mut rest)] {
                if !v.is_null() {
                    self.roots.push(v);
                    list.push(v);
                }
            }
        }
        let part = |th: &mut Thread, list: &[Value]| {
            if list.is_empty() {
                Ok(Value::NULL)
            } else {
                th.derive_group(exc, list)
            }
        };
        let matched = part(self, &matched)?;
        let rest = part(self, &rest)?;
        Ok((matched, rest))
    }

    /// `except* types` for `exc`: the part that matches and the rest, None where there is nothing. A naked exception that matches
    /// comes wrapped in a group.
    pub fn group_match(&mut self, exc: Value, types: Value) -> R<(Value, Value)> {
        self.check_star_types(types)?;
        if exc.is_none() {
            return Ok((Value::NONE, Value::NONE));
        }
        if self.matches_any(exc, types) {
            if self.is_group(exc) {
                return Ok((exc, Value::NONE));
            }
            let members = self.tuple_value(&[exc]);
            let group = self.new_group("", members)?;
            let (old, e) = (this(self, exc)?, this(self, group)?);
            let tb = self.get(old, &old.traceback)?;
            self.set(e, &e.traceback, tb)?;
            return Ok((group, Value::NONE));
        }
        if !self.is_group(exc) {
            return Ok((Value::NONE, exc));
        }
        let pair = self.call_method(exc, "split", &[types])?;
        match tuple_items(pair) {
            [matched, rest, ..] => Ok((*matched, *rest)),
            _ => {
                let got = self.type_name(exc);
                Err(self.type_error(format!("{got}.split must return a 2-tuple")))
            }
        }
    }

    fn matches_any(&self, exc: Value, types: Value) -> bool {
        match types.as_class() {
            Some(class) => self.is_instance(exc, class),
            None => tuple_items(types).iter().any(|t| self.matches_any(exc, *t)),
        }
    }

    fn check_star_types(&mut self, types: Value) -> R<()> {
        let e = &self.rt.types().exceptions;
        let all = if types.kind() == Kind::Tuple {
            tuple_items(types).to_vec()
        } else {
            vec![types]
        };
        for t in all {
            match t.as_class() {
                Some(c) if c.is_subclass(e.base_exception_group) => {
                    return Err(self.type_error(
                        "catching ExceptionGroup with except* is not allowed. Use except instead.",
                    ));
                }
                Some(c) if c.is_subclass(e.base_exception) => {}
                _ => {
                    return Err(self.type_error(
                        "catching classes that do not inherit from BaseException is not allowed",
                    ));
                }
            }
        }
        Ok(())
    }

    /// At the end of `try`/`except*`: what is to be raised, or None. `original` is what was caught, `list` holds what the clauses
    /// raised and what none of them took.
    pub fn prep_reraise_star(&mut self, original: Value, list: Value) -> R<Value> {
        let mut left: Vec<Value> = self.collect_items(list)?;
        left.retain(|v| !v.is_none());
        if left.is_empty() {
            return Ok(Value::NONE);
        }
        if !self.is_group(original) {
            // A naked exception was wrapped: only one clause can have run.
            return Ok(left[0]);
        }
        let (mut raised, mut reraised) = (vec![], vec![]);
        for v in left {
            if self.same_origin(v, original)? {
                reraised.push(v);
            } else {
                raised.push(v);
            }
        }
        let mut leaves = vec![];
        for v in reraised {
            self.collect_leaves(v, &mut leaves)?;
        }
        let again = if leaves.is_empty() {
            Value::NULL
        } else {
            self.split_group(original, &mut |th, v| {
                Ok(!th.is_group(v) && leaves.contains(&v))
            })?
            .0
        };
        if raised.is_empty() {
            return Ok(again.or_none());
        }
        if !again.is_null() {
            raised.push(again);
        }
        if let [one] = raised[..] {
            return Ok(one);
        }
        let members = List::new(self, &raised).value();
        self.new_group("", members)
    }

    /// Is group `v` a part of `original`, by what splitting copies?
    fn same_origin(&mut self, v: Value, original: Value) -> R<bool> {
        if !self.is_group(v) || !self.is_group(original) {
            return Ok(false);
        }
        let parts = |th: &mut Thread, v: Value| -> R<[Value; 3]> {
            let e = this(th, v)?;
            th.read(e, |e| {
                [e.traceback.peek(), e.context.peek(), e.cause.peek()]
            })
        };
        Ok(parts(self, v)? == parts(self, original)?)
    }

    fn collect_leaves(&mut self, v: Value, out: &mut Vec<Value>) -> R<()> {
        if !self.is_group(v) {
            out.push(v);
            return Ok(());
        }
        self.check_stack()?;
        for &member in self.group_members(v)? {
            self.collect_leaves(member, out)?;
        }
        Ok(())
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = &th.rt.types().exceptions;
    let Some(mut class) = a[0].as_class() else {
        return Err(th.type_error("BaseExceptionGroup.__new__(X): X is not a type object"));
    };
    let args = tuple_items(a[1]);
    if args.len() != 2 {
        let n = args.len();
        return Err(th.type_error(format!(
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({n} given)"
        )));
    }
    if args[0].kind() != Kind::Str {
        let got = th.type_name(args[0]);
        return Err(th.type_error(format!(
            "BaseExceptionGroup.__new__() argument 1 must be str, not {got}"
        )));
    }
    let sequence = matches!(args[1].kind(), Kind::List | Kind::Tuple)
        || th.class_of(args[1]).has_flag(class_flags::SEQUENCE)
        || (!th.special(args[1], Sp::GetItem).is_null() && args[1].kind() != Kind::Dict);
    if !sequence {
        return Err(th.type_error("second argument (exceptions) must be a sequence"));
    }
    let members = th.collect_items(args[1])?;
    if members.is_empty() {
        return Err(th.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    let mut all_plain = true;
    for (i, v) in members.iter().enumerate() {
        if v.kind() != Kind::Exception {
            return Err(th.value_error(format!(
                "Item {i} of second argument (exceptions) is not an exception"
            )));
        }
        all_plain &= th.is_instance(*v, e.exception);
    }
    if class == e.base_exception_group {
        if all_plain {
            class = e.exception_group;
        }
    } else if !all_plain && class.is_subclass(e.exception) {
        let message = if class == e.exception_group {
            "Cannot nest BaseExceptions in an ExceptionGroup".to_string()
        } else {
            format!("Cannot nest BaseExceptions in '{}'", class.name())
        };
        return Err(th.type_error(message));
    }
    let group = th.alloc(class.root_shape(), Exception::new(a[1]), 0);
    let members = th.tuple_value(&members);
    group.extra[MESSAGE].init(args[0]);
    group.extra[EXCEPTIONS].init(members);
    Ok(group.value())
}

fn init_method(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    th.set(e, &e.args, a[1])?;
    Ok(Value::NONE)
}

fn str(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let message = th.get(e, &e.extra[MESSAGE])?;
    let message = th.to_str(message.or_none())?;
    let n = th.group_members(a[0])?.len();
    let s = if n == 1 { "" } else { "s" };
    Ok(th.str_value(&format!("{message} ({n} sub-exception{s})")))
}

fn repr(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let args = args_of(th, e)?;
    let name = th.short_type_name(a[0]);
    let text = th.repr(args)?;
    Ok(th.str_value(&format!("{name}{text}")))
}

fn derive(th: &mut Thread, a: &[Value]) -> R<Value> {
    let e = this(th, a[0])?;
    let message = th.get(e, &e.extra[MESSAGE])?;
    let class = th.rt.types().exceptions.base_exception_group.value();
    th.call(class, &[message, a[1]])
}

/// How `split` and `subgroup` pick.
fn condition(th: &mut Thread, v: Value) -> R<bool> {
    let base = th.rt.types().exceptions.base_exception;
    let is_class = |v: Value| v.as_class().is_some_and(|c| c.is_subclass(base));
    if is_class(v) || (v.kind() == Kind::Tuple && tuple_items(v).iter().all(|v| is_class(*v))) {
        return Ok(true);
    }
    if v.as_class().is_none() && th.is_callable(v) {
        return Ok(false);
    }
    Err(th.type_error(
        "expected an exception type, a tuple of exception types, or a callable (other than a class)",
    ))
}

fn split_by(th: &mut Thread, group: Value, by: Value) -> R<(Value, Value)> {
    let by_class = condition(th, by)?;
    th.split_group(group, &mut |th, v| {
        if by_class {
            Ok(th.matches_any(v, by))
        } else {
            let picked = th.call(by, &[v])?;
            th.truth(picked)
        }
    })
}

fn split(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (matched, rest) = split_by(th, a[0], a[1])?;
    Ok(th.tuple_value(&[matched.or_none(), rest.or_none()]))
}

fn subgroup(th: &mut Thread, a: &[Value]) -> R<Value> {
    Ok(split_by(th, a[0], a[1])?.0.or_none())
}

fn get_message(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(th.get(e, &e.extra[MESSAGE])?.or_none())
}
fn get_exceptions(th: &mut Thread, v: Value) -> R<Value> {
    let e = this(th, v)?;
    Ok(th.get(e, &e.extra[EXCEPTIONS])?.or_none())
}

/// Fills the two classes, of which `ExceptionGroup` has a second base.
pub(super) fn init(th: &mut Thread) {
    let types = th.rt.types();
    let e = &types.exceptions;
    let (base_group, group) = (e.base_exception_group, e.exception_group);
    let bases = th.tuple_value(&[base_group.value(), e.exception.value()]);
    group.bases.init(bases);
    let mro = [
        group,
        base_group,
        e.exception,
        e.base_exception,
        types.object,
    ]
    .map(|c: Ref<super::class::Class>| c.value());
    let mro = th.tuple_value(&mro);
    group.mro.init(mro);
    e.exception.subclasses.lock().push(group);
    th.fill(base_group, |t| {
        t.new("BaseExceptionGroup(cls, /, *args, **kwargs)", new);
        t.methods(&[
            ("__init__(self, /, *args, **kwargs)", init_method),
            ("__str__(self, /)", str),
            ("__repr__(self, /)", repr),
            ("derive(self, excs, /)", derive),
            ("split(self, matcher_value, /)", split),
            ("subgroup(self, matcher_value, /)", subgroup),
        ]);
        t.getset("message", get_message, None);
        t.getset("exceptions", get_exceptions, None);
        t.class_method(
            "__class_getitem__(cls, object, /)",
            super::generic_alias::class_getitem,
        );
    });
}
