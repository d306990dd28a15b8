//! Functions of text.

use super::args::{Args, LONGEST, Result, strslice, strval};
use crate::process::template::parser::Call;
use crate::process::template::printing::sprintf;
use crate::process::template::value::{Of, Val};
use std::collections::BTreeMap;
use std::rc::Rc;
use value::case;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("hello", |_| Ok(Val::text("Hello!"))),
    ("trim", |args| Ok(Val::text(Args::of(args, 1)?.text(0)?.trim()))),
    ("TrimSpace", |args| Ok(Val::text(Args::of(args, 1)?.text(0)?.trim()))),
    ("upper", |args| Ok(Val::text(case::to_upper(Args::of(args, 1)?.text(0)?)))),
    ("ToUpper", |args| Ok(Val::text(case::to_upper(Args::of(args, 1)?.text(0)?)))),
    ("lower", |args| Ok(Val::text(case::to_lower(Args::of(args, 1)?.text(0)?)))),
    ("ToLower", |args| Ok(Val::text(case::to_lower(Args::of(args, 1)?.text(0)?)))),
    ("title", title),
    ("untitle", untitle),
    ("swapcase", swapcase),
    ("nospace", nospace),
    ("initials", initials),
    ("repeat", repeat),
    ("substr", substr),
    ("trunc", trunc),
    ("abbrev", abbrev),
    ("abbrevboth", abbrev_both),
    ("Trim", |args| trim(args, true, true)),
    ("TrimLeft", |args| trim(args, true, false)),
    ("TrimRight", |args| trim(args, false, true)),
    ("trimAll", trim_all),
    ("trimall", trim_all),
    ("TrimPrefix", |args| prefix(args, 0, 1)),
    ("trimPrefix", |args| prefix(args, 1, 0)),
    ("TrimSuffix", |args| suffix(args, 0, 1)),
    ("trimSuffix", |args| suffix(args, 1, 0)),
    ("contains", |args| test(args, |text, part| text.contains(part))),
    ("hasPrefix", |args| test(args, |text, part| text.starts_with(part))),
    ("hasSuffix", |args| test(args, |text, part| text.ends_with(part))),
    ("Replace", replace_n),
    ("replace", replace),
    ("quote", quote),
    ("squote", squote),
    ("cat", cat),
    ("indent", |args| indent(args, "")),
    ("nindent", |args| indent(args, "\n")),
    ("plural", plural),
    ("toString", |args| Ok(Val::text(strval(Args::of(args, 1)?.any(0))))),
    ("toStrings", |args| Ok(Val::texts(strslice(Args::of(args, 1)?.any(0))))),
    ("join", join),
    ("sortAlpha", sort_alpha),
    ("split", split),
    ("splitn", splitn),
    ("splitList", split_list),
    ("wrap", |args| wrap(Args::of(args, 2)?, "\n", 1)),
    ("wrapWith", |args| wrap(Args::of(args, 3)?, Args(args).text(1)?, 2)),
];

/// One character for one character, as Go has it; the four letters that are two have a form of their own.
pub(super) fn title_case(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        c => case::upper(c),
    }
}

/// Letters, digits and `_` make words.
fn title(args: &[Val]) -> Result<Val> {
    let mut out = String::new();
    let mut inside = false;
    for c in Args::of(args, 1)?.text(0)?.chars() {
        out.push(if inside { c } else { title_case(c) });
        inside = c == '_' || c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace());
    }
    Ok(Val::text(out))
}

fn untitle(args: &[Val]) -> Result<Val> {
    let mut out = String::new();
    let mut inside = false;
    for c in Args::of(args, 1)?.text(0)?.chars() {
        if inside {
            out.push(c)
        } else {
            out.push(case::lower(c))
        }
        inside = !c.is_whitespace();
    }
    Ok(Val::text(out))
}

fn swapcase(args: &[Val]) -> Result<Val> {
    let mut out = String::new();
    for c in Args::of(args, 1)?.text(0)?.chars() {
        out.push(if c.is_uppercase() { case::lower(c) } else { title_case(c) });
    }
    Ok(Val::text(out))
}

fn nospace(args: &[Val]) -> Result<Val> {
    Ok(Val::text(Args::of(args, 1)?.text(0)?.split_whitespace().collect::<String>()))
}

