//! Sizes and shapes of source files.

use crate::{assert_none, files_below, root, shown};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

const MOST_LINES_OF_A_FILE: usize = 800;
const MOST_LINES_OF_A_FUNCTION: usize = 100;

/// Files and functions, as `file` or `file: function`, that may be longer or block, each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[];

fn is_exception(place: &str) -> bool {
    EXCEPTIONS.iter().any(|(known, _)| *known == place)
}

fn sources() -> impl Iterator<Item = (String, String)> {
    let folders = ["src", "conformance"].map(|folder| files_below(&root().join(folder), &[".rs"]));
    folders.into_iter().flatten().map(|path| {
        let text = std::fs::read_to_string(&path).expect("a source file");
        (shown(&path), text)
    })
}

#[test]
fn files_begin_by_saying_what_they_are_for() {
    let silent = sources().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path);
    assert_none("files without `//!` on their first line", &silent.collect::<Vec<_>>());
}

#[test]
fn files_are_short() {
    let long = sources().filter(|(path, text)| text.lines().count() > MOST_LINES_OF_A_FILE && !is_exception(path));
    assert_none("files of more than 800 lines", &long.map(|(path, text)| format!("{path}: {}", text.lines().count())).collect::<Vec<_>>());
}

#[test]
fn functions_are_short_and_async_ones_do_not_block() {
    let mut findings = Vec::new();
    for (path, text) in sources() {
        let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{path}: {e}"));
        let mut walk = Walk { path: &path, in_async: false, findings: Vec::new() };
        walk.visit_file(&file);
        findings.append(&mut walk.findings);
    }
    assert_none("functions too long or blocking", &findings);
}

#[test]
fn exceptions_are_still_needed() {
    let known: Vec<String> = sources().map(|(path, _)| path).collect();
    let stale = EXCEPTIONS.iter().filter(|(place, _)| !known.iter().any(|path| place.starts_with(path.as_str())));
    assert_none("exceptions for files that are gone", &stale.map(|(place, _)| (*place).to_owned()).collect::<Vec<_>>());
}

/// Walks one file and remembers whether the place is inside async code.
struct Walk<'a> {
    path: &'a str,
    in_async: bool,
    findings: Vec<String>,
}

impl Walk<'_> {
    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let lines = block.span().end().line.saturating_sub(signature.span().start().line) + 1;
        let place = format!("{}: {}", self.path, signature.ident);
        if lines > MOST_LINES_OF_A_FUNCTION && !is_exception(&place) {
            self.findings.push(format!("{place}: {lines} lines"));
        }
    }

    fn within(&mut self, is_async: bool, visit: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_async, is_async);
        visit(self);
        self.in_async = outer;
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // Tests prepare their files as they like.
        if !item.attrs.iter().any(|a| a.path().is_ident("cfg")) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        let is_test = item.attrs.iter().any(|a| a.path().segments.last().is_some_and(|s| s.ident == "test"));
        self.within(item.sig.asyncness.is_some() && !is_test, |walk| visit::visit_item_fn(walk, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        self.within(item.sig.asyncness.is_some(), |walk| visit::visit_impl_item_fn(walk, item));
    }

    fn visit_expr_async(&mut self, item: &'ast syn::ExprAsync) {
        self.within(true, |walk| visit::visit_expr_async(walk, item));
    }

    fn visit_expr_closure(&mut self, item: &'ast syn::ExprClosure) {
        // A closure is where blocking work is handed to `spawn_blocking`.
        self.within(item.asyncness.is_some(), |walk| visit::visit_expr_closure(walk, item));
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let (true, syn::Expr::Path(function)) = (self.in_async && !is_test_file(self.path), &*call.func) {
            let segments: Vec<String> = function.path.segments.iter().map(|s| s.ident.to_string()).collect();
            let is_blocking = matches!(
                segments.iter().map(String::as_str).collect::<Vec<_>>()[..],
                ["std", "fs", ..] | ["fs", _] | ["std", "thread", "sleep"]
            );
            if is_blocking && !is_exception(self.path) {
                let line = call.span().start().line;
                self.findings.push(format!(
                    "{}:{line}: `{}` in async code: use `tokio::fs` or `spawn_blocking`",
                    self.path,
                    segments.join("::")
                ));
            }
        }
        visit::visit_expr_call(self, call);
    }
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.contains("/testing")
        || path.starts_with("conformance/")
        || path.contains("/examples/")
}
