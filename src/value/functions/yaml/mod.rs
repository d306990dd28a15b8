//! YAML as Go's `yaml.v3` reads it: the tree of the first document.

mod decode;
mod events;
mod resolve;
mod timestamp;

use crate::value_model::Value;
pub(super) use decode::RawMap;
use events::{Data, Parser};
use std::collections::HashMap;

/// How deep collections may stand in each other.
const MAX_DEPTH: usize = 500;

/// Reads the first document of `text`; null when there is none.
///
/// Mappings with a key that is not a string give a capsule, as in the original.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    match Tree::read(text)? {
        Some((tree, root)) => decode::decode(&tree, root),
        None => Ok(Value::Null),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Scalar,
    Sequence,
    Mapping,
    Alias,
}

/// A node; collections hold the indexes of their parts, mappings keys and values in turn.
#[derive(Debug)]
struct Node {
    kind: Kind,
    /// The tag in short form; empty where none is written and the value decides.
    tag: String,
    /// Text of a scalar, name of an alias.
    value: String,
    /// Written in quotes or as a block.
    quoted: bool,
    content: Vec<usize>,
    alias: usize,
    line: u64,
}

/// All nodes of a document.
#[derive(Debug, Default)]
struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// The tree and its root; `None` for an empty stream.
    fn read(text: &str) -> Result<Option<(Self, usize)>, String> {
        let mut parser = Parser::new(text)?;
        let mut builder = Builder { tree: Self::default(), anchors: HashMap::new(), open: Vec::new(), root: None };
        loop {
            match parser.next()? {
                (Data::End, _) => break,
                (data, line) => builder.event(data, line)?,
            }
        }
        Ok(builder.root.map(|root| (builder.tree, root)))
    }
}

struct Builder {
    tree: Tree,
    anchors: HashMap<String, usize>,
    /// Collections being read, outermost first.
    open: Vec<usize>,
    root: Option<usize>,
}

impl Builder {
    fn event(&mut self, data: Data, line: u64) -> Result<(), String> {
        let node = |kind, tag: Option<String>| Node {
            kind,
            tag: resolve::short_tag(&tag.filter(|tag| tag != "!").unwrap_or_default()),
            value: String::new(),
            quoted: false,
            content: Vec::new(),
            alias: 0,
            line,
        };
        match data {
            Data::Scalar { anchor, tag, value, plain } => {
                self.add(Node { value, quoted: !plain, ..node(Kind::Scalar, tag) }, anchor);
            }
            Data::SequenceStart { anchor, tag } => self.open(node(Kind::Sequence, tag), anchor)?,
            Data::MappingStart { anchor, tag } => self.open(node(Kind::Mapping, tag), anchor)?,
            Data::CollectionEnd => _ = self.open.pop(),
            Data::Alias { anchor } => {
                let Some(alias) = self.anchors.get(&anchor).copied() else {
                    return Err(format!("not YAML: the anchor `{anchor}` does not exist, line {line}"));
                };
                self.add(Node { value: anchor, alias, ..node(Kind::Alias, None) }, None);
            }
            Data::End | Data::OtherVersion | Data::Other => {}
        }
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: Option<String>) -> usize {
        let index = self.tree.nodes.len();
        self.tree.nodes.push(node);
        match self.open.last() {
            Some(parent) => self.tree.nodes[*parent].content.push(index),
            None => self.root = Some(index),
        }
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, index);
        }
        index
    }

    fn open(&mut self, node: Node, anchor: Option<String>) -> Result<(), String> {
        if self.open.len() >= MAX_DEPTH {
            return Err(format!("YAML values cannot stand more than {MAX_DEPTH} levels deep"));
        }
        let index = self.add(node, anchor);
        self.open.push(index);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
