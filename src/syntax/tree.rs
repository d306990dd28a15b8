//! Builds the syntax tree from what the grammar matched.

use crate::ast::{Attr, BinaryOp, Expr, ExprKind, Field, Ident, Label, Literal, UnaryOp};
use crate::grammar::{Grammar, Rule};
use crate::source::Span;
use pest::Parser as _;
use pest::iterators::{Pair, Pairs};
use std::iter::Peekable;

/// Levels of nesting an expression may have: brackets, operators, accesses and calls all count. Everything that walks a
/// tree may recurse, also on the small stacks of worker threads; this is the promise it relies on.
pub(crate) const MAX_DEPTH: u32 = 500;

/// Why there is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The grammar does not match.
    Syntax,
    /// Deeper than [`MAX_DEPTH`]; the place that goes beyond.
    TooDeep(Span),
}

/// The head of a block, up to `{`.
#[derive(Debug)]
pub(crate) struct BlockHead {
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) label: Option<Label>,
}

/// Parses `text`, which begins at `base` in its source, as `name = value`.
pub(crate) fn attribute(text: &str, base: usize) -> Result<Attr, Refused> {
    let mut pairs = inner(Rule::attribute, text)?;
    let builder = Builder { base };
    let name = pairs.next().ok_or(Refused::Syntax)?;
    let name = builder.ident(&name);
    let value = builder.expr(&mut stream(pairs))?;
    let span = name.span.to(value.expr.span);
    Ok(Attr { name, value: value.expr, span })
}

/// Parses `text` as an expression.
pub(crate) fn expression(text: &str, base: usize) -> Result<Expr, Refused> {
    let pairs = inner(Rule::expression, text)?;
    Ok(Builder { base }.expr(&mut stream(pairs))?.expr)
}

/// Parses `text` as the head of a block, `{` included.
pub(crate) fn block_head(text: &str, base: usize) -> Result<BlockHead, Refused> {
    let builder = Builder { base };
    let mut head = BlockHead { name: String::new(), name_span: Span::default(), label: None };
    for pair in inner(Rule::block_head, text)? {
        match pair.as_rule() {
            Rule::path => {
                head.name_span = builder.span(&pair);
                for part in pair.into_inner().filter(|part| part.as_rule() == Rule::ident) {
                    if !head.name.is_empty() {
                        head.name.push('.');
                    }
                    head.name.push_str(part.as_str());
                }
            }
            Rule::label => {
                let text = pair.as_str();
                let text = text.get(1..text.len() - 1).unwrap_or_default();
                head.label = Some(Label { text: text.to_owned(), span: builder.span(&pair) });
            }
            _ => {}
        }
    }
    Ok(head)
}

fn inner(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Refused> {
    let mut pairs = Grammar::parse(rule, text).map_err(|_| Refused::Syntax)?;
    Ok(pairs.next().ok_or(Refused::Syntax)?.into_inner())
}

/// The pairs without comments; the tree does not hold those.
struct Stream<'i> {
    pairs: Peekable<Pairs<'i, Rule>>,
}

fn stream(pairs: Pairs<'_, Rule>) -> Stream<'_> {
    Stream { pairs: pairs.peekable() }
}

impl<'i> Stream<'i> {
    fn peek(&mut self) -> Option<Rule> {
        while let Some(pair) = self.pairs.peek() {
            let rule = pair.as_rule();
            if !matches!(rule, Rule::inline_comment | Rule::line_comment | Rule::block_comment | Rule::EOI) {
                return Some(rule);
            }
            self.pairs.next();
        }
        None
    }

    fn next(&mut self) -> Option<Pair<'i, Rule>> {
        self.peek().and_then(|_| self.pairs.next())
    }

    fn next_if(&mut self, wanted: impl Fn(Rule) -> bool) -> Option<Pair<'i, Rule>> {
        if self.peek().is_some_and(wanted) { self.pairs.next() } else { None }
    }
}

/// An expression with the number of levels in it.
struct Measured {
    expr: Expr,
    depth: u32,
}

impl Measured {
    fn new(kind: ExprKind, span: Span, depth: u32) -> Result<Self, Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::TooDeep(span));
        }
        Ok(Self { expr: Expr { kind, span }, depth })
    }
}

/// Several expressions with the number of levels of the deepest.
#[derive(Default)]
struct MeasuredList {
    exprs: Vec<Expr>,
    depth: u32,
}

struct Builder {
    base: usize,
}

