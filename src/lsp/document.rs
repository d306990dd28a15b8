//! A text at one moment. A change makes a new document; who looks at the old one is not disturbed.

use crate::lines::{Lines, Position};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use syntax::ast::File;
use syntax::{Diagnostic, Source, Span};

/// A text, what it is called, and what was found out about it.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its name in the protocol.
    pub uri: String,
    /// Where it lies; `None` for a text that was never saved.
    pub path: Option<PathBuf>,
    /// The editor's count of changes; 0 for a file that no editor has open.
    pub version: i64,
    /// The text, named as messages name it.
    pub source: Arc<Source>,
    lines: Lines,
    /// What was read of the text before its last changes.
    earlier: Option<Arc<File>>,
    parsed: OnceLock<Parsed>,
}

/// The syntax tree and what is wrong with the text.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub file: Arc<File>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// The document called `uri`.
    pub fn new(uri: &str, version: i64, text: String, lines: Lines) -> Arc<Self> {
        let path = path_of(uri);
        // The folder is the same for all that a message can name.
        let name = path.as_deref().and_then(Path::file_name).map_or_else(|| uri.to_owned(), |n| n.to_string_lossy().into_owned());
        let source = Source::new(name, text);
        Arc::new(Self { uri: uri.to_owned(), path, version, source, lines, earlier: None, parsed: OnceLock::new() })
    }

    /// A document that is called and counted like `like`, with another text.
    pub fn with_text(like: &Self, text: String) -> Arc<Self> {
        let lines = Lines::new(&text, like.lines.encoding());
        Self::new(&like.uri, like.version, text, lines)
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The syntax tree, made when it is first asked for.
    pub fn parsed(&self) -> &Parsed {
        self.parsed.get_or_init(|| {
            let parse = match &self.earlier {
                Some(earlier) => syntax::parse_again(&self.source, earlier),
                None => syntax::parse(&self.source),
            };
            Parsed { file: Arc::new(parse.file), diagnostics: parse.diagnostics }
        })
    }

    /// The syntax tree.
    pub fn file(&self) -> &Arc<File> {
        &self.parsed().file
    }

    /// The byte that a position of the protocol means; `None` when it is none.
    pub fn offset(&self, position: &Value) -> Option<usize> {
        Position::of(position).map(|position| self.lines.offset(self.text(), position))
    }

    /// The bytes that a range of the protocol means; `None` when it is none.
    pub fn span(&self, range: &Value) -> Option<Span> {
        let (start, end) = (self.offset(range.get("start")?)?, self.offset(range.get("end")?)?);
        Some(Span::new(start.min(end), end.max(start)))
    }

    /// The range of `span` as the protocol writes it.
    pub fn range(&self, span: Span) -> Value {
        self.lines.range(self.text(), span)
    }

    /// A place as the protocol writes it.
    pub fn location(&self, span: Span) -> Value {
        json!({ "uri": self.uri, "range": self.range(span) })
    }

    /// A replacement as the protocol writes it.
    pub fn edit(&self, span: Span, text: &str) -> Value {
        json!({ "range": self.range(span), "newText": text })
    }

    /// The document after the changes of a notification; `None` when one of them makes no sense.
    pub fn changed(&self, version: i64, changes: &Value) -> Option<Arc<Self>> {
        let (mut text, mut lines) = (self.text().to_owned(), self.lines.clone());
        for change in changes.as_array()? {
            let new = change.get("text")?.as_str()?;
            match change.get("range").filter(|range| !range.is_null()) {
                None => {
                    lines.replace(Span::new(0, text.len()), new);
                    new.clone_into(&mut text);
                }
                Some(range) => {
                    let offset = |name| Some(lines.offset(&text, Position::of(range.get(name)?)?));
                    let (start, end) = (offset("start")?, offset("end")?);
                    let span = Span::new(start.min(end), end.max(start));
                    lines.replace(span, new);
                    text.replace_range(span.range(), new);
                }
            }
        }
        let earlier = self.parsed.get().map(|parsed| Arc::clone(&parsed.file)).or_else(|| self.earlier.clone());
        let source = Source::new(self.source.name(), text);
        Some(Arc::new(Self { uri: self.uri.clone(), path: self.path.clone(), version, source, lines, earlier, parsed: OnceLock::new() }))
    }
}

/// The file that a URI names.
pub(crate) fn path_of(uri: &str) -> Option<PathBuf> {
    url::Url::parse(uri).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()
}

/// The URI of a file, which must be absolute.
pub(crate) fn uri_of(path: &Path) -> Option<String> {
    url::Url::from_file_path(path).ok().map(String::from)
}
