//! Evaluation: errors with their places, what is not known yet, secrets, scopes, and expressions of any size.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use syntax::ast::{BinaryOp, Expr, ExprKind, Ident, Literal, UnaryOp};
use syntax::{Source, Span};
use value::{Capsule, EvalError, Lookup, OptionalSecret, Scope, Secret, Value, evaluate};

/// A scope with dotted names, `None` for those that are not known yet.
struct Dotted(BTreeMap<&'static str, Option<Value>>);

impl Scope for Dotted {
    fn lookup(&self, path: &[&str]) -> Lookup {
        for used in (1..=path.len().min(5)).rev() {
            match self.0.get(path[..used].join(".").as_str()) {
                Some(Some(value)) => return Lookup::Found { value: value.clone(), used },
                Some(None) => return Lookup::Unknown { used },
                None => {}
            }
        }
        Lookup::Missing
    }
}

fn scope() -> Dotted {
    let capsule = |capsule: Capsule| Some(Value::from(capsule));
    Dotted(BTreeMap::from([
        ("text", Some(Value::from("hello"))),
        ("plain", capsule(OptionalSecret::plain("world").into())),
        ("hidden", capsule(OptionalSecret::secret("s3").into())),
        ("secret", capsule(Secret::new("welcome").into())),
        ("local.file.a.content", Some(Value::object([("k", Value::from("v"))]))),
        ("local.file.b", None),
        ("number", Some(Value::from(5u64))),
        ("constants", Some(Value::from("shadowed"))),
    ]))
}

/// The value, or the first line of the finding: place, code, message and hints.
fn outcome(text: &str) -> String {
    let source = Source::new("test", text);
    let (expr, diagnostics) = syntax::parse_expression(&source);
    let Some(expr) = expr else { return format!("syntax: {}", diagnostics[0].message) };
    match evaluate(&expr, &source, &scope()) {
        Ok(value) => value::print::to_text(&value),
        Err(EvalError::Unknown) => "unknown".into(),
        Err(EvalError::Diagnostic(found)) => {
            let mut out = format!("{} {}: {}", found.span.start, found.code, found.message);
            for hint in &found.hints {
                let _ = write!(out, " | {hint}");
            }
            out
        }
    }
}

fn check(cases: &[(&str, &str)]) {
    let differing: Vec<_> = cases.iter().filter(|(text, want)| outcome(text) != *want).collect();
    for (text, want) in &differing {
        eprintln!("{text}\n  want {want}\n  got  {}", outcome(text));
    }
    assert!(differing.is_empty());
}

#[test]
fn errors_name_the_place_and_what_to_do() {
    check(&[
        ("nothing", "0 eval/unknown-name: nothing is called `nothing` here"),
        ("1 + strng.format(\"\")", "4 eval/unknown-name: nothing is called `strng` here | did you mean `string`?"),
        ("string.fromat(\"\")", "7 eval/unknown-member: there is no member `fromat` | did you mean `format`?"),
        ("{abc = 1}.xyz", "10 eval/unknown-member: there is no member `xyz` | write `[\"xyz\"]` where a missing member stands for null"),
        ("text.a", "0 eval/not-an-object: cannot take `.a` of a string"),
        ("secret.a", "0 eval/not-an-object: cannot take `.a` of a capsule of alloytypes.Secret"),
        ("local.file.a.content.k.z", "0 eval/not-an-object: cannot take `.z` of a string"),
        ("[1, 2][5]", "7 eval/index: there is no element 5 in an array of 2 | elements are numbered from 0 to 1"),
        ("[][0]", "3 eval/index: there is no element 0 in an array of 0"),
        ("[1][\"a\"]", "4 eval/index: this should be a number, not a string"),
        ("{}[1]", "3 eval/index: this should be a string, not a number"),
        ("null[0]", "0 eval/index: only arrays and objects have elements, not null"),
        ("(1)(2 + true)", "0 eval/not-a-function: only functions can be called, not a number"),
        ("!1", "1 eval/operand: `!` needs a bool, this is a number"),
        ("-\"a\"", "1 eval/operand: `-` needs a number, this is a string"),
        ("1 + [2]", "4 eval/operand: `+` needs numbers, strings or secrets, this is an array"),
        ("true && 1", "8 eval/operand: `&&` needs bools, this is a number"),
        ("\"a\" < null", "6 eval/operand: `<` needs numbers or strings, this is null"),
        (
            "\"a\" + 1",
            "6 eval/operand: `+` needs the same type on both sides: on the left is a string, this is a number | \
             `string.format(\"%s%v\", text, number)` joins text and numbers",
        ),
        ("1 / 0", "4 eval/divide-by-zero: division by zero"),
        ("1 % -0.0", "4 eval/divide-by-zero: division by zero"),
        ("1e999", "0 eval/number: `1e999` is beyond the range of numbers"),
        ("sys.env()", "0 eval/call: `sys.env`: expected 1 argument, got 0 | write `sys.env(name)`"),
        ("env()", "0 eval/call: `env`: expected 1 argument, got 0 | write `sys.env(name)`"),
        (
            "string.join(\"a\", \",\")",
            "12 eval/call: `string.join`: this should be an array, got string | write `string.join(list, separator)`",
        ),
        (
            "string.to_lower(secret)",
            "16 eval/call: `string.to_lower`: a secret cannot be used as a string: `convert.nonsensitive` makes it one, and \
             visible | write `string.to_lower(text)`",
        ),
    ]);
}

#[test]
fn what_is_not_known_yet_is_no_error_and_hides_none() {
    check(&[
        ("local.file.b.content", "unknown"),
        ("[local.file.b.content, {a = 1}]", "unknown"),
        ("-local.file.b.x + 1", "unknown"),
        ("local.file.b.f(1)[0].c", "unknown"),
        ("string.join(local.file.b.list, \",\")", "unknown"),
        ("local.file.b.content == null", "unknown"),
        ("[local.file.b.content, 1 + true]", "27 eval/operand: `+` needs numbers, strings or secrets, this is a bool"),
        ("local.file.b.content + [1]", "23 eval/operand: `+` needs numbers, strings or secrets, this is an array"),
        ("local.file.b.content + secret", "unknown"),
        ("local.file.c.content", "0 eval/unknown-name: nothing is called `local` here"),
    ]);
}

#[test]
fn the_scope_comes_before_the_library() {
    check(&[
        ("constants", "\"shadowed\""),
        ("local.file.a.content.k", "\"v\""),
        ("local.file.a.content[\"z\"]", "null"),
        ("string.to_upper(text)", "\"HELLO\""),
        ("string[\"to_upper\"](text)", "\"HELLO\""),
        ("{f = string.to_upper}.f(\"a\")", "\"A\""),
        ("string.to_upper == string.to_upper", "false"),
        ("number - 6", "-1"),
        ("-number", "-5"),
    ]);
}

#[test]
fn only_keys_that_are_looked_at_must_be_strings() {
    check(&[
        ("array.combine_maps([{a = 1}], [{b = 2}], [\"a\", 5])", "[]"),
        (
            "array.combine_maps([{a = 1}], [{a = 1}], [\"a\", 5])",
            "41 eval/call: `array.combine_maps`: this should be an array of strings, got number | \
             write `array.combine_maps(left, right, keys, [passthrough])`",
        ),
    ]);
}

#[test]
fn secrets_stay_secret() {
    check(&[
        ("text + plain", "\"helloworld\""),
        ("plain + text", "\"worldhello\""),
        ("\"world\" == plain", "true"),
        ("plain == \"world\"", "true"),
        ("hidden == hidden", "true"),
        ("plain == hidden", "false"),
        ("\"s3\" == hidden", "true"),
        ("hidden == secret", "false"),
        ("hidden - text", "0 eval/operand: `-` needs numbers, this is a capsule of alloytypes.OptionalSecret"),
        ("hidden + text", "(secret)"),
        ("text + hidden", "(secret)"),
        ("plain + plain", "\"worldworld\""),
        ("plain + hidden", "(secret)"),
        ("hidden + secret", "(secret)"),
        ("secret + text", "(secret)"),
        ("text + secret", "(secret)"),
        (
            "secret + 1",
            "9 eval/operand: `+` needs the same type on both sides: on the left is a capsule of alloytypes.Secret, this is a number",
        ),
        ("convert.nonsensitive(text + secret + plain + hidden)", "\"hellowelcomeworlds3\""),
        ("convert.nonsensitive(hidden)", "\"s3\""),
        (
            "convert.nonsensitive(5)",
            "21 eval/call: `convert.nonsensitive`: this should be a secret, got number | write `convert.nonsensitive(secret)`",
        ),
        ("coalesce(plain, 1)", "\"world\""),
        ("string.to_upper(plain)", "\"WORLD\""),
        ("encoding.to_base64(plain)", "\"d29ybGQ=\""),
    ]);
}

#[test]
fn bytes_serve_as_text() {
    check(&[
        ("encoding.from_base64(\"aMOp\")", "[104, 195, 169]"),
        ("encoding.to_URLbase64(encoding.from_base64(\"/+8=\"))", "\"_-8=\""),
        ("encoding.url_encode(encoding.from_base64(\"/0E=\"))", "\"%FFA\""),
        ("encoding.from_yaml(encoding.from_base64(\"YTogMQ==\"))", "{\n\ta = 1,\n}"),
        (
            "encoding.from_yaml(encoding.from_base64(\"/w==\"))",
            "0 eval/call: `encoding.from_yaml`: not YAML: it is not UTF-8 | write `encoding.from_yaml(text)`",
        ),
        ("string.to_upper(encoding.from_base64(\"aMOp\"))", "\"HÉ\""),
        ("string.to_upper(encoding.from_base64(\"\"))", "\"\""),
        ("encoding.from_base64(\"aGk=\")[1]", "105"),
        ("string.format(\"%v\", encoding.from_base64(\"aGk=\"))", "\"[104 105]\""),
        ("encoding.from_base64(\"aR==\")", "[105]"),
    ]);
}

fn leaf(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

fn number(text: &str) -> Expr {
    leaf(ExprKind::Literal(Literal::Number(text.into())))
}

/// Wraps `base` many times over. The parser refuses such depths; the evaluator must not depend on it.
fn deep(base: Expr, wrap: impl Fn(Box<Expr>) -> ExprKind) -> Expr {
    (0..100_000).fold(base, |expr, _| leaf(wrap(Box::new(expr))))
}

/// Evaluates in a thread with a small stack, and leaves the tree alone: dropping it is not the matter here.
fn evaluate_deep(expr: Expr) -> String {
    let run = move || {
        let source = Source::new("test", "");
        let outcome = match evaluate(&expr, &source, &scope()) {
            Ok(value) => value::print::to_text(&value),
            Err(error) => error.to_string(),
        };
        std::mem::forget(expr);
        outcome
    };
    let thread = std::thread::Builder::new().stack_size(256 << 10);
    thread.spawn(run).expect("the thread starts").join().expect("the thread ends well")
}

#[test]
fn depth_needs_no_stack() {
    let name = || leaf(ExprKind::Ident("text".into()));
    let member = || Ident { text: "b".into(), span: Span::default() };
    let binary = |op, a, b| ExprKind::Binary(op, Span::default(), a, b);
    let one = || Box::new(number("1"));
    let cases = [
        (deep(number("1"), |e| binary(BinaryOp::Add, e, one())), "100001"),
        (deep(number("1"), |e| binary(BinaryOp::Pow, one(), e)), "1"),
        (deep(number("1"), |e| ExprKind::Unary(UnaryOp::Neg, e)), "1"),
        (deep(number("1"), ExprKind::Paren), "1"),
        (deep(name(), |e| ExprKind::Access(e, member())), "cannot take `.b` of a string"),
        (deep(number("1"), |e| ExprKind::Access(e, member())), "cannot take `.b` of a number"),
        (deep(number("1"), |e| ExprKind::Index(e, one())), "only arrays and objects have elements, not a number"),
        (deep(number("1"), |e| ExprKind::Index(one(), e)), "only arrays and objects have elements, not a number"),
        (deep(number("1"), |e| ExprKind::Call(e, Vec::new())), "only functions can be called, not a number"),
        (deep(number("2"), |e| ExprKind::Index(Box::new(leaf(ExprKind::Array(vec![*e]))), Box::new(number("0")))), "2"),
    ];
    for (expr, want) in cases {
        assert_eq!(evaluate_deep(expr), want);
    }
    assert_eq!(outcome("2 ^ 9223372036854775807"), "0");
}

#[test]
fn results_are_bounded() {
    let big = "string.format(\"%1000000d\", 1)";
    let bigger = format!("string.replace({big}, \" \", {big})");
    assert!(outcome(&bigger).contains("longer than"), "{}", outcome(&bigger));
    let list = format!("[{}]", "{a = 1}, ".repeat(1001));
    let product = format!("array.combine_maps({list}, {list}, [\"a\"])");
    assert!(outcome(&product).contains("more than"), "{}", outcome(&product));
}

#[test]
fn bodies_are_evaluated_to_the_end() {
    let source = Source::new("test", "a = 1 + true\nb = [local.file.b.content]\nc = text\nd \"x\" {\n\te = nothing\n\tf = 2\n}\n");
    let parse = syntax::parse(&source);
    let mut found = Vec::new();
    let body = value::evaluate_body(&parse.file.body, Span::new(0, 0), &source, &scope(), &mut found);
    let show = |attr: &value::Attr<'_>| match &attr.value {
        value::AttrValue::Known(value) => format!("{} = {}", attr.name.text, value::print::to_text(value)),
        value::AttrValue::Partial(_) => format!("{} partly known", attr.name.text),
        value::AttrValue::Unknown => format!("{} unknown", attr.name.text),
    };
    assert_eq!(body.attrs.iter().map(show).collect::<Vec<_>>(), ["a unknown", "b partly known", "c = \"hello\""]);
    assert_eq!(body.blocks[0].body.attrs.iter().map(show).collect::<Vec<_>>(), ["e unknown", "f = 2"]);
    assert_eq!(body.blocks[0].body.span, parse.file.body.blocks().next().expect("a block").name_span);
    let lines: Vec<_> = found.iter().map(|d| (d.position().expect("has a place").line, d.code)).collect();
    assert_eq!(lines, [(1, "eval/operand"), (5, "eval/unknown-name")]);
}
