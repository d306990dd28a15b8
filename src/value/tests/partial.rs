//! What is said of values before anything runs.

use value::Partial;
use value::schema::Type;

fn list(inner: Type) -> Type {
    Type::List(Box::new(inner))
}

#[test]
fn types_that_cannot_fit_are_refused() {
    let logs = || Type::Capsule("loki.LogsReceiver");
    let metrics = || Type::Capsule("storage.Appendable");
    let target = || Type::Capsule("discovery.Target");
    let cases = [
        (list(logs()), Partial::Array(vec![Partial::Typed(logs())]), None),
        (
            list(logs()),
            Partial::Array(vec![Partial::Unknown, Partial::Typed(metrics())]),
            Some("expected logs receiver, got metrics receiver"),
        ),
        (list(logs()), Partial::Typed(logs()), Some("expected array of logs receiver, got logs receiver")),
        (Type::String, Partial::Typed(list(target())), Some("expected string, got array of target")),
        (Type::String, Partial::Typed(Type::Secret), Some("expected string, got a secret")),
        (
            Type::Map(Box::new(Type::String)),
            Partial::Object(vec![("a".into(), Partial::Unknown), ("b".into(), Partial::Typed(Type::Secret))]),
            Some("expected string, got a secret"),
        ),
        (target(), Partial::Object(vec![("a".into(), Partial::Unknown)]), None),
        (Type::Secret, Partial::Typed(Type::String), None),
        (Type::Int, Partial::Typed(Type::OptionalSecret), None),
        (target(), Partial::Typed(Type::Map(Box::new(Type::Any))), None),
        (Type::Any, Partial::Typed(logs()), None),
        (list(Type::String), Partial::Array(vec![Partial::Known(value::Value::Bool(true))]), Some("expected string, got bool")),
    ];
    for (want, part, message) in cases {
        assert_eq!(part.check(&want).err().map(|e| e.message).as_deref(), message, "{want}: {part:?}");
    }
}
