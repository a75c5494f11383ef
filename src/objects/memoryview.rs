//! `memoryview`: a window on the bytes of another object.
//!
//! A view keeps the object and looks the bytes up on every access, so that an object that was resized meanwhile is noticed.
//! (CPython forbids the resizing while there are views, which needs to know at once when a view dies.) Views are
//! one-dimensional with a stride, or of any dimension and contiguous, as `cast` makes them.

use super::buffer::item::{self, Wording, pack, unpack};
use super::buffer::{Data, Owner};
use super::class::class_flags;
use super::list::List;
use super::native::{Native, Payload, tuple_items};
use super::range::Slice;
use super::special::Sp;
use super::string::Str;
use crate::heap::{R, RawSlot, Ref, Thread, Tracer, Value};
use crate::text::str_ops::normalize_index;

/// The payload of `memoryview`.
pub struct MemoryView {
    /// The object whose bytes these are.
    object: Value,
    /// Where the first item is.
    start: usize,
    /// Items, of all dimensions together.
    count: usize,
    /// Bytes from one item to the next, where there is one dimension.
    stride: isize,
    format: u8,
    readonly: bool,
    /// A tuple, if the number of dimensions is not one; else null.
    shape: Value,
    released: RawSlot,
}

impl Payload for MemoryView {
    fn trace(&self, t: &mut Tracer) {
        t.values(&[self.object, self.shape])
    }
}

type View = Ref<Native<MemoryView>>;

impl MemoryView {
    fn item_size(&self) -> usize {
        item::size(self.format).expect("checked when the view was made")
    }
    fn is_contiguous(&self) -> bool {
        self.stride == self.item_size() as isize || self.count <= 1
    }
    fn copy(&self) -> MemoryView {
        MemoryView {
            released: RawSlot::new(0),
            ..*self
        }
    }
    pub(crate) fn is_readonly(&self) -> bool {
        self.readonly
    }
    fn dimensions(&self) -> Vec<usize> {
        if self.shape.is_null() {
            return vec![self.count];
        }
        tuple_items(self.shape)
            .iter()
            .map(|v| v.as_int().unwrap_or(0) as usize)
            .collect()
    }
}

impl View {
    /// The owner of the bytes; ValueError if the view was released.
    fn owner(self, th: &mut Thread) -> R<Owner> {
        if th.get_raw(self, &self.released)? != 0 {
            return Err(th.value_error("operation forbidden on released memoryview object"));
        }
        Ok(Owner::of(self.object).expect("checked when the view was made"))
    }
    /// A copy of the bytes that it shows, in order.
    pub(crate) fn bytes(self, th: &mut Thread) -> R<Data> {
        let owner = self.owner(th)?;
        let size = self.item_size();
        if self.is_contiguous() {
            return owner.load(th, self.start..self.start + self.count * size);
        }
        let reach = (self.count - 1) as isize * self.stride;
        let low = self.start.wrapping_add_signed(reach.min(0));
        let high = self.start.wrapping_add_signed(reach.max(0)) + size;
        let all = owner.load(th, low..high)?;
        let mut out = Vec::with_capacity(self.count * size);
        for i in 0..self.count {
            let at = self.start.wrapping_add_signed(i as isize * self.stride) - low;
            out.extend_from_slice(all.get(at..at + size).unwrap_or(&[]));
        }
        Ok(out.into())
    }
    pub(crate) fn nbytes(self, th: &mut Thread) -> R<usize> {
        self.owner(th)?;
        Ok(self.count * self.item_size())
    }
    /// Overwrites bytes from byte `at` on, counted in the order of the items.
    pub(crate) fn write(self, th: &mut Thread, at: usize, data: &[u8]) -> R<()> {
        let owner = self.owner(th)?;
        if self.readonly {
            return Err(th.type_error("cannot modify read-only memory"));
        }
        if self.is_contiguous() {
            return owner.store(th, self.start + at, data);
        }
        let size = self.item_size();
        for (i, b) in data.iter().enumerate() {
            let (item, within) = ((at + i) / size, (at + i) % size);
            let place = self.start.wrapping_add_signed(item as isize * self.stride) + within;
            owner.store(th, place, &[*b])?;
        }
        Ok(())
    }
    fn item(self, th: &mut Thread, at: usize) -> R<Value> {
        let owner = self.owner(th)?;
        let place = self.start.wrapping_add_signed(at as isize * self.stride);
        let size = self.item_size();
        let data = owner.load(th, place..place + size)?;
        if data.len() < size {
            return Err(th.buffer_error("the underlying buffer was resized"));
        }
        unpack(th, self.format, &data)
    }
    /// All items as values. They stay rooted until the native function that asked returns.
    fn items(self, th: &mut Thread) -> R<Vec<Value>> {
        let data = self.bytes(th)?;
        item::unpack_all(th, self.format, &data)
    }
}

