//! Numbers. The original keeps signed, unsigned and floating point apart; so do we.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

/// A number of the language.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// 64-bit signed.
    Int(i64),
    /// 64-bit unsigned: literals above the signed range, and results of components.
    Uint(u64),
    /// Double precision.
    Float(f64),
}

/// Two numbers brought to one kind: float wins over int, int over uint.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pair {
    Int(i64, i64),
    Uint(u64, u64),
    Float(f64, f64),
}

impl Number {
    /// The number as a double; large integers lose precision.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Int(n) => n as f64,
            Self::Uint(n) => n as f64,
            Self::Float(n) => n,
        }
    }

    /// The number as a signed integer: unsigned numbers wrap, fractions are cut off, and what does not fit gives the
    /// smallest integer, as on the original's machines.
    pub fn as_i64(self) -> i64 {
        match self {
            Self::Int(n) => n,
            Self::Uint(n) => n as i64,
            Self::Float(n) if n >= -(2f64.powi(63)) && n < 2f64.powi(63) => n as i64,
            Self::Float(_) => i64::MIN,
        }
    }

    /// What a literal of digits, with or without a point or an exponent, stands for: an int where it fits, then a
    /// uint, then a float. A leading zero means octal. `None` when it is beyond the range of floats.
    pub fn from_literal(text: &str) -> Option<Self> {
        if text.bytes().all(|b| b.is_ascii_digit()) {
            let octal = text.len() > 1 && text.starts_with('0');
            let (digits, radix) = if octal { (&text[1..], 8) } else { (text, 10) };
            if let Ok(n) = i64::from_str_radix(digits, radix) {
                return Some(Self::Int(n));
            }
            if let Ok(n) = u64::from_str_radix(digits, radix) {
                return Some(Self::Uint(n));
            }
        }
        text.parse::<f64>().ok().filter(|n| n.is_finite()).map(Self::Float)
    }

    /// Both numbers in the kind that holds the result of an operator.
    pub(crate) fn pair(self, other: Self) -> Pair {
        match (self, other) {
            (Self::Float(_), _) | (_, Self::Float(_)) => Pair::Float(self.as_f64(), other.as_f64()),
            (Self::Uint(a), Self::Uint(b)) => Pair::Uint(a, b),
            _ => Pair::Int(self.as_i64(), other.as_i64()),
        }
    }

    /// True for 0 and -0.0.
    pub(crate) fn is_zero(self) -> bool {
        match self {
            Self::Int(n) => n == 0,
            Self::Uint(n) => n == 0,
            Self::Float(n) => n == 0.0,
        }
    }

    /// `self + other`; integers wrap.
    pub(crate) fn add(self, other: Self) -> Self {
        match self.pair(other) {
            Pair::Int(a, b) => Self::Int(a.wrapping_add(b)),
            Pair::Uint(a, b) => Self::Uint(a.wrapping_add(b)),
            Pair::Float(a, b) => Self::Float(a + b),
        }
    }

    /// `self - other`; integers wrap.
    pub(crate) fn sub(self, other: Self) -> Self {
        match self.pair(other) {
            Pair::Int(a, b) => Self::Int(a.wrapping_sub(b)),
            Pair::Uint(a, b) => Self::Uint(a.wrapping_sub(b)),
            Pair::Float(a, b) => Self::Float(a - b),
        }
    }

    /// `self * other`; integers wrap.
    pub(crate) fn mul(self, other: Self) -> Self {
        match self.pair(other) {
            Pair::Int(a, b) => Self::Int(a.wrapping_mul(b)),
            Pair::Uint(a, b) => Self::Uint(a.wrapping_mul(b)),
            Pair::Float(a, b) => Self::Float(a * b),
        }
    }

    /// `self / other`, integers towards zero; `None` when `other` is zero.
    pub(crate) fn div(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        Some(match self.pair(other) {
            Pair::Int(a, b) => Self::Int(a.wrapping_div(b)),
            Pair::Uint(a, b) => Self::Uint(a.wrapping_div(b)),
            Pair::Float(a, b) => Self::Float(a / b),
        })
    }

    /// `self % other`, with the sign of `self`; `None` when `other` is zero.
    pub(crate) fn rem(self, other: Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        Some(match self.pair(other) {
            Pair::Int(a, b) => Self::Int(a.wrapping_rem(b)),
            Pair::Uint(a, b) => Self::Uint(a.wrapping_rem(b)),
            Pair::Float(a, b) => Self::Float(a % b),
        })
    }

    /// `self ^ other`; integers wrap, and a negative integer exponent counts as 1.
    pub(crate) fn pow(self, other: Self) -> Self {
        match self.pair(other) {
            Pair::Int(a, b) => Self::Int(match u64::try_from(b) {
                Ok(exponent) => wrapping_pow(a as u64, exponent) as i64,
                Err(_) => a,
            }),
            Pair::Uint(a, b) => Self::Uint(wrapping_pow(a, b)),
            Pair::Float(a, b) => Self::Float(float_pow(a, b)),
        }
    }

    /// `-self`; an unsigned number becomes signed.
    pub(crate) fn neg(self) -> Self {
        match self {
            Self::Int(_) | Self::Uint(_) => Self::Int(self.as_i64().wrapping_neg()),
            Self::Float(n) => Self::Float(-n),
        }
    }

    /// How the language compares; `None` when one is NaN.
    pub(crate) fn order(self, other: Self) -> Option<Ordering> {
        match self.pair(other) {
            Pair::Int(a, b) => Some(a.cmp(&b)),
            Pair::Uint(a, b) => Some(a.cmp(&b)),
            Pair::Float(a, b) => a.partial_cmp(&b),
        }
    }
}

