//! No expression and no argument makes the evaluator or a function panic or take long.

use proptest::prelude::*;
use std::time::{Duration, Instant};
use syntax::Source;
use value::scope::Empty;
use value::{Value, evaluate, functions, json, print};

/// Far more than any of these expressions needs, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

fn run(text: &str) {
    let start = Instant::now();
    let source = Source::new("test", text);
    let (expr, _) = syntax::parse_expression(&source);
    if let Some(Ok(value)) = expr.map(|expr| evaluate(&expr, &source, &Empty)) {
        let _ = (print::to_text(&value), json::typed(&value));
    }
    assert!(start.elapsed() < LIMIT, "took too long: {text}");
}

fn call(name: &str, args: &[Value]) {
    let start = Instant::now();
    let entry = functions::find(name).expect("the function exists");
    if let Ok(value) = (entry.function.call)(args) {
        let _ = (print::to_text(&value), json::typed(&value));
    }
    assert!(start.elapsed() < LIMIT, "{name} took too long: {args:?}");
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        Just(functions::root("concat").cloned().unwrap_or_default()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::array),
            prop::collection::vec(("[ab]{0,2}", inner), 0..4).prop_map(Value::object),
        ]
    })
}

fn names() -> impl Strategy<Value = String> {
    let all: Vec<String> = functions::entries().map(|entry| entry.function.name.to_owned()).collect();
    prop::sample::select(all)
}

fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        "[0-9]{1,20}",
        "[0-9]{1,3}\\.[0-9]{0,3}(e-?[0-9]{1,3})?",
        "\"[a-c%d*\\[\\]{}:.$@?()=&<> -]{0,8}\"",
        "[a-c](\\.[a-c]){0,2}",
        Just("constants".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=", "&&", "||"]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (prop::sample::select(vec!["-", "!"]), inner.clone()).prop_map(|(op, a)| format!("{op}{a}")),
            inner.clone().prop_map(|a| format!("({a})")),
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(("[a-c]", inner.clone()), 0..4)
                .prop_map(|m| format!("{{{}}}", m.iter().map(|(k, v)| format!("{k} = {v}")).collect::<Vec<_>>().join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}[{b}]")),
            (names(), prop::collection::vec(inner, 0..5)).prop_map(|(name, args)| format!("{name}({})", args.join(", "))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn expressions_do_not_panic(text in expressions()) {
        run(&text);
    }

    #[test]
    fn functions_do_not_panic(name in names(), args in prop::collection::vec(values(), 0..5)) {
        call(&name, &args);
    }

    #[test]
    fn patterns_do_not_panic(pattern in "(%[-+# 0]{0,3}(\\[[0-9]{0,2}\\]?)?[0-9*]{0,4}(\\.[0-9*]{0,3})?[a-zA-Zé%]|\\PC){0,4}", args in prop::collection::vec(values(), 0..4)) {
        let all: Vec<Value> = std::iter::once(Value::from(pattern)).chain(args).collect();
        call("string.format", &all);
    }

    #[test]
    fn yaml_does_not_panic(text in "[ \\n\\t:,\\[\\]{}&*!|>'\"%@`#?<~.ab01_xoeTZ+-]{0,60}") {
        call("encoding.from_yaml", &[Value::from(text)]);
    }

    #[test]
    fn json_does_not_panic(text in "[ \\n:,\\[\\]{}\"\\\\0-9eEtruefalsn.+-]{0,40}") {
        call("encoding.from_json", &[Value::from(text.as_str())]);
        call("json_path", &[Value::from(text), Value::from("$..*")]);
    }

    #[test]
    fn paths_do_not_panic(path in "(\\$|@|\\.\\.|\\.[ab]|\\*|\\[[-0-9:,* 'ab]{0,6}\\]|\\[\\?\\(?(@\\.[ab]|\\$|[0-9]|'x'|!|/a+/|length\\(@\\))( ?(==|<|&&|in|has|=~|\\+|/) ?(@\\.b|1|true|'a'|\\[1,2\\]))?\\)?\\]){0,6}") {
        let json = r#"{"a": [{"a": 1, "b": [1, 2]}, {"b": "a"}, 3], "b": {"a": {"b": null}}}"#;
        call("json_path", &[Value::from(json), Value::from(path)]);
    }
}

#[test]
fn what_was_read_is_written_and_read_again() {
    for text in ["[1, 2.5, -3, \"a\\tb\", null, true]", "{a = 1, \"b c\" = [{d = {}}]}", "18446744073709551615", "-0.0", "1e21"] {
        let evaluate_text = |text: &str| {
            let source = Source::new("test", text);
            let (expr, _) = syntax::parse_expression(&source);
            expr.and_then(|expr| evaluate(&expr, &source, &Empty).ok()).expect("evaluates")
        };
        let value = evaluate_text(text);
        assert_eq!(evaluate_text(&print::to_text(&value)), value, "{text}");
    }
}

/// The deepest values that can be read are also written, compared and dropped on the stack of a worker thread.
#[test]
fn deep_values_fit_the_stack() {
    const DEEP: usize = 490;
    let run = || {
        let nested = |open: &str, close: &str| format!("{}{}", open.repeat(DEEP), close.repeat(DEEP));
        for (name, text) in [
            ("encoding.from_json", nested("[", "]")),
            ("encoding.from_json", format!("{}1{}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP))),
            ("encoding.from_yaml", nested("[", "]")),
            ("encoding.from_yaml", format!("{}1{}", "{a: ".repeat(DEEP), "}".repeat(DEEP))),
        ] {
            let entry = functions::find(name).expect("the function exists");
            let value = (entry.function.call)(&[Value::from(text.as_str())]).expect("is accepted");
            let again = (entry.function.call)(&[Value::from(text)]).expect("is accepted");
            assert!(value == again);
            call("string.format", &[Value::from("%v %#v"), value.clone(), value.clone()]);
            call("encoding.to_json", &[Value::object([("a", value.clone())])]);
            let _ = (print::to_text(&value), json::typed(&value));
        }
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("the thread starts");
    thread.join().expect("the thread ends well");
}
