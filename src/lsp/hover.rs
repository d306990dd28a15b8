//! What something means: documentation under the mouse.

use crate::document::Document;
use crate::names::{Names, Sort, Symbol};
use crate::session::Session;
use crate::shape::{Kind, Shape, Vocabulary, comment_above};
use crate::{docs, functions};
use serde_json::{Value, json};
use std::sync::Arc;
use syntax::Span;
use syntax::ast::{Attr, Block, Body, Stmt};

/// The documentation of what stands at the byte `offset`; null when there is none.
pub(crate) fn hover(session: &Session, document: &Arc<Document>, offset: usize) -> Value {
    let files = session.files(document);
    let names = Names::defined_in(&files);
    let context = Context {
        vocabulary: Vocabulary { environment: &session.environment, names: &names },
        names: &names,
        module: names.module_at(0, offset),
        offset,
    };
    let mut parts = Vec::new();
    let known = context.at(&document.file().body);
    let mut span = known.as_ref().map(|(_, span)| *span);
    parts.extend(known.map(|(text, _)| text));
    for found in session.findings(document).iter().filter(|found| holds(found.span, offset)) {
        if let Ok(at) = EXPLANATIONS.binary_search_by_key(&found.code, |(code, _)| code) {
            parts.push(format!("**{}**\n\n{}", found.code, explanation(EXPLANATIONS[at].1)));
            span = span.or(Some(found.span));
        }
    }
    match span {
        None => Value::Null,
        Some(span) => json!({
            "contents": { "kind": "markdown", "value": parts.join("\n\n---\n\n") },
            "range": document.range(span),
        }),
    }
}

static EXPLANATIONS: std::sync::LazyLock<Vec<(&str, &str)>> = std::sync::LazyLock::new(runtime::codes::all);

/// The examples of an explanation are indented by four, which Markdown takes for code; only the words before them need a
/// line of their own.
fn explanation(text: &str) -> String {
    text.replace("\nWrong:\n", "\nWrong:\n\n").replace("\nRight:\n", "\nRight:\n\n")
}

fn holds(span: Span, offset: usize) -> bool {
    span.range().start <= offset && offset <= span.range().end
}

struct Context<'n, 'a> {
    vocabulary: Vocabulary<'n, 'a>,
    names: &'n Names<'a>,
    module: usize,
    offset: usize,
}

impl<'a> Context<'_, 'a> {
    /// The text for what stands at the offset, and its place.
    fn at(&self, body: &'a Body) -> Option<(String, Span)> {
        let (mut body, mut path) = (body, Vec::new());
        loop {
            let stmt = body.stmts.iter().find(|stmt| match stmt {
                Stmt::Attr(attr) => holds(attr.span, self.offset),
                Stmt::Block(block) => holds(block.span, self.offset),
            })?;
            match stmt {
                Stmt::Attr(attr) => return self.attr(&path, attr),
                Stmt::Block(block) if holds(block.name_span, self.offset) => return self.block(&path, block),
                Stmt::Block(block) => {
                    if let Some(label) = block.label.as_ref().filter(|label| holds(label.span, self.offset)) {
                        return self.block(&path, block).map(|(text, _)| (text, label.span));
                    }
                    path.push(block.name.as_str());
                    body = &block.body;
                }
            }
        }
    }

    fn block(&self, path: &[&str], block: &Block) -> Option<(String, Span)> {
        let text = match self.vocabulary.inside(self.module, path)? {
            Shape::Module(_) => docs::block(&self.vocabulary.describe(self.module, &block.name)?),
            shape => docs::field(&shape.field(&block.name)?),
        };
        Some((text, block.name_span))
    }

    fn attr(&self, path: &[&str], attr: &'a Attr) -> Option<(String, Span)> {
        if holds(attr.name.span, self.offset) {
            let field = self.vocabulary.inside(self.module, path)?.field(&attr.name.text)?;
            return matches!(field.kind, Kind::Attr { .. }).then(|| (docs::field(&field), attr.name.span));
        }
        let chain = attr.value.names().find(|chain| chain.iter().any(|(_, span)| holds(*span, self.offset)))?;
        let at = chain.iter().position(|(_, span)| holds(*span, self.offset))?;
        let texts: Vec<&str> = chain.iter().map(|(text, _)| *text).collect();
        let place = |from: usize, to: usize| chain[from].1.to(chain[to].1);
        if let Some((symbol, used)) = self.names.resolve(self.module, &texts) {
            let symbol = &self.names.symbols[symbol];
            return match texts.get(used).filter(|_| at >= used) {
                Some(export) => Some((self.export(symbol, export)?, place(used, used))),
                None => Some((self.symbol(symbol)?, place(0, used - 1))),
            };
        }
        // A namespace of the library has a page of its own.
        let name = texts[..=at].join(".");
        let text = match functions::find(&name).or_else(|| functions::find(&texts.join("."))) {
            Some(entry) => docs::function(entry),
            None => format!("**{name}**\n\n{}", functions::text(&name)?),
        };
        Some((text, place(0, texts.len() - 1)))
    }

    /// Something that the configuration defines.
    fn symbol(&self, symbol: &Symbol<'_>) -> Option<String> {
        let document = &self.names.files[symbol.file];
        let place = document.source.position(symbol.block.name_span.start);
        let comment = comment_above(document.file(), symbol.block);
        let comment = if comment.is_empty() { comment } else { format!("\n\n{comment}") };
        let defined = format!("**{}**, line {} of {}{comment}", symbol.id(), place.line, document.source.name());
        let more = match symbol.sort {
            Sort::Component => self.vocabulary.describe(symbol.module, &symbol.block.name).map(|described| docs::block(&described)),
            Sort::Argument => {
                let field = Shape::Arguments(vec![symbol.block]).field(symbol.name);
                field.map(|field| docs::field(&field))
            }
            _ => None,
        };
        Some(more.map_or(defined.clone(), |more| format!("{defined}\n\n---\n\n{more}")))
    }

    fn export(&self, symbol: &Symbol<'_>, name: &str) -> Option<String> {
        let described = self.vocabulary.describe(symbol.module, &symbol.block.name)?;
        match symbol.sort {
            Sort::Component => described.exports.iter().find(|e| e.name == name).map(|export| docs::export(&described.name, export)),
            _ => self.symbol(symbol),
        }
    }
}