/// The text of a number without the underscores between its digits; `None` when one stands elsewhere.
pub(crate) fn without_underscores(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let separate = bytes.iter().enumerate().all(|(i, byte)| *byte != b'_' || digit(bytes[..i].last()) && digit(bytes.get(i + 1)));
    separate.then(|| Cow::Owned(text.replace('_', "")))
}

/// By squaring, so that it answers at once for every exponent.
fn wrapping_pow(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1u64;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        exponent >>= 1;
    }
    result
}

/// Powers as the original computes them: repeated multiplication for the whole part of the exponent, which differs from
/// the C library in the last digit.
fn float_pow(x: f64, y: f64) -> f64 {
    if let Some(special) = special_pow(x, y) {
        return special;
    }
    let (mut whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    if whole >= 2f64.powi(63) {
        return match (x == -1.0, (x.abs() < 1.0) == (y > 0.0)) {
            (true, _) => 1.0,
            (false, true) => 0.0,
            (false, false) => f64::INFINITY,
        };
    }
    let mut mantissa = 1.0;
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        mantissa = exp(fraction * ln(x));
    }
    let mut exponent = 0i64;
    let (mut factor, mut factor_exponent) = frexp(x);
    let mut rest = whole as i64;
    while rest != 0 {
        if factor_exponent.abs() > 1 << 12 {
            // Overflows or vanishes whatever follows.
            exponent += factor_exponent;
            break;
        }
        if rest & 1 == 1 {
            mantissa *= factor;
            exponent += factor_exponent;
        }
        factor *= factor;
        factor_exponent <<= 1;
        if factor < 0.5 {
            factor += factor;
            factor_exponent -= 1;
        }
        rest >>= 1;
    }
    if y < 0.0 {
        mantissa = 1.0 / mantissa;
        exponent = -exponent;
    }
    ldexp(mantissa, exponent)
}