fn initials(args: &[Val]) -> Result<Val> {
    Ok(Val::text(Args::of(args, 1)?.text(0)?.split_whitespace().filter_map(|word| word.chars().next()).collect::<String>()))
}

fn repeat(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let (count, text) = (args.count(0)?, args.text(1)?);
    if count.saturating_mul(text.len()) > LONGEST {
        return Err("the result is too long".to_owned());
    }
    Ok(Val::text(text.repeat(count)))
}

/// A part of a text by bytes. Where it would cut a character, the character is left out.
fn part(text: &str, start: usize, end: usize) -> Result<Val> {
    if start > end || end > text.len() {
        return Err(format!("slice bounds out of range [{start}:{end}] with length {}", text.len()));
    }
    let start = (start..=end).find(|at| text.is_char_boundary(*at)).unwrap_or(end);
    let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
    Ok(Val::text(&text[start..end]))
}

fn substr(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let (start, end, text) = (args.int(0)?, args.int(1)?, args.text(2)?);
    let at = |n: i64| usize::try_from(n).map_err(|_| "slice bounds out of range".to_owned());
    if start < 0 {
        return part(text, 0, at(end)?);
    }
    match usize::try_from(end) {
        Ok(end) if end <= text.len() => part(text, at(start)?, end),
        _ => part(text, at(start)?, text.len()),
    }
}

fn trunc(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let (length, text) = (args.int(0)?, args.text(1)?);
    let n = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
    match length {
        _ if n >= text.len() => Ok(args.any(1).clone()),
        ..0 => part(text, text.len() - n, text.len()),
        _ => part(text, 0, n),
    }
}

fn abbrev(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let width = args.int(0)?;
    abbreviated(args.text(1)?, 0, width).map(Val::text)
}

fn abbrev_both(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let (left, right, text) = (args.int(0)?, args.int(1)?, args.text(2)?);
    if right < 4 || (left > 0 && right < 7) {
        return Ok(args.any(2).clone());
    }
    abbreviated(text, left, right).map(Val::text)
}

fn abbreviated(text: &str, offset: i64, width: i64) -> Result<String> {
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if width < 4 || length <= width || (offset > 0 && width < 7) {
        return Ok(text.to_owned());
    }
    let piece = |start: i64, end: i64| match part(text, usize::try_from(start).unwrap_or(0), usize::try_from(end).unwrap_or(0)) {
        Ok(Val::Str(text)) => text.to_string(),
        _ => String::new(),
    };
    let offset = offset.clamp(0, length).min(length - (width - 3));
    if offset <= 4 {
        return Ok(format!("{}...", piece(0, width - 3)));
    }
    if offset + width - 3 < length {
        let rest = piece(offset, length);
        return Ok(format!("...{}", abbreviated(&rest, 0, width - 3)?));
    }
    Ok(format!("...{}", piece(length - (width - 3), length)))
}

fn trim(args: &[Val], start: bool, end: bool) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let (text, set) = (args.text(0)?, args.text(1)?);
    let text = if start { text.trim_start_matches(|c| set.contains(c)) } else { text };
    Ok(Val::text(if end { text.trim_end_matches(|c| set.contains(c)) } else { text }))
}

fn trim_all(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let set = args.text(0)?;
    Ok(Val::text(args.text(1)?.trim_matches(|c| set.contains(c))))
}

fn prefix(args: &[Val], text: usize, part: usize) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let (text, part) = (args.text(text)?, args.text(part)?);
    Ok(Val::text(text.strip_prefix(part).unwrap_or(text)))
}

fn suffix(args: &[Val], text: usize, part: usize) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let (text, part) = (args.text(text)?, args.text(part)?);
    Ok(Val::text(text.strip_suffix(part).unwrap_or(text)))
}

/// The part comes first, the text last.
fn test(args: &[Val], holds: fn(&str, &str) -> bool) -> Result<Val> {
    let args = Args::of(args, 2)?;
    Ok(Val::Bool(holds(args.text(1)?, args.text(0)?)))
}

fn limited(text: String) -> Result<Val> {
    if text.len() > LONGEST { Err("the result is too long".to_owned()) } else { Ok(Val::text(text)) }
}

