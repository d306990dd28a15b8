//! Upper and lower case as Go's `strings.ToLower` and `strings.ToUpper`: one character becomes one character.

/// Appends `text` in lower case.
pub fn lower(text: &str, out: &mut String) {
    // `İ` is the only character whose full lower case is longer than one character; its simple one is `i`.
    out.extend(text.chars().map(|c| if c == 'İ' { 'i' } else { single(c.to_lowercase()).unwrap_or(c) }));
}

/// Appends `text` in upper case; what has no single upper-case character, such as `ß`, stays.
pub fn upper(text: &str, out: &mut String) {
    out.extend(text.chars().map(|c| single(c.to_uppercase()).unwrap_or_else(|| simple_upper(c))));
}

fn single(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next()?;
    chars.next().is_none().then_some(first)
}

/// Greek letters with iota subscript: their full upper case is two characters, their simple one the title-case letter.
fn simple_upper(c: char) -> char {
    let offset = match c {
        'ᾀ'..='ᾇ' | 'ᾐ'..='ᾗ' | 'ᾠ'..='ᾧ' => 8,
        'ᾳ' | 'ῃ' | 'ῳ' => 9,
        _ => 0,
    };
    char::from_u32(c as u32 + offset).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_stays_one_character() {
        for (text, want_lower, want_upper) in
            [("Straße", "straße", "STRAßE"), ("ΑΣ", "ας".replace('ς', "σ").as_str(), "ΑΣ"), ("İfﬁ", "ifﬁ", "İFﬁ"), ("ᾳ", "ᾳ", "ᾼ")]
        {
            let (mut lowered, mut uppered) = (String::new(), String::new());
            lower(text, &mut lowered);
            upper(text, &mut uppered);
            assert_eq!((lowered.as_str(), uppered.as_str()), (want_lower, want_upper), "{text}");
        }
    }
}
