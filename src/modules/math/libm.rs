//! C's mathematical functions that Rust's standard library lacks (or computes less exactly), so that results agree to
//! the bit with programs that call the platform's library.

// SAFETY: the signatures are those of C's <math.h>; the functions take plain numbers and touch no memory of ours.
unsafe extern "C" {
    pub safe fn acosh(x: f64) -> f64;
    pub safe fn asinh(x: f64) -> f64;
    pub safe fn atanh(x: f64) -> f64;
    pub safe fn erf(x: f64) -> f64;
    pub safe fn erfc(x: f64) -> f64;
    pub safe fn remainder(x: f64, y: f64) -> f64;
    pub safe fn ldexp(x: f64, exponent: i32) -> f64;
}

/// Mantissa in `0.5 .. 1` and exponent of a finite number.
pub fn frexp(x: f64) -> (f64, i32) {
    const EXPONENT: u64 = 0x7ff << 52;
    if x == 0.0 {
        return (x, 0);
    }
    let bits = x.to_bits();
    match (bits & EXPONENT) >> 52 {
        // Subnormal: scaled up first.
        0 => {
            let (mantissa, exponent) = frexp(x * 2f64.powi(54));
            (mantissa, exponent - 54)
        }
        e => (
            f64::from_bits(bits & !EXPONENT | 1022 << 52),
            e as i32 - 1022,
        ),
    }
}
