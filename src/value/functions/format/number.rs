//! Integers and floating point numbers.

use super::{Printer, written};
use crate::number::{plain, shortest};
use crate::text::{escape, is_printable};

impl Printer {
    /// Writes an integer of the magnitude `u`; false when the verb is not for integers. `int` tells Go's `int` from
    /// `uint64`.
    pub(super) fn integer(&mut self, u: u64, negative: bool, int: bool, verb: char) -> bool {
        let wrapped = if negative { u.wrapping_neg() } else { u };
        match verb {
            'v' if self.flags.sharp_v && !int => {
                let sharp = std::mem::replace(&mut self.flags.sharp, true);
                self.digits(u, negative, 16, verb);
                self.flags.sharp = sharp;
            }
            'v' | 'd' => self.digits(u, negative, 10, verb),
            'b' => self.digits(u, negative, 2, verb),
            'o' | 'O' => self.digits(u, negative, 8, verb),
            'x' | 'X' => self.digits(u, negative, 16, verb),
            'c' => self.pad(&character(wrapped).to_string()),
            'q' => {
                let mut quoted = String::from('\'');
                escape(&mut quoted, character(wrapped), '\'', self.flags.plus);
                quoted.push('\'');
                self.pad(&quoted);
            }
            'U' => self.unicode(wrapped),
            _ => return false,
        }
        true
    }

    fn digits(&mut self, u: u64, negative: bool, base: u64, verb: char) {
        let flags = self.flags;
        let least = match (flags.precision, flags.width) {
            (Some(0), _) if u == 0 => {
                self.flags.zero = false;
                self.fill(flags.width.unwrap_or(0));
                self.flags.zero = flags.zero;
                return;
            }
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(usize::from(negative || flags.plus || flags.space)),
            _ => 0,
        };
        let digits = match (base, verb) {
            (2, _) => written(format_args!("{u:b}")),
            (8, _) => written(format_args!("{u:o}")),
            (16, 'X') => written(format_args!("{u:X}")),
            (16, _) => written(format_args!("{u:x}")),
            _ => u.to_string(),
        };
        let digits = format!("{}{digits}", "0".repeat(least.saturating_sub(digits.len())));
        let prefix = match (base, verb) {
            (_, 'O') if flags.sharp && !digits.starts_with('0') => "0o0",
            (_, 'O') => "0o",
            _ if !flags.sharp => "",
            (2, _) => "0b",
            (8, _) if !digits.starts_with('0') => "0",
            (16, 'X') => "0X",
            (16, _) => "0x",
            _ => "",
        };
        let sign = match () {
            () if negative => "-",
            () if flags.plus => "+",
            () if flags.space => " ",
            () => "",
        };
        self.pad_with_spaces(&[sign, prefix, &digits].concat());
    }

    /// `U+0041`, with `#` also the character.
    fn unicode(&mut self, u: u64) {
        let digits = self.flags.precision.unwrap_or(0).max(4);
        let hex = written(format_args!("{u:X}"));
        let mut text = format!("U+{}{hex}", "0".repeat(digits.saturating_sub(hex.len())));
        let shown = u32::try_from(u).ok().and_then(char::from_u32).filter(|c| self.flags.sharp && is_printable(*c));
        if let Some(c) = shown {
            text.push_str(&format!(" '{c}'"));
        }
        self.pad_with_spaces(&text);
    }

    /// Writes a floating point number; false when the verb is not for them.
    pub(super) fn float(&mut self, number: f64, verb: char) -> bool {
        let (verb, precision) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'e' | 'E' => (verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => return false,
        };
        let precision = self.flags.precision.or(precision);
        let negative = number.is_sign_negative() && !number.is_nan();
        let sign = match () {
            () if negative => '-',
            () if self.flags.space && !self.flags.plus => ' ',
            () => '+',
        };
        let visible = self.flags.plus || sign != '+';
        if number.is_nan() {
            self.pad_with_spaces(&if visible { format!("{sign}NaN") } else { "NaN".into() });
            return true;
        }
        if number.is_infinite() {
            self.pad_with_spaces(&format!("{sign}Inf"));
            return true;
        }
        let mut digits = magnitude(number.abs(), verb, precision);
        if self.flags.sharp && verb != 'b' {
            digits = sharpen(&digits, verb, precision);
        }
        if !visible {
            self.pad(&digits);
            return true;
        }
        // Zeros go between the sign and the digits.
        let missing = self.flags.width.unwrap_or(0).saturating_sub(digits.chars().count() + 1);
        if self.flags.zero && !self.flags.minus && missing > 0 {
            self.push(sign.encode_utf8(&mut [0; 4]));
            self.fill(missing);
            self.push(&digits);
        } else {
            self.pad(&format!("{sign}{digits}"));
        }
        true
    }
}

