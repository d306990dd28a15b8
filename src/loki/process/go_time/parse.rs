//! Reading a time by its layout, with Go's leniency.

use super::civil::{days_from_civil, days_in, is_leap, year_and_month};
use super::layout::{Layout, Offset, Part};
use super::zone::Location;

/// A date and a time of day, and where they are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Time {
    pub(super) year: i64,
    month: u32,
    day: u32,
    second_of_day: i64,
    nanos: i64,
    zone: Zone,
}

#[derive(Clone, Debug, PartialEq)]
enum Zone {
    /// Seconds east of UTC.
    Fixed(i64),
    Location(Location),
}

impl Time {
    /// Nanoseconds since 1970; limited to what i64 can hold.
    pub(super) fn nanos(&self) -> i64 {
        let local = days_from_civil(self.year, self.month, self.day) * 86_400 + self.second_of_day;
        let unix = match &self.zone {
            Zone::Fixed(offset) => local - offset,
            Zone::Location(location) => location.unix(local),
        };
        unix.saturating_mul(1_000_000_000).saturating_add(self.nanos)
    }

    /// Takes the year from `now`; December and January may belong to different years.
    pub(super) fn set_year_near(&mut self, now: i64) {
        let (year, month) = year_and_month(now.div_euclid(86_400_000_000_000));
        self.year = match (self.month, month) {
            (12, 1) => year - 1,
            (1, 12) => year + 1,
            _ => year,
        };
    }
}

#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: i64,
    pm: bool,
    am: bool,
    utc: bool,
    offset: Option<i64>,
    zone: Option<String>,
}

/// Reads `text`; `None` when it does not fit.
pub(super) fn parse(layout: &Layout, text: &str, location: &Location) -> Option<Time> {
    let mut fields = Fields::default();
    let mut rest = text.as_bytes();
    for (i, (prefix, part)) in layout.parts.iter().enumerate() {
        rest = skip(rest, prefix.as_bytes())?;
        let next = layout.parts.get(i + 1).map(|(_, part)| *part);
        rest = fields.read(*part, next, rest)?;
    }
    if !skip(rest, layout.end.as_bytes())?.is_empty() {
        return None;
    }
    fields.finish(location)
}

/// Behind `prefix`; blanks stand for any number of blanks.
fn skip<'t>(mut text: &'t [u8], mut prefix: &[u8]) -> Option<&'t [u8]> {
    while let Some((first, after)) = prefix.split_first() {
        if *first == b' ' {
            if text.first().is_some_and(|b| *b != b' ') {
                return None;
            }
            prefix = prefix.trim_ascii_start_matches_blank();
            text = text.trim_ascii_start_matches_blank();
            continue;
        }
        text = text.strip_prefix(&[*first])?;
        prefix = after;
    }
    Some(text)
}

trait TrimBlanks {
    fn trim_ascii_start_matches_blank(&self) -> &Self;
}

impl TrimBlanks for [u8] {
    fn trim_ascii_start_matches_blank(&self) -> &Self {
        let blanks = self.iter().take_while(|b| **b == b' ').count();
        &self[blanks..]
    }
}

pub(super) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

type Rest<'t> = Option<&'t [u8]>;

