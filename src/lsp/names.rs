//! What the names of a configuration mean: who defines them, and who uses them.

use crate::document::Document;
use crate::imports::{self, Files};
use std::collections::HashMap;
use std::sync::Arc;
use syntax::Span;
use syntax::ast::{Block, Body, Expr, ExprKind, Literal};

/// Names with more parts than this are none of the language's.
const MOST_PARTS: usize = 12;

/// What kind of thing a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A component, read as `name.label`.
    Component,
    /// A `foreach`, which nothing reads.
    Foreach,
    /// A `declare` block: the name of a custom component.
    Declare,
    /// An import: the first part of names of custom components.
    Import,
    /// An `argument` of a module.
    Argument,
    /// An `export` of a module.
    Export,
    /// The variable of a `foreach`.
    Variable,
}

/// Something with a name.
#[derive(Debug)]
pub(crate) struct Symbol<'a> {
    pub sort: Sort,
    /// The label, or what the `var` of a `foreach` says.
    pub name: &'a str,
    /// The block that defines it.
    pub block: &'a Block,
    /// Index of the file it stands in.
    pub file: usize,
    /// Index of the module it belongs to.
    pub module: usize,
    /// Where the name stands, without quotes.
    pub place: Span,
    /// Index of the module that a `declare` block holds.
    pub inside: Option<usize>,
}

impl Symbol<'_> {
    /// How the module refers to it.
    pub fn id(&self) -> String {
        self.id_with(self.name)
    }

    /// How the module would refer to it under another name.
    pub fn id_with(&self, name: &str) -> String {
        match self.sort {
            Sort::Component | Sort::Foreach | Sort::Argument => format!("{}.{name}", self.block.name),
            Sort::Declare | Sort::Import | Sort::Export | Sort::Variable => name.to_owned(),
        }
    }

    /// The namespace in which the id must be the only one.
    fn space(&self) -> u8 {
        match self.sort {
            Sort::Component | Sort::Foreach | Sort::Argument => 0,
            Sort::Declare | Sort::Import => 1,
            Sort::Export => 2,
            Sort::Variable => 3,
        }
    }
}

/// What a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModuleKind {
    /// A file.
    Root,
    /// A file that is imported, never run.
    ImportedRoot,
    /// Inside `declare`.
    Declare,
    /// The template of a `foreach`, which sees what is around it.
    Template,
}

/// A body whose blocks have ids.
#[derive(Debug)]
pub(crate) struct Module<'a> {
    pub kind: ModuleKind,
    pub parent: Option<usize>,
    pub file: usize,
    /// From `{` to `}`; the whole text for a file.
    pub span: Span,
    /// What is defined in it, as indices of symbols.
    pub members: Vec<usize>,
    by_id: HashMap<(u8, String), usize>,
    body: &'a Body,
}

/// A place where a symbol is meant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use {
    pub symbol: usize,
    pub file: usize,
    /// What a new name replaces.
    pub place: Span,
    /// Where a click means the symbol.
    pub reach: Span,
    /// True where it is defined.
    pub is_definition: bool,
}

/// The names of some files, each a module of its own. What one does not define may be defined in another.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    pub files: &'a [Arc<Document>],
    pub modules: Vec<Module<'a>>,
    pub symbols: Vec<Symbol<'a>>,
    pub uses: Vec<Use>,
    roots: Vec<usize>,
    /// The files that an import brings, as modules.
    brought: HashMap<usize, Vec<usize>>,
}

impl<'a> Names<'a> {
    /// Finds what is defined in `files` and where it is used.
    pub fn of(files: &'a Files) -> Self {
        let mut names = Self::defined_in(files);
        for module in 0..names.modules.len() {
            names.find_uses(module);
        }
        names
    }

