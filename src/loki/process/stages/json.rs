//! `stage.json` extracts values of lines that are JSON objects.

use super::{BuildStage, Stage, optional_regex, optional_source};
use crate::process::entry::{Flow, Source, Work};
use crate::process::extracted::{Extracted, Key, Value};
use crate::process::jmespath::Expression;
use crate::process::json::{self, Malformed, Scan, Token};
use crate::process::pipeline::{Build, Reason, Scratch};
use bytes::Bytes;
use data::relabel::GoRegex;
use std::collections::BTreeMap;
use value::{Arguments, ValidateError};

/// Extracts values of lines that are JSON objects.
#[derive(Arguments, Clone, Debug, PartialEq)]
#[alloy(validate = Self::check)]
pub(crate) struct JsonArgs {
    /// Names of values, and the JMESPath expressions that find them. An empty expression is the name.
    #[alloy(attr, optional)]
    expressions: BTreeMap<String, String>,
    /// Extracts every field of the object with a matching name, too.
    #[alloy(attr, default = "")]
    regex: String,
    /// The value to read instead of the line.
    #[alloy(attr, optional)]
    source: Option<String>,
    /// Drops lines that are not JSON objects.
    #[alloy(attr, optional)]
    drop_malformed: bool,
}

/// A field of the object, and what is made of it.
struct Field {
    name: Box<[u8]>,
    /// A value, and the path to it inside of the field.
    wanted: Vec<(Key, Vec<Box<str>>)>,
}

struct Json {
    fields: Vec<Field>,
    /// Expressions that need the whole object.
    complex: Vec<(Key, Expression)>,
    regex: Option<GoRegex>,
    source: Source,
    malformed: Option<Reason>,
}

impl BuildStage for JsonArgs {
    fn build(&self, build: &mut Build<'_>) -> Result<Box<dyn Stage>, ValidateError> {
        if self.expressions.is_empty() && self.regex.is_empty() {
            return Err(ValidateError::new("`expressions` or `regex` is needed"));
        }
        let source = optional_source(build, self.source.as_deref())?;
        let regex = optional_regex("regex", &self.regex)?;
        let mut fields: Vec<Field> = Vec::new();
        let mut complex = Vec::new();
        for (name, text) in &self.expressions {
            let text = if text.is_empty() { name } else { text };
            let fault = |cause| ValidateError::at("expressions", format!("{text:?} is not a JMESPath expression: {cause}")).key(name);
            let expression = Expression::compile(text).map_err(fault)?;
            let key = build.key(name);
            let Some((first, path)) = expression
                .path()
                .and_then(|path| Some((path.first()?.as_bytes().into(), path[1..].iter().map(|&part| part.into()).collect())))
            else {
                complex.push((key, expression));
                continue;
            };
            let first: Box<[u8]> = first;
            match fields.iter_mut().find(|field| field.name == first) {
                Some(field) => field.wanted.push((key, path)),
                None => fields.push(Field { name: first, wanted: vec![(key, path)] }),
            }
        }
        let malformed = self.drop_malformed.then(|| build.reason("malformed"));
        Ok(Box::new(Json { fields, complex, regex, source, malformed }))
    }
}

impl Stage for Json {
    fn run(&self, work: &mut Work, scratch: &mut Scratch) -> Flow {
        // Taken out while it is read, which is cheaper than another reference.
        let result = if self.source == Source::Line {
            let line = std::mem::take(&mut work.line);
            let result = self.extract(&line, &mut work.extracted, &mut scratch.found);
            work.line = line;
            result
        } else {
            let Some(input) = self.source.read(work) else { return Flow::Next };
            self.extract(&input, &mut work.extracted, &mut scratch.found)
        };
        match (result, self.malformed) {
            (Err(Malformed), Some(reason)) => Flow::Drop(reason),
            _ => Flow::Next,
        }
    }
}

