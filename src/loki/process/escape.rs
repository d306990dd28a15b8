//! Go's escapes in quoted texts.

/// The character that stands for what follows a backslash in a text between `quote`; `None` when Go knows no such escape.
pub(super) fn escape(chars: &mut impl Iterator<Item = (usize, char)>, quote: char) -> Option<char> {
    let (_, kind) = chars.next()?;
    let mut digits = |first: u32, n: u32, radix: u32| {
        let mut value = first;
        for _ in 0..n {
            value = value.checked_mul(radix)?.checked_add(chars.next()?.1.to_digit(radix)?)?;
        }
        char::from_u32(value)
    };
    Some(match kind {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        c if c == quote => c,
        'x' => digits(0, 2, 16)?,
        'u' => digits(0, 4, 16)?,
        'U' => digits(0, 8, 16)?,
        c @ '0'..='7' => digits(c.to_digit(8)?, 2, 8)?,
        _ => return None,
    })
}