    /// Finds what is defined in `files`, but not where it is used.
    pub fn defined_in(files: &'a Files) -> Self {
        let documents = files.documents.as_slice();
        let mut names = Self {
            files: documents,
            modules: Vec::new(),
            symbols: Vec::new(),
            uses: Vec::new(),
            roots: Vec::new(),
            brought: HashMap::new(),
        };
        for (file, document) in documents.iter().enumerate() {
            let tree = document.file();
            let is_imported = file >= files.in_folder || crate::check::is_module(tree);
            let kind = if is_imported { ModuleKind::ImportedRoot } else { ModuleKind::Root };
            let root = names.module(kind, None, file, Span::new(0, document.text().len()), &tree.body);
            names.roots.push(root);
        }
        let imports = names.symbols.iter().enumerate().filter(|(_, symbol)| symbol.sort == Sort::Import);
        names.brought = imports.map(|(at, symbol)| (at, names.brought_by(symbol))).collect();
        names
    }

    fn brought_by(&self, symbol: &Symbol<'_>) -> Vec<usize> {
        let Some(name) = imports::filename(symbol.block) else { return Vec::new() };
        let places = imports::places(name, &self.files[symbol.file]);
        let is_there = |root: &&usize| {
            let path = self.files[self.modules[**root].file].path.as_deref();
            path.is_some_and(|path| places.iter().any(|place| path == place || path.parent() == Some(place)))
        };
        self.roots.iter().filter(is_there).copied().collect()
    }

    fn module(&mut self, kind: ModuleKind, parent: Option<usize>, file: usize, span: Span, body: &'a Body) -> usize {
        let at = self.modules.len();
        self.modules.push(Module { kind, parent, file, span, members: Vec::new(), by_id: HashMap::new(), body });
        for block in body.blocks() {
            let inner = |block: &Block| block.open.to(block.close);
            let mut inside = None;
            let sort = match block.name.as_str() {
                "argument" => Sort::Argument,
                "export" => Sort::Export,
                "declare" => {
                    inside = Some(self.module(ModuleKind::Declare, Some(at), file, inner(block), &block.body));
                    Sort::Declare
                }
                "foreach" => {
                    for template in block.body.blocks().filter(|b| b.name == "template") {
                        let module = self.module(ModuleKind::Template, Some(at), file, inner(template), &template.body);
                        if let Some((name, place)) = variable(block) {
                            self.add(Symbol { sort: Sort::Variable, name, block, file, module, place, inside: None });
                        }
                    }
                    Sort::Foreach
                }
                name if name.starts_with("import.") => Sort::Import,
                _ => Sort::Component,
            };
            if let Some(label) = block.label.as_ref().filter(|label| !label.text.is_empty()) {
                let place = Span { start: label.span.start + 1, end: label.span.end.saturating_sub(1) };
                self.add(Symbol { sort, name: &label.text, block, file, module: at, place, inside });
            }
        }
        at
    }

    fn add(&mut self, symbol: Symbol<'a>) {
        let at = self.symbols.len();
        let module = &mut self.modules[symbol.module];
        module.members.push(at);
        module.by_id.entry((symbol.space(), symbol.id())).or_insert(at);
        let reach = if symbol.sort == Sort::Variable { symbol.place } else { symbol.block.name_span.to(symbol.place) };
        self.uses.push(Use { symbol: at, file: symbol.file, place: symbol.place, reach, is_definition: true });
        self.symbols.push(symbol);
    }

    /// The symbol that `id` is in this very module.
    fn own(&self, module: usize, space: u8, id: &str) -> Option<usize> {
        self.modules[module].by_id.get(&(space, id.to_owned())).copied()
    }

    /// The modules whose names are visible in `module`, innermost first, itself included. Values of the modules around
    /// a `declare` are not; what is declared around it is.
    pub fn visible(&self, module: usize, values: bool) -> Vec<usize> {
        let mut found = vec![module];
        let mut at = module;
        loop {
            let Module { kind, parent, .. } = &self.modules[at];
            match (kind, parent) {
                (ModuleKind::Declare, _) if values => return found,
                (_, Some(parent)) => {
                    found.push(*parent);
                    at = *parent;
                }
                (ModuleKind::ImportedRoot, None) => return found,
                (_, None) => {
                    found.extend(self.roots.iter().filter(|root| **root != at && self.modules[**root].kind == ModuleKind::Root));
                    return found;
                }
            }
        }
    }

