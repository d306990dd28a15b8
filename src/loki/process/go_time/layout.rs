//! Layouts: the reference time `Mon Jan 2 15:04:05 MST 2006` written as a time would be.

/// A part of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    Pm,
    LowerPm,
    ZoneName,
    Offset(Offset),
    /// A fraction of exactly so many digits.
    Fraction(usize),
    /// A fraction that may be missing; written with at most so many digits.
    OptionalFraction(usize),
}

/// How an offset from UTC is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` stands for UTC.
    pub(super) z: bool,
    pub(super) colons: bool,
    /// Hours; hours and minutes; hours, minutes and seconds.
    pub(super) fields: u8,
}

/// A layout: parts, each behind a text, and the text at the end.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) parts: Vec<(Box<str>, Part)>,
    pub(super) end: Box<str>,
}

impl Layout {
    /// Takes a layout apart.
    pub(super) fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < text.len() {
            match part_at(&text.as_bytes()[at..]) {
                Some((skip, part, length)) => {
                    parts.push((text[start..at + skip].into(), part));
                    at += skip + length;
                    start = at;
                }
                None => at += 1,
            }
        }
        Self { parts, end: text[start..].into() }
    }
}

const FIXED: &[(&str, Part)] = &[
    ("January", Part::LongMonth),
    ("Monday", Part::LongWeekDay),
    ("MST", Part::ZoneName),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("002", Part::ZeroYearDay),
    ("15", Part::Hour),
    ("1", Part::NumMonth),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("_2", Part::UnderDay),
    ("__2", Part::UnderYearDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::Pm),
    ("pm", Part::LowerPm),
    ("-070000", offset(false, false, 3)),
    ("-07:00:00", offset(false, true, 3)),
    ("-0700", offset(false, false, 2)),
    ("-07:00", offset(false, true, 2)),
    ("-07", offset(false, false, 1)),
    ("Z070000", offset(true, false, 3)),
    ("Z07:00:00", offset(true, true, 3)),
    ("Z0700", offset(true, false, 2)),
    ("Z07:00", offset(true, true, 2)),
    ("Z07", offset(true, false, 1)),
];

const fn offset(z: bool, colons: bool, fields: u8) -> Part {
    Part::Offset(Offset { z, colons, fields })
}

/// The part that `text` begins with: how many bytes of text before it, the part, its length.
fn part_at(text: &[u8]) -> Option<(usize, Part, usize)> {
    if text.starts_with(b"_2006") {
        return Some((1, Part::LongYear, 4));
    }
    if let Some((name, part)) = FIXED.iter().find(|(name, _)| text.starts_with(name.as_bytes())) {
        return Some((0, *part, name.len()));
    }
    let lower_follows = text.get(3).is_some_and(u8::is_ascii_lowercase);
    match text {
        [b'J', b'a', b'n', ..] if !lower_follows => Some((0, Part::Month, 3)),
        [b'M', b'o', b'n', ..] if !lower_follows => Some((0, Part::WeekDay, 3)),
        [b'.' | b',', digit @ (b'0' | b'9'), ..] => {
            let length = text[1..].iter().take_while(|b| *b == digit).count();
            if text.get(1 + length).is_some_and(u8::is_ascii_digit) {
                return None;
            }
            let part = if *digit == b'0' { Part::Fraction(length) } else { Part::OptionalFraction(length) };
            Some((0, part, 1 + length))
        }
        _ => None,
    }
}
