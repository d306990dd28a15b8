//! Turns errors inside tokens into diagnostics.

use crate::diag::Diagnostic;
use crate::diagnose::excerpt;
use crate::scan::{LexError, LexErrorKind};
use crate::source::{Source, Span};
use std::sync::Arc;

/// Diagnostics for the first `limit` lines with an error.
pub(crate) fn diagnostics(source: &Arc<Source>, errors: &[LexError], limit: usize) -> Vec<Diagnostic> {
    let mut last_line = 0;
    let mut out = Vec::new();
    for error in errors {
        let line = source.position(error.span.start).line;
        if line == last_line {
            continue;
        }
        last_line = line;
        out.push(diagnostic(source, *error));
        if out.len() >= limit {
            break;
        }
    }
    out
}

fn diagnostic(source: &Arc<Source>, error: LexError) -> Diagnostic {
    let text = &excerpt(source.slice(error.span));
    let make = |code, message: &str| Diagnostic::error(code, source, error.span, message);
    match error.kind {
        LexErrorKind::Nul => make("syntax/binary", "a NUL byte: this is not a text file")
            .hint("configurations are UTF-8 text; a file saved as UTF-16 must be converted"),
        LexErrorKind::ByteOrderMark => make("syntax/illegal-character", "a byte order mark may only be the first character of the file")
            .hint("remove it; it stands where two files were joined"),
        LexErrorKind::SingleQuoted => single_quoted(source, error, text),
        LexErrorKind::UnterminatedString => unterminated(source, error),
        LexErrorKind::UnterminatedRawString => {
            let place = Span { end: error.span.start + 1, ..error.span };
            Diagnostic::error("syntax/unterminated-string", source, place, "this raw string is not closed")
                .here("no other backtick follows")
                .hint("close the string with a backtick; a backtick itself cannot stand in a raw string")
        }
        LexErrorKind::UnterminatedComment => {
            let place = Span { end: error.span.start + 2, ..error.span };
            Diagnostic::error("syntax/unterminated-comment", source, place, "this comment is not closed").hint("close it with `*/`")
        }
        LexErrorKind::UnknownEscape => make("syntax/bad-escape", &format!("`{text}` is no escape sequence"))
            .hint("write `\\\\` for a backslash, or put the text between backticks, where backslashes stand for themselves: `\\d+`"),
        LexErrorKind::ShortEscape => make("syntax/bad-escape", &format!("the escape sequence `{text}` is not complete"))
            .hint("`\\x` takes 2 hexadecimal digits, `\\u` 4, `\\U` 8; an octal escape has 3 digits"),
        LexErrorKind::EscapeOutOfRange => make("syntax/bad-escape", &format!("`{text}` stands for no character")),
        LexErrorKind::HalfOperator => make("syntax/illegal-character", &format!("`{text}` is no operator"))
            .hint(format!("write `{text}{text}`"))
            .fix(error.span, text.repeat(2)),
        LexErrorKind::EmptyExponent => {
            make("syntax/bad-number", &format!("the exponent of `{text}` has no digits")).hint("write `1e6`, or put text in quotes")
        }
        LexErrorKind::Hash => make("syntax/hash-comment", "`#` begins no comment here")
            .hint(hash_hint(source, error))
            .fix(Span { start: error.span.start, end: error.span.start + 1 }, "//"),
        LexErrorKind::SmartQuotes => {
            let straight = format!("\"{}\"", text.trim_matches(['“', '”', '„', '«', '»', '‘', '’']));
            let found =
                make("syntax/smart-quotes", "typographic quotes around a string").hint(format!("write straight quotes: {straight}"));
            found.fix(error.span, straight)
        }
        LexErrorKind::UnknownCharacter(c) => unknown_character(source, error, c),
    }
}

fn unterminated(source: &Arc<Source>, error: LexError) -> Diagnostic {
    let text = source.slice(error.span).trim_end();
    let found = Diagnostic::error("syntax/unterminated-string", source, error.span, "this string is not closed")
        .here("`\"` is missing before the end of the line");
    match text.strip_suffix('{') {
        Some(label) if text.starts_with('"') => found.hint(format!("close the label before the brace: {}\" {{", excerpt(label.trim_end()))),
        _ => found.hint("close the string with `\"`; text over several lines stands between backticks: `…`"),
    }
}

