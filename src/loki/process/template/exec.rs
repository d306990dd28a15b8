//! Execution of templates.

use super::Data;
use super::parser::{Arg, Function, Node, Parsed, Pipe};
use super::value::Val;
use std::rc::Rc;

/// Templates that call each other at most.
const MOST_CALLS: usize = 100;
/// The longest result.
const LONGEST: usize = 16 << 20;
/// Turns of all loops of one execution together.
const MOST_TURNS: usize = 1_000_000;

type Result<T> = std::result::Result<T, String>;

/// Executes `parsed`.
pub(super) fn execute(parsed: &Parsed, data: &dyn Data, out: &mut String) -> Result<()> {
    let mut state = State { parsed, data, out, variables: vec![("$".to_owned(), Val::Root)], calls: 0, turns: 0 };
    state.walk(parsed.main(), &Val::Root).map(|_| ())
}

/// How a list of nodes ended.
#[derive(PartialEq)]
enum End {
    Normal,
    Break,
    Continue,
}

struct State<'a> {
    parsed: &'a Parsed,
    data: &'a dyn Data,
    out: &'a mut String,
    variables: Vec<(String, Val)>,
    calls: usize,
    turns: usize,
}

impl State<'_> {
    fn walk(&mut self, nodes: &[Node], dot: &Val) -> Result<End> {
        for node in nodes {
            let end = self.node(node, dot)?;
            if end != End::Normal {
                return Ok(end);
            }
            if self.out.len() > LONGEST {
                return Err("the result is too long".to_owned());
            }
        }
        Ok(End::Normal)
    }

    fn node(&mut self, node: &Node, dot: &Val) -> Result<End> {
        match node {
            Node::Text(text) => self.out.push_str(text),
            Node::Action(pipe) => {
                let value = self.pipe(pipe, dot)?;
                if pipe.variables.is_empty() {
                    self.print(&value);
                }
            }
            Node::Break => return Ok(End::Break),
            Node::Continue => return Ok(End::Continue),
            Node::Template(name, pipe) => self.template(name, pipe.as_ref(), dot)?,
            Node::If(pipe, yes, no) | Node::With(pipe, yes, no) => {
                let before = self.variables.len();
                let value = self.pipe(pipe, dot)?;
                let with = matches!(node, Node::With(..));
                let end = match (value.is_true(), with) {
                    (true, true) => self.walk(yes, &value),
                    (true, false) => self.walk(yes, dot),
                    (false, _) => self.walk(no, dot),
                };
                self.variables.truncate(before);
                return end;
            }
            Node::Range(pipe, body, no) => {
                let before = self.variables.len();
                let end = self.range(pipe, body, no, dot);
                self.variables.truncate(before);
                return end;
            }
        }
        Ok(End::Normal)
    }

    fn print(&mut self, value: &Val) {
        match value {
            Val::Nil => self.out.push_str("<no value>"),
            Val::Root => {
                let all = self.whole(value);
                all.print(self.out);
            }
            value => value.print(self.out),
        }
    }

    /// The data as a map.
    fn whole(&self, value: &Val) -> Val {
        match value {
            Val::Root => Val::map(self.data.all()),
            other => other.clone(),
        }
    }

    fn template(&mut self, name: &str, pipe: Option<&Pipe>, dot: &Val) -> Result<()> {
        let nodes = self.parsed.get(name).ok_or_else(|| format!("there is no template {name:?}"))?;
        let value = pipe.map_or(Ok(Val::Nil), |pipe| self.pipe(pipe, dot))?;
        self.calls += 1;
        if self.calls > MOST_CALLS {
            return Err("templates call each other too often".to_owned());
        }
        let outer = std::mem::replace(&mut self.variables, vec![("$".to_owned(), value.clone())]);
        self.walk(nodes, &value)?;
        self.variables = outer;
        self.calls -= 1;
        Ok(())
    }

    fn range(&mut self, pipe: &Pipe, body: &[Node], no: &[Node], dot: &Val) -> Result<End> {
        let value = self.commands(pipe, dot)?;
        let items: Vec<(Val, Val)> = match self.whole(&value) {
            Val::List(items, _) => items.iter().enumerate().map(|(i, item)| (Val::Int(i as i64), item.clone())).collect(),
            Val::Map(members, _) => members.borrow().iter().map(|(key, member)| (Val::text(key.as_str()), member.clone())).collect(),
            Val::Int(n) | Val::Int64(n) => {
                self.turn(usize::try_from(n).unwrap_or(0))?;
                (0..n).map(|i| (Val::Int(i), Val::Int(i))).collect()
            }
            Val::Nil => Vec::new(),
            other => return Err(format!("range cannot go over a value of type {}", other.type_name())),
        };
        if items.is_empty() {
            return self.walk(no, dot);
        }
        self.turn(items.len())?;
        for (key, item) in items {
            let before = self.variables.len();
            match pipe.variables.as_slice() {
                [] => {}
                [value] => self.set(value, item.clone(), pipe.assign),
                [index, value, ..] => {
                    self.set(index, key, pipe.assign);
                    self.set(value, item.clone(), pipe.assign);
                }
            }
            let end = self.walk(body, &item)?;
            self.variables.truncate(before);
            if end == End::Break {
                break;
            }
        }
        Ok(End::Normal)
    }

    fn turn(&mut self, n: usize) -> Result<()> {
        self.turns = self.turns.saturating_add(n);
        if self.turns > MOST_TURNS { Err("the loops have too many turns".to_owned()) } else { Ok(()) }
    }

    fn set(&mut self, name: &str, value: Val, assign: bool) {
        match self.variables.iter_mut().rev().find(|(n, _)| assign && n == name) {
            Some((_, old)) => *old = value,
            None => self.variables.push((name.to_owned(), value)),
        }
    }

    /// Evaluates a pipe and gives its variables the result.
    fn pipe(&mut self, pipe: &Pipe, dot: &Val) -> Result<Val> {
        let value = self.commands(pipe, dot)?;
        for name in &pipe.variables {
            self.set(name, value.clone(), pipe.assign);
        }
        Ok(value)
    }

    fn commands(&mut self, pipe: &Pipe, dot: &Val) -> Result<Val> {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(command, last, dot)?);
        }
        Ok(last.unwrap_or(Val::Nil))
    }

    fn command(&mut self, command: &[Arg], last: Option<Val>, dot: &Val) -> Result<Val> {
        let Some((first, args)) = command.split_first() else { return Ok(Val::Nil) };
        match first {
            Arg::Function(function) => self.call(*function, args, last, dot),
            Arg::And | Arg::Or => self.logic(matches!(first, Arg::And), args, last, dot),
            _ if !args.is_empty() || last.is_some() => self.method(first, args, last, dot),
            arg => self.value(arg, dot),
        }
    }

    fn call(&mut self, function: Function, args: &[Arg], last: Option<Val>, dot: &Val) -> Result<Val> {
        let mut values = Vec::with_capacity(args.len() + 1);
        for arg in args {
            let value = self.value(arg, dot)?;
            values.push(self.whole(&value));
        }
        values.extend(last.map(|value| self.whole(&value)));
        (function.call)(&values).map_err(|error| format!("{}: {error}", function.name))
    }

    /// `and` and `or` look at no more than they need.
    fn logic(&mut self, and: bool, args: &[Arg], last: Option<Val>, dot: &Val) -> Result<Val> {
        let mut result = None;
        for arg in args {
            let value = self.value(arg, dot)?;
            if value.is_true() != and {
                return Ok(value);
            }
            result = Some(value);
        }
        last.or(result).ok_or_else(|| "too few arguments".to_owned())
    }

    /// A value that is given arguments: only times and versions have something to call.
    fn method(&mut self, first: &Arg, args: &[Arg], last: Option<Val>, dot: &Val) -> Result<Val> {
        let (Arg::Field(fields) | Arg::Variable(_, fields) | Arg::Chain(_, fields)) = first else {
            return Err("what is no function takes no arguments".to_owned());
        };
        let Some((name, path)) = fields.split_last() else { return Err("a variable takes no arguments".to_owned()) };
        let base = match first {
            Arg::Variable(variable, _) => self.variable(variable)?,
            Arg::Chain(inner, _) => self.value(inner, dot)?,
            _ => dot.clone(),
        };
        let base = self.fields(base, path)?;
        let mut values = vec![base];
        for arg in args {
            values.push(self.value(arg, dot)?);
        }
        values.extend(last);
        super::sprig::method(name, &values)
    }

    fn variable(&self, name: &str) -> Result<Val> {
        let found = self.variables.iter().rev().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone()).ok_or_else(|| format!("variable {name} is not defined"))
    }

    fn value(&mut self, arg: &Arg, dot: &Val) -> Result<Val> {
        Ok(match arg {
            Arg::Dot => dot.clone(),
            Arg::Nil => Val::Nil,
            Arg::Bool(flag) => Val::Bool(*flag),
            Arg::Int(n) => Val::Int(*n),
            Arg::Float(n) => Val::Float(*n),
            Arg::Text(text) => Val::Str(text.clone()),
            Arg::Field(fields) => return self.fields(dot.clone(), fields),
            Arg::Variable(name, fields) => {
                let value = self.variable(name)?;
                return self.fields(value, fields);
            }
            Arg::Chain(inner, fields) => {
                let value = self.value(inner, dot)?;
                return self.fields(value, fields);
            }
            Arg::Pipe(pipe) => return self.pipe(pipe, dot),
            Arg::Function(function) => return self.call(*function, &[], None, dot),
            Arg::And | Arg::Or => return Err("too few arguments".to_owned()),
        })
    }

    fn fields(&self, mut value: Val, fields: &[String]) -> Result<Val> {
        for (at, name) in fields.iter().enumerate() {
            value = match &value {
                Val::Root => self.data.get(name).unwrap_or(Val::Nil),
                Val::Map(members, _) => match members.borrow().get(name) {
                    // A null that is there has no members; what is missing has none either, but that is no error.
                    Some(Val::Nil) if at + 1 < fields.len() => return Err(format!("there is no value to take .{} of", fields[at + 1])),
                    member => member.cloned().unwrap_or(Val::Nil),
                },
                Val::Nil => Val::Nil,
                Val::Version(_) | Val::Time(_) => super::sprig::method(name, std::slice::from_ref(&value))?,
                other => return Err(format!("a value of type {} has no .{name}", other.type_name())),
            };
        }
        Ok(value)
    }
}

impl From<Vec<Val>> for Val {
    fn from(items: Vec<Val>) -> Self {
        Self::List(Rc::new(items), super::value::Of::Any)
    }
}
