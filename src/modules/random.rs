//! `_random`: the Mersenne Twister MT19937, bit for bit what CPython draws.
//!
//! # State and transactions
//!
//! The 624 words are raw slots of the generator object, guarded by its version word: two threads that draw from one
//! generator conflict, as they must, and never draw the same number twice. The classic algorithm makes all words anew
//! every 624 draws; that would log 624 words in one go. Here each draw makes its own word just in time, which gives the
//! same sequence with one word written per draw. `getstate` brings a copy to where the classic algorithm would be.
//!
//! # One generator per thread
//!
//! `random.random()` and its siblings are bound methods of one hidden instance, which ties threads together that
//! only want some random number. So the instance that `random.py` makes stands for one generator per thread: for itself in the main
//! thread, and in any other for one that is seeded from it at its first use ([`of_thread`]). A script of one thread repeats
//! exactly after `random.seed`; in another thread `random.seed` seeds that thread's own.

use std::io::Read;

use num_bigint::BigInt;
use num_traits::Signed;

use crate::heap::{R, RawSlot, Ref, Thread, Value};
use crate::objects::class::{Class, class_flags};
use crate::objects::define::Module;
use crate::objects::dict::Dict;
use crate::objects::int::Int;
use crate::objects::native::{Native, Payload, tuple_items};
use crate::objects::string::Str;

const N: usize = 624;
const M: usize = 397;
const UPPER: u32 = 0x8000_0000;
const LOWER: u32 = 0x7fff_ffff;
const MATRIX: u32 = 0x9908_b0df;

struct Random {
    words: Box<[RawSlot]>,
    /// Index of the next word to hand out in the low half; in the high half, how many words are new in this round.
    position: RawSlot,
    /// It stands for one generator per thread.
    per_thread: bool,
}

impl Payload for Random {}

/// How many words of the common generator seed a thread's own.
const SEED_WORDS: usize = 8;

/// The next value of the word `here`.
fn twist(here: u32, next: u32, far: u32) -> u32 {
    let y = here & UPPER | next & LOWER;
    far ^ y >> 1 ^ if y & 1 == 0 { 0 } else { MATRIX }
}

fn temper(mut y: u32) -> u32 {
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c_5680;
    y ^= y << 15 & 0xefc6_0000;
    y ^ y >> 18
}

fn unpack(position: u64) -> (usize, usize) {
    (position as u32 as usize, (position >> 32) as usize)
}
fn pack(index: usize, fresh: usize) -> u64 {
    index as u64 | (fresh as u64) << 32
}

/// Draws 32 bits.
fn draw(th: &mut Thread, it: Ref<Native<Random>>) -> R<u32> {
    th.own(it)?;
    let (mut index, mut fresh) = unpack(it.position.peek());
    if index >= N {
        (index, fresh) = (0, 0);
    }
    let word = |i: usize| it.words[i % N].peek() as u32;
    let mut y = word(index);
    if index >= fresh {
        y = twist(y, word(index + 1), word(index + M));
        th.set_raw(it, &it.words[index], y as u64)?;
        fresh = index + 1;
    }
    th.set_raw(it, &it.position, pack(index + 1, fresh))?;
    Ok(temper(y))
}

/// The words for a short seed.
fn init_words(seed: u32) -> [u32; N] {
    let mut words = [seed; N];
    for i in 1..N {
        let before = words[i - 1];
        words[i] = (before ^ before >> 30)
            .wrapping_mul(1_812_433_253)
            .wrapping_add(i as u32);
    }
    words
}

/// The words for a seed of any length.
fn init_by_array(key: &[u32]) -> [u32; N] {
    let mut words = init_words(19_650_218);
    let (mut i, mut j) = (1, 0);
    let mut step = |i: &mut usize, factor: u32, add: u32, subtract: bool| {
        let before = words[*i - 1];
        let mixed = words[*i] ^ (before ^ before >> 30).wrapping_mul(factor);
        words[*i] = if subtract {
            mixed.wrapping_sub(*i as u32)
        } else {
            mixed.wrapping_add(add)
        };
        *i += 1;
        if *i >= N {
            words[0] = words[N - 1];
            *i = 1;
        }
    };
    for _ in 0..N.max(key.len()) {
        step(&mut i, 1_664_525, key[j].wrapping_add(j as u32), false);
        j = (j + 1) % key.len();
    }
    for _ in 0..N - 1 {
        step(&mut i, 1_566_083_941, 0, true);
    }
    words[0] = UPPER;
    words
}

