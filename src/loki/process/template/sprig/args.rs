//! Arguments of functions, with the types that Go checks.

use crate::process::template::value::{Members, Val};

/// The longest text and the longest list that a function makes.
pub(super) const LONGEST: usize = 1 << 20;

pub(super) type Result<T> = std::result::Result<T, String>;

/// The arguments of a call.
#[derive(Clone, Copy)]
pub(super) struct Args<'a>(pub(super) &'a [Val]);

impl<'a> Args<'a> {
    /// Exactly `n` arguments.
    pub(super) fn of(args: &'a [Val], n: usize) -> Result<Self> {
        if args.len() == n { Ok(Self(args)) } else { Err(format!("wrong number of arguments: want {n}, got {}", args.len())) }
    }

    /// At least `n` arguments.
    pub(super) fn least(args: &'a [Val], n: usize) -> Result<Self> {
        if args.len() >= n { Ok(Self(args)) } else { Err(format!("wrong number of arguments: want at least {n}, got {}", args.len())) }
    }

    pub(super) fn any(self, i: usize) -> &'a Val {
        self.0.get(i).unwrap_or(&Val::Nil)
    }

    fn wrong<T>(self, i: usize, wanted: &str) -> Result<T> {
        Err(format!("argument {} must be of type {wanted}, not {}", i + 1, self.any(i).type_name()))
    }

    pub(super) fn text(self, i: usize) -> Result<&'a str> {
        match self.any(i) {
            Val::Str(text) => Ok(text),
            _ => self.wrong(i, "string"),
        }
    }

    pub(super) fn int(self, i: usize) -> Result<i64> {
        match self.any(i) {
            Val::Int(n) => Ok(*n),
            // A constant such as 1e3.
            Val::Float(n) if n.fract() == 0.0 && n.abs() < 9e18 => Ok(*n as i64),
            _ => self.wrong(i, "int"),
        }
    }

    /// A count that is not negative and not too large.
    pub(super) fn count(self, i: usize) -> Result<usize> {
        let n = self.int(i)?;
        usize::try_from(n).ok().filter(|n| *n <= LONGEST).ok_or_else(|| format!("{n} is out of range"))
    }

    pub(super) fn bool(self, i: usize) -> Result<bool> {
        match self.any(i) {
            Val::Bool(flag) => Ok(*flag),
            _ => self.wrong(i, "bool"),
        }
    }

    pub(super) fn list(self, i: usize) -> Result<&'a [Val]> {
        match self.any(i) {
            Val::List(items, _) => Ok(items),
            _ => self.wrong(i, "list"),
        }
    }

    pub(super) fn float(self, i: usize) -> Result<f64> {
        match self.any(i) {
            Val::Float(n) => Ok(*n),
            // A constant such as 1.
            Val::Int(n) => Ok(*n as f64),
            _ => self.wrong(i, "float64"),
        }
    }

    /// A map; nothing counts as one without members.
    pub(super) fn dict(self, i: usize) -> Result<Members> {
        match self.any(i) {
            Val::Map(members, false) => Ok(Members::clone(members)),
            Val::Nil => Ok(Members::default()),
            _ => self.wrong(i, "map[string]interface {}"),
        }
    }

    /// Every argument from `i` on, as text.
    pub(super) fn texts_from(self, i: usize) -> Result<Vec<&'a str>> {
        (i..self.0.len()).map(|i| self.text(i)).collect()
    }
}

/// A value as text, whatever it is.
pub(super) fn strval(value: &Val) -> String {
    value.printed()
}

/// A list as texts; what is no list is a list of one.
pub(super) fn strslice(value: &Val) -> Vec<String> {
    match value {
        Val::List(items, _) => items.iter().filter(|item| !matches!(item, Val::Nil)).map(strval).collect(),
        Val::Nil => Vec::new(),
        other => vec![strval(other)],
    }
}

/// True for nothing, zero and what has no elements.
pub(super) fn is_empty(value: &Val) -> bool {
    match value {
        Val::Version(_) | Val::Time(_) => false,
        other => !other.is_true(),
    }
}

/// A value as a whole number; 0 when it is none.
pub(super) fn to_int(value: &Val) -> i64 {
    match value {
        Val::Int(n) | Val::Int64(n) => *n,
        Val::Float(n) => truncated(*n),
        Val::Bool(flag) => i64::from(*flag),
        Val::Str(text) => parse_int(text).unwrap_or(0),
        _ => 0,
    }
}

/// Without the fraction. What does not fit is the smallest number, as on the machines that Go's conversion is made of.
fn truncated(n: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&n) { n as i64 } else { i64::MIN }
}

/// A whole number with the prefixes of Go. Digits behind a point are ignored.
fn parse_int(text: &str) -> Option<i64> {
    let text = match text.split_once('.') {
        Some((whole, fraction)) => {
            let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
            match [digits, fraction].iter().all(|digits| digits.bytes().all(|b| b.is_ascii_digit())) {
                true if digits.is_empty() => return Some(0),
                true => whole,
                false => return None,
            }
        }
        None => text,
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some(start) if start.starts_with('0') => (8, &lower[1..]),
        _ => (10, &*lower),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let n = i64::from_str_radix(&digits.replace('_', ""), radix).ok()?;
    Some(if negative { -n } else { n })
}

/// A value as a floating point number; 0 when it is none.
pub(super) fn to_float(value: &Val) -> f64 {
    match value {
        Val::Float(n) => *n,
        Val::Str(text) => text.parse().unwrap_or(0.0),
        other => to_int(other) as f64,
    }
}
