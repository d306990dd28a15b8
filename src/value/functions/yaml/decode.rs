//! From the tree to values: merge keys, aliases, and mappings with keys of any type.

use super::resolve::{BINARY, MERGE, NULL, STR, resolve};
use super::{Kind, Node, Tree};
use crate::capsule::{Capsule, CapsuleValue};
use crate::number::Number;
use crate::value_model::{Object, Value};
use base64::Engine as _;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A mapping with a key that is not a string: opaque, as in the original.
#[derive(Debug, PartialEq)]
pub(in crate::functions) struct RawMap(Vec<(Value, Value)>);

impl RawMap {
    /// The entries in the order in which the original prints them: by the type of the key, then by the key.
    pub(in crate::functions) fn sorted(&self) -> Vec<&(Value, Value)> {
        let mut entries: Vec<_> = self.0.iter().collect();
        entries.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| order(a, b)));
        entries
    }
}

fn rank(key: &Value) -> u8 {
    match key {
        Value::Null => 0,
        Value::String(_) => 1,
        Value::Number(Number::Uint(_)) => 2,
        Value::Number(Number::Int(_)) => 3,
        Value::Number(Number::Float(_)) => 4,
        _ => 5,
    }
}

/// The order of keys of one type; what is no number comes before all numbers.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => {
            let number = |number: &Number| !number.as_f64().is_nan();
            a.order(*b).unwrap_or_else(|| number(a).cmp(&number(b)))
        }
        _ => Ordering::Equal,
    }
}

impl CapsuleValue for RawMap {
    fn kind(&self) -> &'static str {
        "map[interface {}]interface {}"
    }
    fn same(&self, other: &dyn CapsuleValue) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }
}

/// The value of the node `root`.
pub(super) fn decode(tree: &Tree, root: usize) -> Result<Value, String> {
    let mut decoder = Decoder { tree, aliases: HashSet::new(), count: 0, alias_count: 0, alias_depth: 0 };
    decoder.node(root)
}

struct Decoder<'t> {
    tree: &'t Tree,
    /// Aliases being followed, to find the ones that contain themselves.
    aliases: HashSet<usize>,
    count: u64,
    alias_count: u64,
    alias_depth: u64,
}

/// The members of a mapping while it is read.
struct Members {
    /// All keys are strings.
    strings: bool,
    entries: Vec<(Value, Value)>,
    /// Where a key stands in `entries`.
    places: HashMap<String, usize>,
}

impl Members {
    fn insert(&mut self, key: Value, value: Value) {
        let next = self.entries.len();
        let place = *self.places.entry(identity(&key)).or_insert(next);
        if place == next {
            self.entries.push((key, value));
        } else {
            self.entries[place].1 = value;
        }
    }

    fn finish(self) -> Value {
        if !self.strings {
            return Value::Capsule(Capsule::new(RawMap(self.entries)));
        }
        let text = |key| match key {
            Value::String(text) => Some(text),
            _ => None,
        };
        let members: Object = self.entries.into_iter().filter_map(|(key, value)| Some((text(key)?, value))).collect();
        Value::Object(Arc::new(members))
    }
}

/// Tells keys apart by type and value.
fn identity(key: &Value) -> String {
    format!("{} {}", key.type_name(), crate::print::to_text(key))
}

