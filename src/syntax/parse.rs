//! The parser's driver: cuts a file into statements, lets the grammar parse each, and goes on after broken ones.

use crate::ast::{Block, Body, Expr, File, Stmt};
use crate::diag::Diagnostic;
use crate::diagnose::{self, Context, Findings};
use crate::foreign;
use crate::lexical;
use crate::recover;
use crate::reuse::Earlier;
use crate::scan::{LexError, LexErrorKind, Scanned, scan};
use crate::source::{Source, Span};
use crate::stack::with_room;
use crate::templated;
use crate::token::{Kind, Token};
use crate::tree::{self, BlockHead, MAX_DEPTH, Refused};
use std::sync::Arc;

/// Findings after which a file is no longer read: what follows is not a configuration.
const MAX_DIAGNOSTICS: usize = 100;
/// Words and signs of a file. The tree takes some hundred bytes for each; configurations with thousands of components have
/// some hundred thousand.
const MAX_TOKENS: usize = 4_000_000;

/// What [`parse`] makes of a file.
#[derive(Clone, Debug)]
pub struct Parse {
    /// What could be read.
    pub file: File,
    /// What could not, in the order of the text. The file is valid when none of them is an error.
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses a configuration file. Never fails: a broken statement gives a diagnostic, and the parser goes on after it.
pub fn parse(source: &Arc<Source>) -> Parse {
    parse_with(source, None)
}

/// Parses a file of which an `earlier` text was parsed: what [`parse`] gives, sooner the less has changed.
pub fn parse_again(source: &Arc<Source>, earlier: &File) -> Parse {
    parse_with(source, Some(earlier))
}

fn parse_with(source: &Arc<Source>, earlier: Option<&File>) -> Parse {
    let mut scanned = match read_tokens(source) {
        Ok(scanned) => scanned,
        Err(diagnostic) => {
            let file = File { source: Arc::clone(source), body: Body::default(), comments: Vec::new(), sound: false };
            return Parse { file, diagnostics: vec![*diagnostic] };
        }
    };
    let comments = std::mem::take(&mut scanned.comments);
    let scanned = &scanned;
    let read = with_room(&scanned.tokens, || {
        let mut parser = Parser {
            source,
            scanned,
            earlier: earlier.map(Earlier::new),
            at: 0,
            lex_at: 0,
            open: Vec::new(),
            top: Vec::new(),
            out: Vec::new(),
            warnings: Vec::new(),
        };
        parser.run();
        (parser.top, parser.out, parser.warnings)
    });
    let no_room = || (Vec::new(), vec![diagnose::too_deep(source, Span::new(0, 1))], Vec::new());
    let (top, out, warnings) = read.unwrap_or_else(no_room);
    let mut diagnostics = finish(source, &scanned.errors, out);
    add_warnings(&mut diagnostics, warnings);
    let file = File { source: Arc::clone(source), body: Body { stmts: top }, comments, sound: diagnostics.is_empty() };
    Parse { file, diagnostics }
}

/// Parses a single expression, the whole text. The expression is `None` exactly when there is an error.
pub fn parse_expression(source: &Arc<Source>) -> (Option<Expr>, Vec<Diagnostic>) {
    let scanned = match read_tokens(source) {
        Ok(scanned) => scanned,
        Err(diagnostic) => return (None, vec![*diagnostic]),
    };
    let read = with_room(&scanned.tokens, || read_expression(source, &scanned));
    match read.unwrap_or_else(|| Err(vec![diagnose::too_deep(source, Span::new(0, 1))])) {
        Ok(value) => (Some(value), Vec::new()),
        Err(found) => (None, finish(source, &scanned.errors, found)),
    }
}

fn read_expression(source: &Arc<Source>, scanned: &Scanned) -> Result<Expr, Vec<Diagnostic>> {
    if !scanned.errors.is_empty() {
        return Err(Vec::new());
    }
    let tokens = &scanned.tokens;
    let result = match check_depth(tokens) {
        Some(place) => Err(Refused::TooDeep(place)),
        None => tree::expression(text_of(source, tokens), base_of(tokens)),
    };
    result.map_err(|refused| match refused {
        Refused::TooDeep(place) => vec![diagnose::too_deep(source, place)],
        Refused::Syntax => diagnose::expression(Context { source, tokens, lexical: &scanned.errors, in_block: false }),
    })
}

/// The tokens of a text, unless they are too many.
fn read_tokens(source: &Arc<Source>) -> Result<Scanned, Box<Diagnostic>> {
    let too_big = |span, message: String| {
        let hint = "split it into several files of one folder, or check that this is the right file";
        Err(Box::new(Diagnostic::error("syntax/too-big", source, span, message).hint(hint)))
    };
    if u32::try_from(source.text().len()).is_err() {
        return too_big(Span::default(), "a configuration cannot be larger than 4 GiB".to_owned());
    }
    let scanned = scan(source.text());
    match scanned.tokens.get(MAX_TOKENS) {
        Some(token) => too_big(token.span, format!("a configuration cannot have more than {MAX_TOKENS} words and signs")),
        None => Ok(scanned),
    }
}

/// Findings inside tokens and between them, in the order of the text, one for each line: the first is the cause.
fn finish(source: &Arc<Source>, lexical: &[LexError], mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.extend(lexical::diagnostics(source, lexical, MAX_DIAGNOSTICS));
    found.sort_by_key(|diagnostic| diagnostic.span.start);
    let mut last_line = 0;
    found.retain(|diagnostic| {
        let line = diagnostic.position().map_or(0, |position| position.line);
        let fresh = line != last_line;
        last_line = line;
        fresh
    });
    foreign::replace(source, &mut found);
    found.truncate(MAX_DIAGNOSTICS);
    found
}

/// Adds warnings about lines without an error.
fn add_warnings(found: &mut Vec<Diagnostic>, mut warnings: Vec<Diagnostic>) {
    let line = |diagnostic: &Diagnostic| diagnostic.position().map(|position| position.line);
    let wrong: Vec<_> = found.iter().map(line).collect();
    warnings.retain(|warning| wrong.binary_search(&line(warning)).is_err());
    found.append(&mut warnings);
    found.sort_by_key(|diagnostic| diagnostic.span.start);
}

/// The place where brackets nest deeper than the grammar may be asked to follow.
fn check_depth(tokens: &[Token]) -> Option<Span> {
    let mut depth: u32 = 0;
    for token in tokens {
        if token.kind.opens() {
            depth += 1;
            if depth > MAX_DEPTH {
                return Some(token.span);
            }
        } else if token.kind.closes() {
            depth = depth.saturating_sub(1);
        }
    }
    None
}

fn base_of(tokens: &[Token]) -> usize {
    tokens.first().map_or(0, |token| token.span.start as usize)
}

/// The text from the first token to the last.
fn text_of<'s>(source: &'s Source, tokens: &[Token]) -> &'s str {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => source.slice(first.span.to(last.span)),
        _ => "",
    }
}

