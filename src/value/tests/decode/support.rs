//! Bodies of literals, and diagnostics as short text.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;
use syntax::ast::{self, ExprKind, Literal};
use syntax::{Diagnostic, Source, Span};
use value::{Arguments, Attr, AttrValue, Block, Body, Capsule, DecodeCx, Number, OptionalSecret, Secret, Value};

/// Evaluates literals; names stand for `vars`, and a name that is not there is not known yet.
fn eval(expr: &ast::Expr, vars: &BTreeMap<&str, Value>) -> Option<Value> {
    Some(match &expr.kind {
        ExprKind::Literal(Literal::Null) => Value::Null,
        ExprKind::Literal(Literal::Bool(flag)) => Value::Bool(*flag),
        ExprKind::Literal(Literal::Number(text)) => match text.parse::<i64>() {
            Ok(n) => Value::from(n),
            Err(_) => Value::from(text.parse::<u64>().ok()?),
        },
        ExprKind::Literal(Literal::Float(text)) => Value::from(text.parse::<f64>().ok()?),
        ExprKind::Literal(Literal::String(text)) => Value::string(text),
        ExprKind::Array(items) => Value::array(items.iter().map(|item| eval(item, vars)).collect::<Option<_>>()?),
        ExprKind::Object(fields) => {
            let members: Option<Vec<_>> = fields.iter().map(|f| Some((&f.name.text, eval(&f.value, vars)?))).collect();
            Value::object(members?)
        }
        ExprKind::Paren(inner) => eval(inner, vars)?,
        ExprKind::Ident(name) => vars.get(name.as_str())?.clone(),
        ExprKind::Unary(ast::UnaryOp::Neg, inner) => match eval(inner, vars)? {
            Value::Number(Number::Int(n)) => Value::from(n.checked_neg()?),
            Value::Number(Number::Float(n)) => Value::from(-n),
            _ => return None,
        },
        _ => return None,
    })
}

fn body<'a>(source: &'a Arc<Source>, body: &'a ast::Body, span: Span, vars: &BTreeMap<&str, Value>) -> Body<'a> {
    let attrs = body.attrs().map(|attr| {
        let value = eval(&attr.value, vars).map_or(AttrValue::Unknown, AttrValue::Known);
        Attr { name: &attr.name, expr: &attr.value, value }
    });
    let blocks = body.blocks().map(|b| Block { ast: b, body: self::body(source, &b.body, b.name_span, vars) });
    Body { source, span, attrs: attrs.collect(), blocks: blocks.collect() }
}

/// `1:5 decode/value the message (hint)`, one line each.
pub fn render(diagnostics: &[Diagnostic]) -> String {
    let line = |d: &Diagnostic| {
        assert!(value::CODES.iter().any(|(code, _)| *code == d.code), "{} is not explained", d.code);
        let at = d.position().map_or(String::new(), |p| format!("{}:{} ", p.line, p.column));
        let source = d.source.as_ref().map_or("", |source| source.slice(d.span));
        let warning = if d.is_error() { "" } else { "warning " };
        let hints: String = d.hints.iter().map(|hint| format!("\n    hint: {hint}")).collect();
        let labels: String =
            d.labels.iter().map(|l| format!("\n    label: {} at {:?}", l.text, d.source.as_ref().map(|s| s.slice(l.span)))).collect();
        format!("{at}{warning}{} at {source:?}: {}{labels}{hints}\n", d.code, d.message)
    };
    diagnostics.iter().map(line).collect()
}

/// Decodes `text`: the struct, whether something is not known yet, and what was reported.
pub fn decode<T: Arguments>(text: &str) -> (Option<T>, bool, String) {
    let source = Source::new("test.alloy", text);
    let parsed = syntax::parse(&source);
    assert!(parsed.diagnostics.is_empty(), "{text} is no configuration: {:?}", parsed.diagnostics);
    let vars = BTreeMap::from([
        ("secret", Value::Capsule(Capsule::from(Secret::new("hush")))),
        ("content", Value::Capsule(Capsule::from(OptionalSecret::plain("7")))),
        ("hidden", Value::Capsule(Capsule::from(OptionalSecret::secret("hush")))),
        ("no_bytes", value::bytes::from_bytes(b"")),
        ("bytes", Value::array(vec![Value::from(104u64), Value::from(105u64)])),
    ]);
    let body = body(&source, &parsed.file.body, Span::default(), &vars);
    let mut cx = DecodeCx::default();
    let decoded = T::decode(&body, &mut cx);
    (decoded, cx.incomplete, render(&cx.diagnostics))
}

/// [`decode`] as one text.
pub fn show<T: Arguments + Debug>(text: &str) -> String {
    let (decoded, incomplete, diagnostics) = decode::<T>(text);
    let decoded = decoded.map_or(String::new(), |decoded| format!("{decoded:?}\n"));
    let incomplete = if incomplete { "incomplete\n" } else { "" };
    format!("{decoded}{incomplete}{diagnostics}")
}