fn character(code: u64) -> char {
    u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The digits of a finite number that is not negative.
fn magnitude(number: f64, verb: char, precision: Option<usize>) -> String {
    match verb {
        'f' => {
            let precision = precision.unwrap_or(6);
            let shown = precision.min(MAX_DIGITS);
            written(format_args!("{number:.shown$}")) + &"0".repeat(precision - shown)
        }
        'e' | 'E' => scientific(number, precision, verb),
        'b' => {
            let (mantissa, exponent) = parts(number);
            format!("{mantissa}p{exponent:+}")
        }
        'x' | 'X' => hexadecimal(number, precision, verb),
        _ => general(number, precision, verb),
    }
}

/// More digits than this are zeros: the smallest power of two ends after 1074.
const MAX_DIGITS: usize = 1100;

/// `1.5e+07`: the exponent has a sign and at least two digits.
fn scientific(number: f64, precision: Option<usize>, verb: char) -> String {
    let text = match precision {
        Some(precision) => written(format_args!("{number:.0$e}", precision.min(MAX_DIGITS))),
        None => {
            let (digits, exponent) = shortest(number);
            let point = if digits.len() > 1 { "." } else { "" };
            format!("{}{point}{}e{exponent}", &digits[..1], &digits[1..])
        }
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    let e = if verb == 'E' || verb == 'G' { 'E' } else { 'e' };
    let zeros = "0".repeat(precision.unwrap_or(0).saturating_sub(MAX_DIGITS));
    format!("{mantissa}{zeros}{e}{sign}{digits:0>2}")
}

/// The shorter of the two notations, by the exponent.
fn general(number: f64, precision: Option<usize>, verb: char) -> String {
    let digits = precision.map(|p| p.max(1));
    let text = scientific(number, digits.map(|p| p - 1), verb);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    // Zeros at the end are not shown; how many digits count decides between the notations.
    let significant = mantissa.trim_end_matches('0').trim_end_matches('.');
    let count = significant.bytes().filter(u8::is_ascii_digit).count() as i64;
    let threshold = match digits {
        None => 6,
        Some(p) if p as i64 > count && count > exponent => count,
        Some(p) => p as i64,
    };
    if exponent < -4 || exponent >= threshold {
        let e = if verb == 'G' { 'E' } else { 'e' };
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{significant}{e}{sign}{:02}", exponent.unsigned_abs());
    }
    match precision {
        None => plain(number),
        Some(_) => {
            let decimals = usize::try_from((count - 1 - exponent).max(0)).unwrap_or(0);
            written(format_args!("{number:.decimals$}"))
        }
    }
}

/// `0x1.8p+01`
fn hexadecimal(number: f64, precision: Option<usize>, verb: char) -> String {
    let (mut mantissa, mut exponent) = parts(number);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // The point stands after bit 60.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - i64::from(shift);
    }
    if let Some(shown) = precision.filter(|p| *p < 15) {
        let extra = (60 - shown * 4) as u32;
        let (kept, rest) = (mantissa >> extra, mantissa & ((1 << extra) - 1));
        let half = 1u64 << extra >> 1;
        let up = rest > half || (rest == half && half > 0 && kept & 1 == 1);
        mantissa = (kept + u64::from(up)) << extra;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut fraction = written(format_args!("{:015x}", mantissa & ((1 << 60) - 1)));
    match precision {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(shown) => {
            fraction.truncate(shown);
            fraction.extend(std::iter::repeat_n('0', shown - fraction.len()));
        }
    }
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("0x{}{point}{fraction}p{sign}{:02}", mantissa >> 60, exponent.unsigned_abs());
    if verb == 'X' { text.to_uppercase() } else { text }
}

/// The number as `mantissa * 2^exponent` with all bits of the mantissa.
fn parts(number: f64) -> (u64, i64) {
    let bits = number.to_bits();
    let (fraction, exponent) = (bits & ((1 << 52) - 1), ((bits >> 52) & 0x7ff) as i64);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// The flag `#`: always a point, and the zeros at the end that the notation left out.
fn sharpen(digits: &str, verb: char, precision: Option<usize>) -> String {
    let mut missing = match verb {
        'g' | 'G' | 'x' => precision.unwrap_or(6) as i64,
        _ => 0,
    };
    let mut split = digits.len();
    let (mut point, mut counting) = (false, false);
    for (i, c) in digits.char_indices() {
        match c {
            '.' => point = true,
            'p' | 'P' => {
                split = i;
                break;
            }
            'e' | 'E' if !matches!(verb, 'x' | 'X') => {
                split = i;
                break;
            }
            _ => {
                counting |= c != '0';
                missing -= i64::from(counting);
            }
        }
    }
    let (head, tail) = digits.split_at(split);
    let mut out = String::from(head);
    if !point {
        missing -= i64::from(head == "0");
        out.push('.');
    }
    out.extend(std::iter::repeat_n('0', usize::try_from(missing).unwrap_or(0)));
    out + tail
}
