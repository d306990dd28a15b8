//! A block of a parsed file, held together with the file.

use std::sync::Arc;
use syntax::Diagnostic;
use syntax::ast::{Block, Body, File, Stmt};

/// A body inside a shared file: the file's own, or that of a block in it.
#[derive(Clone, Debug)]
pub struct BodyRef {
    /// The file.
    pub file: Arc<File>,
    path: Vec<usize>,
}

impl BodyRef {
    /// The top-level statements of `file`.
    pub fn top(file: Arc<File>) -> Self {
        Self { file, path: Vec::new() }
    }

    /// True when both are the same place of the same parsed file.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.path == other.path
    }

    /// The statements.
    pub fn body(&self) -> &Body {
        self.path.iter().fold(&self.file.body, |body, at| match body.stmts.get(*at) {
            Some(Stmt::Block(block)) => &block.body,
            _ => body,
        })
    }

    /// The blocks that stand directly in it.
    pub fn blocks(&self) -> impl Iterator<Item = BlockRef> + '_ {
        let indices = self.body().stmts.iter().enumerate().filter(|(_, s)| matches!(s, Stmt::Block(_))).map(|(i, _)| i);
        indices.map(|at| BlockRef { parent: self.clone(), at })
    }
}

/// A block inside a shared file.
#[derive(Clone, Debug)]
pub struct BlockRef {
    parent: BodyRef,
    at: usize,
}

impl BlockRef {
    /// The file it stands in.
    pub fn file(&self) -> &Arc<File> {
        &self.parent.file
    }

    /// The block.
    #[expect(clippy::panic, reason = "only `BodyRef::blocks` makes these, from statements that are blocks, and files never change")]
    pub fn block(&self) -> &Block {
        match self.parent.body().stmts.get(self.at) {
            Some(Stmt::Block(block)) => block,
            _ => panic!("a block reference points at a block"),
        }
    }

    /// What stands in it.
    pub fn inner(&self) -> BodyRef {
        let mut path = self.parent.path.clone();
        path.push(self.at);
        BodyRef { file: Arc::clone(&self.parent.file), path }
    }

    /// True when both are the same place of the same parsed file.
    pub fn same(&self, other: &Self) -> bool {
        self.at == other.at && self.parent.same(&other.parent)
    }

    /// True when both have the same text, wherever it stands: they mean the same as long as what they read does.
    pub fn same_text(&self, other: &Self) -> bool {
        self.text() == other.text()
    }

    fn text(&self) -> &str {
        self.file().source.slice(self.block().span)
    }

    /// Its label, `""` for none.
    pub fn label(&self) -> &str {
        self.block().label.as_ref().map_or("", |label| &label.text)
    }

    /// An error at its name.
    pub fn error(&self, code: &'static str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, &self.file().source, self.block().name_span, message)
    }

    /// `file:line:column` of its name.
    pub fn place(&self) -> String {
        self.file().source.place(self.block().name_span.start)
    }

    /// `name.label`, or `name` without a label: how others refer to it.
    pub fn node_id(&self) -> String {
        let block = self.block();
        match &block.label {
            Some(label) => format!("{}.{}", block.name, label.text),
            None => block.name.clone(),
        }
    }
}