fn special_pow(x: f64, y: f64) -> Option<f64> {
    let odd = y.abs() < 2f64.powi(53) && y % 2.0 != 0.0 && y.fract() == 0.0;
    Some(match () {
        () if y == 0.0 || x == 1.0 => 1.0,
        () if y == 1.0 => x,
        () if x.is_nan() || y.is_nan() => f64::NAN,
        () if x == 0.0 && y < 0.0 => {
            if odd {
                f64::INFINITY.copysign(x)
            } else {
                f64::INFINITY
            }
        }
        () if x == 0.0 => {
            if odd {
                x
            } else {
                0.0
            }
        }
        () if y.is_infinite() && x == -1.0 => 1.0,
        () if y.is_infinite() => {
            if (x.abs() < 1.0) == (y > 0.0) {
                0.0
            } else {
                f64::INFINITY
            }
        }
        () if x == f64::NEG_INFINITY => float_pow(1.0 / x, -y),
        () if x.is_infinite() => {
            if y < 0.0 {
                0.0
            } else {
                f64::INFINITY
            }
        }
        () if y == 0.5 => x.sqrt(),
        () if y == -0.5 => 1.0 / x.sqrt(),
        () => return None,
    })
}

/// The natural logarithm of a positive finite number, in the steps of the original (FreeBSD's `e_log`).
fn ln(x: f64) -> f64 {
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const L: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    // Straight from the bits: the smallest numbers, which have no leading one, come out wrong there, too.
    let mut fraction = f64::from_bits((x.to_bits() & !(0xfff << 52)) | (1022 << 52));
    let mut exponent = ((x.to_bits() >> 52) & 0x7ff) as i64 - 1022;
    if fraction <= std::f64::consts::FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let (f, k) = (fraction - 1.0, exponent as f64);
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (L[0] + s4 * (L[2] + s4 * (L[4] + s4 * L[6])));
    let even = s4 * (L[1] + s4 * (L[3] + s4 * L[5]));
    let half = 0.5 * f * f;
    k * LN2_HIGH - ((half - (s * (half + (odd + even)) + k * LN2_LOW)) - f)
}

/// The exponential function for moderate numbers, in the steps of the original (Shibata's method: a series for a
/// sixteenth of the argument, then four doublings).
fn exp(x: f64) -> f64 {
    const LN2_HIGH: f64 = 0.693_147_180_559_663;
    const LN2_LOW: f64 = 2.823_529_056_303_157_7e-13;
    // Reciprocals of the factorials from 8 down.
    const FACTORS: [f64; 8] = [1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    let exponent = (x * std::f64::consts::LOG2_E).round_ties_even();
    let rest = exponent.mul_add(-LN2_LOW, exponent.mul_add(-LN2_HIGH, x)) * 0.0625;
    let series = FACTORS[1..].iter().fold(FACTORS[0], |sum, factor| sum.mul_add(rest, *factor));
    let grown = (0..3).fold(rest * series, |grown, _| grown * (grown + 2.0));
    ldexp(grown.mul_add(grown + 2.0, 1.0), exponent as i64)
}

/// Splits a finite number into a fraction in `[0.5, 1)` and a power of two.
fn frexp(x: f64) -> (f64, i64) {
    if x == 0.0 {
        return (x, 0);
    }
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(52), -52) } else { (x, 0) };
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1022;
    (f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)), exponent + shift)
}

/// `fraction * 2^exponent`, rounded once.
fn ldexp(fraction: f64, exponent: i64) -> f64 {
    if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    }
    let (fraction, own) = frexp(fraction);
    let exponent = exponent.saturating_add(own);
    match exponent {
        1025.. => f64::INFINITY.copysign(fraction),
        ..-1074 => 0.0f64.copysign(fraction),
        -1020..=1024 => fraction * 2.0 * 2f64.powi((exponent - 1) as i32),
        _ => (fraction * 2f64.powi((exponent + 60) as i32)) * 2f64.powi(-60),
    }
}

/// The fewest digits that read back as the finite number, and the power of ten of the first one. Between two equally close
/// ones the even one is taken, which the standard library does not do.
pub(crate) fn shortest(number: f64) -> (String, i32) {
    if number == 0.0 {
        return ("0".into(), 0);
    }
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let point = mantissa.find('.').unwrap_or(mantissa.len());
    let digits = mantissa.replace('.', "");
    let leading = digits.bytes().take_while(|byte| *byte == b'0').count();
    let exponent = exponent.parse::<i32>().unwrap_or(0) + point as i32 - 1 - leading as i32;
    (digits.trim_matches('0').to_owned(), exponent)
}

