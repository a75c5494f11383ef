//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`.
//!
//! The state of a hash object is an immutable object in a slot: `update` puts a new one in its place, so that a rollback
//! finds the old one.

mod blake2;

use sha2::digest::{Digest, ExtendableOutput, Update, XofReader};

use crate::heap::{R, Ref, Slot, Thread, Tracer, Value};
use crate::objects::class::{Class, class_flags};
use crate::objects::define::{Module, TypeBuilder};
use crate::objects::native::{Native, NativeFn, Payload};
use crate::objects::string::Str;
use blake2::{Blake2b, Blake2s, Params};

macro_rules! algorithms {
    ($($variant:ident $name:literal $block:literal $size:literal $hash:ty;)*) => {
        /// A hash under way.
        #[derive(Clone)]
        enum State {
            $($variant($hash),)*
            Shake128(sha3::Shake128),
            Shake256(sha3::Shake256),
            Blake2b(Blake2b),
            Blake2s(Blake2s),
        }

        impl State {
            fn new(name: &str) -> Option<State> {
                Some(match name {
                    $($name => State::$variant(<$hash>::new()),)*
                    "shake_128" => State::Shake128(Default::default()),
                    "shake_256" => State::Shake256(Default::default()),
                    _ => return None,
                })
            }
            fn update(&mut self, data: &[u8]) {
                match self {
                    $(State::$variant(h) => Update::update(h, data),)*
                    State::Shake128(h) => h.update(data),
                    State::Shake256(h) => h.update(data),
                    State::Blake2b(h) => h.update(data),
                    State::Blake2s(h) => h.update(data),
                }
            }
            /// The digest; `length` bytes of it where that is open.
            fn digest(&self, length: usize) -> Vec<u8> {
                let mut open = vec![0; length];
                match self {
                    $(State::$variant(h) => return h.clone().finalize().to_vec(),)*
                    State::Shake128(h) => h.clone().finalize_xof().read(&mut open),
                    State::Shake256(h) => h.clone().finalize_xof().read(&mut open),
                    State::Blake2b(h) => return h.finish(),
                    State::Blake2s(h) => return h.finish(),
                }
                open
            }
            /// Name, block size, digest size.
            fn facts(&self) -> (&'static str, usize, usize) {
                match self {
                    $(State::$variant(_) => ($name, $block, $size),)*
                    State::Shake128(_) => ("shake_128", 168, 0),
                    State::Shake256(_) => ("shake_256", 136, 0),
                    State::Blake2b(h) => ("blake2b", Blake2b::BLOCK, h.digest_size),
                    State::Blake2s(h) => ("blake2s", Blake2s::BLOCK, h.digest_size),
                }
            }
        }
    };
}

algorithms! {
    Md5 "md5" 64 16 md5::Md5;
    Sha1 "sha1" 64 20 sha1::Sha1;
    Sha224 "sha224" 64 28 sha2::Sha224;
    Sha256 "sha256" 64 32 sha2::Sha256;
    Sha384 "sha384" 128 48 sha2::Sha384;
    Sha512 "sha512" 128 64 sha2::Sha512;
    Sha3x224 "sha3_224" 144 28 sha3::Sha3_224;
    Sha3x256 "sha3_256" 136 32 sha3::Sha3_256;
    Sha3x384 "sha3_384" 104 48 sha3::Sha3_384;
    Sha3x512 "sha3_512" 72 64 sha3::Sha3_512;
}

/// An immutable state in the heap.
struct Snapshot(Box<State>);
impl Payload for Snapshot {}

/// Hash objects: one payload type for each class.
macro_rules! objects {
    ($($name:ident)*) => {
        $(struct $name {
            state: Slot,
        }
        impl Payload for $name {
            fn trace(&self, t: &mut Tracer) {
                t.slot(&self.state)
            }
        }
        impl HashObject for $name {
            fn make(state: Slot) -> Self {
                $name { state }
            }
            fn state(&self) -> &Slot {
                &self.state
            }
        })*
    };
}
trait HashObject: Payload {
    fn make(state: Slot) -> Self;
    fn state(&self) -> &Slot;
}
objects!(Hash Shake HashBlake2b HashBlake2s);

