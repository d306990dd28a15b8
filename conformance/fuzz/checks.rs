//! What must hold of every text: the bodies of the fuzz targets, which tests run over stored and changed texts, too.
//! Each takes one text and panics when something does not hold.

use crate::program;
use component::Services;
use runtime::{Catalog, Controller, Environment};
use std::sync::{Arc, LazyLock};
use syntax::diag::any_errors;
use syntax::{Diagnostic, Source, Span, Style, ast};
use value::DecodeCx;
use value::scope::Empty;

/// Findings of one text: what is looked for is bounded, and so is what is told of it.
const MOST_FINDINGS: usize = 1000;

/// Every finding lies in its text and can be shown in every form, within a bound.
fn can_be_shown(found: &[Diagnostic]) {
    assert!(found.len() <= MOST_FINDINGS, "{} findings", found.len());
    for diagnostic in found {
        assert!(!diagnostic.message.is_empty(), "{diagnostic:?}");
        if let Some(source) = &diagnostic.source {
            let spans = std::iter::once(diagnostic.span).chain(diagnostic.labels.iter().map(|label| label.span));
            spans.for_each(|span| lies_in(source, span));
        }
    }
    let forms = [
        syntax::render(found, Style { color: true }),
        syntax::render_short(found),
        syntax::render_json(found),
        syntax::render_sarif(found, syntax::CODES),
    ];
    for form in forms {
        assert!(form.len() < 50_000 * (found.len() + 1), "{} bytes for {} findings", form.len(), found.len());
    }
}

fn lies_in(source: &Source, span: Span) {
    let text = source.text();
    assert!(span.start <= span.end && span.end as usize <= text.len(), "{span:?} of {}", text.len());
    assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize), "{span:?} cuts a character");
}

/// Any text is read, and every finding about it can be shown.
pub fn parse(text: &str) {
    let source = Source::new("config.alloy", text);
    let parsed = syntax::parse(&source);
    can_be_shown(&parsed.diagnostics);
    body_lies_in(&source, &parsed.file.body);
    parsed.file.comments.iter().for_each(|comment| lies_in(&source, comment.span));
    let (expression, found) = syntax::parse_expression(&source);
    can_be_shown(&found);
    assert_eq!(expression.is_none(), any_errors(&found), "an expression, or an error");
    reads_the_same_again(text);
}

/// Reading a text after another one, which has a line less, or more, gives what reading it alone does.
fn reads_the_same_again(text: &str) {
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (before, after) = text.split_at(middle);
    let less = format!("{before}{}", after.split_once('\n').map_or("", |(_, after)| after));
    let read = |text: &str, earlier: Option<&syntax::Parse>| {
        let source = Source::new("config.alloy", text);
        earlier.map_or_else(|| syntax::parse(&source), |earlier| syntax::parse_again(&source, &earlier.file))
    };
    let told = |parsed: &syntax::Parse| parsed.diagnostics.iter().map(|found| (found.code, found.span)).collect::<Vec<_>>();
    for (earlier, text) in [(text, less.as_str()), (less.as_str(), text)] {
        let alone = read(text, None);
        let again = read(text, Some(&read(earlier, None)));
        assert_eq!(again.file.body, alone.file.body, "after {earlier:?}");
        assert_eq!(told(&again), told(&alone), "after {earlier:?}");
    }
}

fn body_lies_in(source: &Source, body: &ast::Body) {
    for stmt in &body.stmts {
        match stmt {
            ast::Stmt::Attr(attr) => [attr.span, attr.name.span, attr.value.span].into_iter().for_each(|span| lies_in(source, span)),
            ast::Stmt::Block(block) => {
                [block.span, block.name_span, block.open, block.close].into_iter().for_each(|span| lies_in(source, span));
                body_lies_in(source, &block.body);
            }
        }
    }
}

/// A tree without places. An empty label is the same as none.
fn meaning(file: &ast::File) -> String {
    let shown = format!("{:?}", file.body);
    let mut parts = shown.split("Span { start: ");
    let first = parts.next().unwrap_or_default().to_owned();
    let without = parts.fold(first, |out, part| out + part.split_once(" }").map_or("", |(_, rest)| rest));
    without.replace("label: Some(Label { text: \"\", span:  })", "label: None")
}

