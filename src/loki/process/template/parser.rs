//! The grammar of templates.

use super::lexer::{Part, Token, parts};
use super::value::Val;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Blocks and parentheses in each other at most.
const MOST_DEPTH: usize = 100;

/// What a function does.
pub(crate) type Call = fn(&[Val]) -> Result<Val, String>;

/// A function and its name.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) call: Call,
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A part of a template.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Action(Pipe),
    If(Pipe, Vec<Node>, Vec<Node>),
    With(Pipe, Vec<Node>, Vec<Node>),
    Range(Pipe, Vec<Node>, Vec<Node>),
    Template(String, Option<Pipe>),
    Break,
    Continue,
}

/// Commands, each given the result of the one before.
#[derive(Debug)]
pub(super) struct Pipe {
    /// Variables that take the result.
    pub(super) variables: Vec<String>,
    /// They exist already.
    pub(super) assign: bool,
    pub(super) commands: Vec<Vec<Arg>>,
}

/// A part of a command.
#[derive(Debug)]
pub(super) enum Arg {
    Dot,
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(String, Vec<String>),
    /// `(…).a.b`
    Chain(Box<Arg>, Vec<String>),
    Pipe(Box<Pipe>),
    Function(Function),
    And,
    Or,
}

/// A template and those that are defined in it.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    templates: BTreeMap<String, Vec<Node>>,
}

/// The name of the template itself; none that is defined can have it.
const MAIN: &str = "";

impl Parsed {
    pub(super) fn main(&self) -> &[Node] {
        self.get(MAIN).unwrap_or_default()
    }

    pub(super) fn get(&self, name: &str) -> Option<&[Node]> {
        self.templates.get(name).map(Vec::as_slice)
    }
}

/// Parses a template.
pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let parts = parts(text)?;
    let mut parser = Parser { parts: parts.into_iter(), parsed: Parsed::default(), variables: vec!["$".to_owned()], depth: 0, loops: 0 };
    let (nodes, end) = parser.nodes()?;
    match end {
        End::Text => {}
        End::Word(word, _) => return Err(format!("`{word}` has no beginning")),
    }
    parser.parsed.templates.insert(MAIN.to_owned(), nodes);
    Ok(parser.parsed)
}

/// What ended a list of nodes.
enum End {
    Text,
    /// `end` or `else`, with what follows.
    Word(&'static str, Words),
}

struct Parser {
    parts: std::vec::IntoIter<Part>,
    parsed: Parsed,
    variables: Vec<String>,
    depth: usize,
    loops: usize,
}

impl Parser {
    fn nodes(&mut self) -> Result<(Vec<Node>, End), String> {
        let mut out = Vec::new();
        while let Some(part) = self.parts.next() {
            let tokens = match part {
                Part::Text(text) => {
                    out.push(Node::Text(text));
                    continue;
                }
                Part::Action(tokens) => tokens,
            };
            let mut words = Words { tokens, at: 0 };
            let word = match words.peek() {
                Some(Token::Word(word)) => word.clone(),
                _ => String::new(),
            };
            let keyword = ["if", "with", "range", "template", "block", "define", "break", "continue", "else", "end"]
                .into_iter()
                .find(|keyword| *keyword == word);
            let Some(keyword) = keyword else {
                let pipe = self.pipe(&mut words)?;
                words.end()?;
                out.push(Node::Action(pipe));
                continue;
            };
            words.at += 1;
            match keyword {
                "end" => {
                    words.end()?;
                    return Ok((out, End::Word("end", words)));
                }
                "else" => return Ok((out, End::Word("else", words))),
                "define" => self.define(words)?,
                keyword => out.push(self.control(keyword, words)?),
            }
        }
        Ok((out, End::Text))
    }

