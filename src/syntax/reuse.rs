//! Reading a file again after a change: blocks whose text is what it was keep their trees.
//!
//! The text is cut into tokens as always, which is quick; what is saved is the grammar's work. A block that begins with a
//! token of its own and whose text is equal byte for byte has equal tokens, and so an equal tree, only elsewhere.

use crate::ast::{Block, Body, Expr, ExprKind, File, Ident, Stmt};
use crate::source::Span;
use std::collections::HashMap;

/// The blocks of an earlier text of a file.
pub(crate) struct Earlier<'f> {
    text: &'f str,
    blocks: Vec<&'f Block>,
    /// The block that comes next as long as nothing was added, removed or moved.
    next: usize,
    /// Blocks by the text of their heads, made when one is not the next.
    by_head: Option<HashMap<&'f str, usize>>,
}

impl<'f> Earlier<'f> {
    /// Nothing of a file with mistakes: those of a block would have to be found again.
    pub(crate) fn new(file: &'f File) -> Self {
        let blocks = if file.sound { file.body.blocks().collect() } else { Vec::new() };
        Self { text: file.source.text(), blocks, next: 0, by_head: None }
    }

    /// The block that begins `rest`, if it was there before, in its new place at `start`. `head` is its text up to `{`.
    pub(crate) fn block(&mut self, rest: &str, head: &str, start: u32) -> Option<Block> {
        let at = match self.begins(self.next, rest) {
            true => self.next,
            false => self.find(head).filter(|at| self.begins(*at, rest))?,
        };
        self.next = at + 1;
        let block = self.blocks[at];
        let mut moved = block.clone();
        if start != block.span.start {
            Shift { from: block.span.start, to: start }.block(&mut moved);
        }
        Some(moved)
    }

    fn begins(&self, at: usize, rest: &str) -> bool {
        self.blocks.get(at).and_then(|block| self.text.get(block.span.range())).is_some_and(|text| rest.starts_with(text))
    }

    fn find(&mut self, head: &str) -> Option<usize> {
        let heads = || self.blocks.iter().enumerate().filter_map(|(at, b)| Some((self.text.get(b.span.to(b.open).range())?, at)));
        match &self.by_head {
            Some(by_head) => by_head.get(head).copied(),
            None => self.by_head.insert(heads().collect()).get(head).copied(),
        }
    }
}

/// Moves every place in a tree.
struct Shift {
    from: u32,
    to: u32,
}

impl Shift {
    fn span(&self, span: &mut Span) {
        // What is moved lies behind `from`, and a text has no more than 4 GiB.
        span.start = span.start - self.from + self.to;
        span.end = span.end - self.from + self.to;
    }

    fn ident(&self, ident: &mut Ident) {
        self.span(&mut ident.span);
    }

    fn block(&self, block: &mut Block) {
        for span in [&mut block.name_span, &mut block.open, &mut block.close, &mut block.span] {
            self.span(span);
        }
        if let Some(label) = &mut block.label {
            self.span(&mut label.span);
        }
        self.body(&mut block.body);
    }

    fn body(&self, body: &mut Body) {
        for stmt in &mut body.stmts {
            match stmt {
                Stmt::Attr(attr) => {
                    self.ident(&mut attr.name);
                    self.expr(&mut attr.value);
                    self.span(&mut attr.span);
                }
                Stmt::Block(block) => self.block(block),
            }
        }
    }

    fn expr(&self, expr: &mut Expr) {
        self.span(&mut expr.span);
        match &mut expr.kind {
            ExprKind::Literal(_) | ExprKind::Ident(_) => {}
            ExprKind::Array(items) => self.exprs(items),
            ExprKind::Object(fields) => {
                for field in fields {
                    self.ident(&mut field.name);
                    self.expr(&mut field.value);
                }
            }
            ExprKind::Access(base, name) => {
                self.expr(base);
                self.ident(name);
            }
            ExprKind::Index(base, index) => {
                self.expr(base);
                self.expr(index);
            }
            ExprKind::Call(callee, args) => {
                self.expr(callee);
                self.exprs(args);
            }
            ExprKind::Unary(_, value) | ExprKind::Paren(value) => self.expr(value),
            ExprKind::Binary(_, operator, left, right) => {
                self.span(operator);
                self.expr(left);
                self.expr(right);
            }
        }
    }

    fn exprs(&self, exprs: &mut [Expr]) {
        for expr in exprs {
            self.expr(expr);
        }
    }
}