/// A block whose `}` has not come yet.
struct OpenBlock {
    /// `None` when the head was broken: the body is still read, for its errors.
    head: Option<BlockHead>,
    /// The token that begins the head.
    first: usize,
    /// The token `{`.
    open: usize,
    stmts: Vec<Stmt>,
}

struct Parser<'s> {
    source: &'s Arc<Source>,
    scanned: &'s Scanned,
    /// What was read of the file before it changed.
    earlier: Option<Earlier<'s>>,
    /// The next token.
    at: usize,
    /// The first error inside a token that is not behind us.
    lex_at: usize,
    open: Vec<OpenBlock>,
    top: Vec<Stmt>,
    out: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
}

impl<'s> Parser<'s> {
    fn token(&self, index: usize) -> Token {
        let tokens = &self.scanned.tokens;
        tokens.get(index).or(tokens.last()).copied().unwrap_or(Token { kind: Kind::Eof, span: Span::default() })
    }

    fn kind(&self) -> Kind {
        self.token(self.at).kind
    }

    fn context(&self) -> Context<'s> {
        Context { source: self.source, tokens: &self.scanned.tokens, lexical: &self.scanned.errors, in_block: !self.open.is_empty() }
    }

    fn push(&mut self, stmt: Stmt) {
        match self.open.last_mut() {
            Some(block) => block.stmts.push(stmt),
            None => self.top.push(stmt),
        }
    }

    fn run(&mut self) {
        while self.out.len() < MAX_DIAGNOSTICS {
            match self.kind() {
                Kind::Eof => {
                    self.close_all();
                    return;
                }
                Kind::Terminator => self.at += 1,
                Kind::CloseCurly => self.close(),
                _ => self.statement(),
            }
        }
        self.open.clear();
    }

    fn statement(&mut self) {
        let first = self.at;
        match self.head(first) {
            Head::Attribute => self.attribute(first),
            Head::Block(open) => self.block(first, open),
            Head::Broken if self.kind().closes() && self.is_shaken(first) => {
                self.broken(first, Findings { found: Vec::new(), at: first });
            }
            Head::Broken => {
                let found = diagnose::statement(self.context(), first);
                self.broken(first, found);
            }
        }
    }

    /// What the tokens from `first` on begin.
    fn head(&self, first: usize) -> Head {
        if self.token(first).kind != Kind::Ident {
            return Head::Broken;
        }
        let mut at = first + 1;
        if self.token(at).kind == Kind::Assign {
            return Head::Attribute;
        }
        while self.token(at).kind == Kind::Dot && self.token(at + 1).kind == Kind::Ident {
            at += 2;
        }
        if self.token(at).kind == Kind::String {
            at += 1;
        }
        if self.token(at).kind == Kind::OpenCurly { Head::Block(at) } else { Head::Broken }
    }

    fn attribute(&mut self, first: usize) {
        let end = self.attribute_end(first);
        let tokens = &self.scanned.tokens[first..end];
        if self.has_lexical_error(tokens) {
            let found = diagnose::statement(self.context(), first);
            self.broken(first, found);
            return;
        }
        let place = check_depth(tokens);
        let result = match place {
            Some(place) => Err(Refused::TooDeep(place)),
            None => tree::attribute(text_of(self.source, tokens), base_of(tokens)),
        };
        match result {
            Ok(attr) => {
                if self.warnings.len() < MAX_DIAGNOSTICS {
                    self.warnings.extend(templated::warning(self.source, &attr, tokens));
                }
                self.push(Stmt::Attr(attr));
                self.at = end;
                self.end_statement(first);
            }
            Err(Refused::TooDeep(place)) => {
                let found = vec![diagnose::too_deep(self.source, place)];
                self.broken(first, Findings { found, at: end });
            }
            Err(Refused::Syntax) => {
                let found = diagnose::statement(self.context(), first);
                self.broken(first, found);
            }
        }
    }

    /// The token after the attribute that begins at `first`: where its line ends, or `}` of the block around it.
    fn attribute_end(&self, first: usize) -> usize {
        let mut depth: u32 = 0;
        let mut at = first;
        loop {
            let kind = self.token(at).kind;
            if matches!(kind, Kind::Terminator | Kind::Eof) || (kind == Kind::CloseCurly && depth == 0) {
                return at;
            }
            if kind.opens() {
                depth += 1;
            } else if kind.closes() {
                depth = depth.saturating_sub(1);
            }
            at += 1;
        }
    }

    /// Whether an error inside a token lies among `tokens`. Asked with tokens further and further down the text.
    fn has_lexical_error(&mut self, tokens: &[Token]) -> bool {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return false };
        let errors = &self.scanned.errors;
        while errors.get(self.lex_at).is_some_and(|error| error.span.start < first.span.start) {
            self.lex_at += 1;
        }
        errors.get(self.lex_at).is_some_and(|error| error.span.start < last.span.end)
    }

    /// Takes the block from what was read earlier, if it can be.
    fn reuse(&mut self, first: usize, open: usize) -> bool {
        // After a mistake it is not certain what belongs to what.
        let is_sound = self.out.is_empty() && self.scanned.errors.is_empty();
        let Some(earlier) = self.earlier.as_mut().filter(|_| is_sound && self.open.is_empty()) else { return false };
        let tokens = &self.scanned.tokens;
        let (start, head) = (tokens[first].span, tokens[first].span.to(tokens[open].span));
        let rest = self.source.text().get(start.start as usize..).unwrap_or_default();
        let Some(block) = earlier.block(rest, self.source.slice(head), start.start) else { return false };
        let end = block.span.end;
        self.at = first + tokens[first..].partition_point(|token| token.span.start < end);
        self.push(Stmt::Block(block));
        self.end_statement(first);
        true
    }

    fn block(&mut self, first: usize, open: usize) {
        if self.reuse(first, open) {
            return;
        }
        let tokens = &self.scanned.tokens[first..=open];
        if self.open.len() >= MAX_DEPTH as usize {
            let found = vec![diagnose::too_deep(self.source, tokens[0].span)];
            self.out.extend(found);
            self.at = self.scanned.tokens.len() - 1;
            self.open.clear();
            return;
        }
        if !self.has_lexical_error(tokens)
            && let Ok(head) = tree::block_head(text_of(self.source, tokens), base_of(tokens))
        {
            self.enter(Some(head), first, open);
            return;
        }
        self.out.extend(diagnose::statement(self.context(), first).found);
        self.enter(None, first, open);
    }

    fn enter(&mut self, head: Option<BlockHead>, first: usize, open: usize) {
        self.open.push(OpenBlock { head, first, open, stmts: Vec::new() });
        self.at = open + 1;
    }

    /// `}` where a statement may stand.
    fn close(&mut self) {
        let close = self.at;
        self.at += 1;
        let Some(block) = self.open.pop() else {
            if !self.is_shaken(close) {
                self.out.push(diagnose::stray_brace(self.context(), close));
            }
            return;
        };
        let first = block.first;
        if let Some(stmt) = self.finished(block, close) {
            self.push(stmt);
        }
        self.end_statement(first);
    }

    fn finished(&self, block: OpenBlock, close: usize) -> Option<Stmt> {
        let head = block.head?;
        let close = self.token(close).span;
        Some(Stmt::Block(Block {
            span: head.name_span.to(close),
            name: head.name,
            name_span: head.name_span,
            label: head.label,
            body: Body { stmts: block.stmts },
            open: self.token(block.open).span,
            close,
        }))
    }

    /// After a statement the line must end, or the block around it.
    fn end_statement(&mut self, first: usize) {
        match self.kind() {
            Kind::Terminator => self.at += 1,
            Kind::Eof | Kind::CloseCurly => {}
            kind => {
                let at = self.at;
                if !((kind.closes() || kind == Kind::Comma) && self.is_shaken(at)) {
                    self.out.push(diagnose::after_statement(self.context(), first, at));
                }
                if kind == Kind::Comma && self.context().begins_line(at + 1) {
                    self.at = at + 1;
                } else if !recover::looks_like_statement(self.context(), at) {
                    self.at = recover::next_statement(self.context(), at, at).at.max(at + 1);
                }
            }
        }
    }

    /// Whether a mistake before token `at` may have upset the pairing of brackets, so that one without a partner is no news.
    fn is_shaken(&self, at: usize) -> bool {
        const HARMLESS: [&str; 4] = ["syntax/bad-label", "syntax/trailing-comma", "syntax/unquoted-label", "syntax/labelled-attribute"];
        let before = self.token(at).span.start;
        let unterminated = |error: &LexError| {
            use LexErrorKind as K;
            matches!(error.kind, K::UnterminatedString | K::UnterminatedRawString | K::UnterminatedComment)
        };
        self.out.iter().any(|found| !HARMLESS.contains(&found.code))
            || self.scanned.errors.iter().take_while(|error| error.span.start < before).any(unterminated)
    }

    /// Goes on after a broken statement. Where its line opens a block, the body is read for its own errors.
    fn broken(&mut self, first: usize, findings: Findings) {
        let is_comma = findings.found.last().is_some_and(|found| found.code == "syntax/trailing-comma");
        self.out.extend(findings.found);
        if is_comma && self.context().begins_line(findings.at + 1) {
            self.at = findings.at + 1;
            return;
        }
        if let Some(open) = recover::block_on_line(self.context(), first)
            && self.open.len() < MAX_DEPTH as usize
        {
            self.enter(None, first, open);
            return;
        }
        let next = recover::next_statement(self.context(), first, findings.at).at;
        self.at = next.max(first + 1);
        if self.kind() == Kind::Terminator {
            self.at += 1;
        }
    }

    /// The end of the file with blocks still open.
    fn close_all(&mut self) {
        let heads: Vec<(usize, usize)> = self.open.iter().map(|block| (block.first, block.open)).collect();
        if !heads.is_empty() && !self.is_shaken(self.at) {
            let found = diagnose::unclosed_block(self.context(), &heads, self.at);
            self.out.push(found);
        }
        while let Some(block) = self.open.pop() {
            if let Some(stmt) = self.finished(block, self.at) {
                self.push(stmt);
            }
        }
    }
}

enum Head {
    Attribute,
    /// The index of `{`.
    Block(usize),
    Broken,
}