fn make(th: &mut Thread, view: MemoryView) -> Value {
    let class = th.class_for::<MemoryView>();
    th.new_native(class, view).value()
}

/// `memoryview(v)`.
pub fn of(th: &mut Thread, v: Value) -> R<Value> {
    if let Some(view) = v.native::<MemoryView>() {
        view.owner(th)?;
        let copy = view.copy();
        return Ok(make(th, copy));
    }
    if let Some(owner) = Owner::of(v) {
        let format = match owner {
            Owner::Array(a) => a.code,
            _ => b'B',
        };
        let size = item::size(format).expect("arrays have formats with sizes");
        let count = owner.len(th)? / size;
        return Ok(make(
            th,
            MemoryView {
                object: v,
                start: 0,
                count,
                stride: size as isize,
                format,
                readonly: owner.is_readonly(),
                shape: Value::NULL,
                released: RawSlot::new(0),
            },
        ));
    }
    // PyBUF_FULL_RO, what `memoryview()` asks for.
    let view = th.call_special(v, Sp::Buffer, &[Value::small(0x11c)])?;
    if view.is_null() {
        let name = th.type_name(v);
        return Err(th.type_error(format!(
            "memoryview: a bytes-like object is required, not '{name}'"
        )));
    }
    match view.native::<MemoryView>() {
        Some(_) => of(th, view),
        None => Err(th.type_error("__buffer__ returned non-memoryview object")),
    }
}

fn this(a: &[Value]) -> View {
    a[0].native().expect("the receiver's class was checked")
}

fn bad_key(th: &mut Thread) -> crate::heap::Fail {
    th.type_error("memoryview: invalid slice key")
}

/// The position of the item that a subscript denotes; for several dimensions that is a tuple.
fn locate(th: &mut Thread, view: View, key: Value) -> R<Option<usize>> {
    let shape = view.dimensions();
    if key.kind() == crate::heap::Kind::Tuple {
        let keys = tuple_items(key);
        if shape.is_empty() && keys.is_empty() {
            return Ok(Some(0));
        }
        if keys.len() < shape.len() {
            return Err(th.not_implemented_error("sub-views are not implemented"));
        }
        if keys.len() > shape.len() {
            let n = shape.len();
            let m = keys.len();
            return Err(th.type_error(format!(
                "cannot index {n}-dimension view with {m}-element tuple"
            )));
        }
        let mut at = 0;
        for (dimension, (&key, &len)) in keys.iter().zip(&shape).enumerate() {
            let Some(i) = th.subscript(key)? else {
                return Err(bad_key(th));
            };
            let Some(i) = normalize_index(i, len) else {
                return Err(th.index_error(format!(
                    "index out of bounds on dimension {}",
                    dimension + 1
                )));
            };
            at = at * len + i;
        }
        return Ok(Some(at));
    }
    let Some(i) = th.subscript(key)? else {
        return Ok(None);
    };
    match shape[..] {
        [len] => match normalize_index(i, len) {
            Some(at) => Ok(Some(at)),
            None => Err(th.index_error("index out of bounds on dimension 1")),
        },
        [] => Err(th.type_error("invalid indexing of 0-dim memory")),
        _ => Err(th.not_implemented_error("multi-dimensional sub-views are not implemented")),
    }
}

