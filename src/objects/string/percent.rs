//! `template % arguments`.

use num_bigint::BigInt;
use rustpython_wtf8::{CodePoint, Wtf8Buf};

use super::Str;
use crate::heap::{Fail, R, Ref, Thread, Value};
use crate::objects::special::Sp;
use crate::objects::tuple::Tuple;
use crate::text::percent::{
    Conversion, Count, PercentParser, PercentPart, PercentSpec, Template, arguments_left,
    char_out_of_range, char_required, not_enough_arguments, number_required, requires_mapping,
    star_wants_int,
};
use crate::text::repr::escape_non_ascii;

/// The right side of `%`: a tuple's items one after the other, or one value, or a mapping.
pub(crate) struct Arguments {
    tuple: Option<Ref<Tuple>>,
    single: Value,
    mapping: bool,
    used: usize,
}

impl Arguments {
    /// `template_kind` is the class whose instances are no mappings here although they have items (`str`, `bytes`).
    pub(crate) fn new(th: &Thread, v: Value) -> Arguments {
        let tuple = v.cast::<Tuple>();
        let text = v.cast::<Str>().is_some() || th.is_bytes(v);
        Arguments {
            tuple,
            single: v,
            mapping: tuple.is_none() && !text && !th.special(v, Sp::GetItem).is_null(),
            used: 0,
        }
    }
    pub(crate) fn next(&mut self, th: &mut Thread) -> R<Value> {
        let found = match self.tuple {
            Some(t) => t.items().get(self.used).copied(),
            None if self.used == 0 => Some(self.single),
            None => None,
        };
        self.used += 1;
        found.ok_or_else(|| th.raise_text(not_enough_arguments()))
    }
    /// Chooses the value for `%(key)s`, which the next conversion takes.
    pub(crate) fn select(&mut self, th: &mut Thread, mapping: Value, key: Value) -> R<()> {
        if !self.mapping {
            return Err(th.raise_text(requires_mapping()));
        }
        self.single = th.get_item(mapping, key)?;
        self.tuple = None;
        self.used = 0;
        Ok(())
    }
    pub(crate) fn finish(&self, th: &mut Thread, bytes: bool) -> R<()> {
        let all = self.tuple.map_or(1, |t| t.len());
        if self.used < all && !self.mapping {
            return Err(th.raise_text(arguments_left(bytes)));
        }
        Ok(())
    }
}

/// Supplies what `*` stands for.
pub(crate) fn supply_counts<T: Template + ?Sized>(
    th: &mut Thread,
    spec: &mut PercentSpec<'_, T>,
    args: &mut Arguments,
) -> R<()> {
    let star = |th: &mut Thread, args: &mut Arguments| -> R<isize> {
        let v = args.next(th)?;
        let Some(i) = th.as_bigint(v) else {
            return Err(th.raise_text(star_wants_int()));
        };
        match i64::try_from(i) {
            Ok(i) => Ok(i as isize),
            Err(_) => Err(th.overflow_error("Python int too large to convert to C ssize_t")),
        }
    };
    if spec.width == Some(Count::Argument) {
        let width = star(th, args)?;
        spec.supply_width(width);
    }
    if spec.precision == Some(Count::Argument) {
        let precision = star(th, args)?;
        if precision > i32::MAX as isize {
            return Err(th.overflow_error("Python int too large to convert to C int"));
        }
        spec.supply_precision(precision);
    }
    if let Some(Count::Fixed(width)) = spec.width {
        th.check_str(width)?;
    }
    Ok(())
}

/// The integer of `%d` and its like.
pub(crate) fn integer(th: &mut Thread, v: Value, letter: char) -> R<BigInt> {
    if let Some(i) = th.as_bigint(v) {
        return Ok(i);
    }
    let wrong = |th: &mut Thread| {
        let name = th.type_name(v);
        th.raise_text(number_required(letter, &name))
    };
    let ways: &[Sp] = if matches!(letter, 'o' | 'x' | 'X') {
        &[Sp::Index]
    } else {
        &[Sp::Int, Sp::Index]
    };
    for &sp in ways {
        if th.special(v, sp).is_null() {
            continue;
        }
        return match th.call_special(v, sp, &[]) {
            Ok(i) => match th.as_bigint(i) {
                Some(i) => Ok(i),
                None => Err(wrong(th)),
            },
            Err(Fail::Raise) if th.raised_is(th.rt.types().exceptions.type_error) => {
                th.take_exc();
                Err(wrong(th))
            }
            Err(e) => Err(e),
        };
    }
    Err(wrong(th))
}

/// The float of `%f` and its like.
pub(crate) fn float(th: &mut Thread, v: Value) -> R<f64> {
    if let Some(f) = v.as_float() {
        return Ok(f);
    }
    th.real_number(v)
}

fn character(th: &mut Thread, v: Value) -> R<CodePoint> {
    if let Some(s) = v.cast::<Str>() {
        let mut chars = s.as_wtf8().code_points();
        return match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => Err(th.raise_text(char_required("str", Some(s.len())))),
        };
    }
    if th.special(v, Sp::Index).is_null() {
        let name = super::shown_class(th, v);
        return Err(th.raise_text(char_required(&name, None)));
    }
    let i = th.index(v)?;
    let c = th.as_bigint(i).and_then(|i| u32::try_from(i).ok());
    c.and_then(CodePoint::from_u32)
        .ok_or_else(|| th.raise_text(char_out_of_range(false)))
}

/// `template % v`.
pub fn percent(th: &mut Thread, template: Ref<Str>, v: Value) -> R<Value> {
    let mut out = Wtf8Buf::with_capacity(template.as_bytes().len() + 16);
    let mut args = Arguments::new(th, v);
    for part in PercentParser::new(template.as_wtf8()) {
        let mut spec = match th.text(part)? {
            PercentPart::Literal(text) => {
                out.push_wtf8(text);
                continue;
            }
            PercentPart::Spec(spec) => spec,
        };
        if let Some(key) = spec.key {
            let key = th.new_str_value(key)?;
            args.select(th, v, key)?;
        }
        supply_counts(th, &mut spec, &mut args)?;
        let v = args.next(th)?;
        let conversion = spec.conversion();
        match th.text(conversion)? {
            Conversion::Str => {
                let text = th.to_str(v)?;
                let text = spec.layout_str(text.text());
                out.push_wtf8(&th.text(text)?);
            }
            Conversion::Repr => {
                let text = th.repr(v)?;
                let text = spec.layout_str(text.text());
                out.push_wtf8(&th.text(text)?);
            }
            Conversion::Ascii => {
                let text = escape_non_ascii(th.repr(v)?.as_wtf8());
                let text = spec.layout_str(crate::text::str_ops::Text::new(text.as_str()));
                out.push_wtf8(&th.text(text)?);
            }
            Conversion::Integer | Conversion::Index => {
                let i = integer(th, v, spec.letter())?;
                let text = spec.layout_int(&i, th.max_str_digits());
                out.push_str(&th.text(text)?);
            }
            Conversion::Float => {
                let f = float(th, v)?;
                let text = spec.layout_float(f);
                out.push_str(&th.text(text)?);
            }
            Conversion::Char => {
                let c = character(th, v)?;
                let text = spec.layout_char(c);
                out.push_wtf8(&th.text(text)?);
            }
        }
    }
    args.finish(th, false)?;
    th.new_str_value(&out)
}
