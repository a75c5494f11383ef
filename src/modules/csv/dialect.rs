//! Dialects: how fields are told apart.

use rustpython_wtf8::CodePoint;

use super::{quoting, unknown_dialect};
use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::dict::Dict;
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;

/// The payload of `_csv.Dialect`.
pub struct Dialect {
    pub delimiter: CodePoint,
    pub quote: Option<CodePoint>,
    pub escape: Option<CodePoint>,
    pub double_quote: bool,
    pub skip_initial_space: bool,
    pub strict: bool,
    /// A string.
    pub terminator: Value,
    pub quoting: i64,
}

impl Payload for Dialect {
    fn trace(&self, t: &mut Tracer) {
        t.value(self.terminator)
    }
}

impl Dialect {
    pub fn terminator(&self) -> Ref<Str> {
        self.terminator.cast().expect("checked when it was made")
    }
}

const OPTIONS: [&str; 8] = [
    "delimiter",
    "doublequote",
    "escapechar",
    "lineterminator",
    "quotechar",
    "quoting",
    "skipinitialspace",
    "strict",
];

fn character(th: &mut Thread, name: &str, v: Value, optional: bool) -> R<Option<CodePoint>> {
    if v.is_none() && optional {
        return Ok(None);
    }
    let wanted = if optional {
        "a unicode character or None"
    } else {
        "a unicode character"
    };
    let Some(s) = v.cast::<Str>() else {
        let class = th.type_name(v);
        return Err(th.type_error(format!("\"{name}\" must be {wanted}, not {class}")));
    };
    let mut chars = s.as_wtf8().code_points();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(Some(c)),
        _ => {
            let n = s.len();
            Err(th.type_error(format!(
                "\"{name}\" must be {wanted}, not a string of length {n}"
            )))
        }
    }
}

/// A dialect from a name, a dialect or an object with its attributes (or None), and named options.
pub fn make(th: &mut Thread, base: Value, options: Value) -> R<Value> {
    let mut base = base.or_none();
    if base.cast::<Str>().is_some() {
        base = super::dialects(th).get(th, base)?;
        if base.is_null() {
            return Err(unknown_dialect(th));
        }
    }
    let options: Option<Ref<Dict>> = options.cast();
    if base.native::<Dialect>().is_some() && options.is_none_or(|o| o.len(th) == Ok(0)) {
        return Ok(base);
    }
    if let Some(options) = options {
        for key in options.keys(th)? {
            let name = key.cast::<Str>().map(|s| s.to_string()).unwrap_or_default();
            if !OPTIONS.contains(&name.as_str()) {
                return Err(th.type_error(format!(
                    "this function got an unexpected keyword argument '{name}'"
                )));
            }
        }
    }
    let mut found = [Value::NULL; OPTIONS.len()];
    for (name, v) in OPTIONS.into_iter().zip(&mut found) {
        let name = th.intern_value(name);
        if let Some(options) = options {
            *v = options.get(th, name)?;
        }
        if v.is_null() && !base.is_none() {
            *v = th.get_attr_opt(base, name)?;
        }
        th.roots.push(*v);
    }
    let [
        delimiter,
        double,
        escape,
        terminator,
        quote,
        how,
        skip,
        strict,
    ] = found;
    let flag = |th: &mut Thread, v: Value, default: bool| {
        if v.is_null() {
            Ok(default)
        } else {
            th.truth(v)
        }
    };
    let delimiter = match delimiter {
        Value::NULL => CodePoint::from_char(','),
        v => character(th, "delimiter", v, false)?.expect("not optional"),
    };
    let escape = match escape {
        Value::NULL => None,
        v => character(th, "escapechar", v, true)?,
    };
    let quote_given = !quote.is_null();
    let quote = match quote {
        Value::NULL => Some(CodePoint::from_char('"')),
        v => character(th, "quotechar", v, true)?,
    };
    let terminator = match terminator {
        Value::NULL => th.str_value("\r\n"),
        v if v.cast::<Str>().is_some() => v,
        Value::NONE => return Err(th.type_error("lineterminator must be set")),
        v => {
            let class = th.type_name(v);
            return Err(th.type_error(format!("\"lineterminator\" must be a string, not {class}")));
        }
    };
    let how = match how {
        // A quote character set to None alone turns quoting off.
        Value::NULL if quote_given && quote.is_none() => quoting::NONE,
        Value::NULL => quoting::MINIMAL,
        v if v.is_int() => v.int_unchecked(),
        v => {
            let class = th.type_name(v);
            return Err(th.type_error(format!("\"quoting\" must be an integer, not {class}")));
        }
    };
    if !(quoting::MINIMAL..=quoting::NOTNULL).contains(&how) {
        return Err(th.type_error("bad \"quoting\" value"));
    }
    if how != quoting::NONE && quote.is_none() {
        return Err(th.type_error("quotechar must be set if quoting enabled"));
    }
    let dialect = Dialect {
        delimiter,
        quote,
        escape,
        double_quote: flag(th, double, true)?,
        skip_initial_space: flag(th, skip, false)?,
        strict: flag(th, strict, false)?,
        terminator,
        quoting: how,
    };
    check(th, &dialect)?;
    let class = th.class_for::<Dialect>();
    Ok(th.new_native(class, dialect).value())
}

