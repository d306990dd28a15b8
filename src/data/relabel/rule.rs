//! Rules as they are written in a configuration, their validation, and the capsule that exports them.

use super::regexp::Regexp;
use super::template::Template;
use std::fmt;
use std::sync::Arc;
use value::schema::Type;
use value::{Arguments, Capsule, CapsuleValue, DecodeError, FromValue, IntoValue, TextEnum, ValidateError, Value};

/// What a rule does.
#[derive(TextEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[alloy(type = "relabel.Action")]
pub enum Action {
    /// Writes `replacement` to `target_label` when the sources match.
    #[default]
    Replace,
    /// Keeps only what matches.
    Keep,
    /// Drops what matches.
    Drop,
    /// Keeps only what has equal sources and `target_label`.
    #[alloy(name = "keepequal")]
    KeepEqual,
    /// Drops what has equal sources and `target_label`.
    #[alloy(name = "dropequal")]
    DropEqual,
    /// Writes a hash of the sources modulo `modulus` to `target_label`.
    #[alloy(name = "hashmod")]
    HashMod,
    /// Copies labels with matching names to names made of `replacement`.
    #[alloy(name = "labelmap")]
    LabelMap,
    /// Removes labels with matching names.
    #[alloy(name = "labeldrop")]
    LabelDrop,
    /// Removes all other labels.
    #[alloy(name = "labelkeep")]
    LabelKeep,
    /// Writes the sources in lower case to `target_label`.
    Lowercase,
    /// Writes the sources in upper case to `target_label`.
    Uppercase,
}

/// One relabelling step.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::validate)]
pub struct Rule {
    /// Labels whose values are joined and matched. A label that is absent counts as empty.
    #[alloy(attr, optional)]
    pub source_labels: Vec<String>,
    /// What stands between the joined values.
    #[alloy(attr, default = ";")]
    pub separator: String,
    /// Matched against the whole of the joined values, or against label names.
    #[alloy(attr, default = "(.*)", always)]
    pub regex: Regexp,
    /// The modulus of `hashmod`.
    #[alloy(attr, default = 0)]
    pub modulus: u64,
    /// The label that is written or compared.
    #[alloy(attr, default = "")]
    pub target_label: Template,
    /// What is written; `$1` stands for the first group of the regular expression.
    #[alloy(attr, default = "$1")]
    pub replacement: Template,
    /// What to do.
    #[alloy(attr, default = "replace")]
    pub action: Action,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            source_labels: Vec::new(),
            separator: ";".to_owned(),
            regex: Regexp::default(),
            modulus: 0,
            target_label: Template::default(),
            replacement: Template::new("$1"),
            action: Action::Replace,
        }
    }
}

/// Why a rule is refused: the attribute at fault and the cause.
pub type Fault = (&'static str, String);

impl Rule {
    fn validate(&self) -> Result<(), ValidateError> {
        self.check().map_err(|(field, message)| ValidateError::at(field, message))
    }

    /// Checks what the attributes mean together.
    ///
    /// # Errors
    /// The first attribute that does not fit the action.
    pub fn check(&self) -> Result<(), Fault> {
        use Action::{DropEqual, HashMod, KeepEqual, LabelDrop, LabelKeep, LabelMap, Lowercase, Replace, Uppercase};
        let (action, name) = (self.action, self.action.as_str());
        if action == HashMod && self.modulus == 0 {
            return Err(("modulus", "action `hashmod` needs a `modulus` above 0".to_owned()));
        }
        if matches!(action, Replace | HashMod | Lowercase | Uppercase | KeepEqual | DropEqual) && self.target_label.is_empty() {
            return Err(("target_label", format!("action `{name}` needs a `target_label`")));
        }
        if action == Replace && self.target_label.contains('$') && !is_name_template(&self.target_label) {
            return Err(("target_label", format!("{:?} cannot be expanded to a label name", self.target_label)));
        }
        if action == LabelMap && !is_name_template(&self.replacement) {
            return Err(("replacement", format!("{:?} cannot be expanded to a label name", self.replacement)));
        }
        match action {
            Lowercase | Uppercase if *self.replacement != *Self::REPLACEMENT => {
                Err(("replacement", format!("action `{name}` takes no `replacement`")))
            }
            LabelDrop | LabelKeep => self.takes_only(&["regex"]),
            KeepEqual | DropEqual => self.takes_only(&["source_labels", "target_label"]),
            _ => Ok(()),
        }
    }

    const REPLACEMENT: &'static str = "$1";
    const SEPARATOR: &'static str = ";";

    fn takes_only(&self, allowed: &[&str]) -> Result<(), Fault> {
        let set = [
            ("source_labels", !self.source_labels.is_empty()),
            ("target_label", !self.target_label.is_empty()),
            ("regex", self.regex.as_str() != Regexp::DEFAULT),
            ("modulus", self.modulus != 0),
            ("separator", self.separator != Self::SEPARATOR),
            ("replacement", *self.replacement != *Self::REPLACEMENT),
        ];
        match set.iter().find(|(name, is_set)| *is_set && !allowed.contains(name)) {
            Some((field, _)) => Err((field, format!("action `{}` takes only `{}`", self.action.as_str(), allowed.join("` and `")))),
            None => Ok(()),
        }
    }
}

/// True for label names of `[a-zA-Z_][a-zA-Z0-9_]*` in which `$name` and `${name}` may stand.
fn is_name_template(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = text;
    let mut may_be_digit = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '$' {
            let braced = rest.strip_prefix('{');
            let body = braced.unwrap_or(rest);
            let end = body.find(|c| !word(c)).unwrap_or(body.len());
            if end == 0 {
                return false;
            }
            rest = &body[end..];
            if braced.is_some() {
                let Some(after) = rest.strip_prefix('}') else { return false };
                rest = after;
            }
        } else if !word(c) || (c.is_ascii_digit() && !may_be_digit) {
            return false;
        }
        may_be_digit = true;
    }
    may_be_digit
}

/// Rules that a component exports for others to apply.
#[derive(Clone, Default, PartialEq)]
pub struct Rules(Arc<[Rule]>);

impl Rules {
    /// The kind of the capsule.
    pub const KIND: &'static str = "relabel.Rules";

    /// These rules, in this order.
    pub fn new(rules: impl Into<Arc<[Rule]>>) -> Self {
        Self(rules.into())
    }
}

impl std::ops::Deref for Rules {
    type Target = [Rule];
    fn deref(&self) -> &[Rule] {
        &self.0
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl CapsuleValue for Rules {
    fn kind(&self) -> &'static str {
        Self::KIND
    }
    fn same(&self, other: &dyn CapsuleValue) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }
}

impl IntoValue for Rules {
    fn into_value(&self) -> Value {
        Value::Capsule(Capsule::new(self.clone()))
    }
}

impl FromValue for Rules {
    fn ty() -> Type {
        Type::Capsule(Self::KIND)
    }
    fn from_value(value: &Value) -> Result<Self, DecodeError> {
        match value {
            Value::Null => Ok(Self::default()),
            Value::Capsule(capsule) if let Some(rules) = capsule.downcast_ref::<Self>() => Ok(rules.clone()),
            other => {
                Err(DecodeError::expected("the rules of a component", other).hint("write, for example, `discovery.relabel.default.rules`"))
            }
        }
    }
}
