//! JSON as a tree.

use super::scan::{Malformed, Scan, Token};
use serde_json::{Map, Number, Value};

/// Containers in each other at most: a deeper tree would take too much stack.
const MOST_DEPTH: usize = 1000;

/// Reads one value; nothing may follow it.
///
/// # Errors
/// When the text is not JSON, or too deep.
pub(crate) fn parse(text: &[u8]) -> Result<Value, Malformed> {
    let mut scan = Scan::new(text);
    let value = value(&mut scan, 0)?;
    scan.end()?;
    Ok(value)
}

fn value(scan: &mut Scan<'_>, depth: usize) -> Result<Value, Malformed> {
    if depth > MOST_DEPTH {
        return Err(Malformed);
    }
    match scan.peek()? {
        b'[' => {
            scan.expect(b'[')?;
            let mut items = Vec::new();
            let mut more = !scan.closes(b']')?;
            while more {
                items.push(value(scan, depth + 1)?);
                more = scan.another(b']')?;
            }
            Ok(Value::Array(items))
        }
        b'{' => {
            scan.expect(b'{')?;
            let mut members = Map::new();
            let mut more = !scan.closes(b'}')?;
            while more {
                let (range, escaped) = scan.key()?;
                let key = String::from_utf8_lossy(&scan.unescape(&range, escaped)).into_owned();
                members.insert(key, value(scan, depth + 1)?);
                more = scan.another(b'}')?;
            }
            Ok(Value::Object(members))
        }
        _ => Ok(match scan.value()? {
            Token::Bool(flag) => Value::Bool(flag),
            Token::Number(number) => Number::from_f64(number).map_or(Value::Null, Value::Number),
            Token::String(range, escaped) => Value::String(String::from_utf8_lossy(&scan.unescape(&range, escaped)).into_owned()),
            Token::Null | Token::Container(_) => Value::Null,
        }),
    }
}
