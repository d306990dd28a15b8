//! Times: plain scalars such as `2001-12-14t21:59:43.10-05:00`, which become text in RFC 3339.

/// The time in RFC 3339 with as many digits of the second as needed; `None` when the text is no time.
pub(super) fn parse(text: &str) -> Option<String> {
    let mut cursor = Cursor(text);
    let year = cursor.digits(4, 4)?;
    cursor.eat("-")?;
    let month = cursor.digits(1, 2)?;
    cursor.eat("-")?;
    let day = cursor.digits(1, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if cursor.0.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    let zoned = cursor.eat("T").or_else(|| cursor.eat("t")).is_some();
    if !zoned {
        cursor.eat(" ")?;
        cursor.0 = cursor.0.trim_start_matches(' ');
    }
    let hour = cursor.digits(1, 2).filter(|n| *n < 24)?;
    cursor.eat(":")?;
    let minute = cursor.digits(1, 2).filter(|n| *n < 60)?;
    cursor.eat(":")?;
    let second = cursor.digits(1, 2).filter(|n| *n < 60)?;
    let fraction = cursor.fraction();
    let zone = if zoned { cursor.zone()? } else { "Z".into() };
    cursor.0.is_empty().then(|| format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}"))
}

struct Cursor<'t>(&'t str);

impl Cursor<'_> {
    fn eat(&mut self, text: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(text)?;
        Some(())
    }

    /// A number of `least` to `most` digits.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        if count < least { None } else { digits.parse().ok() }
    }

    /// `.5`, shortened to nine digits and without zeros at the end; empty when there is none.
    fn fraction(&mut self) -> String {
        let Some(rest) = self.0.strip_prefix(['.', ',']) else { return String::new() };
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 {
            return String::new();
        }
        self.0 = &rest[count..];
        let digits = rest[..count.min(9)].trim_end_matches('0');
        if digits.is_empty() { String::new() } else { format!(".{digits}") }
    }

    /// `Z`, or hours and minutes from it.
    fn zone(&mut self) -> Option<String> {
        if self.eat("Z").is_some() {
            return Some("Z".into());
        }
        let sign = self.0.chars().next().filter(|c| matches!(c, '+' | '-'))?;
        self.0 = &self.0[1..];
        let hours = self.digits(2, 2).filter(|n| *n < 24)?;
        self.eat(":")?;
        let minutes = self.digits(2, 2).filter(|n| *n < 60)?;
        Some(if hours + minutes == 0 { "Z".into() } else { format!("{sign}{hours:02}:{minutes:02}") })
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
