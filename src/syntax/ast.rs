//! The syntax tree. Every node has the span of its own text; comments are kept beside the tree for the formatter.

use crate::source::{Source, Span};
use std::sync::Arc;

/// A parsed file.
#[derive(Clone, Debug)]
pub struct File {
    /// The text the tree was made of.
    pub source: Arc<Source>,
    /// The top-level statements.
    pub body: Body,
    /// Every comment, in the order of the text.
    pub comments: Vec<Comment>,
    /// True when nothing was found wrong with the text, warnings included.
    pub sound: bool,
}

/// A comment with its delimiters.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    /// Place of the whole comment, `//` or `/* */` included, the line's end not.
    pub span: Span,
    /// True for `/* … */`.
    pub block: bool,
}

/// Statements of a file or of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// In the order of the text.
    pub stmts: Vec<Stmt>,
}

impl Body {
    /// The attributes, in the order of the text.
    pub fn attrs(&self) -> impl Iterator<Item = &Attr> {
        self.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Attr(attr) => Some(attr),
            Stmt::Block(_) => None,
        })
    }

    /// The blocks, in the order of the text.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.stmts.iter().filter_map(|stmt| match stmt {
            Stmt::Block(block) => Some(block),
            Stmt::Attr(_) => None,
        })
    }

    /// The values of the attributes, those in nested blocks included.
    pub fn values(&self) -> impl Iterator<Item = &Expr> {
        let mut open = vec![self];
        let bodies = std::iter::from_fn(move || {
            let body = open.pop()?;
            open.extend(body.blocks().map(|block| &block.body));
            Some(body)
        });
        bodies.flat_map(Body::attrs).map(|attr| &attr.value)
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    /// `name = value`
    Attr(Attr),
    /// `name "label" { … }`
    Block(Block),
}

/// `name = value`
#[derive(Clone, Debug, PartialEq)]
pub struct Attr {
    /// The name on the left.
    pub name: Ident,
    /// The value on the right.
    pub value: Expr,
    /// From the name to the end of the value.
    pub span: Span,
}

/// `a.b.c "label" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The dotted name, `prometheus.scrape`.
    pub name: String,
    /// Place of the dotted name.
    pub name_span: Span,
    /// The label, if any.
    pub label: Option<Label>,
    /// What stands between the braces.
    pub body: Body,
    /// Place of `{`.
    pub open: Span,
    /// Place of `}`.
    pub close: Span,
    /// From the name to `}`.
    pub span: Span,
}

/// A block's label.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Without quotes.
    pub text: String,
    /// With quotes.
    pub span: Span,
}

/// An identifier and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Ident {
    /// The text.
    pub text: String,
    /// Its place.
    pub span: Span,
}

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its place, parentheses included where they belong to it.
    pub span: Span,
}

/// A dotted name, `local.file.token.content`: each part and its place.
pub type Dotted<'a> = Vec<(&'a str, Span)>;

impl Expr {
    /// The expressions directly in this one, in the order of the text.
    pub fn children(&self) -> impl Iterator<Item = &Expr> {
        let (first, second, items, fields): (Option<&Expr>, Option<&Expr>, &[Expr], &[Field]) = match &self.kind {
            ExprKind::Literal(_) | ExprKind::Ident(_) => (None, None, &[], &[]),
            ExprKind::Array(items) => (None, None, items, &[]),
            ExprKind::Object(fields) => (None, None, &[], fields),
            ExprKind::Access(inner, _) | ExprKind::Unary(_, inner) | ExprKind::Paren(inner) => (Some(inner), None, &[], &[]),
            ExprKind::Call(callee, arguments) => (Some(callee), None, arguments, &[]),
            ExprKind::Index(left, right) | ExprKind::Binary(_, _, left, right) => (Some(left), Some(right), &[], &[]),
        };
        first.into_iter().chain(second).chain(items).chain(fields.iter().map(|field| &field.value))
    }

    /// The parts of `a.b.c`; `None` for all that is more or less than a name.
    pub fn dotted(&self) -> Option<Dotted<'_>> {
        let (mut parts, mut expr) = (Vec::new(), self);
        loop {
            match &expr.kind {
                ExprKind::Access(base, name) => {
                    parts.push((name.text.as_str(), name.span));
                    expr = base;
                }
                ExprKind::Ident(name) => {
                    parts.push((name, expr.span));
                    parts.reverse();
                    return Some(parts);
                }
                _ => return None,
            }
        }
    }

    /// The parts of `a.b.c` without their places.
    pub fn path(&self) -> Option<Vec<&str>> {
        Some(self.dotted()?.into_iter().map(|(name, _)| name).collect())
    }

    /// The dotted names in this expression, each as long as it gets.
    pub fn names(&self) -> impl Iterator<Item = Dotted<'_>> {
        let mut open = vec![self];
        std::iter::from_fn(move || {
            while let Some(expr) = open.pop() {
                match expr.dotted() {
                    Some(name) => return Some(name),
                    None => open.extend(expr.children()),
                }
            }
            None
        })
    }
}

/// Kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `null`, `true`, `1`, `0.5`, `"text"`
    Literal(Literal),
    /// `[a, b]`
    Array(Vec<Expr>),
    /// `{a = 1, "b" = 2}`
    Object(Vec<Field>),
    /// `name`
    Ident(String),
    /// `base.name`
    Access(Box<Expr>, Ident),
    /// `base[index]`
    Index(Box<Expr>, Box<Expr>),
    /// `callee(args)`
    Call(Box<Expr>, Vec<Expr>),
    /// `-x`, `!x`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`; the span is the operator's
    Binary(BinaryOp, Span, Box<Expr>, Box<Expr>),
    /// `(x)`
    Paren(Box<Expr>),
}

/// A literal. Numbers keep their text: the evaluator decides between int, uint and float.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Digits without a point or exponent.
    Number(String),
    /// Digits with a point or exponent.
    Float(String),
    /// The text after decoding escapes, or between the backticks of a raw string.
    String(String),
}

/// One entry of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key, without quotes (escapes of a quoted key stay as written, as in the original).
    pub name: Ident,
    /// True when the key was written in quotes.
    pub quoted: bool,
    /// The value.
    pub value: Expr,
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `-`
    Neg,
    /// `!`
    Not,
}

/// Infix operators, loosest first: `||`, `&&`, comparisons, `+ -`, `* / %`, `^` (binds to the right).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
    /// `^`
    Pow,
}

impl BinaryOp {
    /// As written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Or => "||",
            Self::And => "&&",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "^",
        }
    }
}
