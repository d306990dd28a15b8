//! Upper and lower case as Go has them: one character becomes one character.

/// Upper case, character by character: no character becomes several, so `ß` stays.
pub fn to_upper(text: &str) -> String {
    text.chars().map(upper).collect()
}

/// Lower case, character by character: `İ` gives `i`, and `Σ` gives `σ` at the end of a word, too.
pub fn to_lower(text: &str) -> String {
    text.chars().map(lower).collect()
}

/// Upper case of one character.
pub fn upper(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) if !is_recent(one) => one,
        (_, None) => c,
        // Several characters: what Unicode lists as the mapping to a single one.
        _ => match u32::from(c) {
            code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => char::from_u32(code + 8).unwrap_or(c),
            code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => char::from_u32(code + 9).unwrap_or(c),
            _ => c,
        },
    }
}

/// Lower case of one character.
pub fn lower(c: char) -> char {
    match c.to_lowercase().next() {
        Some('i') if c == '\u{130}' => 'i',
        Some(one) if !is_recent(one) && !is_recent(c) => one,
        _ => c,
    }
}

/// Letters newer than the Unicode tables of the original (version 15): they have no case there.
fn is_recent(c: char) -> bool {
    matches!(
        u32::from(c),
        0x1c89..=0x1c8a | 0xa7cb..=0xa7cf | 0xa7d2 | 0xa7d4 | 0xa7da..=0xa7dc | 0x1_0d50..=0x1_0d85 | 0x1_6ea0..=0x1_6ed3
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_simple() {
        assert_eq!(to_upper("aß ﬁ ŉ ᾳ ᾀ ı ſ ǆ ƛ"), "Aß ﬁ ŉ ᾼ ᾈ I S Ǆ ƛ");
        assert_eq!(to_lower("AẞİΣ ΟΔΟΣ ǅ K"), "aßiσ οδοσ ǆ k");
    }
}
