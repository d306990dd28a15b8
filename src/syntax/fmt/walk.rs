//! Walks the tree and tells the printer what to write: where lines break, where columns begin.

use super::printer::{Place, Printer, Space};
use super::quote::quote;
use crate::ast::{Attr, Block, Body, Expr, ExprKind, Field, Literal, Stmt, UnaryOp};
use crate::source::{Source, Span};

/// See the module.
pub(super) struct Walk<'a> {
    source: &'a Source,
    printer: &'a mut Printer,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: &'a Source, printer: &'a mut Printer) -> Self {
        Self { source, printer }
    }

    pub(super) fn file(mut self, body: &Body) {
        self.stmts(&body.stmts);
    }

    fn line(&self, offset: u32) -> usize {
        self.source.position(offset).line
    }

    /// The line of the last byte of `span`.
    fn end_line(&self, span: Span) -> usize {
        self.line(last(span))
    }

    fn is_multiline(&self, span: Span) -> bool {
        self.line(span.start) != self.end_line(span)
    }

    fn at(&mut self, offset: u32) {
        self.printer.at(Place::of(self.source, offset));
    }

    /// A token at a place the tree knows.
    fn token_at(&mut self, offset: u32, token: &str) {
        self.at(offset);
        self.printer.token(token);
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        let mut previous: Option<Span> = None;
        for stmt in stmts {
            let (span, is_block) = match stmt {
                Stmt::Attr(attr) => (attr.span, false),
                Stmt::Block(block) => (block.span, true),
            };
            if let Some(previous) = previous
                && (is_block || self.line(span.start) > self.end_line(previous) + 1)
            {
                self.printer.space(Space::Break);
            }
            match stmt {
                Stmt::Attr(attr) => self.attr(attr),
                Stmt::Block(block) => self.block(block),
            }
            self.printer.space(if self.is_multiline(span) { Space::Break } else { Space::Newline });
            previous = Some(span);
        }
    }

    fn attr(&mut self, attr: &Attr) {
        self.at(attr.name.span.start);
        self.printer.text(&attr.name.text);
        self.printer.space(Space::Cell);
        self.printer.token("=");
        self.printer.space(Space::Blank);
        self.expr(&attr.value);
    }

    fn block(&mut self, block: &Block) {
        self.at(block.name_span.start);
        self.printer.text(&block.name);
        if let Some(label) = block.label.as_ref().filter(|label| !label.text.is_empty()) {
            self.printer.space(Space::Blank);
            self.at(label.span.start);
            self.printer.text(&quote(&label.text));
        }
        self.printer.space(Space::Blank);
        self.token_at(block.open.start, "{");
        self.printer.space(Space::Indent);
        if block.body.stmts.is_empty() {
            self.printer.space(Space::Blank);
        } else {
            self.printer.space(Space::Break);
            self.stmts(&block.body.stmts);
        }
        self.printer.space(Space::Unindent);
        self.token_at(block.close.start, "}");
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Literal(literal) => {
                self.at(expr.span.start);
                let text = self.source.slice(expr.span);
                match literal {
                    Literal::Number(_) => self.printer.number(text),
                    _ => self.printer.text(text),
                }
            }
            ExprKind::Ident(name) => {
                self.at(expr.span.start);
                self.printer.text(name);
            }
            ExprKind::Array(elements) => self.array(expr.span, elements),
            ExprKind::Object(fields) => self.object(expr.span, fields),
            ExprKind::Access(base, name) => {
                self.expr(base);
                self.printer.token(".");
                self.printer.text(&name.text);
            }
            ExprKind::Index(base, index) => {
                self.expr(base);
                self.token_at(self.bracket_after(base.span), "[");
                self.expr(index);
                self.token_at(last(expr.span), "]");
            }
            ExprKind::Call(callee, args) => self.call(expr.span, callee, args),
            ExprKind::Unary(op, value) => {
                let token = match op {
                    UnaryOp::Neg => "-",
                    UnaryOp::Not => "!",
                };
                self.token_at(expr.span.start, token);
                self.expr(value);
            }
            ExprKind::Binary(op, place, left, right) => {
                self.expr(left);
                self.printer.space(Space::Blank);
                self.token_at(place.start, op.text());
                self.printer.space(Space::Blank);
                self.expr(right);
            }
            ExprKind::Paren(inner) => {
                self.printer.token("(");
                self.expr(inner);
                self.printer.token(")");
            }
        }
    }

    fn array(&mut self, span: Span, elements: &[Expr]) {
        self.token_at(span.start, "[");
        let mut line = self.line(span.start);
        for (index, element) in elements.iter().enumerate() {
            let own_line = line != self.line(element.span.start);
            if own_line {
                // Indented before the line break, so that comments before the element are indented with it.
                self.printer.space(Space::Indent);
                self.printer.space(Space::Break);
            } else if index > 0 {
                self.printer.space(Space::Blank);
            }
            line = self.end_line(element.span);
            self.expr(element);
            if index + 1 < elements.len() {
                self.printer.token(",");
            }
            if own_line {
                self.printer.space(Space::Unindent);
            }
        }
        if !elements.is_empty() && line != self.end_line(span) {
            self.printer.token(",");
            self.printer.space(Space::Indent);
            self.printer.space(Space::Break);
            self.printer.space(Space::Unindent);
        }
        self.token_at(last(span), "]");
    }

    fn object(&mut self, span: Span, fields: &[Field]) {
        self.token_at(span.start, "{");
        self.printer.space(Space::Indent);
        let mut line = self.line(span.start);
        let mut previous: Option<&Field> = None;
        for (index, field) in fields.iter().enumerate() {
            let start = field.name.span.start;
            if line != self.line(start) {
                // Fields in a row are aligned; one that crosses lines ends the row.
                let aligned = previous.is_some_and(|field| !self.is_multiline(field.value.span));
                self.printer.space(if aligned { Space::Newline } else { Space::Break });
            } else if index > 0 {
                self.printer.space(Space::Blank);
            }
            // The line where the name ends, not the value: as in the original.
            let length = u32::try_from(field.name.text.len()).unwrap_or(u32::MAX);
            line = self.line(start.saturating_add(length).saturating_sub(1));
            previous = Some(field);
            self.at(start);
            if field.quoted {
                self.printer.text(&quote(&field.name.text));
            } else {
                self.printer.text(&field.name.text);
            }
            self.printer.space(Space::Cell);
            self.printer.token("=");
            self.printer.space(Space::Blank);
            self.expr(&field.value);
            if index + 1 < fields.len() {
                self.printer.token(",");
            }
        }
        if !fields.is_empty() && line != self.end_line(span) {
            self.printer.token(",");
            self.printer.space(Space::Break);
        }
        self.printer.space(Space::Unindent);
        self.token_at(last(span), "}");
    }

    fn call(&mut self, span: Span, callee: &Expr, args: &[Expr]) {
        self.expr(callee);
        self.printer.token("(");
        let mut line = self.line(self.bracket_after(callee.span));
        for (index, arg) in args.iter().enumerate() {
            let own_line = line != self.line(arg.span.start);
            if own_line {
                self.printer.space(Space::Break);
                self.printer.space(Space::Indent);
            }
            self.expr(arg);
            line = self.end_line(arg.span);
            if index + 1 < args.len() {
                self.printer.token(",");
                self.printer.space(Space::Blank);
            }
            if own_line {
                self.printer.space(Space::Unindent);
            }
        }
        if line != self.end_line(span) {
            self.printer.token(",");
            self.printer.space(Space::Break);
        }
        self.printer.token(")");
    }

    /// Where the bracket stands that follows `span`; only blanks and comments can be in between.
    fn bracket_after(&self, span: Span) -> u32 {
        let mut at = span.end as usize;
        loop {
            let rest = self.source.text().get(at..).unwrap_or_default();
            let trimmed = rest.trim_start_matches([' ', '\t', '\r']);
            at += rest.len() - trimmed.len();
            match trimmed.strip_prefix("/*").and_then(|comment| comment.find("*/")) {
                Some(length) => at += length + 4,
                None => return Span::new(at, at).start,
            }
        }
    }
}

/// The last byte of `span`.
fn last(span: Span) -> u32 {
    span.end.saturating_sub(1)
}
