//! Times as the daemon writes them.

/// Nanoseconds since 1970 of `2024-05-01T10:20:30.123456789Z`, or with an offset such as `+02:00`; `None` for
/// anything else.
pub fn rfc3339_nanos(text: &[u8]) -> Option<i64> {
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.iter().try_fold(0_i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if !separators.iter().all(|(at, byte)| text.get(*at) == Some(byte)) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let rest = &text[19..];
    let digits = if rest.first() == Some(&b'.') { rest[1..].iter().take_while(|b| b.is_ascii_digit()).count() } else { 0 };
    if digits > 9 || (rest.first() == Some(&b'.') && digits == 0) {
        return None;
    }
    let fraction = rest.get(1..=digits).unwrap_or_default().iter().fold(0_i64, |n, b| n * 10 + i64::from(b - b'0'));
    let nanos = fraction * 10_i64.pow(9 - digits as u32);
    let zone = if digits > 0 { &rest[digits + 1..] } else { rest };
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Seconds east of Greenwich.
fn offset(zone: &[u8]) -> Option<i64> {
    let digit = |b: u8| b.is_ascii_digit().then(|| i64::from(b - b'0'));
    match zone {
        b"Z" => Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => {
            let seconds = (digit(*a)? * 10 + digit(*b)?) * 3600 + (digit(*c)? * 10 + digit(*d)?) * 60;
            Some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March: the leap day is their last day.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::rfc3339_nanos;

    #[test]
    fn times_are_read() {
        for (text, want) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-05-01T10:20:30.123456789Z", Some(1_714_558_830_123_456_789)),
            ("2024-05-01T12:20:30.1+02:00", Some(1_714_558_830_100_000_000)),
            ("0001-01-01T00:00:00Z", None),
            ("2024-05-01T10:20:30.Z", None),
            ("2024-05-01T10:20:30.1234567891Z", None),
            ("2024-13-01T10:20:30Z", None),
            ("2024-05-01 10:20:30Z", None),
            ("2024-05-01T10:20:30", None),
            ("", None),
        ] {
            assert_eq!(rfc3339_nanos(text.as_bytes()), want, "{text}");
        }
    }
}