impl Fields {
    fn read<'t>(&mut self, part: Part, next: Option<Part>, text: &'t [u8]) -> Rest<'t> {
        match part {
            Part::LongMonth | Part::Month => {
                let (index, rest) = name(&MONTHS, part == Part::Month, text)?;
                self.month = Some(index + 1);
                Some(rest)
            }
            Part::LongWeekDay | Part::WeekDay => Some(name(&DAYS, part == Part::WeekDay, text)?.1),
            Part::NumMonth | Part::ZeroMonth => number(text, part == Part::ZeroMonth, 1..=12, |n| self.month = Some(n)),
            Part::UnderDay => number(text.strip_prefix(b" ").unwrap_or(text), false, 0..=99, |n| self.day = Some(n)),
            Part::Day | Part::ZeroDay => number(text, part == Part::ZeroDay, 0..=99, |n| self.day = Some(n)),
            Part::UnderYearDay | Part::ZeroYearDay => self.year_day(part == Part::ZeroYearDay, text),
            Part::Hour => number(text, false, 0..=23, |n| self.hour = n),
            Part::Hour12 | Part::ZeroHour12 => number(text, part == Part::ZeroHour12, 0..=12, |n| self.hour = n),
            Part::Minute | Part::ZeroMinute => number(text, part == Part::ZeroMinute, 0..=59, |n| self.minute = n),
            Part::Second | Part::ZeroSecond => {
                let rest = number(text, part == Part::ZeroSecond, 0..=59, |n| self.second = n)?;
                // A fraction is taken even when the layout has none.
                if matches!(next, Some(Part::Fraction(_) | Part::OptionalFraction(_))) { Some(rest) } else { self.optional_fraction(rest) }
            }
            Part::LongYear => {
                let (digits, rest) = text.split_at_checked(4).filter(|(digits, _)| digits[0].is_ascii_digit())?;
                self.year = integer(digits)?;
                Some(rest)
            }
            Part::Year => {
                let (digits, rest) = text.split_at_checked(2)?;
                let year = integer(digits)?;
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
                Some(rest)
            }
            Part::Pm => self.half(text, [b"AM", b"PM"]),
            Part::LowerPm => self.half(text, [b"am", b"pm"]),
            Part::ZoneName => self.zone_name(text),
            Part::Offset(offset) => self.offset(offset, text),
            Part::Fraction(digits) => {
                let (fraction, rest) = text.split_at_checked(digits + 1)?;
                self.nanos = nanos(fraction)?;
                Some(rest)
            }
            Part::OptionalFraction(_) => self.optional_fraction(text),
        }
    }

    fn year_day<'t>(&mut self, fixed: bool, mut text: &'t [u8]) -> Rest<'t> {
        if !fixed {
            for _ in 0..2 {
                text = text.strip_prefix(b" ").unwrap_or(text);
            }
        }
        let digits = text.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || (fixed && digits != 3) {
            return None;
        }
        self.year_day = Some(u32::try_from(integer(&text[..digits])?).ok()?);
        Some(&text[digits..])
    }

    fn half<'t>(&mut self, text: &'t [u8], [am, pm]: [&[u8]; 2]) -> Rest<'t> {
        let (half, rest) = text.split_at_checked(2)?;
        self.pm |= half == pm;
        self.am |= half == am;
        (half == am || half == pm).then_some(rest)
    }

    fn optional_fraction<'t>(&mut self, text: &'t [u8]) -> Rest<'t> {
        if !matches!(text, [b'.' | b',', b'0'..=b'9', ..]) {
            return Some(text);
        }
        let digits = text[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        let (fraction, rest) = text.split_at(digits + 1);
        self.nanos = nanos(fraction)?;
        Some(rest)
    }

    fn offset<'t>(&mut self, how: Offset, text: &'t [u8]) -> Rest<'t> {
        if how.z
            && let Some(rest) = text.strip_prefix(b"Z")
        {
            self.utc = true;
            return Some(rest);
        }
        let (sign, mut rest) = text.split_first()?;
        let mut parts = [0i64; 3];
        for (i, part) in parts.iter_mut().take(usize::from(how.fields)).enumerate() {
            if i > 0 && how.colons {
                rest = rest.strip_prefix(b":")?;
            }
            let (digits, after) = rest.split_at_checked(2)?;
            if !digits.iter().all(u8::is_ascii_digit) {
                return None;
            }
            *part = integer(digits)?;
            rest = after;
        }
        let [hours, minutes, seconds] = parts;
        if hours > 24 || minutes > 60 || seconds > 60 {
            return None;
        }
        let offset = (hours * 60 + minutes) * 60 + seconds;
        self.offset = Some(match sign {
            b'+' => offset,
            b'-' => -offset,
            _ => return None,
        });
        Some(rest)
    }

    fn zone_name<'t>(&mut self, text: &'t [u8]) -> Rest<'t> {
        if let Some(rest) = text.strip_prefix(b"UTC") {
            self.utc = true;
            return Some(rest);
        }
        let (name, rest) = text.split_at_checked(zone_name_length(text)?)?;
        self.zone = Some(String::from_utf8_lossy(name).into_owned());
        Some(rest)
    }

    fn finish(self, location: &Location) -> Option<Time> {
        let hour = match self.hour {
            hour if self.pm && hour < 12 => hour + 12,
            12 if self.am => 0,
            hour => hour,
        };
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > days_in(self.year, month) {
            return None;
        }
        let second_of_day = i64::from(hour * 3600 + self.minute * 60 + self.second);
        let local = days_from_civil(self.year, month, day) * 86_400 + second_of_day;
        let zone = match (self.utc, self.offset, &self.zone) {
            (true, ..) => Zone::Fixed(0),
            (_, Some(offset), _) => Zone::Fixed(offset),
            // Names that the location does not have count as UTC, even `GMT+3`.
            (_, _, Some(name)) => Zone::Fixed(location.named_offset(name, local).unwrap_or(0)),
            _ => Zone::Location(location.clone()),
        };
        Some(Time { year: self.year, month, day, second_of_day, nanos: self.nanos, zone })
    }

    fn month_and_day(&self) -> Option<(u32, u32)> {
        let Some(year_day) = self.year_day else { return Some((self.month.unwrap_or(1), self.day.unwrap_or(1))) };
        let length = if is_leap(self.year) { 366 } else { 365 };
        if year_day < 1 || year_day > length {
            return None;
        }
        let (mut month, mut day) = (1, year_day);
        while day > days_in(self.year, month) {
            day -= days_in(self.year, month);
            month += 1;
        }
        let fits = self.month.is_none_or(|m| m == month) && self.day.is_none_or(|d| d == day);
        fits.then_some((month, day))
    }
}

