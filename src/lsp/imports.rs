//! Files that `import.file` blocks name.

use crate::document::Document;
use crate::folder::{Folder, Open};
use crate::lines::Encoding;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use syntax::ast::{Block, Body, ExprKind, Literal};

/// Imports of imports are followed up to so many files.
const MOST_FILES: usize = 64;

/// The files that a document may be understood with.
#[derive(Debug)]
pub(crate) struct Files {
    /// The document, the others of its folder, and what they import.
    pub documents: Vec<Arc<Document>>,
    /// How many of them, from the front, are the document and its folder.
    pub in_folder: usize,
}

impl Files {
    /// The files of `folder`, the document first, and what they import.
    pub fn of(in_folder: Vec<Arc<Document>>, folder: &Folder, open: &Open, encoding: Encoding) -> Self {
        let mut files = Self { in_folder: in_folder.len(), documents: in_folder };
        let mut at = 0;
        while at < files.documents.len() && files.documents.len() < files.in_folder + MOST_FILES {
            let document = Arc::clone(&files.documents[at]);
            for place in named_in(&document.file().body).iter().flat_map(|name| places(name, &document)).flat_map(|p| files_at(&p)) {
                let is_there = files.documents.iter().any(|known| known.path.as_deref() == Some(&*place));
                if !is_there {
                    files.documents.extend(folder.file(&place, open, encoding));
                }
            }
            at += 1;
        }
        files
    }
}

/// Every file name in the imports of `body`, those in `declare` blocks included.
fn named_in(body: &Body) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open: Vec<&Body> = vec![body];
    while let Some(body) = open.pop() {
        found.extend(body.blocks().filter_map(filename));
        open.extend(body.blocks().filter(|b| matches!(b.name.as_str(), "declare" | "foreach" | "template")).map(|b| &b.body));
    }
    found
}

/// The file that an import names, where it is written as text.
pub(crate) fn filename(block: &Block) -> Option<&str> {
    let attr = block.body.attrs().find(|attr| attr.name.text == "filename").filter(|_| block.name == "import.file")?;
    match &attr.value.kind {
        ExprKind::Literal(Literal::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Where a file of that name may lie: the program looks in its working directory, which may be the folder of the document.
pub(crate) fn places(name: &str, document: &Document) -> Vec<PathBuf> {
    let working = std::env::current_dir().ok();
    let own = document.path.as_deref().and_then(Path::parent).map(Path::to_owned);
    let mut found: Vec<PathBuf> = working.into_iter().chain(own).map(|folder| plain(&folder.join(name))).collect();
    found.dedup();
    found
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => _ = out.pop(),
            part => out.push(part),
        }
    }
    out
}

/// The file itself, or the `.alloy` files of the folder.
fn files_at(path: &Path) -> Vec<PathBuf> {
    match std::fs::read_dir(path) {
        Err(_) => vec![path.to_owned()],
        Ok(entries) => {
            let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
            let mut found: Vec<PathBuf> = paths.filter(|p| p.extension().is_some_and(|e| e == "alloy")).take(MOST_FILES).collect();
            found.sort();
            found
        }
    }
}
