//! What can be wrong right of `=`: expressions, lists and objects.

use super::{Diagnoser, Step};
use crate::diag::Diagnostic;
use crate::recover;
use crate::source::Span;
use crate::token::Kind;

impl Diagnoser<'_> {
    /// Reads an expression. `place` says where one is expected, for the message. Nesting is bounded by the caller, who
    /// refuses deep brackets before; chains of operators are loops.
    pub(super) fn value(&mut self, place: &str) -> Step {
        self.term(place)?;
        while self.kind().is_infix() {
            let operator = self.context.kind(self.at).name();
            self.at += 1;
            self.term(&format!("after {operator}"))?;
        }
        Ok(())
    }

    fn term(&mut self, place: &str) -> Step {
        while matches!(self.kind(), Kind::Not | Kind::Sub) {
            self.at += 1;
        }
        let start = self.at;
        self.operand(place)?;
        loop {
            match self.kind() {
                Kind::Dot => self.access()?,
                Kind::OpenBracket => {
                    self.enter();
                    self.value("between the brackets")?;
                    self.leave("after the index")?;
                }
                Kind::OpenParen => {
                    self.enter();
                    self.list(Kind::CloseParen)?;
                    self.leave("after the argument")?;
                }
                Kind::String | Kind::OpenCurly => return self.block_as_value(start),
                _ => return Ok(()),
            }
        }
    }

    fn access(&mut self) -> Step {
        self.at += 1;
        if self.kind() == Kind::Ident {
            self.at += 1;
            return Ok(());
        }
        let context = self.context;
        let error = context.error("syntax/expected-name", self.at, format!("expected a name after `.`, found {}", context.found(self.at)));
        let found = match self.kind() {
            Kind::String => error.hint(format!("write `[{}]` to look up a key in quotes", context.excerpt(self.at))),
            Kind::Lt => error.hint("replace the placeholder `<…>` with what it stands for"),
            Kind::Mul => error.hint("there is no wildcard; name each component that is meant"),
            Kind::Dot => error.hint("`...` stands for something left out: replace it, or put it behind `//`"),
            _ => error,
        };
        self.stop(found)
    }

    fn operand(&mut self, place: &str) -> Step {
        match self.kind() {
            Kind::Ident | Kind::String | Kind::Number | Kind::Float | Kind::Bool | Kind::Null => {
                self.at += 1;
                Ok(())
            }
            Kind::OpenParen => {
                self.enter();
                self.value("between the parentheses")?;
                self.leave("after this value")
            }
            Kind::OpenBracket => {
                self.enter();
                self.list(Kind::CloseBracket)?;
                self.leave("after this value")
            }
            Kind::OpenCurly => {
                self.enter();
                self.fields()?;
                self.leave("after this value")
            }
            _ => {
                let found = self.no_value(place);
                self.stop(found)
            }
        }
    }

    fn enter(&mut self) {
        self.opened.push(self.at);
        self.at += 1;
    }

    /// Expects the bracket that closes the innermost open one.
    fn leave(&mut self, after: &str) -> Step {
        let Some(open) = self.opened.last().copied() else { return Ok(()) };
        let closer = self.context.kind(open).closer();
        if self.kind() == closer {
            self.opened.pop();
            self.at += 1;
            return Ok(());
        }
        let context = self.context;
        let found = if self.unclosed == Some(open) || self.kind() == Kind::Eof {
            self.unclosed_bracket(open)
        } else {
            let error = context.error(
                "syntax/expected-closing",
                self.at,
                format!("expected {} {after}, found {}", closer.name(), context.found(self.at)),
            );
            let error = error.label(context.span(open), "opened here");
            match self.kind() {
                Kind::Terminator if context.kind(self.at + 1) == closer => {
                    error.hint(format!("put {} on the same line; a value ends where its line ends", closer.name()))
                }
                Kind::Terminator => error.hint("to go on in the next line, end the line with an operator or a comma"),
                _ => error,
            }
        };
        self.stop(found)
    }

    fn unclosed_bracket(&self, open: usize) -> Diagnostic {
        let context = self.context;
        let (opener, closer) = (context.kind(open), context.kind(open).closer());
        context
            .error("syntax/unclosed", self.at, format!("missing {} for {}", closer.name(), opener.name()))
            .here(format!("expected {} before this ends", closer.name()))
            .label(context.span(open), "opened here and never closed")
    }

    /// Reads elements up to `closer`. A missing comma is noted and the list read on, because what was meant is plain.
    fn list(&mut self, closer: Kind) -> Step {
        while self.kind() != closer && self.kind() != Kind::Eof {
            self.value("in the list")?;
            if self.kind() == closer {
                break;
            }
            if self.kind() == Kind::Comma {
                self.at += 1;
            } else {
                self.missing_comma(closer)?;
            }
        }
        Ok(())
    }

    fn fields(&mut self) -> Step {
        while self.kind() != Kind::CloseCurly && self.kind() != Kind::Eof {
            self.field()?;
            if self.kind() == Kind::CloseCurly {
                break;
            }
            if self.kind() == Kind::Comma {
                self.at += 1;
            } else {
                self.missing_comma(Kind::CloseCurly)?;
            }
        }
        Ok(())
    }

    fn field(&mut self) -> Step {
        let context = self.context;
        if !matches!(self.kind(), Kind::Ident | Kind::String) {
            let is_template = self.kind() == Kind::OpenCurly && context.span(self.at - 1).end == context.span(self.at).start;
            if is_template && context.kind(self.at - 1) == Kind::OpenCurly {
                let found = super::name::template(context, self.at - 1);
                return self.stop(found);
            }
            let error =
                context.error("syntax/expected-field", self.at, format!("expected the name of a field, found {}", context.found(self.at)));
            let found = match self.kind() {
                Kind::Comma => error.hint("remove this comma, or write the field that is missing before it"),
                Kind::Number | Kind::Float | Kind::Bool | Kind::Null => {
                    error.hint(format!("put the name in quotes: `\"{}\" = …`", context.excerpt(self.at)))
                }
                _ => error.hint("an object is written `{ name = value, \"other name\" = value }`"),
            };
            return self.stop(found);
        }
        let name = self.at;
        self.at += 1;
        if self.kind() == Kind::Assign {
            self.at += 1;
            return self.value("after `=`");
        }
        let found = self.no_field_assignment(name);
        self.stop(found)
    }

    fn no_field_assignment(&self, name: usize) -> Diagnostic {
        let context = self.context;
        let key = context.excerpt(name);
        let error = context.error(
            "syntax/expected-field",
            self.at,
            format!("expected `=` after the field name {key}, found {}", context.found(self.at)),
        );
        match self.kind() {
            Kind::Dot => error.hint("a name with dots stands in quotes: `\"a.b\" = …`"),
            Kind::OpenCurly => error.hint(format!("an object holds no blocks; write `{key} = {{ … }}`")),
            Kind::Comma | Kind::CloseCurly => error.hint("a list of values stands in `[ … ]`; an object needs `name = value`"),
            Kind::Eq => error.hint("a single `=` sets a field"),
            Kind::Sub => error.hint("a name with dashes stands in quotes: `\"a-b\" = …`"),
            _ => error,
        }
    }

    /// A raw string over several lines stands where nothing may: certain only behind it, where the original says so too.
    fn misplaced_raw_string(&self) -> Option<Diagnostic> {
        let context = self.context;
        if self.kind() != Kind::String || !context.text(self.at).contains('\n') {
            return None;
        }
        let string = self.context.span(self.at);
        let place = Span { start: string.start, end: string.start + 1 };
        Some(
            context
                .error("syntax/unexpected", self.at + 1, "the string before this does not belong to the value")
                .label(place, "the string begins here; is a backtick missing or too many?"),
        )
    }

    /// An element is not followed by a comma. Goes on as if there were one where the next element is plain to see.
    fn missing_comma(&mut self, closer: Kind) -> Step {
        let context = self.context;
        if let Some(found) = self.misplaced_raw_string() {
            self.at += 1;
            return self.stop(found);
        }
        let open = self.opened.last().copied().unwrap_or(self.first);
        let newline = self.kind() == Kind::Terminator;
        let next = self.at + usize::from(newline);
        let next_kind = context.kind(next);
        if (self.unclosed == Some(open) && (newline || self.kind().closes()))
            || next_kind == Kind::Eof
            || (self.kind().closes() && self.kind() != closer)
        {
            let found = self.unclosed_bracket(open);
            return self.stop(found);
        }
        let is_object = closer == Kind::CloseCurly;
        if newline && !is_object && begins_statement(context, next) {
            let found = self.unclosed_bracket(open);
            return self.stop(found);
        }
        let goes_on = if is_object {
            matches!(next_kind, Kind::Ident | Kind::String) && context.kind(next + 1) == Kind::Assign
        } else {
            next_kind.starts_value() && !matches!(self.kind(), Kind::Assign)
        };
        if !(goes_on || newline && next_kind == closer) {
            let found = self.unexpected_in_list(is_object, open);
            return self.stop(found);
        }
        let what = if is_object { "field" } else { "value" };
        let place = context.after(self.at - 1);
        let error = Diagnostic::error("syntax/missing-comma", context.source, place, format!("missing `,` after this {what}"));
        let error = error.here("add `,` here");
        let glued = context.span(self.at - 1).end == context.span(self.at).start;
        let error = if newline && next_kind == closer {
            let closer = closer.name();
            error.hint(format!("a comma stands after the last {what} too when {closer} is on a line of its own"))
        } else if glued && !newline && (context.kind(self.at - 1) == Kind::String || self.kind() == Kind::String) {
            error.hint("a string begins or ends right here: is one of its quotes missing?")
        } else {
            error
        };
        let error = if glued { error } else { error.fix(place, ",") };
        self.note(error);
        self.at = next;
        Ok(())
    }

    fn unexpected_in_list(&self, is_object: bool, open: usize) -> Diagnostic {
        let context = self.context;
        let closer = context.kind(open).closer().name();
        let error = context.error(
            "syntax/unexpected",
            self.at,
            format!("expected `,` or {closer} after this value, found {}", context.found(self.at)),
        );
        let error = error.label(context.span(open), "opened here");
        match self.kind() {
            Kind::Assign if !is_object => error.hint("a list holds values; for `name = value` use an object: `{ name = value }`"),
            Kind::Assign => error.hint("a field has one value"),
            Kind::Ident if matches!(context.text(self.at), "if" | "for" | "in" | "and" | "or" | "not") => {
                error.hint("there are no such words in expressions; use the operators `&&`, `||`, `!` and functions")
            }
            _ => error,
        }
    }

    /// `a = b "label" { … }`: somebody gives a block to an attribute.
    fn block_as_value(&mut self, start: usize) -> Step {
        let context = self.context;
        if self.kind() == Kind::String && self.peek(1) != Kind::OpenCurly {
            return match self.opened.last() {
                Some(open) => {
                    let closer = context.kind(*open).closer();
                    self.missing_comma(closer)
                }
                None => {
                    if let Some(found) = self.misplaced_raw_string() {
                        return self.stop(found);
                    }
                    let found = super::after_statement(context, self.first, self.at);
                    self.stop(found)
                }
            };
        }
        if let Some(open) = self.opened.last().copied()
            && begins_statement(context, start)
        {
            let found = self.unclosed_bracket(open);
            return self.stop(found);
        }
        if let Some(open) = self.opened.last().copied()
            && self.kind() == Kind::OpenCurly
            && matches!(context.kind(self.at - 1), Kind::CloseCurly | Kind::String | Kind::Number | Kind::CloseBracket)
        {
            return self.missing_comma(context.kind(open).closer());
        }
        let value = context.source.slice(context.span(start).to(context.span(self.at - 1)));
        let name = context.excerpt(self.first);
        let place = context.span(start).to(context.span(self.at));
        let found = Diagnostic::error("syntax/block-as-value", context.source, place, "a block cannot be the value of an attribute").hint(
            format!("for a block, drop the `=`: `{name} {{ … }}`; for an object, drop `{}`: `{name} = {{ … }}`", super::excerpt(value)),
        );
        self.stop(found)
    }

    fn no_value(&self, place: &str) -> Diagnostic {
        let context = self.context;
        let error = context.error("syntax/expected-value", self.at, format!("expected a value {place}, found {}", context.found(self.at)));
        let error = if self.at > 0 && context.line(self.at) != context.line(self.at - 1) {
            error.label(context.span(self.at - 1), "the value is missing here")
        } else {
            error
        };
        match self.kind() {
            Kind::Lt if self.peek(1) == Kind::Ident && self.peek(2) == Kind::Gt => error
                .hint(format!("replace the placeholder `<{}>` with a value; text stands in double quotes", context.excerpt(self.at + 1))),
            Kind::Lt => error.hint("replace the placeholder `<…>` with a value"),
            Kind::Dot => error.hint("`...` stands for something left out: replace it with a value"),
            Kind::Comma => error.hint("remove this comma, or write the value that is missing before it"),
            Kind::Assign => error.hint("a single `=` sets an attribute"),
            Kind::Add => error.hint("a number needs no `+` before it"),
            Kind::Mul | Kind::Gt | Kind::Mod | Kind::Div => error.hint("text stands in double quotes"),
            Kind::CloseBracket | Kind::CloseParen | Kind::CloseCurly | Kind::Eof => match self.opened.last() {
                Some(open) if context.kind(*open).closer() != self.kind() => error.label(context.span(*open), "this is still open"),
                _ => error,
            },
            _ => error,
        }
    }
}

/// Whether a token begins what reads like the next statement; used to see that a value was forgotten.
pub(super) fn begins_statement(context: super::Context<'_>, index: usize) -> bool {
    context.begins_line(index) && recover::looks_like_statement(context, index)
}