    fn control(&mut self, keyword: &str, mut words: Words) -> Result<Node, String> {
        match keyword {
            "break" | "continue" if self.loops == 0 => Err(format!("`{keyword}` stands outside of a `range`")),
            "break" => words.end().map(|()| Node::Break),
            "continue" => words.end().map(|()| Node::Continue),
            "template" => {
                let name = words.name()?;
                let pipe = if words.peek().is_some() { Some(self.pipe(&mut words)?) } else { None };
                words.end()?;
                Ok(Node::Template(name, pipe))
            }
            "block" => {
                let name = words.name()?;
                let pipe = self.pipe(&mut words)?;
                words.end()?;
                self.body(name.clone())?;
                Ok(Node::Template(name, Some(pipe)))
            }
            keyword => self.branch(keyword, words),
        }
    }

    fn define(&mut self, mut words: Words) -> Result<(), String> {
        let name = words.name()?;
        words.end()?;
        self.body(name)
    }

    /// The body of a template that is defined.
    fn body(&mut self, name: String) -> Result<(), String> {
        let outer = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let loops = std::mem::take(&mut self.loops);
        self.deeper()?;
        let (nodes, end) = self.nodes()?;
        self.depth -= 1;
        self.variables = outer;
        self.loops = loops;
        match end {
            End::Word("end", _) => {
                self.parsed.templates.insert(name, nodes);
                Ok(())
            }
            _ => Err(format!("template {name:?} has no `end`")),
        }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > MOST_DEPTH { Err("the template is too deep".to_owned()) } else { Ok(()) }
    }

    fn branch(&mut self, keyword: &str, mut words: Words) -> Result<Node, String> {
        self.deeper()?;
        let visible = self.variables.len();
        let pipe = self.range_pipe(keyword, &mut words)?;
        words.end()?;
        self.loops += usize::from(keyword == "range");
        let (yes, end) = self.nodes()?;
        self.loops -= usize::from(keyword == "range");
        let no = match end {
            End::Word("end", _) => Vec::new(),
            End::Word(_, mut words) => self.otherwise(keyword, &mut words)?,
            End::Text => return Err(format!("`{keyword}` has no `end`")),
        };
        self.variables.truncate(visible);
        self.depth -= 1;
        Ok(match keyword {
            "if" => Node::If(pipe, yes, no),
            "with" => Node::With(pipe, yes, no),
            _ => Node::Range(pipe, yes, no),
        })
    }

    fn otherwise(&mut self, keyword: &str, words: &mut Words) -> Result<Vec<Node>, String> {
        if let Some(Token::Word(word)) = words.peek() {
            let word = word.clone();
            if word != keyword || word == "range" {
                return Err(format!("`else {word}` does not fit `{keyword}`"));
            }
            words.at += 1;
            let rest = Words { tokens: std::mem::take(&mut words.tokens), at: words.at };
            // The chain shares the `end` of the first branch.
            return Ok(vec![self.branch(keyword, rest)?]);
        }
        words.end()?;
        match self.nodes()? {
            (nodes, End::Word("end", _)) => Ok(nodes),
            _ => Err(format!("`else` of `{keyword}` has no `end`")),
        }
    }

    fn range_pipe(&mut self, keyword: &str, words: &mut Words) -> Result<Pipe, String> {
        let pipe = self.pipe(words)?;
        if pipe.variables.len() > 1 && keyword != "range" {
            return Err("two variables are for `range` only".to_owned());
        }
        Ok(pipe)
    }

    fn pipe(&mut self, words: &mut Words) -> Result<Pipe, String> {
        let (variables, assign) = self.declaration(words)?;
        let mut commands = Vec::new();
        loop {
            let command = self.command(words)?;
            if command.is_empty() {
                // Nothing behind the last `|` is no error.
                if !commands.is_empty() && !words.take("|") {
                    break;
                }
                return Err("a value is missing".to_owned());
            }
            let first = &command[0];
            let callable = matches!(first, Arg::Function(_) | Arg::And | Arg::Or | Arg::Field(_) | Arg::Variable(..) | Arg::Chain(..));
            if !commands.is_empty() && !callable {
                return Err("what stands behind `|` must be a function".to_owned());
            }
            commands.push(command);
            if !words.take("|") {
                break;
            }
        }
        self.variables.extend(variables.iter().filter(|_| !assign).cloned());
        Ok(Pipe { variables, assign, commands })
    }

