//! What can be wrong left of `=` or `{`: names and labels.

use super::{Context, Diagnoser, Step, Stop};
use crate::diag::Diagnostic;
use crate::scan::{is_identifier, is_letter};
use crate::token::Kind;

impl Diagnoser<'_> {
    /// Reads `name`, `dotted.name` or `name "label"` and stops after it. True when there was a label.
    pub(super) fn statement_name(&mut self) -> Result<bool, Stop> {
        if self.kind() != Kind::Ident {
            let found = not_a_name(self.context, self.at);
            self.stop(found)?;
        }
        self.at += 1;
        while self.kind() == Kind::Dot {
            self.at += 1;
            if self.kind() != Kind::Ident {
                let found = self
                    .context
                    .error("syntax/expected-name", self.at, format!("expected a name after `.`, found {}", self.context.found(self.at)))
                    .label(self.context.span(self.at - 1), "after this dot");
                self.stop(found)?;
            }
            self.at += 1;
        }
        match self.kind() {
            Kind::Assign | Kind::OpenCurly => Ok(false),
            Kind::String => {
                self.label()?;
                Ok(true)
            }
            _ => {
                let found = self.no_label();
                self.stop(found)?;
                Ok(false)
            }
        }
    }

    fn label(&mut self) -> Step {
        let context = self.context;
        let text = context.text(self.at);
        let label = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
        if self.at == self.first + 1 && self.is_value_without_assignment(label) {
            let name = context.excerpt(self.first);
            let place = context.after(self.first);
            let found = Diagnostic::error(
                "syntax/expected-assignment",
                context.source,
                place,
                format!("missing `=` between `{name}` and its value"),
            )
            .here("add `=` here")
            .hint(format!("write `{name} = {}`", context.excerpt(self.at)));
            self.stop(found)?;
        }
        if text.starts_with('`') {
            let found = context
                .error("syntax/bad-label", self.at, "a label stands in double quotes, not in backticks")
                .hint(format!("write \"{}\"", sanitize(label)));
            self.stop(found)?;
        } else if !label.is_empty() && !is_identifier(label) {
            let found = bad_label(context, self.at, label);
            self.stop(found)?;
        }
        self.at += 1;
        Ok(())
    }

    /// Whether the line ends after the string at `at`, and the string is no label of a block that lacks its `{`.
    fn is_value_without_assignment(&self, label: &str) -> bool {
        match self.peek(1) {
            Kind::Terminator => {
                let body_follows = self.context.column(self.at + 2) > self.context.column(self.first);
                self.peek(2) != Kind::OpenCurly && !(is_identifier(label) && body_follows)
            }
            Kind::Eof | Kind::CloseCurly => true,
            _ => false,
        }
    }

    /// The name must be one that an attribute may have; the next token is `=`.
    pub(super) fn attribute_name(&mut self, labelled: bool) -> Step {
        let context = self.context;
        let dotted = context.kind(self.first + 1) == Kind::Dot;
        if dotted {
            let place = context.span(self.first).to(context.span(self.at - 1 - usize::from(labelled)));
            let name = context.source.slice(place);
            let (outer, inner) = name.rsplit_once('.').unwrap_or_default();
            let (outer, inner) = (super::excerpt(outer.trim()), super::excerpt(inner.trim()));
            let found = Diagnostic::error(
                "syntax/dotted-attribute",
                context.source,
                place,
                format!("an attribute's name has no dots, but this is `{}`", super::excerpt(name)),
            )
            .hint(format!("to set `{inner}` inside `{outer}`, write `{inner} = …` between the braces of the block `{outer}`"));
            return self.stop(found);
        }
        if labelled {
            let name = context.excerpt(self.first);
            let found = context.error("syntax/labelled-attribute", self.at - 1, "an attribute has no label; only blocks have one").hint(
                format!("write `{name} = …` for an attribute, or drop the `=` for a block: `{name} {} {{`", context.excerpt(self.at - 1)),
            );
            return self.stop(found);
        }
        Ok(())
    }

    /// After a name stands neither `=` nor `{` nor a label.
    fn no_label(&self) -> Diagnostic {
        let context = self.context;
        let name = &super::excerpt(context.source.slice(context.span(self.first).to(context.span(self.at - 1))));
        let found = context.found(self.at);
        match self.kind() {
            Kind::Eq => context
                .error("syntax/expected-assignment", self.at, "`==` compares; an attribute is set with a single `=`")
                .hint(format!("write `{name} = …`")),
            Kind::Ident => self.two_names(name),
            Kind::OpenParen => context
                .error("syntax/expected-assignment", self.at, format!("`{name}(…)` is a call, but a statement must set something"))
                .hint(format!("give the result to an attribute: `some_name = {name}(…)`")),
            Kind::Sub if self.peek(1) == Kind::Ident => self.dash(name),
            Kind::OpenBracket => context
                .error("syntax/expected-assignment", self.at, format!("expected `=` or a block after `{name}`, found `[`"))
                .hint("a list is written `name = [ … ]`; single elements cannot be set"),
            Kind::Terminator if self.peek(1) == Kind::OpenCurly => context
                .error("syntax/expected-assignment", self.at, format!("the `{{` of a block stands on the line of its name, `{name}`"))
                .here("`{` belongs here")
                .label(context.span(self.at + 1), "not on a line of its own")
                .hint(format!("write `{name} {{` on one line")),
            Kind::Terminator | Kind::Eof => context
                .error("syntax/expected-assignment", self.at, format!("`{name}` stands alone: expected `=` and a value, or a block"))
                .here("`=` or `{` is missing here")
                .hint(format!("write `{name} = …` for an attribute, `{name} {{ … }}` for a block; `{{` stands on the same line")),
            _ => context.error(
                "syntax/expected-assignment",
                self.at,
                format!("expected `=`, `{{` or a label in quotes after `{name}`, found {found}"),
            ),
        }
    }

    /// `name-other …`
    fn dash(&self, name: &str) -> Diagnostic {
        let context = self.context;
        let mut end = self.at;
        while context.kind(end) == Kind::Sub && context.kind(end + 1) == Kind::Ident {
            end += 2;
        }
        let rest = super::excerpt(context.source.slice(context.span(self.first).to(context.span(end - 1))));
        let error = context.error("syntax/expected-assignment", self.at, format!("`-` cannot stand in a name, but this is `{rest}`"));
        let (dots, words) = (rest.replace('-', "."), rest.replace('-', "_"));
        if context.in_block || name.contains('.') {
            error.hint(format!("words are joined with `_`: write `{words}`"))
        } else {
            error.hint(format!("the parts of a component's name are joined with dots, words with `_`: `{dots}` or `{words}`"))
        }
    }

    /// `name other …`
    fn two_names(&self, name: &str) -> Diagnostic {
        let context = self.context;
        let other = context.excerpt(self.at);
        let after = self.peek(1);
        if after == Kind::String && context.text(self.at + 1).starts_with("\" {") {
            return context
                .error("syntax/unquoted-label", self.at, "the label lacks its first quote")
                .hint(format!("write `{name} \"{other}\" {{`"));
        }
        if after == Kind::OpenCurly || self.context.kind(self.at + 2) == Kind::OpenCurly {
            return context
                .error("syntax/unquoted-label", self.at, format!("the label of a block stands in quotes, but this is `{other}`"))
                .here("quotes are missing")
                .hint(format!("write `{name} \"{other}\" {{`"))
                .fix(context.span(self.at), format!("\"{other}\""));
        }
        let error =
            context.error("syntax/expected-assignment", self.at, format!("expected `=` or a block after `{name}`, found `{other}`"));
        match (name, after) {
            ("export" | "set" | "let" | "var" | "const", Kind::Assign) => {
                error.hint(format!("a value is set without `{name}`: `{other} = …`"))
            }
            (_, Kind::Assign) => error.hint("a name is one word; words are joined with `_`"),
            _ => error.hint(format!("comments begin with `//`; an attribute is written `{name} = …`")),
        }
    }

    /// After a name and its label stands no `{`.
    pub(super) fn no_assignment(&self) -> Diagnostic {
        let context = self.context;
        let head = super::excerpt(context.source.slice(context.span(self.first).to(context.span(self.at - 1))));
        let found = context.found(self.at);
        let error = context.error("syntax/expected-block", self.at, format!("expected `{{` after the label, found {found}"));
        match self.kind() {
            Kind::Terminator if context.kind(self.at + 1) == Kind::OpenCurly => error
                .here("`{` belongs here")
                .label(context.span(self.at + 1), "not on a line of its own")
                .hint(format!("write `{head} {{` on one line")),
            Kind::String if matches!(context.text(self.first), "resource" | "data") => {
                error.hint("this is Terraform's language; here a component is written `loki.write \"default\" { … }`")
            }
            Kind::String => error.hint("a block has at most one label"),
            _ => error.hint(format!("write `{head} {{`")),
        }
    }
}