/// The magnitude of a finite number in digits without an exponent.
pub(crate) fn plain(number: f64) -> String {
    let (digits, exponent) = shortest(number);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    match usize::try_from(exponent + 1) {
        Ok(whole) if whole >= digits.len() => format!("{digits}{}", zeros(exponent + 1 - digits.len() as i32)),
        Ok(whole) if whole > 0 => format!("{}.{}", &digits[..whole], &digits[whole..]),
        _ => format!("0.{}{digits}", zeros(-exponent - 1)),
    }
}

/// Digits without an exponent, the fewest that read back as the same number; `+Inf`, `-Inf`, `NaN`.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Int(n) => write!(f, "{n}"),
            Self::Uint(n) => write!(f, "{n}"),
            Self::Float(n) if n.is_infinite() => f.write_str(if n > 0.0 { "+Inf" } else { "-Inf" }),
            Self::Float(n) if n.is_nan() => f.write_str("NaN"),
            Self::Float(n) => {
                let sign = if n.is_sign_negative() { "-" } else { "" };
                write!(f, "{sign}{}", plain(n))
            }
        }
    }
}

/// By value across kinds; NaN equals nothing.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Uint(a), Self::Uint(b)) => a == b,
            (Self::Int(a), Self::Uint(b)) | (Self::Uint(b), Self::Int(a)) => u64::try_from(a) == Ok(b),
            (a, b) => a.as_f64() == b.as_f64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_answer_at_once_and_wrap() {
        let cases = [
            (Number::Int(2), Number::Int(10), "1024"),
            (Number::Int(2), Number::Int(i64::MAX), "0"),
            (Number::Int(3), Number::Int(i64::MAX), "-6148914691236517205"),
            (Number::Int(-2), Number::Int(3), "-8"),
            (Number::Int(2), Number::Int(-1), "2"),
            (Number::Float(42.0), Number::Int(-2), "0.0005668934240362812"),
            (Number::Int(3), Number::Float(2.5), "15.588457268119894"),
            (Number::Float(0.5), Number::Float(1.5), "0.3535533905932738"),
            (Number::Float(5e-324), Number::Float(5.915226685240175e-05), "0.9589232340537396"),
            (Number::Float(2.0), Number::Float(-1074.0), &format!("{}", f64::from_bits(1))),
            (Number::Float(2.0), Number::Float(1023.0), &format!("{}", 2f64.powi(1023))),
            (Number::Float(2.0), Number::Float(1024.0), "+Inf"),
            (Number::Float(-8.0), Number::Float(0.3), "NaN"),
        ];
        for (base, exponent, want) in cases {
            assert_eq!(base.pow(exponent).to_string(), want, "{base} ^ {exponent}");
        }
    }

    #[test]
    fn shortest_digits() {
        let cases = [
            (0.5f64.powi(25), "0.000000029802322387695312"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1e21, "1000000000000000000000"),
            (1.5e-7, "0.00000015"),
            (123.456, "123.456"),
            (100.0, "100"),
            (f64::MAX, &format!("17976931348623157{}", "0".repeat(292))),
            (5e-324, &format!("0.{}5", "0".repeat(323))),
        ];
        for (number, want) in cases {
            assert_eq!(Number::Float(number).to_string(), want);
        }
    }

    #[test]
    fn literals_choose_their_kind() {
        let cases = [
            ("0", "Int(0)"),
            ("010", "Int(8)"),
            ("08", "Float(8.0)"),
            ("9223372036854775808", "Uint(9223372036854775808)"),
            ("18446744073709551616", "Float(1.8446744073709552e19)"),
            ("1e3", "Float(1000.0)"),
            (".5", "Float(0.5)"),
        ];
        for (text, want) in cases {
            assert_eq!(format!("{:?}", Number::from_literal(text).expect("is a number")), want, "{text}");
        }
        assert!(Number::from_literal("1e999").is_none());
    }
}
