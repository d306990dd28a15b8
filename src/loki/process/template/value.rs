//! Values of templates, as Go has them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;

/// What the elements of a list are declared to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// `interface {}`
    Any,
    /// `string`
    Text,
    /// `int`
    Int,
}

/// Members by name; shared, because `set` changes them in place.
pub(crate) type Members = Rc<RefCell<BTreeMap<String, Val>>>;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Val {
    /// Nothing.
    Nil,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `int64`
    Int64(i64),
    /// `float64`
    Float(f64),
    /// `string`
    Str(Arc<str>),
    /// A slice.
    List(Rc<Vec<Val>>, Of),
    /// A map from text; of text when the flag is set.
    Map(Members, bool),
    /// A semantic version.
    Version(Rc<super::sprig::Version>),
    /// A point in time: nanoseconds since 1970.
    Time(i64),
    /// The data of the template, not copied yet.
    Root,
}

impl Val {
    /// Text.
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Str(text.into())
    }

    /// A list of anything.
    pub(crate) fn list(items: Vec<Val>) -> Self {
        Self::List(Rc::new(items), Of::Any)
    }

    /// A list of texts.
    pub(crate) fn texts<T: Into<Arc<str>>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(Rc::new(items.into_iter().map(Self::text).collect()), Of::Text)
    }

    /// A map of anything.
    pub(crate) fn map(members: BTreeMap<String, Val>) -> Self {
        Self::Map(Rc::new(RefCell::new(members)), false)
    }

    /// True for what `if` takes as true.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(flag) => *flag,
            Self::Int(n) | Self::Int64(n) => *n != 0,
            Self::Float(n) => *n != 0.0,
            Self::Str(text) => !text.is_empty(),
            Self::List(items, _) => !items.is_empty(),
            Self::Map(members, _) => !members.borrow().is_empty(),
            Self::Version(_) | Self::Time(_) | Self::Root => true,
        }
    }

    /// The type as Go prints it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Float(_) => "float64",
            Self::Str(_) => "string",
            Self::List(_, Of::Any) => "[]interface {}",
            Self::List(_, Of::Text) => "[]string",
            Self::List(_, Of::Int) => "[]int",
            Self::Map(_, false) | Self::Root => "map[string]interface {}",
            Self::Map(_, true) => "map[string]string",
            Self::Version(_) => "*semver.Version",
            Self::Time(_) => "time.Time",
        }
    }

    /// The kind of the type.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "invalid",
            Self::List(..) => "slice",
            Self::Map(..) | Self::Root => "map",
            Self::Version(_) => "ptr",
            Self::Time(_) => "struct",
            other => other.type_name(),
        }
    }

    /// As `%v` prints it.
    pub(crate) fn print(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Nil => write!(out, "<nil>"),
            Self::Bool(flag) => write!(out, "{flag}"),
            Self::Int(n) | Self::Int64(n) => write!(out, "{n}"),
            Self::Float(n) => {
                print_float(out, *n);
                Ok(())
            }
            Self::Str(text) => {
                out.push_str(text);
                Ok(())
            }
            Self::List(items, _) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(' ');
                    }
                    item.print(out);
                }
                write!(out, "]")
            }
            Self::Map(members, _) => {
                out.push_str("map[");
                for (i, (key, member)) in members.borrow().iter().enumerate() {
                    let blank = if i > 0 { " " } else { "" };
                    let _ = write!(out, "{blank}{key}:");
                    member.print(out);
                }
                write!(out, "]")
            }
            Self::Version(version) => write!(out, "{version}"),
            Self::Time(nanos) => write!(out, "{}", super::sprig::time_text(*nanos)),
            Self::Root => write!(out, "map[]"),
        };
    }

    /// As `%v` prints it.
    pub(crate) fn printed(&self) -> String {
        let mut out = String::new();
        self.print(&mut out);
        out
    }
}

/// The shortest text, with an exponent below 1e-4 and from 1e6 on.
fn print_float(out: &mut String, n: f64) {
    let size = n.abs();
    let _ = if n.is_nan() {
        write!(out, "NaN")
    } else if n.is_infinite() {
        write!(out, "{}Inf", if n > 0.0 { '+' } else { '-' })
    } else if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let text = format!("{n:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        write!(out, "{digits}e{sign}{exponent:0>2}")
    } else {
        write!(out, "{n}")
    };
}
