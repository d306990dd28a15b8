//! The words inside of `{{` and `}}`, and the text around them.

use crate::process::escape::escape;
use std::sync::Arc;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `.name`
    Field(String),
    /// `$name`, `$`
    Variable(String),
    /// The name of a function, or a word such as `if`.
    Word(String),
    Text(Arc<str>),
    Int(i64),
    Float(f64),
    Dot,
    /// `|`, `(`, `)`, `:=`, `=`, `,`
    Sign(&'static str),
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    /// The words of an action; each with whether white space stands before it.
    Action(Vec<(Token, bool)>),
}

/// Takes a template apart.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    let mut trim = false;
    loop {
        let (before, action) = match rest.find("{{") {
            Some(at) => (&rest[..at], Some(&rest[at + 2..])),
            None => (rest, None),
        };
        let trim_left = action.is_some_and(|action| action.starts_with('-') && action[1..].starts_with(is_space));
        let mut before = if trim { before.trim_start_matches(is_space) } else { before };
        if trim_left {
            before = before.trim_end_matches(is_space);
        }
        if !before.is_empty() {
            out.push(Part::Text(before.to_owned()));
        }
        let Some(action) = action else { return Ok(out) };
        let action = if trim_left { &action[1..] } else { action };
        rest = match comment(action)? {
            Some(after) => after,
            None => {
                let mut lexer = Lexer { rest: action, tokens: Vec::new() };
                lexer.run()?;
                out.push(Part::Action(lexer.tokens));
                lexer.rest
            }
        };
        trim = match rest
            .strip_prefix(" -}}")
            .or_else(|| rest.trim_start_matches(is_space).strip_prefix("-}}").filter(|_| rest.starts_with(is_space)))
        {
            Some(after) => {
                rest = after;
                true
            }
            None => {
                rest = rest.strip_prefix("}}").ok_or("an action is not closed by `}}`")?;
                false
            }
        };
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// What follows `/* … */`, when that is the whole action.
fn comment(action: &str) -> Result<Option<&str>, String> {
    let Some(inner) = action.trim_start_matches(is_space).strip_prefix("/*") else { return Ok(None) };
    let (_, after) = inner.split_once("*/").ok_or("a comment is not closed by `*/`")?;
    Ok(Some(after))
}

struct Lexer<'t> {
    rest: &'t str,
    tokens: Vec<(Token, bool)>,
}

impl Lexer<'_> {
    /// Reads words up to the closing braces.
    fn run(&mut self) -> Result<(), String> {
        loop {
            let trimmed = self.rest.trim_start_matches(is_space);
            let space = trimmed.len() < self.rest.len();
            if trimmed.starts_with("}}") {
                self.rest = trimmed;
                return Ok(());
            }
            if space && trimmed.starts_with("-}}") {
                // The blank before belongs to the end of the action.
                self.rest = &self.rest[self.rest.len() - trimmed.len() - 1..];
                return Ok(());
            }
            self.rest = trimmed;
            let (token, length) = self.token()?;
            self.tokens.push((token, space));
            self.rest = &self.rest[length..];
        }
    }

    fn token(&self) -> Result<(Token, usize), String> {
        let rest = self.rest;
        let first = rest.chars().next().ok_or("an action is not closed by `}}`")?;
        let word = |text: &str| text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
        Ok(match first {
            '"' => quoted(rest, '"')?,
            '`' => {
                let end = rest[1..].find('`').ok_or("a text is not closed by a backtick")?;
                (Token::Text(rest[1..=end].into()), end + 2)
            }
            '\'' => {
                let (text, length) = quoted(rest, '\'')?;
                let Token::Text(text) = text else { return Err("a character is not readable".to_owned()) };
                let mut chars = text.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => (Token::Int(i64::from(u32::from(c))), length),
                    _ => return Err("between apostrophes there must be one character".to_owned()),
                }
            }
            '0'..='9' => number(rest)?,
            '+' | '-' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest)?,
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => number(rest)?,
            '.' => match word(&rest[1..]) {
                0 => (Token::Dot, 1),
                length => (Token::Field(rest[1..=length].to_owned()), 1 + length),
            },
            '$' => {
                let length = word(&rest[1..]);
                (Token::Variable(rest[..=length].to_owned()), 1 + length)
            }
            c if c == '_' || c.is_alphabetic() => {
                let length = word(rest);
                (Token::Word(rest[..length].to_owned()), length)
            }
            c => match ["|", "(", ")", ":=", "=", ","].into_iter().find(|sign| rest.starts_with(*sign)) {
                Some(sign) => (Token::Sign(sign), sign.len()),
                None => return Err(format!("{c:?} is not expected in an action")),
            },
        })
    }
}

/// A text between quotes with Go's escapes.
fn quoted(text: &str, quote: char) -> Result<(Token, usize), String> {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((Token::Text(out.into()), at + 1)),
            '\n' => break,
            '\\' => out.push(escape(&mut chars, quote).ok_or_else(|| format!("the escape in {} is not known", &text[..=at]))?),
            c => out.push(c),
        }
    }
    Err(format!("a text is not closed by {quote}"))
}

fn number(text: &str) -> Result<(Token, usize), String> {
    let signed = text.trim_start_matches(['+', '-']);
    let hex = signed.starts_with("0x") || signed.starts_with("0X");
    let mut end = text.len() - signed.len();
    let mut exponent = false;
    for c in signed.chars() {
        let sign = matches!(c, '+' | '-') && exponent;
        exponent = !hex && matches!(c, 'e' | 'E');
        if !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || sign) {
            break;
        }
        end += c.len_utf8();
    }
    let written = &text[..end];
    let plain = written.replace('_', "");
    let bad = || format!("{written} is not a number");
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let radix = match digits.get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
        "0x" => Some((16, &digits[2..])),
        "0o" => Some((8, &digits[2..])),
        "0b" => Some((2, &digits[2..])),
        _ if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit()) => Some((8, &digits[1..])),
        _ => None,
    };
    let token = match radix {
        Some((radix, digits)) => {
            i64::from_str_radix(digits, radix).map(|n| Token::Int(if negative { n.wrapping_neg() } else { n })).map_err(|_| bad())?
        }
        None => match plain.parse::<i64>() {
            Ok(n) => Token::Int(n),
            Err(_) if plain.contains(['.', 'e', 'E']) => Token::Float(plain.parse().map_err(|_| bad())?),
            Err(_) => return Err(bad()),
        },
    };
    Ok((token, end))
}