/// The part of a one-dimensional view that a slice denotes.
fn part(th: &mut Thread, view: View, slice: Ref<Slice>) -> R<MemoryView> {
    if !view.shape.is_null() {
        return Err(th.not_implemented_error("multi-dimensional slicing is not implemented"));
    }
    let slice = th.slice_indices(slice, view.count)?;
    Ok(MemoryView {
        start: view
            .start
            .wrapping_add_signed(slice.start as isize * view.stride),
        count: slice.count,
        stride: view.stride.wrapping_mul(slice.step),
        ..view.copy()
    })
}

fn get_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    view.owner(th)?;
    if let Some(at) = locate(th, view, a[1])? {
        return view.item(th, at);
    }
    if a[1] == Value::ELLIPSIS {
        return Ok(a[0]);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(bad_key(th));
    };
    let part = part(th, view, slice)?;
    Ok(make(th, part))
}

fn set_item(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    view.owner(th)?;
    if view.readonly {
        return Err(th.type_error("cannot modify read-only memory"));
    }
    if let Some(at) = locate(th, view, a[1])? {
        let data = pack(th, view.format, a[2], Wording::View)?;
        let size = view.item_size();
        view.write(th, at * size, &data[..size])?;
        return Ok(Value::NONE);
    }
    let Some(slice) = a[1].cast::<Slice>() else {
        return Err(bad_key(th));
    };
    let part = part(th, view, slice)?;
    let source = of(th, a[2])?;
    let source = source.native::<MemoryView>().expect("made by `of`");
    if source.format != part.format || source.count != part.count || !source.shape.is_null() {
        return Err(
            th.value_error("memoryview assignment: lvalue and rvalue have different structures")
        );
    }
    let data = source.bytes(th)?;
    let part = make(th, part);
    part.native::<MemoryView>()
        .expect("just made")
        .write(th, 0, &data)?;
    Ok(Value::NONE)
}

/// The letter of a native single-character format.
fn format_code(th: &mut Thread, v: Value) -> R<u8> {
    let Some(s) = v.cast::<Str>() else {
        let name = super::string::shown_class(th, v);
        return Err(th.type_error(format!("cast() argument 'format' must be str, not {name}")));
    };
    let bytes = s.as_bytes();
    match bytes.strip_prefix(b"@").unwrap_or(bytes) {
        [code] if item::size(*code).is_some() && !matches!(code, b'w' | b'u' | b'e') => Ok(*code),
        _ => Err(th.value_error(
            "memoryview: destination format must be a native single character format prefixed with an optional '@'",
        )),
    }
}

fn cast(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    view.owner(th)?;
    let format = format_code(th, a[1])?;
    if !view.is_contiguous() {
        return Err(th.type_error("memoryview: casts are restricted to C-contiguous views"));
    }
    let bytes_like = |code: u8| matches!(code, b'b' | b'B' | b'c');
    let dimensions = view.dimensions().len();
    if dimensions != 1 && !a[2].is_null() {
        return Err(th.type_error("memoryview: cast must be 1D -> ND or ND -> 1D"));
    }
    if !bytes_like(format) && !bytes_like(view.format) {
        return Err(th.type_error("memoryview: cannot cast between two non-byte formats"));
    }
    let bytes = view.count * view.item_size();
    let size = item::size(format).expect("a known format");
    if !bytes.is_multiple_of(size) {
        return Err(th.type_error("memoryview: length is not a multiple of itemsize"));
    }
    let mut shape = Value::NULL;
    if !a[2].is_null() {
        let mut product = size;
        let items = th.collect_items(a[2])?;
        for &item in &items {
            let n = th.as_bigint(item).and_then(|i| usize::try_from(i).ok());
            let Some(n) = n.filter(|n| *n > 0) else {
                if item.is_int() {
                    return Err(
                        th.value_error("memoryview.cast(): elements of shape must be integers > 0")
                    );
                }
                return Err(th.type_error("memoryview.cast(): elements of shape must be integers"));
            };
            product = product.saturating_mul(n);
        }
        if product != bytes {
            return Err(th.type_error("memoryview: product(shape) * itemsize != buffer size"));
        }
        if items.len() != 1 {
            shape = th.tuple_value(&items);
        }
    }
    let new = MemoryView {
        count: bytes / size,
        stride: size as isize,
        format,
        shape,
        ..view.copy()
    };
    Ok(make(th, new))
}

