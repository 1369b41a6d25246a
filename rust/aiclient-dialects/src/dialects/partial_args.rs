//! Arguments that come in pieces by path, as Vertex streams them.
//!
//! Reference: cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc.

use std::borrow::Cow;

use crate::json::{Node, Number, Text};

/// What a piece adds to the value at its path.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    /// More of a text.
    Text(Text<'a>),
    /// A number.
    Number(Number<'a>),
    /// True or false.
    Boolean(bool),
}

/// The arguments of a call in progress.
#[derive(Debug)]
pub(super) struct PartialArgs {
    tree: Node<'static>,
}

impl Default for PartialArgs {
    fn default() -> Self {
        Self { tree: Node::Object(Vec::new()) }
    }
}

impl PartialArgs {
    /// Put a piece where its path says; texts of one path are joined.
    pub(super) fn put(&mut self, path: &str, piece: Option<&Piece<'_>>) {
        let mut slot = &mut self.tree;
        for step in steps(path) {
            slot = child(slot, &step);
        }
        *slot = match piece {
            Some(Piece::Text(more)) => {
                Node::string(&format!("{}{}", slot.as_text().unwrap_or_default(), more.decode()))
            }
            Some(Piece::Number(number)) => Node::Leaf(Cow::Owned(number.text().to_owned())),
            Some(Piece::Boolean(value)) => Node::literal(if *value { "true" } else { "false" }),
            // A first piece without a value only opens its path.
            None => return,
        };
    }

    /// The arguments as JSON text.
    pub(super) fn to_text(&self) -> String {
        self.tree.to_text()
    }
}

/// One step of a path.
#[derive(Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

/// `$.a.b[0]` and `$['a']`.
fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for name in path.trim_start_matches('$').split(['.', '[']).filter(|name| !name.is_empty()) {
        let name = name.trim_end_matches(']');
        steps.push(match name.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Key(name.trim_matches(['\'', '"']).to_owned()),
        });
    }
    steps
}

/// The value at a step, made if it is not there. Far too large an index is taken for the next one.
fn child<'n>(node: &'n mut Node<'static>, step: &Step) -> &'n mut Node<'static> {
    match step {
        Step::Key(key) => {
            if !matches!(node, Node::Object(_)) {
                *node = Node::Object(Vec::new());
            }
            if node.get(key).is_none() {
                node.set(key.clone(), Node::literal("null"));
            }
            member(node, key)
        }
        Step::Index(index) => {
            if !matches!(node, Node::Array(_)) {
                *node = Node::Array(Vec::new());
            }
            element(node, *index)
        }
    }
}

fn member<'n>(node: &'n mut Node<'static>, key: &str) -> &'n mut Node<'static> {
    let Node::Object(members) = node else { return node };
    let at = members.iter().position(|(name, _)| name == key).unwrap_or(0);
    &mut members[at].1
}

fn element<'n>(node: &'n mut Node<'static>, index: usize) -> &'n mut Node<'static> {
    let Node::Array(elements) = node else { return node };
    let index = index.min(elements.len());
    if index == elements.len() {
        elements.push(Node::literal("null"));
    }
    &mut elements[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn pieces_are_assembled() {
        let mut args = PartialArgs::default();
        args.put("$.city", Some(&Piece::Text("New ".into())));
        args.put("$.city", Some(&Piece::Text("York".into())));
        args.put("$.days[0].n", parse("3").ok().map(Piece::Number).as_ref());
        args.put("$['days'][1]", Some(&Piece::Boolean(true)));
        assert_eq!(args.to_text(), r#"{"city":"New York","days":[{"n":3},true]}"#);
    }
}