fn snapshot(th: &mut Thread, state: State) -> Value {
    let class = th.class_for::<Snapshot>();
    th.new_native(class, Snapshot(Box::new(state))).value()
}

fn state_of<P: HashObject>(th: &mut Thread, v: Value) -> R<Ref<Native<Snapshot>>> {
    let this = th.native_self::<P>(v, "hashlib.HASH")?;
    let state = th.get(this, this.state())?;
    Ok(state.native().expect("a hash object holds a state"))
}

/// The bytes to hash, which must not be text.
fn data_argument(th: &mut Thread, v: Value) -> R<crate::objects::buffer::Data> {
    if v.cast::<Str>().is_some() {
        return Err(th.type_error("Strings must be encoded before hashing"));
    }
    match th.buffer(v)? {
        Some(data) => Ok(data),
        None => Err(th.type_error("object supporting the buffer API required")),
    }
}

/// A new hash object of class `class` that has hashed `data` (null for nothing).
fn start<P: HashObject>(
    th: &mut Thread,
    class: Ref<Class>,
    mut state: State,
    data: Value,
) -> R<Value> {
    if !data.is_null() {
        state.update(&data_argument(th, data)?);
    }
    let state = snapshot(th, state);
    Ok(th.new_native(class, P::make(Slot::new(state))).value())
}

fn update<P: HashObject>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let data = data_argument(th, a[1])?;
    let mut state = (*state_of::<P>(th, a[0])?.0).clone();
    state.update(&data);
    let state = snapshot(th, state);
    let this = th.native_self::<P>(a[0], "hashlib.HASH")?;
    th.set(this, this.state(), state)?;
    Ok(Value::NONE)
}

fn copy<P: HashObject>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let state = state_of::<P>(th, a[0])?;
    let class = th.class_of(a[0]);
    Ok(th
        .new_native(class, P::make(Slot::new(state.value())))
        .value())
}

fn digest<P: HashObject>(th: &mut Thread, a: &[Value]) -> R<Vec<u8>> {
    let length = match a.get(1) {
        None => 0,
        Some(&v) => match usize::try_from(th.index_i64(v)?) {
            Ok(length) if length < 1 << 29 => length,
            _ => return Err(th.value_error("invalid digest length")),
        },
    };
    Ok(state_of::<P>(th, a[0])?.0.digest(length))
}

fn bytes_digest<P: HashObject>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let digest = digest::<P>(th, a)?;
    Ok(th.bytes(&digest).value())
}

fn hex_digest<P: HashObject>(th: &mut Thread, a: &[Value]) -> R<Value> {
    let digest = digest::<P>(th, a)?;
    let text: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    Ok(th.str_value(&text))
}

