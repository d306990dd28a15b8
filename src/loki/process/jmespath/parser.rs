//! The grammar of JMESPath, by binding powers.

use super::lexer::{Token, tokens};
use serde_json::Value;

/// Expressions in each other at most, each link of a chain such as `a.b.c` counted: whoever walks them recurses.
const MOST_DEPTH: usize = 200;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Identity,
    Root,
    Field(String),
    Index(i64),
    Slice([Option<i64>; 3]),
    Literal(Value),
    Variable(String),
    Sub(Box<Node>, Box<Node>),
    Pipe(Box<Node>, Box<Node>),
    Projection(Box<Node>, Box<Node>),
    ValueProjection(Box<Node>, Box<Node>),
    /// Left, right, condition.
    Filter(Box<Node>, Box<Node>, Box<Node>),
    Flatten(Box<Node>),
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Sign(bool, Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    List(Vec<Node>),
    Hash(Vec<(String, Node)>),
    Function(String, Vec<Node>),
    Reference(Box<Node>),
    Let(Vec<(String, Node)>, Box<Node>),
}

/// How strongly a sign binds what is left of it.
fn power(token: &Token) -> u8 {
    let Token::Sign(sign) = token else { return 0 };
    match *sign {
        "|" | "=" => 1,
        "||" => 2,
        "&&" => 3,
        "==" | "!=" | "<" | "<=" | ">" | ">=" => 5,
        "+" | "-" => 6,
        "/" | "//" | "%" | "×" => 7,
        "[]" => 9,
        "*" => 20,
        "[?" => 21,
        "." => 40,
        "!" => 45,
        "{" => 50,
        "[" => 55,
        "(" => 60,
        _ => 0,
    }
}

/// Parses an expression.
pub(super) fn parse(text: &str) -> Result<Node, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let node = parser.expression(0)?;
    match parser.peek() {
        Token::End => Ok(node),
        token => Err(format!("{} is not expected", show(token))),
    }
}

