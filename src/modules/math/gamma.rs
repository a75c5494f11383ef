//! The gamma function and its logarithm, by Lanczos' approximation, so that results do not depend on the platform's library.

use std::f64::consts::PI;

/// `g` of the approximation, chosen with the coefficients (J. Maddock's for Boost, exact to double precision).
const G: f64 = 6.024680040776729583740234375;
const G_MINUS_HALF: f64 = 5.524680040776729583740234375;

const NUMERATOR: [f64; 13] = [
    23_531_376_880.410_759_688_572_007_674,
    42_919_803_642.649_098_768_957_899_047,
    35_711_959_237.355_668_049_440_185_452,
    17_921_034_426.037_209_699_919_755_754,
    6_039_542_586.352_028_005_064_291_644,
    1_439_720_407.311_721_673_663_223_073,
    248_874_557.862_054_156_511_460_386,
    31_426_415.585_400_194_380_614_231,
    2_876_370.628_935_372_441_225_409,
    186_056.265_395_223_495_040_294,
    8_071.672_002_365_816_210_638_002_9,
    210.824_277_751_579_345_872_509_74,
    2.506_628_274_631_000_270_164_9,
];
const DENOMINATOR: [f64; 13] = [
    0.0,
    39916800.0,
    120543840.0,
    150917976.0,
    105258076.0,
    45995730.0,
    13339535.0,
    2637558.0,
    357423.0,
    32670.0,
    1925.0,
    66.0,
    1.0,
];

/// The rational function of the approximation, for positive `x`.
fn lanczos_sum(x: f64) -> f64 {
    // Each form is the accurate one where it is used.
    let horner = |c: &[f64; 13]| match x < 5.0 {
        true => c.iter().rev().fold(0.0, |sum, &c| sum * x + c),
        false => c.iter().fold(0.0, |sum, &c| sum / x + c),
    };
    horner(&NUMERATOR) / horner(&DENOMINATOR)
}

/// `sin(pi * x)`, exact in the argument's reduction.
fn sin_pi(x: f64) -> f64 {
    let y = x.abs() % 2.0;
    let r = match (2.0 * y).round() as i32 {
        0 => (PI * y).sin(),
        1 => (PI * (y - 0.5)).cos(),
        // Not sin(pi * (y - 1)): this is right for zero's sign.
        2 => (PI * (1.0 - y)).sin(),
        3 => -(PI * (y - 1.5)).cos(),
        _ => (PI * (y - 2.0)).sin(),
    };
    1f64.copysign(x) * r
}

/// The gamma function; NaN at its poles but zero, infinite past the largest float.
pub fn gamma(x: f64) -> f64 {
    if !x.is_finite() {
        return if x == f64::NEG_INFINITY { f64::NAN } else { x };
    }
    if x == 0.0 {
        return 1.0 / x;
    }
    if x.floor() == x {
        if x < 0.0 {
            return f64::NAN;
        }
        // Factorials are exact as far as floats reach.
        if x <= 23.0 {
            return (2..x as u64).map(|i| i as f64).product();
        }
    }
    let size = x.abs();
    if size < 1e-20 {
        return 1.0 / x;
    }
    if size > 200.0 {
        return if x < 0.0 {
            0.0 / sin_pi(x)
        } else {
            f64::INFINITY
        };
    }
    let y = size + G_MINUS_HALF;
    // What rounding took from `y`.
    let lost = if size > G_MINUS_HALF {
        (y - size) - G_MINUS_HALF
    } else {
        (y - G_MINUS_HALF) - size
    };
    let z = lost * G / y;
    // The power overflows before the result does, so that large arguments take it in two steps.
    let by_power = |r: f64, apply: fn(f64, f64) -> f64| match size < 140.0 {
        true => apply(r, y.powf(size - 0.5)),
        false => {
            let root = y.powf(size / 2.0 - 0.25);
            apply(apply(r, root), root)
        }
    };
    if x < 0.0 {
        let r = -PI / sin_pi(size) / size * y.exp() / lanczos_sum(size);
        by_power(r - z * r, |r, p| r / p)
    } else {
        let r = lanczos_sum(size) / y.exp();
        by_power(r + z * r, |r, p| r * p)
    }
}

/// The logarithm of |gamma(x)|; infinite at the poles.
pub fn lgamma(x: f64) -> f64 {
    if !x.is_finite() {
        return x.abs();
    }
    if x.floor() == x && x <= 2.0 {
        return if x <= 0.0 { f64::INFINITY } else { 0.0 };
    }
    let size = x.abs();
    if size < 1e-20 {
        return -size.ln();
    }
    let r = lanczos_sum(size).ln() - G + (size - 0.5) * ((size + G - 0.5).ln() - 1.0);
    if x < 0.0 {
        PI.ln() - sin_pi(size).abs().ln() - size.ln() - r
    } else {
        r
    }
}
