//! Functions of addresses.

use super::args::{Args, Result};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use std::collections::BTreeMap;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[("urlParse", parse), ("urlJoin", join)];

/// The parts of an address.
fn parse(args: &[Val]) -> Result<Val> {
    let text = Args::of(args, 1)?.text(0)?;
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let scheme_end = rest.find(':').filter(|at| {
        let scheme = &rest[..*at];
        scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let (scheme, rest) = scheme_end.map_or(("", rest), |at| (&rest[..at], &rest[at + 1..]));
    let failed = || Err(format!("unable to parse url: {text:?}"));
    let colon_first = scheme.is_empty() && rest.split('/').next().is_some_and(|segment| segment.contains(':'));
    if text.chars().any(|c| c.is_ascii_control()) || colon_first {
        return failed();
    }
    let (mut host, mut user, mut path, mut opaque) = ("", "", rest, "");
    if let Some(authority) = rest.strip_prefix("//") {
        let end = authority.find('/').unwrap_or(authority.len());
        path = &authority[end..];
        (user, host) = authority[..end].rsplit_once('@').unwrap_or(("", &authority[..end]));
    } else if !scheme.is_empty() && !rest.starts_with('/') {
        (path, opaque) = ("", rest);
    }
    let hostname = host
        .strip_prefix('[')
        .and_then(|inner| inner.split_once(']'))
        .map_or_else(|| host.split(':').next().unwrap_or_default(), |(inner, _)| inner);
    let (name, port) = host.rsplit_once(':').filter(|_| !host.ends_with(']')).unwrap_or((host, ""));
    if !port.bytes().all(|b| b.is_ascii_digit()) || (name.contains(':') && !host.starts_with('[')) || !escapes_are_whole(path) {
        return failed();
    }
    let scheme = scheme.to_ascii_lowercase();
    let members = [
        ("scheme", scheme.as_str()),
        ("host", host),
        ("hostname", hostname),
        ("path", path),
        ("query", query),
        ("opaque", opaque),
        ("fragment", fragment),
        ("userinfo", user),
    ];
    Ok(Val::map(members.into_iter().map(|(name, value)| (name.to_owned(), Val::text(value))).collect::<BTreeMap<_, _>>()))
}

/// True when every `%` has two hexadecimal digits behind it.
fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|behind| behind.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)))
}

/// An address of its parts.
fn join(args: &[Val]) -> Result<Val> {
    let members = Args::of(args, 1)?.dict(0)?;
    let members = members.borrow();
    let part = |name: &str| match members.get(name) {
        Some(Val::Str(text)) => Ok(text.to_string()),
        None | Some(Val::Nil) => Ok(String::new()),
        Some(other) => Err(format!("unable to parse {name} key, must be of type string, but {} found", other.type_name())),
    };
    let (scheme, host, path, query, opaque, fragment, user) =
        (part("scheme")?, part("host")?, part("path")?, part("query")?, part("opaque")?, part("fragment")?, part("userinfo")?);
    let mut out = String::new();
    if !scheme.is_empty() {
        out.push_str(&scheme);
        out.push(':');
    }
    if opaque.is_empty() {
        if !host.is_empty() || !user.is_empty() {
            out.push_str("//");
            if !user.is_empty() {
                out.push_str(&user);
                out.push('@');
            }
            out.push_str(&host);
            if !path.is_empty() && !path.starts_with('/') {
                out.push('/');
            }
        }
        out.push_str(&path);
    } else {
        out.push_str(&opaque);
    }
    for (sign, text) in [('?', query), ('#', fragment)] {
        if !text.is_empty() {
            out.push(sign);
            out.push_str(&text);
        }
    }
    Ok(Val::text(out))
}