    /// What the beginning of a dotted name in an expression means, and how many parts that takes.
    pub fn resolve(&self, module: usize, names: &[&str]) -> Option<(usize, usize)> {
        let most = names.len().min(MOST_PARTS);
        self.visible(module, true).into_iter().find_map(|module| {
            let component = (1..=most).rev().find_map(|n| Some((self.own(module, 0, &names[..n].join("."))?, n)));
            component.filter(|(at, _)| self.symbols[*at].sort != Sort::Foreach).or_else(|| Some((self.own(module, 3, names.first()?)?, 1)))
        })
    }

    /// The `declare` or `import` block that `name`, the first part of a block's name, means.
    pub fn definition(&self, module: usize, name: &str) -> Option<usize> {
        self.visible(module, false).into_iter().find_map(|module| self.own(module, 1, name))
    }

    /// The `declare` block that the name of a block means: `own`, or `namespace.own`. `None` for all others.
    pub fn declare_of(&self, module: usize, name: &str) -> Option<usize> {
        if is_special(name) {
            return None;
        }
        let found = match name.split_once('.') {
            None => self.definition(module, name),
            Some((namespace, member)) => {
                let import = self.definition(module, namespace)?;
                self.brought.get(&import)?.iter().find_map(|root| self.own(*root, 1, member))
            }
        };
        found.filter(|at| self.symbols[*at].sort == Sort::Declare)
    }