/// Formatting keeps what a file says, and settles.
pub fn fmt(text: &str) {
    let parsed = syntax::parse(&Source::new("before", text));
    if any_errors(&parsed.diagnostics) {
        return;
    }
    let once = syntax::format(&parsed.file);
    let again = syntax::parse(&Source::new("after", once.as_str()));
    let same = !any_errors(&again.diagnostics)
        && meaning(&parsed.file) == meaning(&again.file)
        && parsed.file.comments.len() == again.file.comments.len();
    let checked = syntax::format_checked(&parsed.file);
    if !same {
        assert_eq!(checked, None, "a change of the meaning is told");
        // The layout of the original, which is kept, does that to these only.
        assert!(text.contains(['`', '\\', '(']) || !parsed.file.comments.is_empty(), "the meaning changes: {once}");
        return;
    }
    // A warning is no reason to leave a file unformatted.
    assert!(checked.is_none_or(|checked| checked == once), "both ways of formatting agree");
    let twice = syntax::format(&again.file);
    if parsed.file.comments.is_empty() {
        // A value that began in the next line kept its row from being aligned; in its new place it does not.
        let thrice = syntax::format(&syntax::parse(&Source::new("again", twice.as_str())).file);
        assert_eq!(thrice, twice, "formatting settles");
    }
}

/// Any expression has a value or a finding, and what is printed of the value can be read. Behind a line `---` may stand
/// values of variables, as JSON.
pub fn eval(text: &str) {
    let (expression, variables) = text.split_once("\n---\n").unwrap_or((text, "{}"));
    let variables: serde_json::Value = serde_json::from_str(variables).unwrap_or_default();
    let request = serde_json::json!({"expr": expression, "vars": variables}).to_string();
    let mut out = Vec::new();
    value::eval::run_jsonl(request.as_bytes(), &mut out).expect("memory can be written");
    let answer: serde_json::Value = serde_json::from_slice(&out).expect("the answer is JSON");
    assert_eq!(answer.get("error").is_some(), answer.get("text").is_none(), "a value, or an error: {answer}");
    assert_eq!(answer.get("json").is_some(), answer.get("text").is_some(), "{answer}");
    let source = Source::new("expression", expression);
    if let (Some(expr), _) = syntax::parse_expression(&source)
        && let Err(error) = value::evaluate(&expr, &source, &Empty)
    {
        can_be_shown(&error.diagnostic().into_iter().collect::<Vec<_>>());
    }
}

/// Any body is the arguments of a component or gives a finding. The first line names the component.
pub fn decode(text: &str) {
    let (name, text) = text.split_once('\n').unwrap_or((text, ""));
    let Some(component) = program::FAMILIES.iter().copied().flatten().find(|registration| registration.name == name.trim()) else { return };
    let source = Source::new("arguments", text);
    let parsed = syntax::parse(&source);
    let mut cx = DecodeCx::default();
    let body = value::eval::evaluate_body(&parsed.file.body, Span::default(), &source, &Empty, &mut cx.diagnostics);
    let decoded = (component.decode)(&body, &mut cx);
    can_be_shown(&cx.diagnostics);
    assert_eq!(decoded.is_none(), any_errors(&cx.diagnostics), "arguments, or an error: {:?}", cx.diagnostics);
    if let Some(arguments) = decoded {
        assert!(arguments.boxed_clone().same(&*arguments) || text.contains("NaN"), "a copy is equal");
        assert!(!format!("{:?}", arguments.encode()).is_empty());
    }
}

/// Any configuration has a verdict, and has the same one again.
pub fn validate(text: &str) {
    static PROGRAM: LazyLock<Arc<Environment>> = LazyLock::new(|| {
        let mut services = Services::new(std::env::temp_dir().join("no-data"));
        services.stability = component::Stability::Experimental;
        let mut environment = Environment::new(Catalog::new(program::FAMILIES), Arc::new(services));
        environment.community = true;
        Arc::new(environment)
    });
    let check = || {
        let parsed = syntax::parse(&Source::new("config.alloy", text));
        let mut found = parsed.diagnostics;
        if !any_errors(&found) {
            found.extend(Controller::new(Arc::clone(&PROGRAM)).check(&[Arc::new(parsed.file)]));
        }
        found
    };
    let found = check();
    can_be_shown(&found);
    assert_eq!(syntax::render_short(&found), syntax::render_short(&check()), "the same findings in the same order");
}
