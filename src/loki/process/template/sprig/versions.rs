//! Functions of semantic versions.

use super::args::{Args, Result};
use crate::process::template::parser::Call;
use crate::process::template::value::Val;
use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

/// Names and functions.
pub(super) const FUNCTIONS: &[(&str, Call)] = &[
    ("semver", |args| Version::parse(Args::of(args, 1)?.text(0)?).map(|version| Val::Version(Rc::new(version)))),
    ("semverCompare", compare),
];

/// A semantic version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Version {
    numbers: [u64; 3],
    /// How many of the numbers were written.
    written: usize,
    prerelease: String,
    metadata: String,
    original: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Version {
    /// Reads a version; numbers at the end and a `v` at the beginning may be missing or there.
    fn parse(text: &str) -> Result<Self> {
        let fault = || "invalid semantic version".to_owned();
        let body = text.strip_prefix('v').unwrap_or(text);
        let (body, metadata) = body.split_once('+').unwrap_or((body, ""));
        let (numbers, prerelease) = body.split_once('-').unwrap_or((body, ""));
        let allowed =
            |text: &str| text.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c == '-' || c.is_ascii_alphanumeric()));
        if (text.contains('-') && body.contains('-') && !allowed(prerelease)) || (text.contains('+') && !allowed(metadata)) {
            return Err(fault());
        }
        let mut version =
            Self { prerelease: prerelease.to_owned(), metadata: metadata.to_owned(), original: text.to_owned(), ..Self::default() };
        for part in numbers.split('.') {
            let place = version.numbers.get_mut(version.written).ok_or_else(fault)?;
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(fault());
            }
            *place = part.parse().map_err(|_| fault())?;
            version.written += 1;
        }
        Ok(version)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => prerelease_order(&self.prerelease, &other.prerelease),
        })
    }
}

fn prerelease_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => (x, y),
        };
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The fields of a version.
pub(super) fn method(version: &Version, name: &str) -> Result<Val> {
    let number = |i: usize| Ok(Val::Int64(i64::try_from(version.numbers[i]).unwrap_or(i64::MAX)));
    match name {
        "Major" => number(0),
        "Minor" => number(1),
        "Patch" => number(2),
        "Prerelease" => Ok(Val::text(version.prerelease.as_str())),
        "Metadata" => Ok(Val::text(version.metadata.as_str())),
        "Original" => Ok(Val::text(version.original.as_str())),
        "String" => Ok(Val::text(version.to_string())),
        name => Err(format!("a version has no .{name}")),
    }
}

/// True when the version fulfils the constraint, which comes first.
fn compare(args: &[Val]) -> Result<Val> {
    let args = Args::of(args, 2)?;
    let groups = args.text(0)?.split("||").map(constraints).collect::<Result<Vec<_>>>()?;
    let version = Version::parse(args.text(1)?)?;
    Ok(Val::Bool(groups.iter().any(|group| group.iter().all(|constraint| constraint.holds(&version)))))
}

struct Constraint {
    operator: &'static str,
    version: Version,
    /// The first number that is `x` or missing.
    wild: usize,
}

const OPERATORS: &[&str] = &["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"];

/// Constraints with commas or blanks between them; all have to hold.
fn constraints(text: &str) -> Result<Vec<Constraint>> {
    let text = text.trim();
    if let Some((low, high)) = text.split_once(" - ") {
        return Ok(vec![constraint(">=", low.trim())?, constraint("<=", high.trim())?]);
    }
    let mut out = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator)).copied().unwrap_or("");
        let after = rest[operator.len()..].trim_start();
        let end = after.find([' ', ',']).unwrap_or(after.len());
        out.push(constraint(operator, &after[..end])?);
        rest = after[end..].trim_start_matches([' ', ',']);
    }
    if out.is_empty() { Err("the constraint is empty".to_owned()) } else { Ok(out) }
}

fn constraint(operator: &'static str, text: &str) -> Result<Constraint> {
    let parts: Vec<&str> = text.strip_prefix('v').unwrap_or(text).splitn(3, '.').collect();
    let wild = parts.iter().position(|part| matches!(*part, "x" | "X" | "*"));
    let version = match wild {
        Some(0) => Version::default(),
        Some(at) => Version::parse(&parts[..at].join("."))?,
        None => Version::parse(text).map_err(|_| format!("improper constraint: {text}"))?,
    };
    let wild = wild.unwrap_or(version.written);
    Ok(Constraint { operator, version, wild })
}

impl Constraint {
    fn same(&self, version: &Version, numbers: usize) -> bool {
        self.version.numbers[..numbers] == version.numbers[..numbers]
    }

    fn holds(&self, version: &Version) -> bool {
        // Versions before a release count only where the constraint names one.
        if !version.prerelease.is_empty() && self.version.prerelease.is_empty() {
            return false;
        }
        let order = version.order(&self.version);
        let partial = self.wild < 3;
        match self.operator {
            "" | "=" if partial => self.same(version, self.wild),
            "" | "=" => order == Ordering::Equal,
            "!=" if partial => !self.same(version, self.wild),
            "!=" => order != Ordering::Equal,
            ">" if partial => order == Ordering::Greater && !self.same(version, self.wild),
            ">" => order == Ordering::Greater,
            "<" => order == Ordering::Less,
            ">=" | "=>" => order != Ordering::Less,
            "<=" | "=<" => order != Ordering::Greater || (partial && self.same(version, self.wild)),
            "~" | "~>" => order != Ordering::Less && self.same(version, self.wild.min(2)),
            _ => order != Ordering::Less && self.caret(version),
        }
    }

    /// The first number that is not 0 has to be the same.
    fn caret(&self, version: &Version) -> bool {
        let [major, minor, _] = self.version.numbers;
        match (major, minor) {
            (1.., _) => self.same(version, 1),
            (0, 1..) => self.same(version, 2),
            _ if self.wild < 3 => self.same(version, self.wild.max(1)),
            _ => self.same(version, 3),
        }
    }
}
