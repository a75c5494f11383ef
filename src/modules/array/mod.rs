//! `array`: sequences of machine numbers.

mod iter;
mod methods;
mod operators;

use crate::heap::{R, Ref, Thread, Tracer, Value};
use crate::objects::buffer::item::{self, Wording, pack, unpack};
use crate::objects::bytearray::{ByteArray, Store};
use crate::objects::class::{Class, class_flags};
use crate::objects::define::Module;
use crate::objects::native::{Native, Payload};
use crate::objects::string::Str;

/// The letters of the item types.
const CODES: &str = "bBuwhHiIlLqQfd";

/// The payload of `array` and its subclasses.
pub struct Array {
    /// The item type, a letter that `buffer::item` knows.
    pub code: u8,
    pub store: Store,
}

impl Payload for Array {
    fn trace(&self, t: &mut Tracer) {
        self.store.trace(t)
    }
}

type This = Ref<Native<Array>>;

impl Array {
    fn size(&self) -> usize {
        item::size(self.code).expect("checked when the array was made")
    }
}

impl This {
    fn len(self, th: &mut Thread) -> R<usize> {
        Ok(self.store.len(th, self)? / self.size())
    }
    fn item(self, th: &mut Thread, at: usize) -> R<Value> {
        let size = self.size();
        let data = self.store.load(th, self, at * size..(at + 1) * size)?;
        unpack(th, self.code, &data)
    }
    /// All items as values. They stay rooted until the native function that asked returns.
    fn items(self, th: &mut Thread) -> R<Vec<Value>> {
        let data = self.store.bytes(th, self)?;
        item::unpack_all(th, self.code, &data)
    }
    fn packed(self, th: &mut Thread, v: Value) -> R<[u8; 8]> {
        if !matches!(self.code, b'u' | b'w') {
            return pack(th, self.code, v, Wording::Array);
        }
        let Some(s) = v.cast::<Str>() else {
            let name = crate::objects::string::shown_class(th, v);
            return Err(th.type_error(format!(
                "array item must be a unicode character, not {name}"
            )));
        };
        let mut chars = s.as_wtf8().code_points();
        let (Some(c), None) = (chars.next(), chars.next()) else {
            let n = s.len();
            return Err(th.type_error(format!(
                "array item must be a string of length 1, not a string of length {n}"
            )));
        };
        let mut out = [0; 8];
        out[..4].copy_from_slice(&c.to_u32().to_ne_bytes());
        Ok(out)
    }
    fn push(self, th: &mut Thread, v: Value) -> R<()> {
        let data = self.packed(th, v)?;
        self.store.extend(th, self, &data[..self.size()])
    }
    /// Appends the items of an iterable, or of another array.
    fn extend(self, th: &mut Thread, v: Value) -> R<()> {
        if let Some(other) = v.native::<Array>() {
            if other.code != self.code {
                return Err(th.type_error("can only extend with array of same kind"));
            }
            let data = other.store.bytes(th, other)?;
            return self.store.extend(th, self, &data);
        }
        th.for_each(v, |th, item| {
            self.push(th, item)?;
            Ok(true)
        })
    }
    fn extend_bytes(self, th: &mut Thread, data: &[u8]) -> R<()> {
        if !data.len().is_multiple_of(self.size()) {
            return Err(th.value_error("bytes length not a multiple of item size"));
        }
        self.store.extend(th, self, data)
    }
    fn extend_text(self, th: &mut Thread, s: Ref<Str>) -> R<()> {
        let mut data = Vec::with_capacity(s.len() * 4);
        for c in s.as_wtf8().code_points() {
            data.extend(c.to_u32().to_ne_bytes());
        }
        self.store.extend(th, self, &data)
    }
}

fn make(th: &mut Thread, class: Ref<Class>, code: u8, data: &[u8]) -> R<This> {
    let store = Store::new(th, data)?;
    Ok(th.new_native(class, Array { code, store }))
}

fn this(a: &[Value]) -> This {
    a[0].native().expect("the receiver's class was checked")
}

/// The item type that a `typecode` argument names.
fn code_arg(th: &mut Thread, v: Value) -> R<u8> {
    let code = match v.cast::<Str>() {
        Some(s) if s.len() == 1 => s.as_bytes()[0],
        Some(s) => {
            let n = s.len();
            return Err(th.type_error(format!(
                "array() argument 1 must be a unicode character, not a string of length {n}"
            )));
        }
        None => {
            let name = crate::objects::string::shown_class(th, v);
            return Err(th.type_error(format!(
                "array() argument 1 must be a unicode character, not {name}"
            )));
        }
    };
    if !CODES.as_bytes().contains(&code) {
        return Err(
            th.value_error("bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)")
        );
    }
    Ok(code)
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let class = a[0].as_class().expect("a class, as the call has checked");
    let code = code_arg(th, a[1])?;
    let array = make(th, class, code, b"")?;
    let source = a[2];
    if source.is_null() {
        return Ok(array.value());
    }
    let is_text = matches!(code, b'u' | b'w');
    if let Some(s) = source.cast::<Str>() {
        if !is_text {
            let code = code as char;
            return Err(th.type_error(format!(
                "cannot use a str to initialize an array with typecode '{code}'"
            )));
        }
        array.extend_text(th, s)?;
    } else if let Some(other) = source.native::<Array>() {
        if is_text && !matches!(other.code, b'u' | b'w') {
            let (mine, other) = (code as char, other.code as char);
            return Err(th.type_error(format!(
                "cannot use an array with typecode '{other}' to initialize an array with typecode '{mine}'"
            )));
        }
        for item in other.items(th)? {
            array.push(th, item)?;
        }
    } else if th.is_bytes(source) || source.native::<ByteArray>().is_some() {
        let data = th.bytes_like(source)?;
        array.extend_bytes(th, &data)?;
    } else {
        array.extend(th, source)?;
    }
    Ok(array.value())
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("array");
    let flags = class_flags::BASE | class_flags::SEQUENCE | class_flags::WEAKREF;
    let class = th.new_type::<Array>("array.array", flags, |t| {
        t.new("array(cls, typecode, initializer=(), /)", new);
        t.attr("__hash__", Value::NONE);
        methods::define(t);
        operators::define(t);
    });
    iter::init(th);
    let dict = module.dict();
    th.define(dict, "array", class.value());
    th.define(dict, "ArrayType", class.value());
    let codes = th.str_value(CODES);
    th.define(dict, "typecodes", codes);
    th.functions(
        module,
        &[(
            "_array_reconstructor(arraytype, typecode, mformat_code, items, /)",
            methods::reconstruct,
        )],
    );
    Ok(module)
}
