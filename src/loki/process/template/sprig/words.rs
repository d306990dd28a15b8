//! Names written in another way: `FooBar`, `foo_bar`, `foo-bar`.

use super::args::Args;
use super::strings::title_case;
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use std::sync::LazyLock;
use value::GoRegex;
use value::case;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("snakecase", |args| Ok(Val::text(separated(Args::of(args, 1)?.text(0)?, '_')))),
    ("kebabcase", |args| Ok(Val::text(separated(Args::of(args, 1)?.text(0)?, '-')))),
    ("camelcase", |args| Ok(Val::text(pascal(Args::of(args, 1)?.text(0)?)))),
];

/// What a part of a name is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Blanks, `-` and `_`.
    Connector,
    Punctuation,
    /// Begins with a capital; lower-case letters may follow.
    Capital,
    Letters,
    Number,
    Other,
}

fn is_connector(c: char) -> bool {
    matches!(c, '-' | '_') || c.is_whitespace()
}

fn is_punctuation(c: char) -> bool {
    static PUNCTUATION: LazyLock<Option<GoRegex>> = LazyLock::new(|| GoRegex::new("^\\pP").ok());
    if c.is_ascii() {
        return c.is_ascii_punctuation() && !"$+<=>^`|~".contains(c);
    }
    PUNCTUATION.as_ref().is_some_and(|regex| regex.regex().is_match(c.encode_utf8(&mut [0; 4])))
}

fn kind(c: char) -> Kind {
    match c {
        c if is_connector(c) => Kind::Connector,
        c if is_punctuation(c) => Kind::Punctuation,
        c if c.is_uppercase() => Kind::Capital,
        c if c.is_alphabetic() => Kind::Letters,
        c if c.is_numeric() => Kind::Number,
        _ => Kind::Other,
    }
}

/// The parts of a name. Of several capitals before other letters the last one begins a part: `HTTPServer` is `HTTP` and `Server`.
fn parts(text: &str) -> Vec<(Kind, &str)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut parts = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let first = kind(chars[at].1);
        let run = |from: usize, wanted: &dyn Fn(char) -> bool| from + chars[from..].iter().take_while(|(_, c)| wanted(*c)).count();
        let mut end = match first {
            Kind::Punctuation => run(at, &is_punctuation),
            Kind::Capital => run(at, &|c| c.is_uppercase()),
            first => run(at, &|c| kind(c) == first),
        };
        if first == Kind::Capital && chars.get(end).is_some_and(|(_, c)| kind(*c) == Kind::Letters) {
            end = if end == at + 1 { run(end, &|c| kind(c) == Kind::Letters) } else { end - 1 };
        }
        let stop = chars.get(end).map_or(text.len(), |(at, _)| *at);
        parts.push((first, &text[chars[at].0..stop]));
        at = end;
    }
    parts
}

/// The parts in lower case with a sign between them. A number belongs to the letters behind it, or else to those before it.
fn separated(text: &str, sign: char) -> String {
    let parts = parts(text);
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    while let Some((kind, part)) = parts.get(at) {
        match kind {
            Kind::Connector => out.extend(part.chars().map(|_| sign)),
            Kind::Capital => out.extend(part.chars().map(case::lower)),
            _ => out.push_str(part),
        }
        at += 1;
        if matches!(kind, Kind::Connector | Kind::Punctuation) {
            continue;
        }
        let follows = |at: usize, wanted: &[Kind]| parts.get(at).is_some_and(|(kind, _)| wanted.contains(kind));
        let mut number = *kind == Kind::Number;
        if !number && follows(at, &[Kind::Number]) {
            let Some((_, digits)) = parts.get(at).filter(|_| at + 1 < parts.len()) else { continue };
            at += 1;
            number = follows(at, &[Kind::Letters]);
            if number {
                out.push(sign);
            }
            out.push_str(digits);
        }
        while number && follows(at, &[Kind::Letters, Kind::Number]) {
            out.push_str(parts[at].1);
            at += 1;
        }
        if at < parts.len() && !follows(at, &[Kind::Connector, Kind::Punctuation]) {
            out.push(sign);
        }
    }
    out
}

/// Without the connector before a letter, which becomes a capital. Of a row of capitals the first one stays.
fn pascal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next_if(|c| is_connector(*c)) {
        out.push(c);
    }
    let (mut begins, mut capitals) = (true, false);
    while let Some(c) = chars.next() {
        if is_connector(c) {
            begins = chars.peek().is_some_and(|next| !is_connector(*next));
            if !begins {
                out.push(c);
            }
            continue;
        }
        let capital = c.is_uppercase();
        capitals = capital && (begins || capitals);
        out.push(match () {
            () if begins => title_case(c),
            () if capitals => case::lower(c),
            () => c,
        });
        begins = false;
    }
    out
}