fn show(token: &Token) -> String {
    match token {
        Token::Sign(sign) => format!("`{sign}`"),
        Token::Number(number) => format!("`{number}`"),
        Token::Name(name) | Token::QuotedName(name) | Token::Variable(name) => format!("`{name}`"),
        Token::Literal(value) => format!("`{value}`"),
        Token::End => "the end".to_owned(),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

type Parsed = Result<Node, String>;

impl Parser {
    fn peek(&self) -> &Token {
        self.look(0)
    }

    fn look(&self, ahead: usize) -> &Token {
        self.tokens.get(self.at + ahead).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(s) if *s == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("expected `{sign}`, got {}", show(self.peek()))) }
    }

    fn expression(&mut self, binding: u8) -> Parsed {
        let before = self.depth;
        self.deeper()?;
        let mut node = self.prefix()?;
        while binding < power(self.peek()) {
            self.deeper()?;
            node = self.infix(node)?;
        }
        self.depth = before;
        Ok(node)
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MOST_DEPTH { Err("the expression is too deep".to_owned()) } else { Ok(()) }
    }

    fn boxed(&mut self, binding: u8) -> Result<Box<Node>, String> {
        self.expression(binding).map(Box::new)
    }

    fn prefix(&mut self) -> Parsed {
        let token = self.next();
        let Token::Sign(sign) = token else { return self.operand(token) };
        Ok(match sign {
            "+" => Node::Sign(false, self.boxed(6)?),
            "-" => Node::Sign(true, self.boxed(6)?),
            "*" => {
                let right = if self.is("]") { Node::Identity } else { self.projected(20)? };
                Node::ValueProjection(Box::new(Node::Identity), Box::new(right))
            }
            "[?" => self.filter(Node::Identity)?,
            "{" => self.hash()?,
            "[]" => {
                let left = Node::Flatten(Box::new(Node::Identity));
                Node::Projection(Box::new(left), Box::new(self.projected(9)?))
            }
            "[" => match self.peek() {
                Token::Number(_) | Token::Sign(":") => self.index(Node::Identity)?,
                Token::Sign("*") if *self.look(1) == Token::Sign("]") => {
                    self.at += 2;
                    Node::Projection(Box::new(Node::Identity), Box::new(self.projected(20)?))
                }
                _ => self.list()?,
            },
            "@" => Node::Identity,
            "$" => Node::Root,
            "&" => Node::Reference(self.boxed(0)?),
            "!" => Node::Not(self.boxed(45)?),
            "(" => {
                let inner = self.expression(0)?;
                self.expect(")")?;
                inner
            }
            sign => return Err(format!("`{sign}` is not expected")),
        })
    }

    fn operand(&mut self, token: Token) -> Parsed {
        Ok(match token {
            Token::Variable(name) => Node::Variable(name),
            Token::Literal(value) => Node::Literal(value),
            Token::Name(name) if name == "let" && matches!(self.peek(), Token::Variable(_)) => self.bindings()?,
            Token::Name(name) => Node::Field(name),
            Token::QuotedName(_) if self.is("(") => return Err("the name of a function has no quotes".to_owned()),
            Token::QuotedName(name) => Node::Field(name),
            Token::End => return Err("the expression is not complete".to_owned()),
            token => return Err(format!("{} is not expected", show(&token))),
        })
    }

    fn infix(&mut self, left: Node) -> Parsed {
        let token = self.next();
        let binding = power(&token);
        let Token::Sign(sign) = token else { return Err(format!("{} is not expected", show(&token))) };
        let left = Box::new(left);
        Ok(match sign {
            "." if self.take("*") => Node::ValueProjection(left, Box::new(self.projected(binding)?)),
            "." => Node::Sub(left, Box::new(self.behind_dot(binding)?)),
            "|" => Node::Pipe(left, self.boxed(binding)?),
            "||" => Node::Or(left, self.boxed(binding)?),
            "&&" => Node::And(left, self.boxed(binding)?),
            "(" => {
                let Node::Field(name) = *left else { return Err("`(` needs the name of a function before it".to_owned()) };
                let args = self.arguments()?;
                super::functions::check_name(&name)?;
                Node::Function(name, args)
            }
            "[?" => self.filter(*left)?,
            "[]" => Node::Projection(Box::new(Node::Flatten(left)), Box::new(self.projected(binding)?)),
            "+" | "-" | "*" | "×" | "/" | "%" | "//" | "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                Node::Binary(sign, left, self.boxed(binding)?)
            }
            "[" if matches!(self.peek(), Token::Number(_) | Token::Sign(":")) => self.index(*left)?,
            "[" => {
                self.expect("*")?;
                self.expect("]")?;
                Node::Projection(left, Box::new(self.projected(20)?))
            }
            sign => return Err(format!("`{sign}` is not expected")),
        })
    }

    fn arguments(&mut self) -> Result<Vec<Node>, String> {
        let mut args = Vec::new();
        while !self.take(")") {
            args.push(self.expression(0)?);
            self.take(",");
        }
        Ok(args)
    }

    fn bindings(&mut self) -> Parsed {
        let mut bindings = Vec::new();
        loop {
            match self.next() {
                Token::Variable(name) => {
                    self.expect("=")?;
                    bindings.push((name, self.expression(0)?));
                    self.take(",");
                }
                Token::Name(name) if name == "in" && !bindings.is_empty() => return Ok(Node::Let(bindings, self.boxed(0)?)),
                token => return Err(format!("expected a variable or `in`, got {}", show(&token))),
            }
        }
    }

    /// Behind `[`: `1]`, `1:2]`, `::-1]`.
    fn index(&mut self, left: Node) -> Parsed {
        let mut parts = [None; 3];
        let mut part = 0;
        while !self.take("]") {
            match self.next() {
                Token::Number(number) => parts[part] = Some(number),
                Token::Sign(":") if part < 2 => part += 1,
                token => return Err(format!("expected a number or `:`, got {}", show(&token))),
            }
        }
        let left = Box::new(left);
        if part == 0 {
            let index = parts[0].ok_or("an index needs a number")?;
            return Ok(Node::Sub(left, Box::new(Node::Index(index))));
        }
        let sliced = Node::Sub(left, Box::new(Node::Slice(parts)));
        Ok(Node::Projection(Box::new(sliced), Box::new(self.projected(20)?)))
    }

    fn filter(&mut self, left: Node) -> Parsed {
        let condition = self.expression(0)?;
        self.expect("]")?;
        let right = if self.is("[]") { Node::Identity } else { self.projected(21)? };
        Ok(Node::Filter(Box::new(left), Box::new(right), Box::new(condition)))
    }

    fn list(&mut self) -> Parsed {
        let mut items = vec![self.expression(0)?];
        while !self.take("]") {
            self.expect(",")?;
            items.push(self.expression(0)?);
        }
        Ok(Node::List(items))
    }

    fn hash(&mut self) -> Parsed {
        let mut members = Vec::new();
        loop {
            let (Token::Name(key) | Token::QuotedName(key)) = self.next() else { return Err("expected a name behind `{`".to_owned()) };
            self.expect(":")?;
            members.push((key, self.expression(0)?));
            if self.take("}") {
                return Ok(Node::Hash(members));
            }
            self.take(",");
        }
    }

    fn behind_dot(&mut self, binding: u8) -> Parsed {
        match self.peek() {
            Token::Name(_) | Token::QuotedName(_) | Token::Sign("*") => self.expression(binding),
            Token::Sign("[") => {
                self.at += 1;
                self.list()
            }
            Token::Sign("{") => {
                self.at += 1;
                self.hash()
            }
            token => Err(format!("expected a name behind `.`, got {}", show(token))),
        }
    }

    /// What is applied to every element of a projection.
    fn projected(&mut self, binding: u8) -> Parsed {
        if power(self.peek()) < 10 {
            return Ok(Node::Identity);
        }
        match self.peek() {
            Token::Sign("[" | "[?") => self.expression(binding),
            Token::Sign(".") => {
                self.at += 1;
                self.behind_dot(binding)
            }
            token => Err(format!("{} is not expected", show(token))),
        }
    }
}
