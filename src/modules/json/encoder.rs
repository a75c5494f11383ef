//! `make_encoder`: from values to text.

use std::collections::HashSet;

use super::literal;
use crate::heap::{Fail, Kind, R, Ref, Thread, Tracer, Value};
use crate::objects::class::class_flags;
use crate::objects::dict::Dict;
use crate::objects::list::List;
use crate::objects::native::{Native, NativeFunction, Payload, tuple_items};
use crate::objects::string::Str;
use crate::text;

/// How strings become literals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoting {
    Ascii,
    Any,
    /// The function `encoder` is asked.
    Call,
}

/// The options of an encoder.
struct Encoder {
    markers: Value,
    default: Value,
    encoder: Value,
    quoting: Quoting,
    indent: Value,
    key_separator: Value,
    item_separator: Value,
    sort_keys: bool,
    skip_keys: bool,
    allow_nan: bool,
}

impl Payload for Encoder {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[
            self.markers,
            self.default,
            self.encoder,
            self.indent,
            self.key_separator,
            self.item_separator,
        ])
    }
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let &[
        class,
        markers,
        default,
        encoder,
        indent,
        key_separator,
        item_separator,
        sort_keys,
        skip_keys,
        allow_nan,
    ] = a
    else {
        unreachable!("bound by the signature")
    };
    if !markers.is_none() && markers.kind() != Kind::Dict {
        let name = th.type_name(markers);
        return Err(th.type_error(format!(
            "make_encoder() argument 1 must be dict or None, not {name}"
        )));
    }
    for (v, position) in [(key_separator, 5), (item_separator, 6)] {
        if v.cast::<Str>().is_none() {
            let name = th.type_name(v);
            return Err(th.type_error(format!(
                "make_encoder() argument {position} must be str, not {name}"
            )));
        }
    }
    let function = encoder
        .cast::<NativeFunction>()
        .map(|f| f.def.signature.name);
    let payload = Encoder {
        markers,
        default,
        encoder,
        quoting: match function {
            Some("encode_basestring_ascii") => Quoting::Ascii,
            Some("encode_basestring") => Quoting::Any,
            _ => Quoting::Call,
        },
        indent,
        key_separator,
        item_separator,
        sort_keys: th.truth(sort_keys)?,
        skip_keys: th.truth(skip_keys)?,
        allow_nan: th.truth(allow_nan)?,
    };
    let class = class.as_class().expect("a class, as the call has checked");
    Ok(th.new_native(class, payload).value())
}

/// One writing of a value.
struct Writing {
    options: Ref<Native<Encoder>>,
    out: Vec<u8>,
    /// The containers around the present one, by identity; not kept if nobody asked for the check.
    around: Option<HashSet<Value>>,
}

impl Writing {
    fn text(&mut self, v: Value) {
        if let Some(s) = v.cast::<Str>() {
            self.out.extend_from_slice(s.as_bytes());
        }
    }

    fn newline(&mut self, level: usize) {
        self.out.push(b'\n');
        for _ in 0..level {
            self.text(self.options.indent);
        }
    }

    fn string(&mut self, th: &mut Thread, s: Ref<Str>) -> R<()> {
        match self.options.quoting {
            Quoting::Ascii => literal::write(s.as_wtf8(), true, &mut self.out),
            Quoting::Any => literal::write(s.as_wtf8(), false, &mut self.out),
            Quoting::Call => {
                let quoted = th.call(self.options.encoder, &[s.value()])?;
                if quoted.cast::<Str>().is_none() {
                    let name = th.type_name(quoted);
                    return Err(
                        th.type_error(format!("encoder() must return a string, not {name}"))
                    );
                }
                self.text(quoted);
            }
        }
        Ok(())
    }

    fn float(&mut self, th: &mut Thread, x: f64) -> R<String> {
        if x.is_finite() {
            return Ok(text::float::float_repr(x));
        }
        if !self.options.allow_nan {
            let shown = text::float::float_repr(x);
            return Err(th.value_error(format!(
                "Out of range float values are not JSON compliant: {shown}"
            )));
        }
        Ok(if x.is_nan() {
            "NaN"
        } else if x > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .into())
    }

    /// What constants and numbers look like; `None` for anything else.
    fn scalar(&mut self, th: &mut Thread, v: Value) -> R<Option<String>> {
        Ok(Some(match v {
            Value::NONE => "null".into(),
            Value::TRUE => "true".into(),
            Value::FALSE => "false".into(),
            _ if v.is_int() => v.int_unchecked().to_string(),
            _ => {
                if let Some(x) = th.as_float(v) {
                    self.float(th, x)?
                } else if let Some(i) = th.as_bigint(v) {
                    let digits = text::int::int_to_decimal(&i, th.max_str_digits());
                    th.text(digits)?
                } else {
                    return Ok(None);
                }
            }
        }))
    }

    fn enter(&mut self, th: &mut Thread, v: Value) -> R<()> {
        th.check_stack()?;
        if let Some(around) = &mut self.around
            && !around.insert(v)
        {
            return Err(th.value_error("Circular reference detected"));
        }
        Ok(())
    }

    fn leave(&mut self, v: Value) {
        if let Some(around) = &mut self.around {
            around.remove(&v);
        }
    }

