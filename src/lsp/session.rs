//! What the server knows between two messages.

use crate::document::Document;
use crate::folder::{Folder, Open};
use crate::imports::Files;
use crate::lines::{Encoding, Lines};
use crate::options::{FolderMode, Options};
use component::Services;
use runtime::{Catalog, Environment};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use syntax::Diagnostic;

/// What an editor is able to do, from its `initialize` request.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Client {
    /// What positions count.
    pub encoding: Encoding,
    /// Shows further places of a diagnostic.
    pub related: bool,
    /// Knows texts with places to fill in.
    pub snippets: bool,
    /// Takes symbols as a tree.
    pub symbol_tree: bool,
    /// Lets the server ask for news of files.
    pub watched_files: bool,
}

impl Client {
    /// Reads the parameters of `initialize`.
    pub fn of(params: &Value) -> Self {
        let is = |pointer: &str| params.pointer(pointer).is_some_and(|value| *value == true);
        let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
        let has_utf8 = encodings.is_some_and(|encodings| encodings.iter().any(|encoding| encoding == "utf-8"));
        Self {
            encoding: if has_utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            related: is("/capabilities/textDocument/publishDiagnostics/relatedInformation"),
            snippets: is("/capabilities/textDocument/completion/completionItem/snippetSupport"),
            symbol_tree: is("/capabilities/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            watched_files: is("/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration"),
        }
    }
}

/// Findings about a document.
#[derive(Clone, Debug)]
pub(crate) struct Findings {
    /// The document they are about.
    pub document: Arc<Document>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diagnostic>,
}

/// The documents of an editor, and what configurations may hold.
pub(crate) struct Session {
    pub client: Client,
    pub options: Options,
    pub environment: Arc<Environment>,
    /// By URI.
    pub documents: HashMap<String, Arc<Document>>,
    /// What was published last, by URI.
    pub findings: HashMap<String, Findings>,
    pub folder: Arc<Folder>,
}

impl Session {
    /// A session without documents.
    pub fn new(catalog: Catalog, options: Options, client: Client) -> Self {
        // Checks start nothing: no file is ever put there.
        let mut services = Services::new("data-alloy");
        services.stability = options.stability;
        let mut environment = Environment::new(catalog, Arc::new(services));
        environment.community = options.community;
        Self {
            client,
            options,
            environment: Arc::new(environment),
            documents: HashMap::new(),
            findings: HashMap::new(),
            folder: Arc::default(),
        }
    }

    /// Takes a text that the editor has opened.
    pub fn open(&mut self, uri: &str, version: i64, text: String) {
        let lines = Lines::new(&text, self.client.encoding);
        self.documents.insert(uri.to_owned(), Document::new(uri, version, text, lines));
    }

    /// The documents with a place on disk.
    pub fn open_files(&self) -> Open {
        self.documents.values().filter_map(|document| Some((document.path.clone()?, Arc::clone(document)))).collect()
    }

    /// The document, the other files of its folder where the options let them matter, and what all of them import.
    pub fn files(&self, document: &Arc<Document>) -> Files {
        let (open, encoding) = (self.open_files(), self.client.encoding);
        let mut documents = vec![Arc::clone(document)];
        if self.options.folder != FolderMode::File {
            documents.extend(self.folder.neighbours(document, &open, encoding));
        }
        Files::of(documents, &self.folder, &open, encoding)
    }

    /// What was found in the document as it is now.
    pub fn findings(&self, document: &Arc<Document>) -> &[Diagnostic] {
        let found = self.findings.get(&document.uri).filter(|found| Arc::ptr_eq(&found.document, document));
        found.map(|found| found.diagnostics.as_slice()).unwrap_or_default()
    }
}