fn bad_label(context: Context<'_>, index: usize, label: &str) -> Diagnostic {
    let error = context.error("syntax/bad-label", index, format!("a label is a name, but this is \"{}\"", super::excerpt(label)));
    if matches!(label, "true" | "false" | "null") {
        return error.here("a keyword").hint(format!("choose another name, such as \"{label}_\""));
    }
    let what = match label.chars().find(|c| !is_letter(*c) && !c.is_numeric()) {
        Some(' ') => "a label has no spaces".to_owned(),
        Some(c) => format!("`{c}` cannot stand in a label"),
        None => "a label does not begin with a digit".to_owned(),
    };
    error
        .here(what)
        .hint(format!("letters, digits and `_` may stand in a label: write \"{}\", also where it is referred to", sanitize(label)))
}

/// The label that was probably meant.
fn sanitize(label: &str) -> String {
    let mut out: String = label.chars().map(|c| if is_letter(c) || c.is_ascii_digit() { c } else { '_' }).collect();
    if !out.starts_with(is_letter) {
        out.insert(0, '_');
    }
    super::excerpt(&out)
}

/// A line that another tool has left behind: a marker of a merge, a fence of Markdown, a template of Helm.
fn foreign_line(context: Context<'_>, index: usize) -> Option<Diagnostic> {
    let rest = context.source.text().get(context.span(index).start as usize..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default().trim_end();
    let shown = super::excerpt(line);
    let error = |code, message: &str| context.error(code, index, message);
    if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|marker| line.starts_with(marker)) {
        let found = error("syntax/expected-name", "the marker of a merge conflict that was not resolved");
        return Some(found.hint("keep one of the two sides, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`"));
    }
    if line.starts_with("```") {
        let found = error("syntax/expected-name", "the fence of a block of code in Markdown");
        return Some(found.hint(format!("remove the line `{shown}`, and the one that ends the block")));
    }
    line.starts_with("{{").then(|| template(context, index))
}

