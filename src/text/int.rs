//! Python's `int`: text in both directions, bytes, division, powers, shifts.

mod arith;
mod text;

pub use arith::{
    bit_count, bit_length, divmod, floor_div, gcd, int_from_bytes, int_to_bytes, isqrt, modulo,
    pow, pow_mod, round_to_power_of_ten, shift_left, shift_right,
};
pub use text::{
    DEFAULT_MAX_STR_DIGITS, MAX_STR_DIGITS_THRESHOLD, digits_in_base, int_to_decimal, parse_int,
    parse_int_bytes, prefixed,
};
