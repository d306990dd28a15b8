//! Values of all types, and the names their types have in the original.

use super::super::yaml::RawMap;
use super::Printer;
use crate::capsule::Capsule;
use crate::number::Number;
use crate::secret::{OptionalSecret, Secret};
use crate::value_model::{Object, Value};

/// The type as `%T` shows it.
pub(super) fn type_name(value: &Value) -> String {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(Number::Float(_)) => "float64",
        Value::Number(Number::Uint(n)) if i64::try_from(*n).is_err() => "uint64",
        Value::Number(_) => "int",
        Value::String(_) => "string",
        Value::Array(_) => ANY_SLICE,
        Value::Object(_) => ANY_MAP,
        Value::Function(_) => "func",
        Value::Capsule(capsule) => capsule.kind(),
    }
    .to_owned()
}

const ANY_SLICE: &str = "[]interface {}";
const ANY_MAP: &str = "map[string]interface {}";

impl Printer {
    /// An argument of the call.
    pub(super) fn argument(&mut self, value: &Value, verb: char) {
        match (value, verb) {
            (Value::Null, 'T' | 'v') => self.pad("<nil>"),
            (_, 'T') => _ = self.string(&type_name(value), 's'),
            (Value::Null, _) => self.bad_verb(verb, value),
            _ => self.element(value, verb),
        }
    }

    /// An argument or a part of one. Null inside of containers takes every verb.
    fn element(&mut self, value: &Value, verb: char) {
        let known = match value {
            Value::Null => {
                self.push(if self.flags.sharp_v { "interface {}(nil)" } else { "<nil>" });
                true
            }
            Value::Bool(value) => self.boolean(*value, verb),
            Value::Number(number) => return self.number(*number, verb, value),
            Value::String(text) => self.string(text, verb),
            Value::Array(_) | Value::Object(_) if verb == 'w' => false,
            Value::Array(_) | Value::Object(_) if verb == 'p' => {
                self.pad("0x0");
                true
            }
            Value::Array(items) => {
                self.array(items, verb);
                true
            }
            Value::Object(members) => {
                self.object(members, verb);
                true
            }
            Value::Function(function) => {
                self.pad(function.name);
                true
            }
            Value::Capsule(capsule) => return self.capsule(capsule, verb, value),
        };
        if !known {
            self.bad_verb(verb, value);
        }
    }

    fn boolean(&mut self, value: bool, verb: char) -> bool {
        let known = matches!(verb, 't' | 'v');
        if known {
            self.pad(if value { "true" } else { "false" });
        }
        known
    }

    fn array(&mut self, items: &[Value], verb: char) {
        let (open, separator, close) = if self.flags.sharp_v { ("{", ", ", "}") } else { ("[", " ", "]") };
        if self.flags.sharp_v {
            self.push(ANY_SLICE);
        }
        self.push(open);
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.push(separator);
            }
            self.element(item, verb);
        }
        self.push(close);
    }

    fn object(&mut self, members: &Object, verb: char) {
        self.map(ANY_MAP, members.iter(), verb, |printer, key, verb| {
            if !printer.string(key, verb) {
                printer.bad_verb(verb, &Value::String(key.clone()));
            }
        });
    }

    fn map<'v, K: 'v>(
        &mut self,
        type_name: &str,
        entries: impl Iterator<Item = (K, &'v Value)>,
        verb: char,
        write_key: impl Fn(&mut Self, K, char),
    ) {
        let (open, separator, close) = if self.flags.sharp_v { ("{", ", ", "}") } else { ("map[", " ", "]") };
        if self.flags.sharp_v {
            self.push(type_name);
        }
        self.push(open);
        for (i, (key, value)) in entries.enumerate() {
            if i > 0 {
                self.push(separator);
            }
            write_key(self, key, verb);
            self.push(":");
            self.element(value, verb);
        }
        self.push(close);
    }

    /// Secrets are written in full, as in the original: who formats a secret wants to use it.
    fn capsule(&mut self, capsule: &Capsule, verb: char, value: &Value) {
        if let Some(secret) = capsule.downcast_ref::<Secret>() {
            if !self.string(secret.expose(), verb) {
                self.bad_verb(verb, value);
            }
        } else if let Some(secret) = capsule.downcast_ref::<OptionalSecret>() {
            self.optional_secret(secret, verb, value);
        } else if let Some(map) = capsule.downcast_ref::<RawMap>() {
            match verb {
                'w' => self.bad_verb(verb, value),
                'p' => self.pad("0x0"),
                _ => self.map(capsule.kind(), map.sorted().into_iter().map(|(key, value)| (key, value)), verb, Self::element),
            }
        } else {
            self.pad(&capsule.display());
        }
    }

    /// A struct of two fields in the original.
    fn optional_secret(&mut self, secret: &OptionalSecret, verb: char, value: &Value) {
        if matches!(verb, 'p' | 'w') {
            return self.bad_verb(verb, value);
        }
        let (flag, text) = (Value::Bool(secret.is_secret), Value::string(secret.expose()));
        let (open, first, separator, second) = match (self.flags.sharp_v, self.flags.plus_v) {
            (true, _) => ("alloytypes.OptionalSecret{", "IsSecret:", ", ", "Value:"),
            (false, true) => ("{", "IsSecret:", " ", "Value:"),
            (false, false) => ("{", "", " ", ""),
        };
        self.push(open);
        self.push(first);
        self.element(&flag, verb);
        self.push(separator);
        self.push(second);
        self.element(&text, verb);
        self.push("}");
    }
}
