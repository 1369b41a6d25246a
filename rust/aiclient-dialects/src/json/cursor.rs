//! A pull reader over one JSON text: one pass, no tree, no allocation.
//!
//! Strict by RFC 8259, with a limit on nesting. Of duplicate keys the last wins, as in most parsers.

use super::literal::{Scanned, scan_string};
use super::skim::skim;
use super::value::scan_number;
use super::{Literal, Number, Place, Raw};

/// How deep a body may nest. Schemas and arguments of real clients stay below 30.
const DEPTH_LIMIT: u32 = 128;

/// Why a body could not be read, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Where it went wrong.
    pub place: Place,
    /// What should have stood there, for a sentence "expected ...".
    pub expected: &'static str,
}

/// What kind of value comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the six kinds of RFC 8259")]
pub enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

/// A position in a JSON text.
#[derive(Clone, Debug)]
pub struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// Where `text` begins in the body it was taken from.
    base: usize,
    depth: u32,
}

impl<'a> Cursor<'a> {
    /// Before the first byte of `text`, which begins at `base` in the body it was taken from.
    pub(super) fn within(text: &'a str, base: usize) -> Self {
        Self { base, ..Self::new(text) }
    }

    /// Before the first byte of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, base: 0, depth: 0 }
    }

    /// The offset of the next byte to read, white space included.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The offset of the next value.
    pub fn position(&mut self) -> usize {
        self.space();
        self.at
    }

    /// The place of the next value.
    pub fn place(&mut self) -> Place {
        Place::at(self.base + self.position())
    }

    /// An error at the next value.
    pub fn invalid(&mut self, expected: &'static str) -> Invalid {
        Invalid { place: self.place(), expected }
    }

    /// What comes next, by its first byte.
    pub fn kind(&mut self) -> Result<Kind, Invalid> {
        match self.peek() {
            Some(b'"') => Ok(Kind::String),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'n') => Ok(Kind::Null),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            _ => Err(self.invalid("a JSON value")),
        }
    }

    /// Consume a `null` if there is one.
    pub fn null(&mut self) -> Result<bool, Invalid> {
        if self.peek() == Some(b'n') { self.word("null").map(|()| true) } else { Ok(false) }
    }

    /// A string, kept escaped.
    pub fn string(&mut self) -> Result<Literal<'a>, Invalid> {
        let start = self.position();
        if self.byte() != Some(b'"') {
            return Err(self.invalid("a string"));
        }
        match scan_string(&self.text.as_bytes()[start + 1..]) {
            Ok(Scanned { length, has_escapes }) => {
                self.at = start + length + 2;
                Ok(Literal::new(&self.text[start + 1..=start + length], self.base + start, has_escapes))
            }
            Err((length, expected)) => Err(Invalid { place: Place::at(self.base + start + 1 + length), expected }),
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self) -> Result<bool, Invalid> {
        match self.peek() {
            Some(b't') => self.word("true").map(|()| true),
            Some(b'f') => self.word("false").map(|()| false),
            _ => Err(self.invalid("true or false")),
        }
    }

    /// A number, as it is written.
    pub fn number(&mut self) -> Result<Number<'a>, Invalid> {
        let start = self.position();
        let length = scan_number(&self.text.as_bytes()[start..]);
        if length == 0 {
            return Err(self.invalid("a number"));
        }
        self.at = start + length;
        Ok(Number::new(&self.text[start..self.at], self.base + start))
    }

    /// Any value, checked and kept as it is.
    pub fn raw(&mut self) -> Result<Raw<'a>, Invalid> {
        self.raw_read_by(Self::skip)
    }

    /// The value that `read` consumes, kept as it is.
    #[inline]
    pub fn raw_read_by(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Invalid>) -> Result<Raw<'a>, Invalid> {
        let start = self.position();
        read(self)?;
        Ok(Raw::new(&self.text[start..self.at], self.base + start))
    }

    /// Check any value and go past it.
    pub fn skip(&mut self) -> Result<(), Invalid> {
        match skim(self.text.as_bytes(), self.at, DEPTH_LIMIT - self.depth) {
            Ok(end) => {
                self.at = end;
                Ok(())
            }
            Err((at, expected)) => Err(Invalid { place: Place::at(self.base + at), expected }),
        }
    }

    /// Read an object; `member` must consume the value of each key.
    #[inline]
    pub fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Literal<'a>) -> Result<(), Invalid>,
    ) -> Result<(), Invalid> {
        self.open(b'{', "an object")?;
        if !self.close(b'}') {
            loop {
                let key = self.string().map_err(|invalid| Invalid { expected: "a quoted key", ..invalid })?;
                self.punctuation(b':', "`:`")?;
                member(self, key)?;
                if !self.separator(b'}', "`,` or `}`")? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Read an array; `element` must consume each element.
    #[inline]
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), Invalid>) -> Result<(), Invalid> {
        self.open(b'[', "an array")?;
        if !self.close(b']') {
            loop {
                element(self)?;
                if !self.separator(b']', "`,` or `]`")? {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Walk the members of an object or the elements of an array, each with its pointer segment.
    pub(super) fn any_members(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Invalid>,
    ) -> Result<(), Invalid> {
        match self.kind()? {
            Kind::Object => self.object(|cursor, key| member(cursor, &key.decode())),
            Kind::Array => {
                let mut index = 0_usize;
                self.array(|cursor| {
                    index += 1;
                    member(cursor, &(index - 1).to_string())
                })
            }
            _ => Ok(()),
        }
    }

    /// Nothing but white space is left.
    pub fn end(&mut self) -> Result<(), Invalid> {
        if self.peek().is_none() { Ok(()) } else { Err(self.invalid("the end of the body")) }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.byte()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &'static str) -> Result<(), Invalid> {
        self.space();
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            Err(self.invalid("a JSON value"))
        }
    }

    #[inline]
    fn punctuation(&mut self, byte: u8, expected: &'static str) -> Result<(), Invalid> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.invalid(expected))
        }
    }

    #[inline]
    fn open(&mut self, byte: u8, expected: &'static str) -> Result<(), Invalid> {
        if self.depth == DEPTH_LIMIT {
            return Err(self.invalid("less deeply nested JSON"));
        }
        self.punctuation(byte, expected)?;
        self.depth += 1;
        Ok(())
    }

    #[inline]
    fn close(&mut self, byte: u8) -> bool {
        let closes = self.peek() == Some(byte);
        if closes {
            self.at += 1;
            self.depth -= 1;
        }
        closes
    }

    /// Go past the `,` before another member (true), or past the closing byte (false).
    #[inline]
    fn separator(&mut self, closing: u8, expected: &'static str) -> Result<bool, Invalid> {
        if self.close(closing) {
            return Ok(false);
        }
        self.punctuation(b',', expected).map(|()| true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nesting_is_bounded() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(parse::<Raw>(&deep(128)).is_ok());
        assert!(parse::<Raw>(&deep(129)).is_err());
        assert!(parse::<Raw>(&"[".repeat(1_000_000)).is_err());
    }

    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read(value in json(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }?;
            prop_assert_eq!(parse::<Raw>(&text).map(Raw::text), Ok(text.as_str()));
        }

        #[test]
        fn what_serde_json_refuses_is_refused(text in r#"[\[\]{}:,"\\0-9a-fu. entrlsE+\-\n]{0,24}"#) {
            let theirs = serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok();
            prop_assert_eq!(parse::<Raw>(&text).is_ok(), theirs);
        }
    }
}
