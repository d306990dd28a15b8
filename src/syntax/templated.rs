//! Warnings about strings with parts that another tool would have replaced: `${NAME}` of shells and Terraform, `{{ … }}` of
//! Helm. Here they stay as they are.

use crate::ast::Attr;
use crate::diag::Diagnostic;
use crate::diagnose::excerpt;
use crate::source::{Source, Span};
use crate::token::{Kind, Token};
use std::sync::Arc;

/// Attributes whose strings have groups of regular expressions, written the same way.
const WITH_GROUPS: [&str; 3] = ["replacement", "replace", "template"];
/// How Helm charts begin what they fill in, after `{{`, an optional `-` and spaces.
const HELM: [&str; 6] = [".Values", ".Release", ".Chart", ".Capabilities", ".Files", "include "];

/// Warns of the first such part in a string of `attr`, which `tokens` make up.
pub(crate) fn warning(source: &Arc<Source>, attr: &Attr, tokens: &[Token]) -> Option<Diagnostic> {
    let text = source.slice(attr.span);
    if !text.contains("${") && !text.contains("{{") {
        return None;
    }
    let strings = || tokens.iter().filter(|token| token.kind == Kind::String);
    let helm = strings().find_map(|token| helm(source, *token));
    let mut quoted = strings().filter(|token| source.slice(token.span).starts_with('"'));
    helm.or_else(|| if WITH_GROUPS.contains(&attr.name.text.as_str()) { None } else { quoted.find_map(|token| variable(source, *token)) })
}

/// A part of a Helm chart that nobody has filled in.
fn helm(source: &Arc<Source>, token: Token) -> Option<Diagnostic> {
    let text = source.slice(token.span);
    let (at, _) = text.match_indices("{{").find(|(at, opening)| is_helm(&text[at + opening.len()..]))?;
    let length = text[at..].find("}}").map_or(text.len() - at, |end| end + "}}".len());
    let start = token.span.start as usize + at;
    let shown = excerpt(&text[at..at + length]);
    let message = format!("`{shown}` was not filled in by Helm, it is part of the text");
    let found = Diagnostic::warning("syntax/template", source, Span::new(start, start + length), message);
    Some(found.hint("check what `helm template` prints: in the chart, the configuration must pass through `tpl`"))
}

/// Whether what stands after `{{` is meant for Helm.
pub(crate) fn is_helm(inside: &str) -> bool {
    let inside = inside.trim_start_matches('-').trim_start();
    HELM.iter().any(|word| inside.starts_with(word)) || inside.starts_with("$.Values")
}

/// `${NAME}`: what looks like an environment variable or a reference, not like a group of a regular expression.
fn variable(source: &Arc<Source>, token: Token) -> Option<Diagnostic> {
    let text = source.slice(token.span);
    let (at, name) = text.match_indices("${").find_map(|(at, opening)| {
        let rest = &text[at + opening.len()..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')).count();
        let name = &rest[..length];
        let is_name = length > 1 && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && rest[length..].starts_with('}');
        is_name.then_some((at, name))
    })?;
    let start = token.span.start as usize + at;
    let place = Span::new(start, start + name.len() + "${}".len());
    let value = if name.contains('.') { name.to_owned() } else { format!("sys.env(\"{name}\")") };
    let message = format!("`${{{}}}` is not replaced here, it is part of the text", excerpt(name));
    let found = Diagnostic::warning("syntax/shell-variable", source, place, message);
    let whole = joined(text, at, name.len(), &value);
    Some(found.hint(if whole == value {
        format!("write `{value}`, without quotes")
    } else {
        format!("join texts with `+`: write `{whole}`")
    }))
}

/// The string with `value` joined in at `at`, where it is short; else the way to write it.
fn joined(text: &str, at: usize, length: usize, value: &str) -> String {
    const LONGEST: usize = 90;
    let (before, after) = (&text[..at], &text[at + length + "${}".len()..]);
    let mut parts = Vec::new();
    if before != "\"" {
        parts.push(format!("{before}\""));
    }
    parts.push(value.to_owned());
    if after != "\"" {
        parts.push(format!("\"{after}"));
    }
    let whole = parts.join(" + ");
    if whole.chars().count() > LONGEST { format!("\"…\" + {value} + \"…\"") } else { whole }
}