/// One or two digits; two when `fixed`.
fn number(text: &[u8], fixed: bool, range: std::ops::RangeInclusive<u32>, set: impl FnOnce(u32)) -> Rest<'_> {
    let digits = text.iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 || (fixed && digits != 2) {
        return None;
    }
    let value = text[..digits].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    if !range.contains(&value) {
        return None;
    }
    set(value);
    Some(&text[digits..])
}

/// The index of the name that `text` begins with, whatever its case.
fn name<'t>(names: &[&str], short: bool, text: &'t [u8]) -> Option<(u32, &'t [u8])> {
    let length = |name: &str| if short { 3 } else { name.len() };
    let begins = |name: &str| text.get(..length(name)).is_some_and(|t| t.eq_ignore_ascii_case(&name.as_bytes()[..length(name)]));
    let index = names.iter().position(|name| begins(name))?;
    Some((u32::try_from(index).ok()?, &text[length(names[index])..]))
}

/// A whole number with an optional sign.
fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Nanoseconds of `.123`; digits beyond nine are ignored.
fn nanos(fraction: &[u8]) -> Option<i64> {
    let (point, digits) = fraction.split_first()?;
    let digits = &digits[..digits.len().min(9)];
    let value = integer(digits).filter(|n| *n >= 0)?;
    let scale = 10i64.pow(u32::try_from(9 - digits.len()).ok()?);
    matches!(point, b'.' | b',').then_some(value * scale)
}

/// How many bytes of `text` look like the abbreviation of a zone.
fn zone_name_length(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"ChST") || text.starts_with(b"MeST") {
        return Some(4);
    }
    if text.starts_with(b"GMT") {
        return Some(3 + signed_hours(&text[3..]).map_or(0, |(_, length)| length));
    }
    if matches!(text, [b'+' | b'-', _, _, ..]) {
        return signed_hours(text).map(|(_, length)| length);
    }
    match text.iter().take(6).take_while(|b| b.is_ascii_uppercase()).count() {
        3 => Some(3),
        4 if text[3] == b'T' || text.starts_with(b"WITA") => Some(4),
        5 if text[4] == b'T' => Some(5),
        _ => None,
    }
}

/// `+3`, `-11`: hours, and how many bytes they take.
fn signed_hours(text: &[u8]) -> Option<(i64, usize)> {
    let (sign, digits) = text.split_first().filter(|(sign, _)| matches!(sign, b'+' | b'-'))?;
    let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let hours = integer(&digits[..length]).filter(|hours| *hours <= 23)?;
    Some((if *sign == b'-' { -hours } else { hours }, 1 + length))
}
