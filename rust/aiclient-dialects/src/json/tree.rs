//! A small tree, for the one kind of JSON that has to be rearranged: schemas.
//!
//! Leaves stay the bytes they were. Nothing on the path of a streamed event comes here.

use std::borrow::Cow;

use super::{Cursor, FromJson, Invalid, Kind, Raw, ToJson, write_array, write_object};

/// A JSON value that can be rearranged.
#[derive(Clone, Debug, PartialEq)]
pub enum Node<'a> {
    /// Members in order.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    /// Elements in order.
    Array(Vec<Node<'a>>),
    /// Anything else, as the bytes it was.
    Leaf(Cow<'a, str>),
}

impl<'a> Node<'a> {
    /// The tree of a valid value.
    pub fn of(raw: Raw<'a>) -> Self {
        raw.read().unwrap_or(Self::Leaf(Cow::Borrowed("null")))
    }

    /// The tree without what is inside of the objects among an object's members: they are leaves.
    pub fn outline(raw: Raw<'a>) -> Self {
        let mut members = Vec::new();
        let read = Cursor::new(raw.text()).object(|cursor, key| {
            let value = match cursor.kind()? {
                Kind::Object => Self::Leaf(Cow::Borrowed(cursor.raw()?.text())),
                _ => Self::from_json(cursor)?,
            };
            members.push((key.decode(), value));
            Ok(())
        });
        if read.is_ok() { Self::Object(members) } else { Self::of(raw) }
    }

    /// A string.
    pub fn string(text: &str) -> Self {
        let mut out = Vec::new();
        text.write_json(&mut out);
        Self::Leaf(Cow::Owned(String::from_utf8(out).unwrap_or_default()))
    }

    /// A value that is written as it is: `true`, `3`.
    pub fn literal(text: &'static str) -> Self {
        Self::Leaf(Cow::Borrowed(text))
    }

    /// The text of a string.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        let text = self.as_leaf().filter(|leaf| leaf.starts_with('"'))?;
        super::parse::<super::Literal<'_>>(text).ok().map(super::Literal::decode)
    }

    /// The bytes of a leaf.
    pub fn as_leaf(&self) -> Option<&str> {
        if let Self::Leaf(text) = self { Some(text) } else { None }
    }

    /// A member of an object.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// A member of an object, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match self {
            Self::Object(members) => members.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Take a member out of an object.
    pub fn remove(&mut self, key: &str) -> Option<Self> {
        let Self::Object(members) = self else { return None };
        let at = members.iter().position(|(name, _)| name == key)?;
        Some(members.remove(at).1)
    }

    /// Give an object a member, in the place of one that it has.
    pub fn set(&mut self, key: impl Into<Cow<'a, str>>, value: Self) {
        let Self::Object(members) = self else { return };
        let key = key.into();
        match members.iter_mut().find(|(name, _)| *name == key) {
            Some((_, slot)) => *slot = value,
            None => members.push((key, value)),
        }
    }

    /// The value as JSON text.
    pub fn to_text(&self) -> String {
        let mut out = Vec::new();
        self.write_json(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

impl<'a> FromJson<'a> for Node<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::Object => {
                let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
                cursor.object(|cursor, key| {
                    members.push((key.decode(), Node::from_json(cursor)?));
                    Ok(())
                })?;
                Ok(Self::Object(members))
            }
            Kind::Array => Vec::from_json(cursor).map(Self::Array),
            _ => cursor.raw().map(|raw| Self::Leaf(Cow::Borrowed(raw.text()))),
        }
    }
}

impl ToJson for Node<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Object(members) => write_object(out, |object| {
                for (key, value) in members {
                    object.own(key, value);
                }
            }),
            Self::Array(elements) => {
                write_array(out, |array| elements.iter().for_each(|element| array.element(element)))
            }
            Self::Leaf(text) => out.extend_from_slice(text.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn members_are_rearranged_and_the_rest_stays() {
        let mut tree: Node = parse(r#"{"a":{"n":1.50},"k\"ey":["x",null],"a2":true}"#).unwrap_or(Node::literal("null"));
        tree.remove("a2");
        tree.set("b", Node::string("q\""));
        assert_eq!(tree.to_text(), r#"{"a":{"n":1.50},"k\"ey":["x",null],"b":"q\""}"#);
    }
}