fn single_quoted(source: &Arc<Source>, error: LexError, text: &str) -> Diagnostic {
    let inner = text.trim_matches('\'');
    let doubled = format!("\"{}\"", inner.replace('"', "\\\""));
    let found =
        Diagnostic::error("syntax/single-quotes", source, error.span, "strings stand in double quotes").hint(format!("write {doubled}"));
    if text.len() > 1 && text.ends_with('\'') { found.fix(error.span, doubled) } else { found }
}

fn unknown_character(source: &Arc<Source>, error: LexError, c: char) -> Diagnostic {
    let make = |code, message: String| Diagnostic::error(code, source, error.span, message);
    let shown = if is_visible(c) { format!("`{c}`") } else { format!("U+{:04X}", u32::from(c)) };
    let plain = make("syntax/illegal-character", format!("{shown} cannot stand here"));
    match c {
        ':' => colon(source, error),
        ';' => plain.hint("statements end where the line ends: remove the `;`"),
        '$' => shell_variable(source, error),
        '?' => plain.hint("there is no conditional operator"),
        '@' | '~' | '\\' => plain.hint("text stands in double quotes"),
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
            make("syntax/illegal-character", format!("an invisible character, {shown}, stands here"))
                .hint("remove it: delete this place and type it again; it often comes with text copied from a web page or a chat")
        }
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' | '\u{2028}' | '\u{2029}' => {
            make("syntax/illegal-character", format!("{shown} looks like a space but is none"))
                .hint("replace it with a plain space; it often comes with text copied from a web page")
                .fix(error.span, " ")
        }
        '\u{2013}' | '\u{2014}' | '\u{2212}' => plain.hint("write a plain `-`").fix(error.span, "-"),
        '\u{b}' | '\u{c}' => plain.hint("remove it; only spaces, tabs and line ends separate words"),
        _ => plain,
    }
}

/// A colon: from YAML or JSON where a name stands before it, else from text without quotes.
fn colon(source: &Arc<Source>, error: LexError) -> Diagnostic {
    let line = source.position(error.span.start).line;
    let start = source.line(line).map_or(0, |line| line.start);
    let before = source.slice(Span { start, end: error.span.start });
    let key = before.rsplit([',', '{', '[']).next().unwrap_or_default().trim();
    if key.contains('=') {
        return Diagnostic::error("syntax/illegal-character", source, error.span, "`:` cannot stand here")
            .hint("text stands in double quotes: `\"http://localhost:9090\"`, `\"10:30\"`");
    }
    let shown = if key.is_empty() { "name".to_owned() } else { excerpt(key) };
    let value = value_after(source, error.span);
    Diagnostic::error("syntax/colon", source, error.span, "values are set with `=`, not with `:`")
        .hint(format!("write `{shown} = {value}`"))
}

/// The value after a colon, when it stands on the line and is short and simple; else `…`.
fn value_after(source: &Source, colon: Span) -> &str {
    const LONGEST: usize = 40;
    let rest = source.text().get(colon.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim();
    let value = match rest.strip_prefix('"').and_then(|text| text.find('"')) {
        Some(end) => &rest[..end + 2],
        None => rest.trim_end_matches([',', '}', ' ']),
    };
    let is_simple = value.starts_with('"') || value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    if value.is_empty() || value.chars().count() > LONGEST || !is_simple { "…" } else { value }
}

/// How the comment is written; whole where it is short.
fn hash_hint(source: &Source, error: LexError) -> String {
    let rest = source.text().get(error.span.end as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let text = excerpt(rest.trim_start_matches('#').trim());
    if text.is_empty() { "comments begin with `//`".to_owned() } else { format!("comments begin with `//`: write `// {text}`") }
}

/// Whether a character can be seen when it is printed.
fn is_visible(c: char) -> bool {
    let is_hidden = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !(c.is_control() || c.is_whitespace() || is_hidden)
}

/// `$NAME` or `${NAME}` outside of a string.
fn shell_variable(source: &Arc<Source>, error: LexError) -> Diagnostic {
    let rest = source.text().get(error.span.end as usize..).unwrap_or_default();
    let rest = rest.strip_prefix('{').unwrap_or(rest);
    let name = &rest[..rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())];
    let shown = if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) { "NAME" } else { name };
    Diagnostic::error("syntax/shell-variable", source, error.span, "`$` has no meaning outside of strings")
        .hint(format!("to read an environment variable, write `sys.env(\"{}\")`", excerpt(shown)))
}
