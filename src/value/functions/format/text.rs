//! Strings.

use super::Printer;
use crate::text::{escape, quote};

impl Printer {
    /// Writes a string; false when the verb is not for strings.
    pub(super) fn string(&mut self, text: &str, verb: char) -> bool {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.pad(self.cut(text)),
            'x' | 'X' => self.hex(text, verb),
            'q' => self.quoted(text),
            _ => return false,
        }
        true
    }

    /// As many characters as the precision allows.
    fn cut<'t>(&self, text: &'t str) -> &'t str {
        match self.flags.precision.and_then(|precision| text.char_indices().nth(precision)) {
            Some((end, _)) => &text[..end],
            None => text,
        }
    }

    fn quoted(&mut self, text: &str) {
        let text = self.cut(text);
        if self.flags.sharp && text.chars().all(raw) {
            self.pad(&format!("`{text}`"));
        } else if self.flags.plus {
            let mut out = String::from('"');
            text.chars().for_each(|c| escape(&mut out, c, '"', true));
            out.push('"');
            self.pad(&out);
        } else {
            self.pad(&quote(text));
        }
    }

    /// The bytes in hexadecimal; a space separates them, `#` marks the whole or, with a space, each.
    fn hex(&mut self, text: &str, verb: char) {
        let flags = self.flags;
        let bytes = &text.as_bytes()[..flags.precision.unwrap_or(text.len()).min(text.len())];
        if bytes.is_empty() {
            return self.fill(flags.width.unwrap_or(0));
        }
        let mark = match (flags.sharp, verb) {
            (false, _) => "",
            (true, 'x') => "0x",
            (true, _) => "0X",
        };
        let digits = bytes.iter().map(|byte| if verb == 'x' { format!("{byte:02x}") } else { format!("{byte:02X}") });
        let joined = match flags.space {
            true => digits.map(|pair| format!("{mark}{pair}")).collect::<Vec<_>>().join(" "),
            false => std::iter::once(mark.to_owned()).chain(digits).collect(),
        };
        self.pad(&joined);
    }
}

/// What may stand between backticks.
fn raw(c: char) -> bool {
    c != '`' && c != '\u{feff}' && c != '\u{7f}' && (c >= ' ' || c == '\t')
}
