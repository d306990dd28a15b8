//! `string.format`: the verbs, flags and error forms of Go's `fmt.Sprintf`.

mod number;
mod parse;
mod text;
mod value;

use crate::eval::MAX_SIZE;
use crate::number::Number;
use crate::value_model::Value;
use parse::Parser;
use std::fmt::Write as _;

/// Flags of one verb.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    /// `%+v`
    plus_v: bool,
    /// `%#v`
    sharp_v: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// The output and the flags of the verb being written.
struct Printer {
    out: String,
    flags: Flags,
    /// The output outgrew the limit: nothing more is written.
    full: bool,
}

/// Formats `args` by `pattern`; `None` when the result would be longer than [`MAX_SIZE`].
pub(super) fn sprintf(pattern: &str, args: &[Value]) -> Option<String> {
    let mut printer = Printer { out: String::new(), flags: Flags::default(), full: false };
    let mut parser = Parser::new(pattern, args);
    while let Some(literal) = parser.literal() {
        printer.push(literal);
        if printer.full {
            return None;
        }
        if parser.at_end() {
            break;
        }
        printer.verb(&mut parser);
    }
    printer.extra(&parser);
    (!printer.full).then_some(printer.out)
}

impl Printer {
    fn push(&mut self, text: &str) {
        if self.out.len() + text.len() > MAX_SIZE {
            self.full = true;
        }
        if !self.full {
            self.out.push_str(text);
        }
    }

    /// Writes the verb that the parser stands before.
    fn verb(&mut self, parser: &mut Parser<'_>) {
        self.flags = Flags::default();
        let Some(verb) = parser.directive(&mut self.flags, &mut self.out) else {
            return self.push("%!(NOVERB)");
        };
        if verb == '%' {
            return self.push("%");
        }
        let error = match (parser.good_index, parser.argument()) {
            (false, _) => "BADINDEX",
            (true, None) => "MISSING",
            (true, Some(value)) => {
                if matches!(verb, 'v' | 'w') {
                    self.flags.sharp_v = std::mem::take(&mut self.flags.sharp);
                    self.flags.plus_v = std::mem::take(&mut self.flags.plus);
                }
                parser.advance();
                return self.argument(value, verb);
            }
        };
        self.push(&format!("%!{verb}({error})"));
    }

    /// Arguments that no verb asked for.
    fn extra(&mut self, parser: &Parser<'_>) {
        let rest = parser.rest();
        if rest.is_empty() {
            return;
        }
        self.flags = Flags::default();
        self.push("%!(EXTRA ");
        for (i, value) in rest.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            if matches!(value, Value::Null) {
                self.push("<nil>");
            } else {
                self.push(&value::type_name(value));
                self.push("=");
                self.argument(value, 'v');
            }
        }
        self.push(")");
    }

    /// `text` padded to the width, counted in characters.
    fn pad(&mut self, text: &str) {
        let missing = self.flags.width.unwrap_or(0).saturating_sub(text.chars().count());
        if self.flags.minus {
            self.push(text);
            self.fill(missing);
        } else {
            self.fill(missing);
            self.push(text);
        }
    }

    fn pad_with_spaces(&mut self, text: &str) {
        let zero = std::mem::take(&mut self.flags.zero);
        self.pad(text);
        self.flags.zero = zero;
    }

    fn fill(&mut self, count: usize) {
        let filler = if self.flags.zero && !self.flags.minus { "0" } else { " " };
        if self.out.len() + count > MAX_SIZE {
            self.full = true;
        }
        if !self.full {
            self.out.push_str(&filler.repeat(count));
        }
    }

    /// `%!d(string=x)`
    fn bad_verb(&mut self, verb: char, value: &Value) {
        self.push(&format!("%!{verb}("));
        if matches!(value, Value::Null) {
            self.push("<nil>");
        } else {
            self.push(&value::type_name(value));
            self.push("=");
            self.argument(value, 'v');
        }
        self.push(")");
    }

    fn number(&mut self, number: Number, verb: char, value: &Value) {
        let known = match number {
            Number::Int(n) => self.integer(n.unsigned_abs(), n < 0, true, verb),
            Number::Uint(n) => self.integer(n, false, i64::try_from(n).is_ok(), verb),
            Number::Float(n) => self.float(n, verb),
        };
        if !known {
            self.bad_verb(verb, value);
        }
    }
}

/// Formats into a new string; writing to a string cannot fail.
fn written(arguments: std::fmt::Arguments<'_>) -> String {
    let mut out = String::new();
    let _ = out.write_fmt(arguments);
    out
}

#[cfg(test)]
mod tests;
