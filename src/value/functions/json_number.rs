//! Numbers as the reader of `json_path` understands them: in integers of 64 bits as long as they fit, as text when they
//! have more digits. Follows the original step by step, its surprises included.

use crate::value_model::Value;

/// Whole numbers beyond this take no further digit.
const WHOLE_LIMIT: u64 = i64::MAX as u64 / 10;
/// With so many digits after the point a number becomes text.
const FRACTION_LIMIT: u64 = 1_000_000_000_000_000_000;

/// A number that is being read.
#[derive(Default)]
struct Digits {
    whole: u64,
    fraction: u64,
    /// Ten for each digit after the point.
    divisor: u64,
    exponent: u64,
    negative: bool,
    negative_exponent: bool,
    /// The digits so far, once they are too many; empty before.
    text: String,
}

impl Digits {
    fn spill(&mut self) {
        if self.negative {
            self.text.push('-');
        }
        self.text.push_str(&self.whole.to_string());
        if self.fraction > 0 || self.divisor >= FRACTION_LIMIT {
            let padded = (self.fraction + self.divisor).to_string();
            self.text.push('.');
            self.text.push_str(&padded[1..]);
        }
        if self.exponent > 0 {
            self.text.push_str(if self.negative_exponent { "e-" } else { "e" });
            self.text.push_str(&self.exponent.to_string());
        }
    }

    fn whole_digit(&mut self, digit: u8) {
        let full = if self.negative { self.whole > WHOLE_LIMIT } else { self.whole >= WHOLE_LIMIT };
        if self.text.is_empty() && !full {
            self.whole = self.whole * 10 + u64::from(digit - b'0');
            if i64::try_from(self.whole).is_err() {
                self.spill();
            }
            return;
        }
        if self.text.is_empty() {
            self.spill();
        }
        self.text.push(char::from(digit));
    }

    fn fraction_digit(&mut self, digit: u8) {
        if !self.text.is_empty() {
            return self.text.push(char::from(digit));
        }
        self.fraction = self.fraction * 10 + u64::from(digit - b'0');
        self.divisor *= 10;
        if self.divisor >= FRACTION_LIMIT {
            self.spill();
        }
    }

    fn exponent_digit(&mut self, digit: u8) {
        if self.text.is_empty() && self.exponent <= 102 {
            self.exponent = self.exponent * 10 + u64::from(digit - b'0');
            if self.exponent > 1022 {
                self.spill();
            }
            return;
        }
        if self.text.is_empty() {
            self.spill();
        }
        self.text.push(char::from(digit));
    }

    fn finish(mut self) -> Value {
        if !self.text.is_empty() {
            return Value::from(self.text);
        }
        if self.divisor == 1 && self.exponent == 0 {
            let whole = self.whole as i64;
            return Value::from(if self.negative { -whole } else { whole });
        }
        self.spill();
        Value::from(self.text.parse::<f64>().unwrap_or(0.0))
    }
}

/// The value of `text`, a number in the syntax of JSON, or with nothing after its point. `None` where the original
/// refuses it: a point without digits after very many digits.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut digits = Digits { divisor: 1, ..Digits::default() };
    let mut bytes = text.bytes().peekable();
    digits.negative = bytes.next_if_eq(&b'-').is_some();
    while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
        digits.whole_digit(digit);
    }
    if bytes.next_if_eq(&b'.').is_some() {
        if !digits.text.is_empty() {
            digits.text.push('.');
            bytes.peek().filter(|byte| byte.is_ascii_digit())?;
        }
        while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
            digits.fraction_digit(digit);
        }
    }
    if let Some(e) = bytes.next_if(|byte| matches!(byte, b'e' | b'E')) {
        if !digits.text.is_empty() {
            digits.text.push(char::from(e));
        }
        // The sign is lost where the digits are text already.
        digits.negative_exponent = bytes.next_if(|byte| matches!(byte, b'+' | b'-')) == Some(b'-');
        while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
            digits.exponent_digit(digit);
        }
    }
    Some(digits.finish())
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::print::to_text;

    #[test]
    fn kinds() {
        let cases = [
            ("12", "12"),
            ("-0", "0"),
            ("-0.0", "-0"),
            ("1.", "1"),
            ("1e2", "100"),
            ("1e00", "1"),
            ("9223372036854775799", "9223372036854775799"),
            ("9223372036854775800", "\"9223372036854775800\""),
            ("-9223372036854775807", "-9223372036854775807"),
            ("0.123456789012345678", "\"0.123456789012345678\""),
            ("0.1234567890123456789e-5", "\"0.1234567890123456789e5\""),
            ("1e1023", "\"1e1023\""),
            ("1e400", "+Inf"),
            ("-44.0e1023", "\"-44e1023\""),
            ("99999999999999999999.5E+3", "\"99999999999999999999.5E3\""),
        ];
        for (text, want) in cases {
            assert_eq!(read(text).map(|value| to_text(&value)).as_deref(), Some(want), "{text}");
        }
        assert_eq!(read("99999999999999999999."), None);
    }
}