impl Builder {
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let span = pair.as_span();
        Span::new(self.base + span.start(), self.base + span.end())
    }

    fn ident(&self, pair: &Pair<'_, Rule>) -> Ident {
        Ident { text: pair.as_str().to_owned(), span: self.span(pair) }
    }

    /// Reads one expression off the stream. Operators wait on a stack of their own until a looser one comes, so that a
    /// chain of any length needs no recursion.
    fn expr(&self, stream: &mut Stream<'_>) -> Result<Measured, Refused> {
        let first = self.term(stream)?;
        if stream.peek() != Some(Rule::infix) {
            return Ok(first);
        }
        let mut operands = vec![first];
        let mut operators: Vec<(BinaryOp, Span)> = Vec::new();
        while let Some(pair) = stream.next_if(|rule| rule == Rule::infix) {
            let operator = binary_op(pair.as_str()).ok_or(Refused::Syntax)?;
            while let Some((waiting, _)) = operators.last() {
                let (left, right) = (precedence(*waiting), precedence(operator));
                if left < right || (left == right && operator == BinaryOp::Pow) {
                    break;
                }
                reduce(&mut operands, &mut operators)?;
            }
            operators.push((operator, self.span(&pair)));
            operands.push(self.term(stream)?);
        }
        while !operators.is_empty() {
            reduce(&mut operands, &mut operators)?;
        }
        operands.pop().ok_or(Refused::Syntax)
    }

    fn term(&self, stream: &mut Stream<'_>) -> Result<Measured, Refused> {
        let mut prefixes = Vec::new();
        while let Some(pair) = stream.next_if(|rule| rule == Rule::prefix) {
            let op = if pair.as_str() == "-" { UnaryOp::Neg } else { UnaryOp::Not };
            prefixes.push((op, self.span(&pair)));
        }
        let pair = stream.next().ok_or(Refused::Syntax)?;
        let mut value = self.operand(pair)?;
        while let Some(pair) = stream.next_if(|rule| matches!(rule, Rule::access | Rule::index | Rule::call)) {
            value = self.postfix(value, pair)?;
        }
        for (op, span) in prefixes.into_iter().rev() {
            let span = span.to(value.expr.span);
            value = Measured::new(ExprKind::Unary(op, Box::new(value.expr)), span, value.depth + 1)?;
        }
        Ok(value)
    }

    fn operand(&self, pair: Pair<'_, Rule>) -> Result<Measured, Refused> {
        let span = self.span(&pair);
        let text = pair.as_str();
        let (kind, depth) = match pair.as_rule() {
            Rule::string => (ExprKind::Literal(Literal::String(unescape(text))), 1),
            Rule::raw => (ExprKind::Literal(Literal::String(unquote_raw(text))), 1),
            Rule::word => (word(text), 1),
            Rule::number => (ExprKind::Literal(number(text)), 1),
            Rule::array => {
                let list = self.list(pair)?;
                (ExprKind::Array(list.exprs), list.depth + 1)
            }
            Rule::object => {
                let (fields, depth) = self.fields(pair)?;
                (ExprKind::Object(fields), depth + 1)
            }
            Rule::paren => {
                let value = self.expr(&mut stream(pair.into_inner()))?;
                (ExprKind::Paren(Box::new(value.expr)), value.depth + 1)
            }
            _ => return Err(Refused::Syntax),
        };
        Measured::new(kind, span, depth)
    }

    fn postfix(&self, base: Measured, pair: Pair<'_, Rule>) -> Result<Measured, Refused> {
        let span = base.expr.span.to(self.span(&pair));
        let target = Box::new(base.expr);
        let rule = pair.as_rule();
        let (kind, depth) = match rule {
            Rule::access => {
                let name = stream(pair.into_inner()).next().ok_or(Refused::Syntax)?;
                (ExprKind::Access(target, self.ident(&name)), 0)
            }
            Rule::index => {
                let value = self.expr(&mut stream(pair.into_inner()))?;
                (ExprKind::Index(target, Box::new(value.expr)), value.depth)
            }
            _ => {
                let list = self.list(pair)?;
                (ExprKind::Call(target, list.exprs), list.depth)
            }
        };
        Measured::new(kind, span, depth.max(base.depth) + 1)
    }

    fn list(&self, pair: Pair<'_, Rule>) -> Result<MeasuredList, Refused> {
        let mut pairs = stream(pair.into_inner());
        let mut list = MeasuredList::default();
        while pairs.peek().is_some() {
            let value = self.expr(&mut pairs)?;
            list.depth = list.depth.max(value.depth);
            list.exprs.push(value.expr);
        }
        Ok(list)
    }

    fn fields(&self, pair: Pair<'_, Rule>) -> Result<(Vec<Field>, u32), Refused> {
        let mut pairs = stream(pair.into_inner());
        let mut fields = Vec::new();
        let mut depth = 0;
        while let Some(key) = pairs.next() {
            let (name, quoted) = self.key(&key);
            let value = self.expr(&mut pairs)?;
            depth = depth.max(value.depth);
            fields.push(Field { name, quoted, value: value.expr });
        }
        Ok((fields, depth))
    }

    /// The key of a field. The original keeps the quotes of an empty key, and so must we: they are visible in results.
    fn key(&self, pair: &Pair<'_, Rule>) -> (Ident, bool) {
        let text = pair.as_str();
        let quoted = text.starts_with(['"', '`']) && text.len() > 2;
        let inner = if quoted { text.get(1..text.len() - 1).unwrap_or_default() } else { text };
        (Ident { text: inner.to_owned(), span: self.span(pair) }, quoted)
    }
}