impl<'t> Decoder<'t> {
    fn get(&self, index: usize) -> &'t Node {
        &self.tree.nodes[index]
    }

    /// Documents that consist mostly of aliases are refused: they grow without bound.
    fn step(&mut self) -> Result<(), String> {
        self.count += 1;
        self.alias_count += u64::from(self.alias_depth > 0);
        let allowed = match self.count {
            ..=400_000 => 0.99,
            4_000_000.. => 0.1,
            n => 0.99 - 0.89 * ((n - 400_000) as f64 / 3_600_000.0),
        };
        let share = self.alias_count as f64 / self.count as f64;
        if self.alias_count > 100 && self.count > 1000 && share > allowed {
            return Err("this YAML consists of too many aliases".into());
        }
        Ok(())
    }

    fn node(&mut self, index: usize) -> Result<Value, String> {
        self.step()?;
        let node = self.get(index);
        match node.kind {
            Kind::Alias => self.follow(index, |decoder, target| decoder.node(target)),
            Kind::Scalar => scalar(node),
            Kind::Sequence => {
                let items = node.content.iter().map(|item| self.node(*item)).collect::<Result<Vec<_>, _>>()?;
                Ok(Value::array(items))
            }
            Kind::Mapping => {
                let strings = node.content.iter().step_by(2).all(|key| matches!(self.short_tag(*key), STR | MERGE));
                let mut members = Members { strings, entries: Vec::new(), places: HashMap::new() };
                self.mapping(index, &mut members, None)?;
                Ok(members.finish())
            }
        }
    }

    fn follow<T>(&mut self, index: usize, then: impl FnOnce(&mut Self, usize) -> Result<T, String>) -> Result<T, String> {
        let node = self.get(index);
        if !self.aliases.insert(index) || self.alias_depth > 100 {
            return Err(format!("the YAML anchor `{}` contains itself, line {}", node.value, node.line));
        }
        self.alias_depth += 1;
        let result = then(self, node.alias);
        self.alias_depth -= 1;
        self.aliases.remove(&index);
        result
    }

    /// The type that decides whether a key is a string.
    fn short_tag(&self, index: usize) -> &'t str {
        let mut node = self.get(index);
        // An alias of an alias cannot be written.
        if node.kind == Kind::Alias {
            node = self.get(node.alias);
        }
        match (node.kind, node.tag.as_str(), node.quoted) {
            (Kind::Scalar, "", true) => STR,
            (Kind::Scalar, "", false) => resolve("", &node.value).map_or(STR, |(tag, _)| tag),
            (Kind::Scalar, tag, _) => tag,
            _ => "",
        }
    }

    fn is_merge(&self, index: usize) -> bool {
        let node = self.get(index);
        node.kind == Kind::Scalar && node.value == "<<" && !node.quoted && matches!(node.tag.as_str(), "" | MERGE)
            || node.kind == Kind::Scalar && node.value == "<<" && node.tag == MERGE
    }

    /// Adds the entries of a mapping. `merged` holds the keys that a merge must leave alone.
    fn mapping(&mut self, index: usize, members: &mut Members, mut merged: Option<&mut HashSet<String>>) -> Result<(), String> {
        let node = self.get(index);
        self.unique_keys(node)?;
        let mut merge = None;
        for pair in node.content.chunks_exact(2) {
            let (key, value) = (pair[0], pair[1]);
            if self.is_merge(key) {
                merge = Some(value);
                continue;
            }
            let Some(name) = self.key(key, members.strings)? else { continue };
            if merged.as_deref_mut().is_some_and(|merged| !merged.insert(identity(&name))) {
                continue;
            }
            if matches!(name, Value::Array(_) | Value::Object(_)) || is_raw_map(&name) {
                return Err(format!("YAML collections cannot be keys, line {}", self.get(key).line));
            }
            let value = self.node(value)?;
            members.insert(name, value);
        }
        match (merge, merged) {
            (None, _) => Ok(()),
            (Some(merge), Some(merged)) => self.merge(merge, members, merged),
            (Some(merge), None) => {
                let mut own = HashSet::new();
                for key in node.content.iter().step_by(2) {
                    own.insert(identity(&self.key(*key, members.strings)?.unwrap_or_default()));
                }
                self.merge(merge, members, &mut own)
            }
        }
    }

    /// A key; among strings every scalar counts as its text, and null as nothing.
    fn key(&mut self, index: usize, strings: bool) -> Result<Option<Value>, String> {
        let value = self.node(index)?;
        if !strings {
            return Ok(Some(value));
        }
        let mut node = self.get(index);
        if node.kind == Kind::Alias {
            node = self.get(node.alias);
        }
        match (&value, node.kind) {
            (Value::Null, _) => Ok(None),
            (Value::String(_), Kind::Scalar) if node.tag == BINARY => Ok(Some(value)),
            (_, Kind::Scalar) => Ok(Some(Value::string(&node.value))),
            _ => Err(format!("a YAML collection cannot be a key here, line {}", node.line)),
        }
    }

    fn merge(&mut self, index: usize, members: &mut Members, merged: &mut HashSet<String>) -> Result<(), String> {
        let node = self.get(index);
        let sources = match node.kind {
            Kind::Sequence => node.content.clone(),
            _ => vec![index],
        };
        for source in sources {
            let node = self.get(source);
            let target = if node.kind == Kind::Alias { self.get(node.alias) } else { node };
            if target.kind != Kind::Mapping {
                return Err(format!("`<<` merges a mapping or a list of mappings, line {}", node.line));
            }
            self.step()?;
            match node.kind {
                Kind::Alias => self.follow(source, |decoder, target| decoder.mapping(target, members, Some(merged)))?,
                _ => self.mapping(source, members, Some(merged))?,
            }
        }
        Ok(())
    }

    /// Keys are compared as they are written: `1` and `"1"` are the same.
    fn unique_keys(&self, node: &Node) -> Result<(), String> {
        let mut seen = HashSet::new();
        for key in node.content.iter().step_by(2).map(|key| self.get(*key)) {
            if !seen.insert((key.kind, key.value.as_str())) {
                let name = super::super::json_codec::head(&key.value);
                return Err(format!("the YAML key `{name}` appears twice, line {}", key.line));
            }
        }
        Ok(())
    }
}

fn is_raw_map(value: &Value) -> bool {
    matches!(value, Value::Capsule(capsule) if capsule.downcast_ref::<RawMap>().is_some())
}

fn scalar(node: &Node) -> Result<Value, String> {
    if node.tag == STR || node.tag.is_empty() && node.quoted {
        return Ok(Value::string(&node.value));
    }
    let (tag, value) = resolve(&node.tag, &node.value)?;
    if tag != BINARY {
        return Ok(if tag == NULL { Value::Null } else { value });
    }
    let packed = node.value.replace(['\r', '\n'], "");
    match base64::engine::general_purpose::STANDARD.decode(packed) {
        Ok(bytes) => Ok(Value::string(String::from_utf8_lossy(&bytes))),
        Err(_) => Err(format!("a YAML value marked as binary is not base64, line {}", node.line)),
    }
}
