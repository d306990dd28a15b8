//! Numbers as Go reads and writes them.

/// Powers of ten that a double holds exactly.
const POWERS: [f64; 23] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];

/// The largest integer below which every integer is a double.
const EXACT: u64 = 1 << 53;

/// Reads a number: decimal, with or without exponent, `Inf`, `Infinity` and `NaN` in any case. `None` for everything
/// that Prometheus refuses: hexadecimal, underscores, signed NaN, what is too large for a double.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    if let Some((value, read)) = parse_short(text)
        && read == text.len()
    {
        return Some(value);
    }
    let text = std::str::from_utf8(text).ok()?;
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.bytes().next()? {
        b'n' | b'N' => return (unsigned.len() == text.len() && text.eq_ignore_ascii_case("nan")).then_some(f64::NAN),
        b'i' | b'I' => {
            let known = unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity");
            return known.then_some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        _ => {}
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Reads the number at the start of `text` when it is short enough to be computed exactly with one operation: up to 19
/// digits, a value that a double holds, and a power of ten up to 22. The second result is how many bytes it has; what
/// follows them is not looked at.
#[inline]
pub(super) fn parse_short(text: &[u8]) -> Option<(f64, usize)> {
    let mut at = 0;
    let negative = match text.first()? {
        b'-' => {
            at = 1;
            true
        }
        b'+' => {
            at = 1;
            false
        }
        _ => false,
    };
    let mut mantissa = 0u64;
    let start = at;
    at = digits(text, at, &mut mantissa);
    let mut count = at - start;
    let mut exponent = 0i32;
    if text.get(at) == Some(&b'.') {
        let point = at + 1;
        at = digits(text, point, &mut mantissa);
        exponent = -((at - point) as i32);
        count += at - point;
    }
    if count == 0 || count > 19 {
        return None;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let (shift, end) = exponent_at(text, at + 1)?;
        exponent += shift;
        at = end;
    }
    if mantissa > EXACT || exponent.unsigned_abs() > 22 {
        return None;
    }
    let mantissa = mantissa as f64;
    let power = POWERS[exponent.unsigned_abs() as usize];
    let value = if exponent < 0 { mantissa / power } else { mantissa * power };
    Some((if negative { -value } else { value }, at))
}

/// Adds the digits at `at` to `value`, which wraps beyond 19 of them; where they end.
#[inline]
fn digits(text: &[u8], mut at: usize, value: &mut u64) -> usize {
    while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        *value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    at
}

/// One to three digits of an exponent with its sign, and where it ends.
fn exponent_at(text: &[u8], mut at: usize) -> Option<(i32, usize)> {
    let negative = text.get(at) == Some(&b'-');
    if let Some(b'-' | b'+') = text.get(at) {
        at += 1;
    }
    let mut value = 0u64;
    let end = digits(text, at, &mut value);
    if end == at || end - at > 3 {
        return None;
    }
    let value = value as i32;
    Some((if negative { -value } else { value }, end))
}

/// Writes a number as OpenMetrics wants it in `le` and `quantile`: as Go's `%g`, with `.0` when it would look like an
/// integer.
pub fn format_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    if value == 0.0 {
        return "0.0".to_owned();
    }
    // The shortest digits that read back as the value, such as `-1.25e-7`.
    let shortest = format!("{value:e}");
    let Some((mantissa, exponent)) = shortest.split_once('e') else { return shortest };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Where Go's `%g` with the shortest precision starts to use exponents.
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') { plain } else { plain + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_accepted_as_in_the_original() {
        for (text, want) in [
            ("1", Some(1.0)),
            ("+1", Some(1.0)),
            ("-0", Some(-0.0)),
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            ("1e3", Some(1000.0)),
            ("1E+3", Some(1000.0)),
            ("1.5e-7", Some(1.5e-7)),
            ("123456789012345678901234567890", Some(123456789012345678901234567890.0)),
            ("9007199254740993", Some(9007199254740992.0)),
            ("0.1", Some(0.1)),
            ("1e-400", Some(0.0)),
            ("1e308", Some(1e308)),
            ("Inf", Some(f64::INFINITY)),
            ("+inf", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("", None),
            ("+", None),
            (".", None),
            ("1e", None),
            ("e5", None),
            ("1e400", None),
            ("-1e400", None),
            ("0x1F", None),
            ("0x1p4", None),
            ("1_000", None),
            ("infi", None),
            ("+NaN", None),
            ("-nan", None),
            ("nanx", None),
            ("1\r", None),
            ("1 ", None),
            ("--1", None),
            ("1.2.3", None),
        ] {
            assert_eq!(parse_float(text.as_bytes()).map(f64::to_bits), want.map(f64::to_bits), "{text}");
        }
        assert!(parse_float(b"nAn").is_some_and(f64::is_nan));
    }

    #[test]
    fn bounds_are_written_as_go_writes_them() {
        for (value, want) in [
            (1.0, "1.0"),
            (-1.0, "-1.0"),
            (-0.0, "0.0"),
            (0.05, "0.05"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.000015, "1.5e-05"),
            (100000.0, "100000.0"),
            (1000000.0, "1e+06"),
            (1234567.0, "1.234567e+06"),
            (123456.5, "123456.5"),
            (1e100, "1e+100"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(format_float(value), want);
        }
    }

    proptest! {
        #[test]
        fn short_numbers_are_exact(text in "[+-]?[0-9]{0,12}(\\.[0-9]{0,10})?([eE][+-]?[0-9]{1,2})?") {
            let want = text.parse::<f64>().ok().map(f64::to_bits);
            prop_assert_eq!(parse_float(text.as_bytes()).map(f64::to_bits), want);
        }
    }
}
