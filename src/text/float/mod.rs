//! Python's `float`: text in both directions, rounding, exact conversions, hashes.

mod arith;
mod complex;
mod exact;
mod hash;
mod hex;
mod text;

pub use arith::{FloatPow, float_divmod, float_floor_div, float_mod, float_pow, float_true_div};
pub use complex::{complex_repr, parse_complex};
pub use exact::{
    as_integer_ratio, bigint_to_f64, compare_float_int, f64_to_bigint, int_true_divide,
    round_half_even, round_to_digits, scale_to_f64,
};
pub use hash::{HASH_INF, HASH_MODULUS, hash_complex, hash_float, hash_i64, hash_int};
pub use hex::{float_from_hex, float_to_hex};
pub use text::{
    DecimalFlags, float_repr, format_float_code, parse_float, parse_float_ascii, parse_float_bytes,
};