    /// `$x :=`, `$k, $v :=`, `$x =`
    fn declaration(&mut self, words: &mut Words) -> Result<(Vec<String>, bool), String> {
        let mut names = Vec::new();
        let mut at = words.at;
        while let Some((Token::Variable(name), _)) = words.tokens.get(at) {
            names.push(name.clone());
            match words.tokens.get(at + 1) {
                Some((Token::Sign(","), _)) if names.len() < 2 => at += 2,
                Some((Token::Sign(sign @ (":=" | "=")), _)) => {
                    words.at = at + 2;
                    let assign = *sign == "=";
                    for name in names.iter().filter(|_| assign) {
                        self.known(name)?;
                    }
                    return Ok((names, assign));
                }
                _ => break,
            }
        }
        Ok((Vec::new(), false))
    }

    fn known(&self, name: &str) -> Result<(), String> {
        if self.variables.iter().any(|known| known == name) { Ok(()) } else { Err(format!("variable {name} is not defined")) }
    }

    fn command(&mut self, words: &mut Words) -> Result<Vec<Arg>, String> {
        let mut args = Vec::new();
        while let Some(arg) = self.operand(words)? {
            args.push(arg);
        }
        if args.is_empty() || !matches!(args[0], Arg::Nil) {
            return Ok(args);
        }
        Err("nil is not a command".to_owned())
    }

    fn operand(&mut self, words: &mut Words) -> Result<Option<Arg>, String> {
        let Some(token) = words.peek().cloned() else { return Ok(None) };
        if matches!(token, Token::Sign("|" | ")" | ":=" | "=" | ",")) {
            return Ok(None);
        }
        words.at += 1;
        let arg = match token {
            Token::Dot => Arg::Dot,
            Token::Text(text) => Arg::Text(text),
            Token::Int(n) => Arg::Int(n),
            Token::Float(n) => Arg::Float(n),
            Token::Field(name) => {
                let mut fields = vec![name];
                words.fields(&mut fields);
                return Ok(Some(Arg::Field(fields)));
            }
            Token::Variable(name) => {
                self.known(&name)?;
                let mut fields = Vec::new();
                words.fields(&mut fields);
                return Ok(Some(Arg::Variable(name, fields)));
            }
            Token::Word(word) => function(&word)?,
            Token::Sign(_) => {
                self.deeper()?;
                let pipe = self.pipe(words)?;
                if !words.take(")") {
                    return Err("a `)` is missing".to_owned());
                }
                self.depth -= 1;
                Arg::Pipe(Box::new(pipe))
            }
        };
        let mut fields = Vec::new();
        words.fields(&mut fields);
        if fields.is_empty() {
            return Ok(Some(arg));
        }
        match arg {
            Arg::Pipe(_) | Arg::Function(_) => Ok(Some(Arg::Chain(Box::new(arg), fields))),
            _ => Err(format!("`.{}` does not fit here", fields[0])),
        }
    }
}

fn function(word: &str) -> Result<Arg, String> {
    Ok(match word {
        "nil" => Arg::Nil,
        "true" => Arg::Bool(true),
        "false" => Arg::Bool(false),
        "and" => Arg::And,
        "or" => Arg::Or,
        name => Arg::Function(super::sprig::find(name).ok_or_else(|| format!("there is no function `{name}`"))?),
    })
}

/// The words of one action.
struct Words {
    tokens: Vec<(Token, bool)>,
    at: usize,
}

impl Words {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(found);
        found
    }

    /// The name of a template.
    fn name(&mut self) -> Result<String, String> {
        let Some(Token::Text(name)) = self.peek() else { return Err("the name of a template in quotes is missing".to_owned()) };
        let name = name.to_string();
        self.at += 1;
        Ok(name)
    }

    /// Fields without a blank before them.
    fn fields(&mut self, out: &mut Vec<String>) {
        while let Some((Token::Field(name), false)) = self.tokens.get(self.at) {
            out.push(name.clone());
            self.at += 1;
        }
    }

    fn end(&self) -> Result<(), String> {
        match self.peek() {
            None => Ok(()),
            Some(token) => Err(format!("{token:?} is not expected")),
        }
    }
}