fn store(th: &mut Thread, it: Ref<Native<Random>>, words: &[u32], index: usize) -> R<()> {
    th.own(it)?;
    for (slot, &word) in it.words.iter().zip(words) {
        th.set_raw(it, slot, word as u64)?;
    }
    // All words are as the classic algorithm leaves them.
    th.set_raw(it, &it.position, pack(index, N))
}

fn this(th: &mut Thread, a: &[Value]) -> R<Ref<Native<Random>>> {
    let it: Ref<Native<Random>> = th.native_self(a[0], "_random.Random")?;
    if it.per_thread && th.barriers && !th.vm.main {
        return of_thread(th, it);
    }
    Ok(it)
}

/// The running thread's generator behind `common`.
fn of_thread(th: &mut Thread, common: Ref<Native<Random>>) -> R<Ref<Native<Random>>> {
    if let Some(own) = th.vm.random_generator.native() {
        return Ok(own);
    }
    // That the thread has it now is not taken back by a rollback.
    th.irrevocable()?;
    let mut key = [0; SEED_WORDS];
    for word in &mut key {
        *word = draw(th, common)?;
    }
    let class = th.class_for::<Random>();
    let own = th.new_native(class, unseeded(false));
    store(th, own, &init_by_array(&key), N)?;
    th.vm.random_generator = own.value();
    Ok(own)
}

fn unseeded(per_thread: bool) -> Random {
    Random {
        words: (0..N).map(|_| RawSlot::new(0)).collect(),
        position: RawSlot::new(pack(N, N)),
        per_thread,
    }
}

/// Is it the hidden instance of `random.py`, which makes it while the module is being loaded?
fn is_common(th: &mut Thread, class: Ref<Class>) -> R<bool> {
    if class == th.class_for::<Random>() || class.name().as_bytes() != b"Random" {
        return Ok(false);
    }
    let of = th.class_module(class)?;
    if of.cast::<Str>().is_none_or(|s| s.as_bytes() != b"random") {
        return Ok(false);
    }
    let modules = th.rt.state.get("modules");
    let (Some(modules), key) = (modules.cast::<Dict>(), th.intern_value("random")) else {
        return Ok(false);
    };
    let Some(module) = modules.get_interned(th, key)?.cast::<Module>() else {
        return Ok(false);
    };
    let key = th.intern_value("_inst");
    Ok(module.dict().get_interned(th, key)?.is_null())
}

fn new(th: &mut Thread, a: &[Value]) -> R<Value> {
    let Some(class) = a[0].as_class() else {
        return Err(th.type_error("Random.__new__(X): X is not a type object"));
    };
    let payload = unseeded(is_common(th, class)?);
    Ok(th.new_native(class, payload).value())
}

/// `seed(n=None)`: null and None take randomness from the operating system.
fn seed(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this(th, a)?;
    let key = match a[1].or_none() {
        Value::NONE => {
            let mut bytes = [0; N * 4];
            let read =
                std::fs::File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut bytes));
            if let Err(e) = read {
                return Err(th.runtime_error(format!("no randomness from the system: {e}")));
            }
            let words = bytes.chunks_exact(4);
            words
                .map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]]))
                .collect()
        }
        v => match Int::of(v) {
            Some(i) => i.to_big().abs().magnitude().to_u32_digits(),
            None => BigInt::from(th.hash(v)? as u64).magnitude().to_u32_digits(),
        },
    };
    let key = if key.is_empty() { vec![0] } else { key };
    store(th, it, &init_by_array(&key), N)?;
    Ok(Value::NONE)
}