/// The characters must be different, and no line ends.
fn check(th: &mut Thread, d: &Dialect) -> R<()> {
    let spaced = !d.skip_initial_space;
    let named = [
        ("delimiter", Some(d.delimiter), true),
        ("escapechar", d.escape, spaced),
        ("quotechar", d.quote, spaced),
    ];
    let terminator = d.terminator();
    for (name, c, space) in named {
        let Some(c) = c else { continue };
        if matches!(c.to_char(), Some('\r' | '\n')) || (c.to_char() == Some(' ') && !space) {
            return Err(th.value_error(format!("bad {name} value")));
        }
        if terminator.as_wtf8().code_points().any(|t| t == c) {
            return Err(th.value_error(format!("bad {name} or lineterminator value")));
        }
    }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        let ((x, a, _), (y, b, _)) = (named[i], named[j]);
        if a.is_some() && a == b {
            return Err(th.value_error(format!("bad {x} or {y} value")));
        }
    }
    Ok(())
}

fn of(v: Value) -> Ref<Native<Dialect>> {
    v.native().expect("the receiver's class was checked")
}

fn shown(th: &mut Thread, c: Option<CodePoint>) -> R<Value> {
    let Some(c) = c else { return Ok(Value::NONE) };
    let mut text = rustpython_wtf8::Wtf8Buf::new();
    text.push(c);
    th.new_str_value(&text)
}

/// Defines the class.
pub fn define(th: &mut Thread) -> Value {
    let class = th.new_type::<Dialect>("_csv.Dialect", class_flags::BASE, |t| {
        t.new("Dialect(cls, /, dialect=None, **fmtparams)", |th, a| {
            make(th, a[1], a[2])
        });
        t.getset("delimiter", |th, v| shown(th, Some(of(v).delimiter)), None);
        t.getset("quotechar", |th, v| shown(th, of(v).quote), None);
        t.getset("escapechar", |th, v| shown(th, of(v).escape), None);
        t.getset(
            "doublequote",
            |_, v| Ok(Value::bool(of(v).double_quote)),
            None,
        );
        t.getset(
            "skipinitialspace",
            |_, v| Ok(Value::bool(of(v).skip_initial_space)),
            None,
        );
        t.getset("strict", |_, v| Ok(Value::bool(of(v).strict)), None);
        t.getset("lineterminator", |_, v| Ok(of(v).terminator), None);
        t.getset("quoting", |_, v| Ok(Value::small(of(v).quoting)), None);
    });
    class.value()
}
