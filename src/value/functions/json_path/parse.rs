//! Reading of paths.

use super::equation::{Equation, Op};
use super::{Fragment, Member};
use crate::value_model::Value;

/// Steps of a path.
const MAX_FRAGMENTS: usize = 200;
/// How deep filters may nest.
const MAX_DEPTH: usize = 50;
/// The end of a slice that names none.
const OPEN_END: i64 = 2_147_483_647;

/// Reads a whole path.
pub(super) fn parse(path: &str) -> Result<Vec<Fragment>, String> {
    let mut parser = Parser { bytes: path.as_bytes(), at: 0, depth: 0 };
    let fragments = parser.path()?;
    if parser.at < parser.bytes.len() {
        return Err(parser.error("this is no part of a path"));
    }
    Ok(fragments)
}

pub(super) struct Parser<'p> {
    bytes: &'p [u8],
    at: usize,
    depth: usize,
}

/// Bytes that names without quotes consist of.
fn is_name(byte: u8) -> bool {
    matches!(byte, b'#' | b'%' | b'0'..=b';' | b'?' | b'A'..=b'Z' | b'^' | b'_' | b'a'..=b'~' | 0x80..)
}

impl Parser<'_> {
    pub(super) fn error(&self, message: &str) -> String {
        format!("{message}, at character {} of the path", self.at + 1)
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Result<u8, String> {
        let byte = self.peek().ok_or_else(|| self.error("the path ends too early"))?;
        self.at += 1;
        Ok(byte)
    }

    /// The next byte that is no space, taken.
    fn next_visible(&mut self) -> Result<u8, String> {
        self.skip_spaces();
        self.next()
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// The next byte that is no space, not taken.
    fn peek_visible(&mut self) -> Option<u8> {
        self.skip_spaces();
        self.peek()
    }

    /// The longest path from here.
    fn path(&mut self) -> Result<Vec<Fragment>, String> {
        let mut fragments = Vec::new();
        while let Some(fragment) = self.fragment(&fragments)? {
            fragments.push(fragment);
            if fragments.len() > MAX_FRAGMENTS {
                return Err(self.error(&format!("a path cannot have more than {MAX_FRAGMENTS} steps")));
            }
        }
        Ok(fragments)
    }

    fn fragment(&mut self, before: &[Fragment]) -> Result<Option<Fragment>, String> {
        let first = before.is_empty();
        let Some(byte) = self.peek() else { return Ok(None) };
        self.at += 1;
        Ok(match byte {
            b'$' => first.then_some(Fragment::Root),
            b'@' => first.then_some(Fragment::At),
            b'.' => Some(self.after_dot()?),
            b'*' => Some(Fragment::Wildcard),
            b'[' => Some(self.bracket()?),
            _ => {
                self.at -= 1;
                let name = is_name(byte) && (first || matches!(before.last(), Some(Fragment::Descent)));
                name.then(|| self.name())
            }
        })
    }

    fn after_dot(&mut self) -> Result<Fragment, String> {
        match self.peek() {
            Some(b'*') => {
                self.at += 1;
                Ok(Fragment::Wildcard)
            }
            Some(b'.') => {
                self.at += 1;
                Ok(Fragment::Descent)
            }
            Some(byte) if is_name(byte) => Ok(self.name()),
            Some(_) => Err(self.error("a name cannot begin like this: write it in brackets and quotes")),
            None => Err(self.error("the path ends too early")),
        }
    }

    fn name(&mut self) -> Fragment {
        let length = self.bytes[self.at..].iter().take_while(|byte| is_name(**byte)).count();
        let name = String::from_utf8_lossy(&self.bytes[self.at..self.at + length]).into_owned();
        self.at += length;
        Fragment::Child(name)
    }

    fn bracket(&mut self) -> Result<Fragment, String> {
        match self.next_visible()? {
            b'*' => match self.next_visible()? {
                b']' => Ok(Fragment::Wildcard),
                _ => Err(self.error("`]` is missing")),
            },
            quote @ (b'\'' | b'"') => {
                let name = self.string(quote)?;
                match self.next_visible()? {
                    b']' => Ok(Fragment::Child(name)),
                    b',' => self.union(Member::Name(name)),
                    _ => Err(self.error("`]` or `,` is missing")),
                }
            }
            b':' => self.slice(0),
            b'?' => self.filter(),
            byte @ (b'-' | b'0'..=b'9') => {
                let (number, mut byte) = self.integer(byte)?;
                if byte == b' ' {
                    byte = self.next_visible()?;
                }
                match byte {
                    b']' => Ok(Fragment::Nth(number)),
                    b',' => self.union(Member::Index(number)),
                    b':' => self.slice(number),
                    _ => Err(self.error("`]`, `,` or `:` is missing")),
                }
            }
            _ => Err(self.error("expected an index, a name in quotes, a slice or a filter")),
        }
    }

    /// A number that begins with `byte`, and the byte after it.
    fn integer(&mut self, mut byte: u8) -> Result<(i64, u8), String> {
        let negative = byte == b'-';
        if negative {
            byte = self.next()?;
        }
        if !byte.is_ascii_digit() {
            return Err(self.error("expected a number"));
        }
        let mut number = 0i64;
        while byte.is_ascii_digit() {
            number = number.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            byte = self.next()?;
        }
        Ok((if negative { number.wrapping_neg() } else { number }, byte))
    }

    /// What follows the first `:`.
    fn slice(&mut self, start: i64) -> Result<Fragment, String> {
        let (mut end, mut step) = (OPEN_END, 1);
        let mut byte = self.next_visible()?;
        if byte != b']' && byte != b':' {
            (end, byte) = self.integer(byte)?;
        }
        if byte == b':' {
            byte = self.next()?;
            if byte != b']' {
                (step, byte) = self.integer(byte)?;
            }
        }
        if byte != b']' {
            return Err(self.error("this slice is not `[start:end:step]`"));
        }
        Ok(Fragment::Slice { start, end, step })
    }

    fn union(&mut self, first: Member) -> Result<Fragment, String> {
        let mut members = vec![first];
        loop {
            let mut byte = self.next_visible()?;
            match byte {
                quote @ (b'\'' | b'"') => {
                    members.push(Member::Name(self.string(quote)?));
                    byte = self.next_visible()?;
                }
                b'-' | b'0'..=b'9' => {
                    let (number, after) = self.integer(byte)?;
                    members.push(Member::Index(number));
                    byte = if after == b' ' { self.next_visible()? } else { after };
                }
                _ => return Err(self.error("expected an index or a name in quotes")),
            }
            match byte {
                b',' => {}
                b']' => return Ok(Fragment::Union(members)),
                _ => return Err(self.error("`]` or `,` is missing")),
            }
        }
    }

    /// The rest of a string whose opening `quote` was taken.
    fn string(&mut self, quote: u8) -> Result<String, String> {
        let mut out = Vec::new();
        loop {
            match self.next()? {
                byte if byte == quote => return Ok(String::from_utf8_lossy(&out).into_owned()),
                b'\\' => self.escape(&mut out)?,
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), String> {
        match self.next()? {
            b'b' => out.push(8),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'f' => out.push(12),
            b'r' => out.push(b'\r'),
            byte @ (b'"' | b'\'' | b'\\') => out.push(byte),
            b'x' => {
                let code = self.hex(2)?;
                out.push(code as u8);
            }
            b'u' | b'U' => {
                let c = char::from_u32(self.hex(4)?).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            _ => return Err(self.error("this escape sequence does not exist")),
        }
        Ok(())
    }

    fn hex(&mut self, digits: usize) -> Result<u32, String> {
        let mut code = 0;
        for _ in 0..digits {
            let digit = char::from(self.next()?).to_digit(16).ok_or_else(|| self.error("expected a hexadecimal digit"))?;
            code = code * 16 + digit;
        }
        Ok(code)
    }

    fn filter(&mut self) -> Result<Fragment, String> {
        let equation = self.equation()?.reduce_outer();
        match self.peek_visible() {
            Some(b']') => {
                self.at += 1;
                Ok(Fragment::Filter(Box::new(equation)))
            }
            _ => Err(self.error("the filter does not end with `]`")),
        }
    }

    /// Values and operators up to `,`, `)` or `]`.
    fn equation(&mut self) -> Result<Equation, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("this filter is nested too deep"));
        }
        let mut operands = vec![self.operand()?];
        let mut ops = Vec::new();
        while self.at < self.bytes.len() {
            if matches!(self.peek_visible(), Some(b',' | b')' | b']') | None) {
                break;
            }
            ops.push(self.operator()?);
            operands.push(self.operand()?);
            if ops.len() > MAX_FRAGMENTS {
                return Err(self.error("this filter is too long"));
            }
        }
        self.depth -= 1;
        Ok(Equation::chain(operands, &ops))
    }

    fn operand(&mut self) -> Result<Equation, String> {
        let Some(byte) = self.peek_visible() else { return Err(self.error("the filter ends too early")) };
        match byte {
            b'!' => {
                // Denies everything that follows.
                self.at += 1;
                Ok(Equation::Not(Box::new(self.equation()?)))
            }
            b'-' | b'0'..=b'9' => self.number().map(Equation::Const),
            b'\'' | b'"' => {
                self.at += 1;
                self.string(byte).map(|text| Equation::Const(Value::from(text)))
            }
            b'@' | b'$' => self.path().map(Equation::Path),
            b'(' => {
                self.at += 1;
                let inner = self.equation()?;
                self.expect(b')')?;
                Ok(Equation::Group(Box::new(inner)))
            }
            b'[' => self.list(),
            b'/' => {
                self.at += 1;
                self.regex()
            }
            b'N' => {
                if !self.bytes[self.at..].starts_with(b"Nothing") {
                    return Err(self.error("expected `Nothing`"));
                }
                self.at += "Nothing".len();
                Ok(Equation::Nothing)
            }
            _ => self.word(),
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        if self.peek_visible() != Some(byte) {
            return Err(self.error(&format!("`{}` is missing", char::from(byte))));
        }
        self.at += 1;
        Ok(())
    }

    /// `true`, `false`, `null` or a call of a function.
    fn word(&mut self) -> Result<Equation, String> {
        let start = self.at;
        let length = self.bytes[start..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        self.at += length;
        match &self.bytes[start..self.at] {
            b"true" => Ok(Equation::Const(Value::Bool(true))),
            b"false" => Ok(Equation::Const(Value::Bool(false))),
            b"null" => Ok(Equation::Const(Value::Null)),
            name => {
                let Some(op) = std::str::from_utf8(name).ok().and_then(Op::named) else {
                    self.at = start;
                    return Err(self.error("this is neither a value nor a function"));
                };
                self.call(op)
            }
        }
    }

    fn call(&mut self, op: Op) -> Result<Equation, String> {
        if self.peek() != Some(b'(') {
            return Err(self.error("`(` is missing"));
        }
        self.at += 1;
        let left = self.equation()?;
        let mut right = Equation::Const(Value::Null);
        if self.peek_visible() == Some(b',') {
            self.at += 1;
            right = self.equation()?;
        }
        self.expect(b')')?;
        Ok(Equation::Binary(op, Box::new(left), Box::new(right)))
    }

    fn list(&mut self) -> Result<Equation, String> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            if let Equation::Const(value) = self.equation()? {
                items.push(value);
            }
            match self.next_visible()? {
                b',' => {}
                b']' => return Ok(Equation::Const(Value::array(items))),
                _ => return Err(self.error("`,` or `]` is missing")),
            }
        }
    }

    fn regex(&mut self) -> Result<Equation, String> {
        let start = self.at;
        loop {
            match self.next()? {
                b'/' => break,
                b'\\' => self.at += 1,
                _ => {}
            }
        }
        let pattern = String::from_utf8_lossy(&self.bytes[start..self.at - 1]).into_owned();
        match super::filter::compile(&pattern) {
            Some(regex) => Ok(Equation::Regex(Box::new(regex))),
            None => Err(self.error("this regular expression cannot be read")),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        self.at += 1;
        self.digits();
        let mut whole = true;
        if self.peek() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits();
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).unwrap_or("");
        match (whole, text.parse::<i64>()) {
            (true, Ok(number)) => Ok(Value::from(number)),
            (true, Err(_)) => Err(self.error("this number cannot be read")),
            (false, _) => Ok(Value::from(text.parse::<f64>().unwrap_or(0.0))),
        }
    }

    fn digits(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// The longest run of operator characters must be an operator.
    fn operator(&mut self) -> Result<Op, String> {
        self.skip_spaces();
        let start = self.at;
        loop {
            let token = &self.bytes[start..self.at];
            let Some(byte) = self.peek() else { return Err(self.error("the filter ends too early")) };
            let symbol = matches!(byte, b'!' | b'&' | b'*' | b'+' | b'-' | b'/' | b'<'..=b'>' | b'e' | b'h' | b'i' | b'|' | b'~');
            if !symbol && (token.is_empty() || !Op::has_prefix(token, byte)) {
                break;
            }
            if byte == b'-' && !token.is_empty() {
                return Err(self.error("there is no such operator: a negative number needs a space before it"));
            }
            self.at += 1;
        }
        let name = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
        Op::named(&name).ok_or_else(|| self.error(&format!("there is no operator `{name}`")))
    }
}