fn random(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this(th, a)?;
    let (high, low) = (draw(th, it)? >> 5, draw(th, it)? >> 6);
    let x = (high as f64 * 67_108_864.0 + low as f64) * (1.0 / 9_007_199_254_740_992.0);
    Ok(Value::float(x))
}

fn getrandbits(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this(th, a)?;
    let bits = th.index_of(a[1])?;
    if bits.is_negative() {
        return Err(th.value_error("number of bits must be non-negative"));
    }
    let Some(mut left) = bits.to_i64() else {
        return Err(th.overflow_error("Python int too large to convert to C int"));
    };
    if left == 0 {
        return Ok(Value::small(0));
    }
    if left <= 32 {
        let word = draw(th, it)? >> (32 - left);
        return Ok(Value::small(word as i64));
    }
    th.check_bits(left as u64)?;
    let mut words = Vec::with_capacity(left as usize / 32 + 1);
    while left > 0 {
        let word = draw(th, it)?;
        words.push(if left < 32 { word >> (32 - left) } else { word });
        left -= 32;
    }
    Ok(th.big(BigInt::new(num_bigint::Sign::Plus, words)))
}

fn getstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this(th, a)?;
    let (mut words, position) = th.read(it, |r| {
        let words: Vec<u32> = r.words.iter().map(|w| w.peek() as u32).collect();
        (words, r.position.peek())
    })?;
    let (index, fresh) = unpack(position);
    for i in fresh..N {
        words[i] = twist(words[i], words[(i + 1) % N], words[(i + M) % N]);
    }
    let mut state: Vec<Value> = words.iter().map(|&w| Value::small(w as i64)).collect();
    state.push(Value::small(index as i64));
    Ok(th.tuple_value(&state))
}

fn setstate(th: &mut Thread, a: &[Value]) -> R<Value> {
    let it = this(th, a)?;
    if a[1].kind() != crate::heap::Kind::Tuple {
        return Err(th.type_error("state vector must be a tuple"));
    }
    let state = tuple_items(a[1]);
    if state.len() != N + 1 {
        return Err(th.value_error("state vector is the wrong size"));
    }
    let mut words = Vec::with_capacity(N);
    for &v in &state[..N] {
        let Some(i) = Int::of(v) else {
            return Err(th.type_error("an integer is required"));
        };
        if i.is_negative() {
            return Err(th.overflow_error("can't convert negative value to unsigned int"));
        }
        match i.to_i64() {
            Some(i) => words.push(i as u32),
            None => {
                return Err(th.overflow_error("Python int too large to convert to C unsigned long"));
            }
        }
    }
    match Int::of(state[N]).and_then(|i| i.to_i64()) {
        Some(index) if (0..=N as i64).contains(&index) => store(th, it, &words, index as usize)?,
        _ => return Err(th.value_error("invalid state")),
    }
    Ok(Value::NONE)
}

/// Makes the module.
pub fn init(th: &mut Thread) -> R<Ref<Module>> {
    let module = th.new_module("_random");
    let class = th.new_type::<Random>("_random.Random", class_flags::BASE, |t| {
        t.new("Random(cls, *args, **kwargs)", new);
        t.methods(&[
            ("__init__(self, seed=None, /)", seed),
            ("seed(self, n=None, /)", seed),
            ("random(self, /)", random),
            ("getrandbits(self, k, /)", getrandbits),
            ("getstate(self, /)", getstate),
            ("setstate(self, state, /)", setstate),
        ]);
    });
    th.define(module.dict(), "Random", class.value());
    Ok(module)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers after `init_by_array([0x123, 0x234, 0x345, 0x456])`, as the algorithm's authors publish them.
    #[test]
    fn reference_output() {
        let mut words = init_by_array(&[0x123, 0x234, 0x345, 0x456]);
        let mut drawn = vec![];
        for i in 0..5 {
            words[i] = twist(words[i], words[(i + 1) % N], words[(i + M) % N]);
            drawn.push(temper(words[i]));
        }
        assert_eq!(
            drawn,
            [1067595299, 955945823, 477289528, 4107218783, 4228976476]
        );
    }
}