/// `{{ … }}` outside of strings.
pub(super) fn template(context: Context<'_>, index: usize) -> Diagnostic {
    context
        .error("syntax/template", index, "`{{ … }}` is a template that was not filled in")
        .hint("with Helm, give what `helm template` prints; in text, as for `stage.template`, it stands between quotes")
}

/// A statement begins with something that is no name.
fn not_a_name(context: Context<'_>, index: usize) -> Diagnostic {
    let found = context.found(index);
    let error = context.error("syntax/expected-name", index, format!("a statement begins with a name, but this is {found}"));
    if let Some(found) = foreign_line(context, index) {
        return found;
    }
    match context.kind(index) {
        Kind::Dot if context.kind(index + 1) == Kind::Dot => {
            error.hint("`...` stands for something left out: replace it, or put it behind `//`")
        }
        Kind::String => {
            let text = context.text(index);
            let name = super::excerpt(text.trim_matches(['"', '`']));
            let name = name.as_str();
            match context.kind(index + 1) {
                Kind::Assign if is_identifier(name) => error.hint(format!("names of attributes have no quotes: write `{name} = …`")),
                _ => error.hint("a string must be the value of an attribute: `name = \"…\"`"),
            }
        }
        Kind::Sub => error.hint("lists are not written with `-` but in brackets: `name = [\"a\", \"b\"]`"),
        Kind::Lt => error.hint("replace the placeholder `<…>` with what it stands for"),
        Kind::Gt => error.hint("this looks like part of a shell session or a quotation: only the configuration itself may stand here"),
        Kind::OpenCurly => error.hint("a block has a name: `name { … }`; JSON cannot be read as a configuration"),
        Kind::OpenBracket => error.hint("a list is the value of an attribute: `name = [ … ]`"),
        Kind::CloseBracket | Kind::CloseParen => {
            error.here("nothing is open that this could close").hint("remove it, or look for the bracket that closes too early above")
        }
        kind if kind.is_infix() => {
            error.hint("a value ends where its line ends: to go on in the next line, end the line above with the operator")
        }
        Kind::Comma => error.hint("statements are separated by line ends, not by commas: remove the `,`"),
        Kind::Bool | Kind::Null => error.hint("`true`, `false` and `null` are values and cannot be names"),
        _ => error.hint("an attribute is written `name = value`, a block `name \"label\" { … }`"),
    }
}