impl Json {
    fn extract(&self, input: &Bytes, extracted: &mut Extracted, found: &mut Vec<Token>) -> Result<(), Malformed> {
        let mut scan = Scan::new(input);
        found.clear();
        found.resize(self.fields.len(), Token::Null);
        let mut others = Vec::new();
        // The line `null` is an object without fields.
        if scan.peek()? == b'n' {
            scan.skip()?;
        } else {
            self.scan(&mut scan, found, &mut others)?;
        }
        scan.end()?;
        let tree = if self.complex.is_empty() { None } else { Some(json::parse(input)?) };
        for (field, token) in self.fields.iter().zip(found.iter()) {
            for (key, path) in &field.wanted {
                let value = if path.is_empty() { value(input, extracted, token)? } else { nested(input, extracted, token, path)? };
                extracted.set(*key, value);
            }
        }
        for (key, expression) in
            tree.iter().flat_map(|tree| self.complex.iter().map(move |(key, expression)| (*key, expression.search(tree))))
        {
            if let Some(found) = expression {
                extracted.set(key, simple(found));
            }
        }
        for (name, token) in others {
            let value = value(input, extracted, &token)?;
            extracted.set_name(&name, value);
        }
        Ok(())
    }

    fn scan(&self, scan: &mut Scan<'_>, found: &mut [Token], others: &mut Vec<(String, Token)>) -> Result<(), Malformed> {
        scan.expect(b'{')?;
        let mut more = !scan.closes(b'}')?;
        while more {
            let (range, escaped) = scan.key()?;
            let name = scan.unescape(&range, escaped);
            let wanted = self.fields.iter().position(|field| *field.name == *name);
            let other = self.regex.as_ref().and_then(|regex| {
                let name = String::from_utf8_lossy(&name);
                regex.regex().is_match(&name).then(|| name.into_owned())
            });
            if wanted.is_none() && other.is_none() {
                scan.skip()?;
            } else {
                let token = scan.value()?;
                if let Some(name) = other {
                    others.push((name, token.clone()));
                }
                if let Some(index) = wanted {
                    found[index] = token;
                }
            }
            more = scan.another(b'}')?;
        }
        Ok(())
    }
}

/// A token as a value: text without its quotes, arrays and objects as JSON text.
fn value(input: &Bytes, extracted: &mut Extracted, token: &Token) -> Result<Value, Malformed> {
    Ok(match token {
        Token::Null => Value::Null,
        Token::Bool(flag) => Value::Bool(*flag),
        Token::Number(number) => Value::Number(*number),
        Token::String(range, false) => extracted.capture(input, range.clone()),
        Token::String(range, true) => Value::text(Scan::new(input).unescape(range, true).into_owned()),
        Token::Container(range) => Value::text(json::write(&json::parse(&input[range.clone()])?)),
    })
}

/// The value behind a path inside of a field.
fn nested(input: &Bytes, extracted: &mut Extracted, token: &Token, path: &[Box<str>]) -> Result<Value, Malformed> {
    let mut token = token.clone();
    for name in path {
        let Token::Container(range) = &token else { return Ok(Value::Null) };
        token = member(input, range.clone(), name)?;
    }
    value(input, extracted, &token)
}

/// The last member called `name` of the object at `range`, null when there is none.
fn member(input: &Bytes, range: std::ops::Range<usize>, name: &str) -> Result<Token, Malformed> {
    let mut found = Token::Null;
    let mut scan = Scan::at(input, range.start);
    if scan.expect(b'{').is_err() {
        return Ok(found);
    }
    let mut more = !scan.closes(b'}')?;
    while more {
        let (range, escaped) = scan.key()?;
        if *scan.unescape(&range, escaped) == *name.as_bytes() {
            found = scan.value()?;
        } else {
            scan.skip()?;
        }
        more = scan.another(b'}')?;
    }
    Ok(found)
}

fn simple(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(flag) => Value::Bool(flag),
        serde_json::Value::Number(number) => Value::Number(number.as_f64().unwrap_or(0.0)),
        serde_json::Value::String(text) => Value::text(text),
        other => Value::text(json::write(&other)),
    }
}