/// Takes the last operator with its two operands and puts back what they make.
fn reduce(operands: &mut Vec<Measured>, operators: &mut Vec<(BinaryOp, Span)>) -> Result<(), Refused> {
    let (Some((op, op_span)), Some(right), Some(left)) = (operators.pop(), operands.pop(), operands.pop()) else {
        return Err(Refused::Syntax);
    };
    let span = left.expr.span.to(right.expr.span);
    let depth = left.depth.max(right.depth) + 1;
    let kind = ExprKind::Binary(op, op_span, Box::new(left.expr), Box::new(right.expr));
    operands.push(Measured::new(kind, span, depth)?);
    Ok(())
}

fn binary_op(text: &str) -> Option<BinaryOp> {
    Some(match text {
        "||" => BinaryOp::Or,
        "&&" => BinaryOp::And,
        "==" => BinaryOp::Eq,
        "!=" => BinaryOp::Ne,
        "<" => BinaryOp::Lt,
        "<=" => BinaryOp::Le,
        ">" => BinaryOp::Gt,
        ">=" => BinaryOp::Ge,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "%" => BinaryOp::Mod,
        "^" => BinaryOp::Pow,
        _ => return None,
    })
}

fn precedence(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Or => 1,
        BinaryOp::And => 2,
        BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => 3,
        BinaryOp::Add | BinaryOp::Sub => 4,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Mod => 5,
        BinaryOp::Pow => 6,
    }
}

fn word(text: &str) -> ExprKind {
    ExprKind::Literal(match text {
        "true" => Literal::Bool(true),
        "false" => Literal::Bool(false),
        "null" => Literal::Null,
        _ => return ExprKind::Ident(text.to_owned()),
    })
}

fn number(text: &str) -> Literal {
    if text.contains(['.', 'e', 'E']) { Literal::Float(text.to_owned()) } else { Literal::Number(text.to_owned()) }
}

/// The text between backticks. Carriage returns are dropped, as in the original.
fn unquote_raw(text: &str) -> String {
    let inner = text.get(1..text.len() - 1).unwrap_or_default();
    if inner.contains('\r') { inner.replace('\r', "") } else { inner.to_owned() }
}

/// Decodes a string in double quotes. `\x` and octal escapes are bytes; bytes that make no valid text become U+FFFD.
fn unescape(text: &str) -> String {
    let inner = text.get(1..text.len() - 1).unwrap_or_default();
    if !inner.contains('\\') {
        return inner.to_owned();
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let after = &rest[at + 1..];
        let taken = escape(after, &mut out);
        rest = after.get(taken..).unwrap_or_default();
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Decodes the escape whose text after the backslash begins `text`; returns how many bytes of it were used.
fn escape(text: &str, out: &mut Vec<u8>) -> usize {
    let simple = match text.as_bytes().first() {
        Some(b'a') => 7,
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(b'v') => 11,
        Some(b'x') => return byte_escape(text, 1, 3, 16, out),
        Some(b'0'..=b'7') => return byte_escape(text, 0, 3, 8, out),
        Some(b'u') => return char_escape(text, 5, out),
        Some(b'U') => return char_escape(text, 9, out),
        Some(other) => *other,
        None => return 0,
    };
    out.push(simple);
    1
}

fn byte_escape(text: &str, from: usize, to: usize, radix: u32, out: &mut Vec<u8>) -> usize {
    let value = text.get(from..to).and_then(|digits| u8::from_str_radix(digits, radix).ok());
    out.extend(value);
    to
}

fn char_escape(text: &str, to: usize, out: &mut Vec<u8>) -> usize {
    let value = text.get(1..to).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
    let mut buffer = [0; 4];
    out.extend_from_slice(value.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut buffer).as_bytes());
    to
}