/// Nested lists of `items`, by `shape`.
fn nested(th: &mut Thread, items: &[Value], shape: &[usize]) -> Value {
    match shape {
        [] => items[0],
        [_] => List::new(th, items).value(),
        [len, rest @ ..] => {
            let each = items.len() / len.max(&1);
            let rows: Vec<Value> = items
                .chunks(each.max(1))
                .map(|row| nested(th, row, rest))
                .collect();
            List::new(th, &rows).value()
        }
    }
}

fn equal(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    if a[0] == a[1] {
        return Ok(Value::TRUE);
    }
    if th.get_raw(view, &view.released)? != 0 || th.special(a[1], Sp::Buffer).is_null() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let other = of(th, a[1])?;
    let other = other.native::<MemoryView>().expect("made by `of`");
    if view.dimensions() != other.dimensions() {
        return Ok(Value::FALSE);
    }
    let plain = |code| !matches!(code, b'f' | b'd' | b'e');
    if view.format == other.format && plain(view.format) {
        let x = view.bytes(th)?;
        return Ok(Value::bool(x == other.bytes(th)?));
    }
    let (x, y) = (view.items(th)?, other.items(th)?);
    for (x, y) in x.into_iter().zip(y) {
        // Numbers and bytes: no code of the program runs here.
        if !th.compare_bool(super::protocol::Cmp::Eq, x, y)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn hash(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    view.owner(th)?;
    if !view.readonly {
        return Err(th.value_error("cannot hash writable memoryview object"));
    }
    if !matches!(view.format, b'B' | b'b' | b'c') {
        return Err(th.value_error("memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
    }
    let data = view.bytes(th)?;
    let hash = super::string::hash_bytes(&data, th.rt.settings.seed);
    Ok(th.int(hash))
}

fn index(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    let start = th.slice_bound(a[2])?;
    let end = th.slice_bound(a[3])?;
    let items = view.items(th)?;
    let range = crate::text::str_ops::adjust_indices(start, end, items.len()).unwrap_or(0..0);
    for at in range {
        if th.equal(items[at], a[1])? {
            return Ok(th.int(at as i64));
        }
    }
    Err(th.value_error("memoryview.index(x): x not found"))
}

fn count(th: &mut Thread, a: &[Value]) -> R<Value> {
    let view = this(a);
    let mut n = 0;
    for item in view.items(th)? {
        n += th.equal(item, a[1])? as i64;
    }
    Ok(th.int(n))
}

fn strides(th: &mut Thread, view: View) -> Value {
    let shape = view.dimensions();
    if view.shape.is_null() {
        return th.tuple_value(&[Value::small(view.stride as i64)]);
    }
    let mut stride = view.item_size() as i64;
    let mut out: Vec<Value> = shape
        .iter()
        .rev()
        .map(|&len| {
            let here = stride;
            stride *= len as i64;
            Value::small(here)
        })
        .collect();
    out.reverse();
    th.tuple_value(&out)
}

fn tobytes(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = this(a).bytes(th)?;
    th.new_bytes(&data)
}

/// Defines the class `memoryview`.
pub fn init(th: &mut Thread) {
    let flags = class_flags::WEAKREF | class_flags::SEQUENCE;
    let class = th.new_type::<MemoryView>("memoryview", flags, |t| {
        t.new("memoryview(cls, object)", |th, a| of(th, a[1]));
        t.class_method("_from_flags(type, object, flags)", |th, a| of(th, a[1]));
        t.methods(&[
            ("__getitem__(self, key, /)", get_item),
            ("__setitem__(self, key, value, /)", set_item),
            ("__delitem__(self, key, /)", |th, _| {
                Err(th.type_error("cannot delete memory"))
            }),
            ("__len__(self, /)", |th, a| {
                let view = this(a);
                view.owner(th)?;
                match view.dimensions().first() {
                    Some(&n) => Ok(th.int(n as i64)),
                    None => Err(th.type_error("0-dim memory has no length")),
                }
            }),
            ("__iter__(self, /)", |th, a| {
                let view = this(a);
                if !view.shape.is_null() {
                    return Err(
                        th.not_implemented_error("multi-dimensional sub-views are not implemented")
                    );
                }
                let items = view.items(th)?;
                let list = List::new(th, &items).value();
                th.iter(list)
            }),
            ("__eq__(self, value, /)", equal),
            ("__ne__(self, value, /)", |th, a| {
                Ok(match equal(th, a)? {
                    Value::NOT_IMPLEMENTED => Value::NOT_IMPLEMENTED,
                    v => Value::bool(v == Value::FALSE),
                })
            }),
            ("__hash__(self, /)", hash),
            ("__repr__(self, /)", |th, a| {
                let view = this(a);
                let released = th.get_raw(view, &view.released)? != 0;
                let what = if released {
                    "released memory"
                } else {
                    "memory"
                };
                let text = format!("<{what} at {:#x}>", view.address());
                th.new_str_utf8(&text)
            }),
            ("__enter__(self, /)", |th, a| {
                this(a).owner(th)?;
                Ok(a[0])
            }),
            ("__exit__(self, /, *exc_info)", |th, a| {
                let view = this(a);
                th.set_raw(view, &view.released, 1)?;
                Ok(Value::NONE)
            }),
            ("__buffer__(self, flags, /)", |th, a| of(th, a[0])),
            ("__release_buffer__(self, buffer, /)", |_, _| {
                Ok(Value::NONE)
            }),
            ("release(self, /)", |th, a| {
                let view = this(a);
                th.set_raw(view, &view.released, 1)?;
                Ok(Value::NONE)
            }),
            ("tobytes(self, /, order='C')", tobytes),
            ("tolist(self, /)", |th, a| {
                let view = this(a);
                let items = view.items(th)?;
                Ok(nested(th, &items, &view.dimensions()))
            }),
            ("toreadonly(self, /)", |th, a| {
                let view = this(a);
                view.owner(th)?;
                let copy = MemoryView {
                    readonly: true,
                    ..view.copy()
                };
                Ok(make(th, copy))
            }),
            (
                "hex(self, /, sep=<unrepresentable>, bytes_per_sep=1)",
                |th, a| super::bytes::hex(th, a),
            ),
            ("cast(self, /, format, shape=<unrepresentable>)", cast),
            (
                "index(self, value, start=0, stop=9223372036854775807, /)",
                index,
            ),
            ("count(self, value, /)", count),
        ]);
        t.getset(
            "obj",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(view.object)
            },
            None,
        );
        t.getset(
            "nbytes",
            |th, v| {
                let n = this(&[v]).nbytes(th)?;
                Ok(th.int(n as i64))
            },
            None,
        );
        t.getset(
            "readonly",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(Value::bool(view.readonly))
            },
            None,
        );
        t.getset(
            "itemsize",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(Value::small(view.item_size() as i64))
            },
            None,
        );
        t.getset(
            "format",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(th.latin1_char(view.format).value())
            },
            None,
        );
        t.getset(
            "ndim",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(Value::small(view.dimensions().len() as i64))
            },
            None,
        );
        t.getset(
            "shape",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                let shape: Vec<Value> = view
                    .dimensions()
                    .iter()
                    .map(|&n| Value::small(n as i64))
                    .collect();
                Ok(th.tuple_value(&shape))
            },
            None,
        );
        t.getset(
            "strides",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(strides(th, view))
            },
            None,
        );
        t.getset(
            "suboffsets",
            |th, v| {
                this(&[v]).owner(th)?;
                Ok(th.tuple_value(&[]))
            },
            None,
        );
        t.getset(
            "c_contiguous",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(Value::bool(view.is_contiguous()))
            },
            None,
        );
        t.getset(
            "f_contiguous",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(Value::bool(
                    view.is_contiguous() && view.dimensions().len() <= 1,
                ))
            },
            None,
        );
        t.getset(
            "contiguous",
            |th, v| {
                let view = this(&[v]);
                view.owner(th)?;
                Ok(Value::bool(view.is_contiguous()))
            },
            None,
        );
    });
    // The builtins module takes it from there.
    th.set_state("memoryview", class.value());
}
