//! Arithmetic on floats where Python departs from the hardware: floor division, modulo, power.

use crate::text::{TextError, TextResult};

/// `x / y`.
#[inline]
pub fn float_true_div(x: f64, y: f64) -> TextResult<f64> {
    if y == 0.0 {
        return Err(TextError::division_by_zero());
    }
    Ok(x / y)
}

/// `x % y`: has the sign of `y`.
pub fn float_mod(x: f64, y: f64) -> TextResult<f64> {
    if y == 0.0 {
        return Err(TextError::division_by_zero());
    }
    let remainder = x % y;
    Ok(if remainder == 0.0 {
        0f64.copysign(y)
    } else if (y < 0.0) != (remainder < 0.0) {
        remainder + y
    } else {
        remainder
    })
}

/// `divmod(x, y)`.
pub fn float_divmod(x: f64, y: f64) -> TextResult<(f64, f64)> {
    if y == 0.0 {
        return Err(TextError::division_by_zero());
    }
    let mut remainder = x % y;
    // Nearly an integer: the subtraction is close to exact, but only close.
    let mut quotient = (x - remainder) / y;
    if remainder == 0.0 {
        remainder = 0f64.copysign(y);
    } else if (y < 0.0) != (remainder < 0.0) {
        remainder += y;
        quotient -= 1.0;
    }
    let quotient = if quotient == 0.0 {
        0f64.copysign(x / y)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    };
    Ok((quotient, remainder))
}

/// `x // y`.
pub fn float_floor_div(x: f64, y: f64) -> TextResult<f64> {
    float_divmod(x, y).map(|(quotient, _)| quotient)
}

/// The result of [`float_pow`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FloatPow {
    Real(f64),
    /// A negative base with a fractional exponent: the result is complex.
    Complex,
}

/// `x ** y`.
pub fn float_pow(x: f64, y: f64) -> TextResult<FloatPow> {
    if x == 0.0 && y < 0.0 && y.is_finite() {
        return Err(TextError::ZeroDivision("zero to a negative power".into()));
    }
    if x < 0.0 && x.is_finite() && y.is_finite() && y.fract() != 0.0 {
        return Ok(FloatPow::Complex);
    }
    let power = x.powf(y);
    if power.is_infinite() && x.is_finite() && y.is_finite() {
        // What errno ERANGE says.
        return Err(TextError::overflow("(34, 'Numerical result out of range')"));
    }
    Ok(FloatPow::Real(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division() {
        assert_eq!(float_divmod(-7.0, 2.0).unwrap(), (-4.0, 1.0));
        assert_eq!(float_divmod(7.0, -2.0).unwrap(), (-4.0, -1.0));
        assert_eq!(float_divmod(1.0, 0.1).unwrap(), (9.0, 0.09999999999999995));
        assert!(float_mod(-0.0, 3.0).unwrap().is_sign_positive());
        assert!(float_mod(6.0, -3.0).unwrap().is_sign_negative());
        assert_eq!(float_mod(-1.0, f64::INFINITY).unwrap(), f64::INFINITY);
        assert_eq!(float_floor_div(-1.0, f64::INFINITY).unwrap(), -1.0);
        assert_eq!(
            float_mod(1.0, 0.0).unwrap_err().message(),
            "division by zero"
        );
    }

    #[test]
    fn power() {
        use FloatPow::*;
        assert_eq!(float_pow(2.0, 0.5).unwrap(), Real(std::f64::consts::SQRT_2));
        assert_eq!(float_pow(-8.0, 1.0 / 3.0).unwrap(), Complex);
        assert_eq!(float_pow(f64::NAN, 0.0).unwrap(), Real(1.0));
        assert_eq!(float_pow(1.0, f64::NAN).unwrap(), Real(1.0));
        assert_eq!(float_pow(-1.0, f64::INFINITY).unwrap(), Real(1.0));
        assert_eq!(
            float_pow(0.0, f64::NEG_INFINITY).unwrap(),
            Real(f64::INFINITY)
        );
        assert_eq!(
            float_pow(f64::NEG_INFINITY, 0.5).unwrap(),
            Real(f64::INFINITY)
        );
        assert_eq!(
            float_pow(0.0, -1.0).unwrap_err().message(),
            "zero to a negative power"
        );
        assert!(float_pow(10.0, 400.0).is_err());
    }
}
