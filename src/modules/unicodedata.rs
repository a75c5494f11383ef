//! `unicodedata`, from the tables of `rustpython-unicode`.

use rustpython_unicode::data::{LookupResult, Ucd, character_name};
use rustpython_unicode::normalize::{NormalizeForm, is_normalized, normalize};
use rustpython_wtf8::CodePoint;

use crate::heap::{R, Ref, Thread, Value};
use crate::objects::class::class_flags;
use crate::objects::define::Module;
use crate::objects::native::{NativeFn, Payload};
use crate::objects::string::Str;

/// `UCD`: the database as of another version.
struct Database {
    ucd: Ucd,
}

impl Payload for Database {}

/// The tables to ask: the receiver's for a method of `ucd_3_2_0`, else the present ones.
fn split(a: &[Value], count: usize) -> (Ucd, &[Value]) {
    match a.first().and_then(|v| v.native::<Database>()) {
        Some(database) if a.len() > count => (database.ucd, &a[1..]),
        _ => (Ucd::new(true), a),
    }
}

fn char_arg(th: &mut Thread, v: Value, function: &str) -> R<CodePoint> {
    let Some(s) = v.cast::<Str>() else {
        let name = crate::objects::string::shown_class(th, v);
        return Err(th.type_error(format!(
            "{function}() argument must be a unicode character, not {name}"
        )));
    };
    let mut chars = s.as_wtf8().code_points();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => {
            let n = s.len();
            Err(th.type_error(format!(
                "{function}(): argument must be a unicode character, not a string of length {n}"
            )))
        }
    }
}

fn or_default(th: &mut Thread, default: Value, message: &str) -> R<Value> {
    if default.is_null() {
        return Err(th.value_error(message));
    }
    Ok(default)
}

fn category(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let c = char_arg(th, a[0], "category")?;
    Ok(th.str_value(ucd.category(c)))
}

fn bidirectional(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let c = char_arg(th, a[0], "bidirectional")?;
    Ok(th.str_value(ucd.bidirectional(c)))
}

fn east_asian_width(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let c = char_arg(th, a[0], "east_asian_width")?;
    Ok(th.str_value(ucd.east_asian_width(c)))
}

fn combining(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let c = char_arg(th, a[0], "combining")?;
    Ok(Value::small(ucd.combining(c) as i64))
}

fn mirrored(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let c = char_arg(th, a[0], "mirrored")?;
    Ok(Value::small(ucd.mirrored(c) as i64))
}

fn decomposition(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let c = char_arg(th, a[0], "decomposition")?;
    Ok(th.str_value(&ucd.decomposition(c)))
}

fn decimal(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 2);
    let c = char_arg(th, a[0], "decimal")?;
    match ucd.decimal(c) {
        Some(i) => Ok(th.uint(i)),
        None => or_default(th, a[1], "not a decimal"),
    }
}

fn digit(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 2);
    let c = char_arg(th, a[0], "digit")?;
    match ucd.digit(c) {
        Some(i) => Ok(th.uint(i)),
        None => or_default(th, a[1], "not a digit"),
    }
}

fn numeric(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 2);
    let c = char_arg(th, a[0], "numeric")?;
    match ucd.numeric(c) {
        Some(x) => Ok(Value::float(x)),
        None => or_default(th, a[1], "not a numeric character"),
    }
}

fn name(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 2);
    let c = char_arg(th, a[0], "name")?;
    let found = c
        .to_char()
        .filter(|&c| ucd.membership(c))
        .and_then(character_name);
    match found {
        Some(name) => Ok(th.str_value(&name)),
        None => or_default(th, a[1], "no such name"),
    }
}

fn lookup(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (ucd, a) = split(a, 1);
    let name = match a[0].cast::<Str>() {
        Some(s) => s.to_string(),
        None => {
            let data = th.bytes_like(a[0])?;
            String::from_utf8_lossy(&data).into_owned()
        }
    };
    match ucd.lookup(&name) {
        Some(LookupResult::Character(c)) => {
            let text = c.to_string();
            th.new_str_utf8(&text)
        }
        Some(LookupResult::Sequence(text)) => th.new_str_utf8(text),
        None => {
            let message = th.str_value(&format!("undefined character name '{name}'"));
            Err(th.key_error(message))
        }
    }
}

/// The arguments of the two functions about normal forms.
fn form_args(th: &mut Thread, a: &[Value], function: &str) -> R<(NormalizeForm, Ref<Str>)> {
    let mut text = [th.empty_str(); 2];
    for (i, v) in a.iter().take(2).enumerate() {
        match v.cast::<Str>() {
            Some(s) => text[i] = s,
            None => {
                let class = crate::objects::string::shown_class(th, *v);
                let n = i + 1;
                return Err(th.type_error(format!(
                    "{function}() argument {n} must be str, not {class}"
                )));
            }
        }
    }
    match text[0].to_string().parse() {
        Ok(form) => Ok((form, text[1])),
        Err(()) => Err(th.value_error("invalid normalization form")),
    }
}

fn normalized(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (_, a) = split(a, 2);
    let (form, s) = form_args(th, a, "normalize")?;
    if s.is_ascii() {
        return Ok(th.exact_str(s).value());
    }
    let out = normalize(form, s.as_wtf8());
    th.new_str_value(&out)
}

fn in_form(th: &mut Thread, a: &[Value]) -> R<Value> {
    let (_, a) = split(a, 2);
    let (form, s) = form_args(th, a, "is_normalized")?;
    Ok(Value::bool(
        s.is_ascii() || is_normalized(form, s.as_wtf8()),
    ))
}

/// Name and parameters: of functions as they stand, of the methods of `UCD` after the receiver.
const FUNCTIONS: &[(&str, &str, NativeFn)] = &[
    ("category", "chr", category),
    ("bidirectional", "chr", bidirectional),
    ("east_asian_width", "chr", east_asian_width),
    ("combining", "chr", combining),
    ("mirrored", "chr", mirrored),
    ("decomposition", "chr", decomposition),
    ("decimal", "chr, default=<unrepresentable>", decimal),
    ("digit", "chr, default=<unrepresentable>", digit),
    ("numeric", "chr, default=<unrepresentable>", numeric),
    ("name", "chr, default=<unrepresentable>", name),
    ("lookup", "name", lookup),
    ("normalize", "form, unistr", normalized),
    ("is_normalized", "form, unistr", in_form),
];

/// Signatures live as long as the program.
fn signature(text: String) -> &'static str {
    text.leak()
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("unicodedata");
    for &(name, parameters, f) in FUNCTIONS {
        th.functions(
            module,
            &[(signature(format!("{name}({parameters}, /)")), f)],
        );
    }
    let class = th.new_type::<Database>("unicodedata.UCD", class_flags::NO_NEW, |t| {
        for &(name, parameters, f) in FUNCTIONS {
            t.method(signature(format!("{name}(self, {parameters}, /)")), f);
        }
        t.getset(
            "unidata_version",
            |th, v| {
                let database = v
                    .native::<Database>()
                    .expect("the receiver's class was checked");
                Ok(th.str_value(&database.ucd.unidata_version()))
            },
            None,
        );
    });
    let old = Database {
        ucd: Ucd::new(false),
    };
    let old = th.new_native(class, old).value();
    let version = th.str_value(&Ucd::new(true).unidata_version());
    let dict = module.dict();
    th.define(dict, "unidata_version", version);
    th.define(dict, "ucd_3_2_0", old);
    th.define(dict, "UCD", class.value());
    Ok(module)
}