fn hash_methods<P: HashObject>(t: &mut TypeBuilder, of_any_length: bool) {
    let digests: [(&'static str, NativeFn); 2] = if of_any_length {
        [
            ("digest(self, length, /)", bytes_digest::<P>),
            ("hexdigest(self, length, /)", hex_digest::<P>),
        ]
    } else {
        [
            ("digest(self, /)", bytes_digest::<P>),
            ("hexdigest(self, /)", hex_digest::<P>),
        ]
    };
    t.methods(&digests);
    t.methods(&[
        ("update(self, data, /)", update::<P>),
        ("copy(self, /)", copy::<P>),
    ]);
    t.getset(
        "name",
        |th, v| {
            let name = state_of::<P>(th, v)?.0.facts().0;
            Ok(th.str_value(name))
        },
        None,
    );
    t.getset(
        "block_size",
        |th, v| Ok(Value::small(state_of::<P>(th, v)?.0.facts().1 as i64)),
        None,
    );
    t.getset(
        "digest_size",
        |th, v| Ok(Value::small(state_of::<P>(th, v)?.0.facts().2 as i64)),
        None,
    );
}

/// The classes that several of the modules share, made by the first of them.
fn define_classes(th: &mut Thread) {
    if !th.rt.state.get("hashlib").is_null() {
        return;
    }
    th.set_state("hashlib", Value::TRUE);
    let internal = class_flags::NO_NEW;
    th.new_type::<Snapshot>("_hashlib._state", internal, |_| {});
    th.new_type::<Hash>("_hashlib.HASH", internal, |t| {
        hash_methods::<Hash>(t, false)
    });
    th.new_type::<Shake>("_hashlib.HASHXOF", internal, |t| {
        hash_methods::<Shake>(t, true)
    });
}

/// The constructor functions `name(data=b'', *, usedforsecurity=True, string=None)`.
macro_rules! constructors {
    ($($name:literal $payload:ident;)*) => {
        &[$((concat!($name, "(data=b'', *, usedforsecurity=True, string=None)"), |th: &mut Thread, a: &[Value]| {
            let data = match (a[0].is_null(), a[2].is_null()) {
                (false, false) => {
                    return Err(th.type_error("'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."));
                }
                (true, _) => a[2],
                _ => a[0],
            };
            let state = State::new($name).expect("an algorithm of the table");
            let class = th.class_for::<$payload>();
            start::<$payload>(th, class, state, data)
        }),)*]
    };
}

fn module(th: &mut Thread, name: &str, functions: &[(&'static str, NativeFn)]) -> R<Ref<Module>> {
    define_classes(th);
    let module = th.new_module(name);
    th.functions(module, functions);
    Ok(module)
}

/// Makes `_md5`.
pub fn init_md5(th: &mut Thread) -> R<Ref<Module>> {
    module(th, "_md5", constructors! { "md5" Hash; })
}

/// Makes `_sha1`.
pub fn init_sha1(th: &mut Thread) -> R<Ref<Module>> {
    module(th, "_sha1", constructors! { "sha1" Hash; })
}

/// Makes `_sha2`.
pub fn init_sha2(th: &mut Thread) -> R<Ref<Module>> {
    let functions: &[(&str, NativeFn)] =
        constructors! { "sha224" Hash; "sha256" Hash; "sha384" Hash; "sha512" Hash; };
    module(th, "_sha2", functions)
}

/// Makes `_sha3`.
pub fn init_sha3(th: &mut Thread) -> R<Ref<Module>> {
    let functions: &[(&str, NativeFn)] = constructors! {
        "sha3_224" Hash; "sha3_256" Hash; "sha3_384" Hash; "sha3_512" Hash; "shake_128" Shake; "shake_256" Shake;
    };
    module(th, "_sha3", functions)
}

/// A BLAKE2 variant as its class needs it.
struct Variant {
    name: &'static str,
    max_digest: usize,
    salt: usize,
    /// Bits of `node_offset`.
    offset_bits: u32,
    start: fn(&Params) -> State,
}

const VARIANT_B: Variant = Variant {
    name: "blake2b",
    max_digest: Blake2b::MAX_DIGEST,
    salt: Blake2b::SALT,
    offset_bits: 64,
    start: |p| State::Blake2b(Blake2b::new(p)),
};
const VARIANT_S: Variant = Variant {
    name: "blake2s",
    max_digest: Blake2s::MAX_DIGEST,
    salt: Blake2s::SALT,
    offset_bits: 48,
    start: |p| State::Blake2s(Blake2s::new(p)),
};

/// An int argument within bounds; ValueError "NAME must be between ..." otherwise.
fn bounded(th: &mut Thread, v: Value, default: u64, min: u64, max: u64, name: &str) -> R<u64> {
    if v.is_null() {
        return Ok(default);
    }
    let n = th.index_big(v)?;
    match u64::try_from(n) {
        Ok(n) if (min..=max).contains(&n) => Ok(n),
        _ => Err(th.value_error(format!("{name} must be between {min} and {max}"))),
    }
}

/// A bytes argument of at most `max` bytes.
fn short_bytes(th: &mut Thread, v: Value, max: usize, name: &str) -> R<Vec<u8>> {
    if v.is_null() {
        return Ok(vec![]);
    }
    let data = th.bytes_like(v)?.into_owned();
    if data.len() > max {
        return Err(th.value_error(format!("maximum {name} length is {max} bytes")));
    }
    Ok(data)
}

fn digest_size(th: &mut Thread, v: Value, variant: &Variant) -> R<usize> {
    let (name, max) = (variant.name, variant.max_digest);
    if v.is_null() {
        return Ok(max);
    }
    match th.index_i64(v)? {
        n if n >= 1 && n <= max as i64 => Ok(n as usize),
        n => Err(th.value_error(format!(
            "digest_size for {name} must be between 1 and {max} bytes, here it is {n}"
        ))),
    }
}

fn new_blake2<P: HashObject>(th: &mut Thread, a: &[Value], variant: &Variant) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("blake2.__new__(X): X is not a type object"));
    };
    let max = variant.max_digest as u64;
    let params = Params {
        digest_size: digest_size(th, a[2], variant)? as u8,
        key: short_bytes(th, a[3], variant.max_digest, "key")?,
        salt: short_bytes(th, a[4], variant.salt, "salt")?,
        person: short_bytes(th, a[5], variant.salt, "person")?,
        fanout: bounded(th, a[6], 1, 0, 255, "fanout")? as u8,
        depth: bounded(th, a[7], 1, 1, 255, "depth")? as u8,
        leaf_size: bounded(th, a[8], 0, 0, u32::MAX as u64, "leaf_size")? as u32,
        node_offset: bounded(
            th,
            a[9],
            0,
            0,
            u64::MAX >> (64 - variant.offset_bits),
            "node_offset",
        )?,
        node_depth: bounded(th, a[10], 0, 0, 255, "node_depth")? as u8,
        inner_size: bounded(th, a[11], 0, 0, max, "inner_size")? as u8,
        last_node: !a[12].is_null() && th.truth(a[12])?,
    };
    let data = if a[1].is_null() { a[14] } else { a[1] };
    start::<P>(th, class, (variant.start)(&params), data)
}

