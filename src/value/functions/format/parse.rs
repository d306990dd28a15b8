//! Reading of patterns: flags, width, precision and explicit argument indexes.

use super::Flags;
use crate::number::Number;
use crate::value_model::Value;

/// Widths and precisions beyond this are errors, as in the original.
const TOO_LARGE: usize = 1_000_000;

/// A pattern and the arguments it asks for.
pub(super) struct Parser<'a> {
    pattern: &'a str,
    at: usize,
    args: &'a [Value],
    next: usize,
    /// Explicit indexes were used: arguments left over are no mistake.
    reordered: bool,
    /// The index of the present verb is in range.
    pub(super) good_index: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(pattern: &'a str, args: &'a [Value]) -> Self {
        Self { pattern, at: 0, args, next: 0, reordered: false, good_index: true }
    }

    /// The text up to the next verb; `None` at the end.
    pub(super) fn literal(&mut self) -> Option<&'a str> {
        let rest = self.pattern.get(self.at..).filter(|rest| !rest.is_empty())?;
        let length = rest.find('%').unwrap_or(rest.len());
        self.at += length;
        Some(&rest[..length])
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.pattern.len()
    }

    /// The argument of the present verb.
    pub(super) fn argument(&self) -> Option<&'a Value> {
        self.args.get(self.next)
    }

    pub(super) fn advance(&mut self) {
        self.next += 1;
    }

    /// Arguments that were not asked for.
    pub(super) fn rest(&self) -> &'a [Value] {
        if self.reordered { &[] } else { self.args.get(self.next..).unwrap_or(&[]) }
    }

    fn peek(&self) -> Option<u8> {
        self.pattern.as_bytes().get(self.at).copied()
    }

    /// Reads from `%` to the verb and gives the verb; `None` when the pattern ends before it.
    pub(super) fn directive(&mut self, flags: &mut Flags, out: &mut String) -> Option<char> {
        self.at += 1;
        self.good_index = true;
        self.flags(flags);
        let mut indexed = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            let width = self.star();
            match width {
                Some(width) => {
                    flags.width = Some(width.unsigned_abs() as usize);
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                }
                None => out.push_str("%!(BADWIDTH)"),
            }
            indexed = false;
        } else {
            flags.width = self.digits(self.pattern.len());
            if indexed && flags.width.is_some() {
                self.good_index = false;
            }
        }
        // A point at the very end is the verb.
        if self.peek() == Some(b'.') && self.at + 1 < self.pattern.len() {
            self.at += 1;
            if indexed {
                self.good_index = false;
            }
            indexed = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                flags.precision = self.star().and_then(|precision| usize::try_from(precision).ok());
                if flags.precision.is_none() {
                    out.push_str("%!(BADPREC)");
                }
                indexed = false;
            } else {
                flags.precision = Some(self.digits(self.pattern.len()).unwrap_or(0));
            }
        }
        if !indexed {
            self.index();
        }
        let verb = self.pattern.get(self.at..).and_then(|rest| rest.chars().next())?;
        self.at += verb.len_utf8();
        Some(verb)
    }

    fn flags(&mut self, flags: &mut Flags) {
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
    }

    /// The argument for a `*`: an integer of moderate size. It is used up in any case.
    fn star(&mut self) -> Option<i64> {
        let value = self.argument()?;
        self.next += 1;
        let number = match value {
            Value::Number(Number::Int(n)) => Some(*n),
            Value::Number(Number::Uint(n)) => i64::try_from(*n).ok(),
            _ => None,
        };
        number.filter(|n| n.unsigned_abs() <= TOO_LARGE as u64)
    }

    /// A number before `end`. One that is too large swallows the rest of the pattern, as in the original.
    fn digits(&mut self, end: usize) -> Option<usize> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(|b| b.is_ascii_digit() && self.at < end) {
            let before = number.unwrap_or(0);
            if before > TOO_LARGE {
                self.at = end;
                return None;
            }
            number = Some(before * 10 + usize::from(digit - b'0'));
            self.at += 1;
        }
        number
    }

    /// An explicit index, `[2]`; true when there is a well-formed one.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let start = self.at;
        let close = self.pattern[start..].find(']').map(|length| start + length);
        let Some(close) = close.filter(|_| self.pattern.len() - start >= 3) else {
            self.good_index = false;
            self.at = start + 1;
            return false;
        };
        self.at = start + 1;
        let number = self.digits(close).filter(|_| self.at == close);
        self.at = close + 1;
        match number.map(|n| n.checked_sub(1)) {
            Some(Some(index)) if index < self.args.len() => {
                self.next = index;
                true
            }
            Some(_) => {
                self.good_index = false;
                true
            }
            None => {
                self.good_index = false;
                false
            }
        }
    }
}