    fn value(&mut self, th: &mut Thread, v: Value, level: usize) -> R<()> {
        if let Some(s) = v.cast::<Str>() {
            return self.string(th, s);
        }
        if let Some(text) = self.scalar(th, v)? {
            self.out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        match v.kind() {
            Kind::List | Kind::Tuple => self.array(th, v, level),
            Kind::Dict => self.object(th, v, level),
            _ => {
                self.enter(th, v)?;
                let other = th.call(self.options.default, &[v])?;
                if let Err(e) = self.value(th, other, level) {
                    let name = th.type_name(v);
                    return Err(note(th, e, |_| {
                        Ok(format!("when serializing {name} object"))
                    }));
                }
                self.leave(v);
                Ok(())
            }
        }
    }

    fn array(&mut self, th: &mut Thread, v: Value, level: usize) -> R<()> {
        let item = |th: &mut Thread, i: usize| -> R<Option<Value>> {
            match v.cast::<List>() {
                // A list may change under the hands of `default`.
                Some(list) => {
                    if i < list.len(th)? {
                        list.get(th, i).map(Some)
                    } else {
                        Ok(None)
                    }
                }
                None => Ok(tuple_items(v).get(i).copied()),
            }
        };
        if item(th, 0)?.is_none() {
            self.out.extend(b"[]");
            return Ok(());
        }
        self.enter(th, v)?;
        self.out.push(b'[');
        let indented = !self.options.indent.is_none();
        if indented {
            self.newline(level + 1);
        }
        let mut i = 0;
        while let Some(x) = item(th, i)? {
            if i > 0 {
                self.text(self.options.item_separator);
                if indented {
                    self.newline(level + 1);
                }
            }
            if let Err(e) = self.value(th, x, level + 1) {
                let name = th.type_name(v);
                return Err(note(th, e, |_| {
                    Ok(format!("when serializing {name} item {i}"))
                }));
            }
            i += 1;
        }
        if indented {
            self.newline(level);
        }
        self.out.push(b']');
        self.leave(v);
        Ok(())
    }

    fn object(&mut self, th: &mut Thread, v: Value, level: usize) -> R<()> {
        let dict: Ref<Dict> = v.cast().expect("the caller looked");
        if dict.len(th)? == 0 {
            self.out.extend(b"{}");
            return Ok(());
        }
        self.enter(th, v)?;
        self.out.push(b'{');
        let items = th.call_method(v, "items", &[])?;
        let items = th.collect_items(items)?;
        let list = List::new(th, &items);
        if self.options.sort_keys {
            th.call_method(list.value(), "sort", &[])?;
        }
        let indented = !self.options.indent.is_none();
        let mut first = true;
        for i in 0..list.len(th)? {
            let pair = list.get(th, i)?;
            let [key, x] = tuple_items(pair) else {
                return Err(th.value_error("items must return 2-tuples"));
            };
            let name = if key.cast::<Str>().is_some() {
                None
            } else {
                match self.scalar(th, *key)? {
                    Some(text) => Some(text),
                    None if self.options.skip_keys => continue,
                    None => {
                        let name = th.type_name(*key);
                        return Err(th.type_error(format!(
                            "keys must be str, int, float, bool or None, not {name}"
                        )));
                    }
                }
            };
            if !first {
                self.text(self.options.item_separator);
            }
            if indented {
                self.newline(level + 1);
            }
            first = false;
            match (name, key.cast::<Str>()) {
                (Some(name), _) => {
                    let name = th.str(&name);
                    self.string(th, name)?
                }
                (None, Some(s)) => self.string(th, s)?,
                (None, None) => {}
            }
            self.text(self.options.key_separator);
            if let Err(e) = self.value(th, *x, level + 1) {
                let class = th.type_name(v);
                let key = *key;
                return Err(note(th, e, |th| {
                    let key = th.repr(key)?;
                    Ok(format!("when serializing {class} item {}", &*key))
                }));
            }
        }
        if indented && !first {
            self.newline(level);
        }
        self.out.push(b'}');
        self.leave(v);
        Ok(())
    }
}

/// Adds a note to the exception on its way.
fn note(th: &mut Thread, e: Fail, text: impl FnOnce(&mut Thread) -> R<String>) -> Fail {
    if e != Fail::Raise {
        return e;
    }
    let exception = th.take_exc();
    let add = |th: &mut Thread| -> R<()> {
        let text = text(th)?;
        let text = th.new_str_utf8(&text)?;
        th.call_method(exception, "add_note", &[text])?;
        Ok(())
    };
    match add(th) {
        Ok(()) => {
            th.exc = exception;
            Fail::Raise
        }
        Err(e) => e,
    }
}

fn call(th: &mut Thread, a: &[Value]) -> R<Value> {
    let options: Ref<Native<Encoder>> = a[0].native().expect("the receiver's class was checked");
    let level = th.ssize(a[2])?.max(0) as usize;
    let around = if options.markers.is_none() {
        None
    } else {
        Some(HashSet::new())
    };
    let mut writing = Writing {
        options,
        out: vec![],
        around,
    };
    writing.value(th, a[1], level)?;
    let text = th.new_str_raw(&writing.out)?;
    Ok(th.tuple_value(&[text]))
}

/// Defines the class, which is `make_encoder`.
pub(super) fn define(th: &mut Thread) -> Value {
    let class = th.new_type::<Encoder>("_json.Encoder", class_flags::BASE, |t| {
        t.new(
            "make_encoder(cls, markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
            new,
        );
        t.method("__call__(self, obj, _current_indent_level)", call);
    });
    class.value()
}
