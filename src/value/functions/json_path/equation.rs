//! The tree of a filter.

use super::Fragment;
use crate::go_regex::GoRegex;
use crate::value_model::Value;

/// A filter or a part of one.
#[derive(Debug)]
pub(super) enum Equation {
    Const(Value),
    /// The value that says that there is no value.
    Nothing,
    Path(Vec<Fragment>),
    Regex(Box<GoRegex>),
    /// In parentheses.
    Group(Box<Equation>),
    Not(Box<Equation>),
    /// Operators, and functions of one or two arguments.
    Binary(Op, Box<Equation>, Box<Equation>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    Or,
    And,
    Add,
    Sub,
    Mul,
    Div,
    In,
    Empty,
    Has,
    Matches,
    Length,
    Count,
    Match,
    Search,
    /// `a ! b`, which denies `a` and forgets `b`.
    Not,
}

const NAMES: &[(&str, Op)] = &[
    ("==", Op::Eq),
    ("!=", Op::Ne),
    ("<", Op::Lt),
    (">", Op::Gt),
    ("<=", Op::Le),
    (">=", Op::Ge),
    ("||", Op::Or),
    ("&&", Op::And),
    ("+", Op::Add),
    ("-", Op::Sub),
    ("*", Op::Mul),
    ("/", Op::Div),
    ("in", Op::In),
    ("empty", Op::Empty),
    ("has", Op::Has),
    ("exists", Op::Has),
    ("~=", Op::Matches),
    ("=~", Op::Matches),
    ("length", Op::Length),
    ("count", Op::Count),
    ("match", Op::Match),
    ("search", Op::Search),
    ("!", Op::Not),
];

impl Op {
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, op)| *op)
    }

    /// Whether an operator begins with `token` and goes on with `byte`.
    pub(super) fn has_prefix(token: &[u8], byte: u8) -> bool {
        NAMES.iter().any(|(name, _)| name.as_bytes().strip_prefix(token).and_then(<[u8]>::first) == Some(&byte))
    }

    /// Tighter operators have lower ones.
    fn precedence(self) -> u8 {
        match self {
            Self::Mul | Self::Div => 1,
            Self::Add | Self::Sub => 2,
            Self::Or | Self::And => 4,
            Self::Length | Self::Count | Self::Match | Self::Search | Self::Not => 0,
            _ => 3,
        }
    }
}

impl Equation {
    /// The tree of `operands` with `ops` between them: tight ones first, equal ones from the left.
    pub(super) fn chain(operands: Vec<Equation>, ops: &[Op]) -> Equation {
        let mut values: Vec<Equation> = Vec::new();
        let mut pending: Vec<Op> = Vec::new();
        let mut ops = ops.iter().copied();
        for operand in operands {
            values.push(operand);
            let next = ops.next();
            while let Some(op) = pending.pop_if(|op| next.is_none_or(|next| op.precedence() <= next.precedence())) {
                if let (Some(right), Some(left)) = (values.pop(), values.pop()) {
                    values.push(Self::Binary(op, Box::new(left), Box::new(right)));
                }
            }
            pending.extend(next);
        }
        values.pop().unwrap_or(Self::Nothing).reduce()
    }

    /// Parentheses around a whole filter mean nothing; elsewhere they turn "exists" into "is true".
    pub(super) fn reduce_outer(self) -> Equation {
        match self {
            Self::Group(inner) => inner.reduce_outer(),
            other => other,
        }
    }

    /// Takes out parentheses around operators that are tighter than the one outside.
    fn reduce(self) -> Equation {
        let Self::Binary(op, left, right) = self else { return self };
        let side = |side: Box<Equation>| match *side {
            Self::Group(inner) if inner.tightness().is_some_and(|p| p < op.precedence()) => inner,
            other => Box::new(other),
        };
        Self::Binary(op, side(left), side(right))
    }

    fn tightness(&self) -> Option<u8> {
        match self {
            Self::Binary(op, ..) => Some(op.precedence()),
            Self::Not(_) | Self::Group(_) => Some(0),
            _ => None,
        }
    }
}
