//! What the server answers, by method.

use crate::document::Document;
use crate::lines::Encoding;
use crate::server::code;
use crate::session::{Client, Session};
use crate::{actions, completion, format, hover, navigate, symbols};
use serde_json::{Value, json};
use std::sync::Arc;

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub code: i32,
    pub message: String,
}

impl Failure {
    /// The request makes sense, but cannot be carried out.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { code: code::REQUEST_FAILED, message: message.into() }
    }

    fn params(message: &str) -> Self {
        Self { code: code::INVALID_PARAMS, message: message.to_owned() }
    }
}

/// What the server can do, as `initialize` answers it.
pub(crate) fn capabilities(client: Client) -> Value {
    json!({
        "positionEncoding": match client.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
        },
        "textDocumentSync": { "openClose": true, "change": 2, "save": true },
        "completionProvider": { "triggerCharacters": [".", "\""] },
        "hoverProvider": true,
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "renameProvider": { "prepareProvider": true },
        "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        "documentFormattingProvider": true,
    })
}

/// Answers a request.
///
/// # Errors
/// When the method is unknown, the parameters make no sense, or the answer is no.
pub(crate) fn answer(session: &Session, method: &str, params: &Value) -> Result<Value, Failure> {
    match method {
        "textDocument/formatting" => {
            let edits = format::edits(document(session, params)?);
            edits.map(Value::Array).map_err(Failure::refused)
        }
        "textDocument/completion" => cursor(session, params, |document, at| completion::complete(session, document, at)),
        "textDocument/hover" => cursor(session, params, |document, at| hover::hover(session, document, at)),
        "textDocument/definition" => cursor(session, params, |document, at| navigate::definition(session, document, at)),
        "textDocument/references" => {
            let with_definition = params["context"]["includeDeclaration"] == true;
            cursor(session, params, |document, at| navigate::references(session, document, at, with_definition))
        }
        "textDocument/documentHighlight" => cursor(session, params, navigate::highlights),
        "textDocument/documentSymbol" => Ok(symbols::symbols(document(session, params)?, session.client.symbol_tree)),
        "textDocument/prepareRename" => cursor(session, params, |document, at| navigate::prepare_rename(session, document, at)),
        "textDocument/rename" => {
            let new = params["newName"].as_str().ok_or_else(|| Failure::params("`newName` is missing"))?;
            cursor(session, params, |document, at| navigate::rename(session, document, at, new))?
        }
        "textDocument/codeAction" => {
            let document = document(session, params)?;
            let span = document.span(&params["range"]).ok_or_else(|| Failure::params("`range` is missing"))?;
            Ok(actions::actions(session, document, span))
        }
        _ => Err(Failure { code: code::METHOD_NOT_FOUND, message: format!("there is no method `{method}`") }),
    }
}

/// The document that the parameters name.
fn document<'s>(session: &'s Session, params: &Value) -> Result<&'s Arc<Document>, Failure> {
    let uri = params["textDocument"]["uri"].as_str().ok_or_else(|| Failure::params("`textDocument.uri` is missing"))?;
    session.documents.get(uri).ok_or_else(|| Failure::params("the document is not open"))
}

/// Hands the document and the byte that the parameters name to `answer`.
fn cursor<T>(session: &Session, params: &Value, answer: impl FnOnce(&Arc<Document>, usize) -> T) -> Result<T, Failure> {
    let document = document(session, params)?;
    let offset = document.offset(&params["position"]).ok_or_else(|| Failure::params("`position` is missing"))?;
    Ok(answer(document, offset))
}