    /// The `declare` blocks that an import brings.
    pub fn brought(&self, import: usize) -> impl Iterator<Item = usize> + '_ {
        let members = self.brought.get(&import).into_iter().flatten().flat_map(|root| &self.modules[*root].members);
        members.copied().filter(|at| self.symbols[*at].sort == Sort::Declare)
    }

    /// The `argument` or `export` blocks of a custom component's definition.
    pub fn members_of(&self, declare: usize, sort: Sort) -> Vec<usize> {
        let members = self.symbols[declare].inside.map(|module| self.modules[module].members.as_slice()).unwrap_or_default();
        members.iter().copied().filter(|at| self.symbols[*at].sort == sort).collect()
    }

    /// The innermost module around the byte at `offset`.
    pub fn module_at(&self, file: usize, offset: usize) -> usize {
        let holds = |m: &Module<'_>| {
            let range = m.span.range();
            m.file == file && (m.parent.is_none() || (range.start < offset && offset < range.end))
        };
        let around = self.modules.iter().enumerate().filter(|(_, m)| holds(m));
        around.min_by_key(|(_, m)| m.span.range().len()).map_or(0, |(at, _)| at)
    }

    /// The use that a click on the byte at `offset` means: the smallest around it.
    pub fn use_at(&self, file: usize, offset: usize) -> Option<Use> {
        let around = |u: &&Use| u.file == file && u.reach.range().start <= offset && offset <= u.reach.range().end;
        self.uses.iter().filter(around).min_by_key(|u| u.reach.range().len()).copied()
    }

    /// True when another symbol stands in the way of calling `symbol` `name`.
    pub fn is_taken(&self, symbol: &Symbol<'_>, name: &str) -> bool {
        self.own(symbol.module, symbol.space(), &symbol.id_with(name)).is_some()
    }

    fn find_uses(&mut self, module: usize) {
        let Module { body, file, .. } = self.modules[module];
        for block in body.blocks() {
            self.use_of_definition(module, file, block);
            match block.name.as_str() {
                "declare" => {}
                // Templates are modules of their own.
                "foreach" => block.body.attrs().for_each(|attr| self.find_in(module, file, &attr.value)),
                _ => block.body.values().for_each(|value| self.find_in(module, file, value)),
            }
        }
    }

    /// The definition that a block is made from, and the arguments that its attributes give.
    fn use_of_definition(&mut self, module: usize, file: usize, block: &'a Block) {
        if is_special(&block.name) {
            return;
        }
        let start = block.name_span.range().start;
        let mut parts = Vec::new();
        let mut at = start;
        for part in block.name.split('.') {
            parts.push((part, Span::new(at, at + part.len())));
            at += part.len() + 1;
        }
        // With space between its parts nobody writes a name.
        if at - 1 == block.name_span.range().end {
            self.use_of_type(module, &block.name, file, &parts, block.name_span);
        }
        let arguments = self.declare_of(module, &block.name).map(|declare| self.members_of(declare, Sort::Argument));
        for attr in block.body.attrs() {
            let argument = arguments.iter().flatten().copied().find(|at| self.symbols[*at].name == attr.name.text);
            if let Some(symbol) = argument {
                let place = attr.name.span;
                self.uses.push(Use { symbol, file, place, reach: place, is_definition: false });
            }
        }
    }

    /// The definition that the name of a custom component means, and the import that brought it. `parts` begin with that
    /// name; `reach` is where a click means the definition.
    fn use_of_type(&mut self, module: usize, name: &str, file: usize, parts: &[(&str, Span)], reach: Span) {
        let declare = self.declare_of(module, name);
        let import = name.split_once('.').and_then(|(namespace, _)| self.definition(module, namespace));
        let import = import.filter(|at| self.symbols[*at].sort == Sort::Import);
        if let (Some(symbol), Some((_, place))) = (import, parts.first()) {
            self.uses.push(Use { symbol, file, place: *place, reach: *place, is_definition: false });
        }
        if let (Some(symbol), Some((_, place))) = (declare, parts.get(usize::from(import.is_some()))) {
            self.uses.push(Use { symbol, file, place: *place, reach, is_definition: false });
        }
    }

    fn find_in(&mut self, module: usize, file: usize, expr: &'a Expr) {
        for chain in expr.names() {
            let texts: Vec<&str> = chain.iter().map(|(text, _)| *text).collect();
            let Some((symbol, used)) = self.resolve(module, &texts) else { continue };
            let place = chain[used - 1].1;
            let (first, last) = (chain[0].1, chain[chain.len() - 1].1);
            self.uses.push(Use { symbol, file, place, reach: first.to(last), is_definition: false });
            let Symbol { sort: Sort::Component, module: target, block, .. } = self.symbols[symbol] else { continue };
            let parts = block.name.split('.').count();
            self.use_of_type(target, &block.name, file, &chain, chain[0].1.to(chain[parts.min(chain.len()) - 1].1));
            let declare = self.declare_of(target, &block.name);
            let (Some(declare), Some((export, place))) = (declare, chain.get(used)) else { continue };
            if let Some(symbol) = self.members_of(declare, Sort::Export).into_iter().find(|at| self.symbols[*at].name == *export) {
                self.uses.push(Use { symbol, file, place: *place, reach: *place, is_definition: false });
            }
        }
    }
}

/// True for blocks that the language itself has.
pub(crate) fn is_special(name: &str) -> bool {
    matches!(name, "argument" | "declare" | "export" | "foreach") || name.starts_with("import.")
}

/// The variable of a `foreach`, where it is written as text.
fn variable(block: &Block) -> Option<(&str, Span)> {
    let attr = block.body.attrs().find(|attr| attr.name.text == "var")?;
    match &attr.value.kind {
        ExprKind::Literal(Literal::String(text)) if syntax::is_identifier(text) => {
            let span = attr.value.span;
            Some((text, Span { start: span.start + 1, end: span.end.saturating_sub(1) }))
        }
        _ => None,
    }
}