fn define_blake2<P: HashObject>(
    th: &mut Thread,
    module: Ref<Module>,
    variant: &Variant,
    signature: &'static str,
    new: NativeFn,
) {
    let class = th.new_type::<P>(&format!("_blake2.{}", variant.name), 0, |t| {
        t.new(signature, new);
        hash_methods::<P>(t, false);
        for (name, n) in [
            ("MAX_DIGEST_SIZE", variant.max_digest),
            ("MAX_KEY_SIZE", variant.max_digest),
            ("SALT_SIZE", variant.salt),
            ("PERSON_SIZE", variant.salt),
        ] {
            t.attr(name, Value::small(n as i64));
        }
    });
    th.define(module.dict(), variant.name, class.value());
}

/// Makes `_blake2`.
pub fn init_blake2(th: &mut Thread) -> R<Ref<Module>> {
    let module = module(th, "_blake2", &[])?;
    macro_rules! signature {
        ($name:literal) => {
            concat!(
                $name,
                "(cls, data=b'', /, *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, ",
                "node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)"
            )
        };
    }
    define_blake2::<HashBlake2b>(th, module, &VARIANT_B, signature!("blake2b"), |th, a| {
        new_blake2::<HashBlake2b>(th, a, &VARIANT_B)
    });
    define_blake2::<HashBlake2s>(th, module, &VARIANT_S, signature!("blake2s"), |th, a| {
        new_blake2::<HashBlake2s>(th, a, &VARIANT_S)
    });
    Ok(module)
}