/// As Go's `strings.Replace`: an empty text stands before every character and at the end.
fn replace_n(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 4)?;
    let (text, old, new, n) = (args.text(0)?, args.text(1)?, args.text(2)?, args.int(3)?);
    limited(match usize::try_from(n) {
        Ok(n) => text.replacen(old, new, n),
        Err(_) => text.replace(old, new),
    })
}

fn replace(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    limited(args.text(2)?.replace(args.text(0)?, args.text(1)?))
}

fn quote(args: &[Val]) -> Result<Val> {
    let quoted = args.iter().filter(|arg| !matches!(arg, Val::Nil)).map(|arg| sprintf("%q", &[Val::text(strval(arg))]));
    Ok(Val::text(quoted.collect::<Result<Vec<_>>>()?.join(" ")))
}

fn squote(args: &[Val]) -> Result<Val> {
    let quoted = args.iter().filter(|arg| !matches!(arg, Val::Nil)).map(|arg| format!("'{}'", strval(arg)));
    Ok(Val::text(quoted.collect::<Vec<_>>().join(" ")))
}

fn cat(args: &[Val]) -> Result<Val> {
    let texts: Vec<String> = args.iter().filter(|arg| !matches!(arg, Val::Nil)).map(strval).collect();
    Ok(Val::text(texts.join(" ")))
}

fn indent(args: &[Val], before: &str) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let blanks = " ".repeat(args.count(0)?);
    let text = args.text(1)?;
    if text.matches('\n').count().saturating_mul(blanks.len()) > LONGEST {
        return Err("the result is too long".to_owned());
    }
    Ok(Val::text(format!("{before}{blanks}{}", text.replace('\n', &format!("\n{blanks}")))))
}

fn plural(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let (one, many) = (args.text(0)?, args.text(1)?);
    Ok(Val::text(if args.int(2)? == 1 { one } else { many }))
}

fn join(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    Ok(Val::text(strslice(args.any(1)).join(args.text(0)?)))
}

fn sort_alpha(args: &[Val]) -> Result<Val> {
    let value = Args::of(args, 1)?.any(0);
    if !matches!(value, Val::List(..)) {
        return Ok(Val::texts([strval(value)]));
    }
    let mut texts = strslice(value);
    texts.sort();
    Ok(Val::texts(texts))
}

/// The parts by Go's rules: an empty separator splits into characters.
fn parts<'t>(text: &'t str, separator: &str, most: usize) -> Vec<&'t str> {
    if !separator.is_empty() {
        return text.splitn(most, separator).collect();
    }
    let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(most).collect();
    starts.push(text.len());
    starts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect()
}

fn numbered(parts: Vec<&str>) -> Val {
    let members: BTreeMap<String, Val> = parts.into_iter().enumerate().map(|(i, part)| (format!("_{i}"), Val::text(part))).collect();
    Val::Map(Rc::new(members.into()), true)
}

fn split(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    Ok(numbered(parts(args.text(1)?, args.text(0)?, usize::MAX)))
}

fn splitn(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 3)?;
    let most = usize::try_from(args.int(1)?).unwrap_or(usize::MAX);
    Ok(numbered(parts(args.text(2)?, args.text(0)?, most)))
}

fn split_list(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let parts = parts(args.text(1)?, args.text(0)?, usize::MAX);
    Ok(Val::List(Rc::new(parts.into_iter().map(Val::text).collect()), Of::Text))
}

/// Breaks lines at blanks; with a separator of one's own also inside of long words.
fn wrap(args: Args<'_>, separator: &str, text: usize) -> Result<Val> {
    let width = args.count(0)?.max(1);
    let hard = text == 2;
    let mut lines: Vec<String> = Vec::new();
    for word in args.text(text)?.split(' ') {
        let mut word = word;
        if let Some(line) = lines.last_mut()
            && line.len() + 1 + word.len() <= width
        {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        while hard && word.len() > width {
            let at = (1..=width).rev().find(|at| word.is_char_boundary(*at)).unwrap_or(word.len());
            lines.push(word[..at].to_owned());
            word = &word[at..];
        }
        lines.push(word.to_owned());
    }
    Ok(Val::text(lines.join(separator)))
}
