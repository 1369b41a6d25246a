//! A pull reader over one JSON text: one pass, no tree, no allocation.
//!
//! Strict by RFC 8259, with a limit on nesting. Of duplicate keys the last wins, as in most parsers.

use super::literal::scan_string;
use super::{Literal, Place};

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

/// Any JSON value, valid, as the bytes it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raw<'a> {
    text: &'a str,
    at: u32,
}

/// A JSON number with the digits it was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    text: &'a str,
    at: u32,
}

/// A type that can be read from a cursor.
pub trait FromJson<'a>: Sized {
    /// Read one value and leave the cursor behind it.
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid>;
}

/// Read a whole body as one value.
pub fn parse<'a, T: FromJson<'a>>(text: &'a str) -> Result<T, Invalid> {
    let mut cursor = Cursor::new(text);
    let value = T::from_json(&mut cursor)?;
    cursor.end()?;
    Ok(value)
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
            Ok(length) => {
                self.at = start + length + 2;
                Ok(Literal::new(&self.text[start + 1..=start + length], self.base + start))
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
        Ok(Number { text: &self.text[start..self.at], at: offset32(self.base + start) })
    }

    /// Any value, checked and kept as it is.
    pub fn raw(&mut self) -> Result<Raw<'a>, Invalid> {
        let start = self.position();
        self.skip()?;
        Ok(Raw { text: &self.text[start..self.at], at: offset32(self.base + start) })
    }

    /// Check any value and go past it.
    pub fn skip(&mut self) -> Result<(), Invalid> {
        match self.kind()? {
            Kind::String => self.string().map(drop),
            Kind::Number => self.number().map(drop),
            Kind::Boolean => self.boolean().map(drop),
            Kind::Null => self.word("null"),
            Kind::Array => self.array(Cursor::skip),
            Kind::Object => self.object(|cursor, _| cursor.skip()),
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

/// The length of the number at the start of `bytes`; 0 if there is none.
fn scan_number(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let integer = if bytes.get(sign) == Some(&b'0') { 1 } else { digits(sign) };
    if integer == 0 {
        return 0;
    }
    let mut end = sign + integer;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
    }
    if let Some(b'e' | b'E') = bytes.get(end) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent == 0 {
            return 0;
        }
        end += 1 + sign + exponent;
    }
    end
}

fn offset32(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl<'a> Raw<'a> {
    /// The bytes, as text.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Where it stood.
    pub fn place(self) -> Place {
        Place::at(self.at as usize)
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        // A `Raw` is only ever made of a valid value.
        Cursor::new(self.text).kind().unwrap_or(Kind::Null)
    }

    /// Read it as something; places in errors and results are those of the whole body.
    pub fn read<T: FromJson<'a>>(self) -> Result<T, Invalid> {
        T::from_json(&mut Cursor { base: self.at as usize, ..Cursor::new(self.text) })
    }
}

impl<'a> Number<'a> {
    /// The number that a string holds, as proto JSON writes 64-bit integers.
    pub fn quoted(literal: Literal<'a>) -> Option<Self> {
        let text = literal.escaped();
        (!text.is_empty() && scan_number(text.as_bytes()) == text.len())
            .then(|| Self { text, at: offset32(literal.place().offset()) })
    }

    /// The digits.
    pub fn text(self) -> &'a str {
        self.text
    }

    /// Where it stood.
    pub fn place(self) -> Place {
        Place::at(self.at as usize)
    }

    /// As a count, if it is one. `3.0` is: Gemini's proto JSON writes integers so at times.
    pub fn as_u64(self) -> Option<u64> {
        self.text.parse().ok().or_else(|| {
            let value = self.as_f64();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "in range and integral by the test before"
            )]
            ((0.0..=9e15).contains(&value) && value.fract() == 0.0).then_some(value as u64)
        })
    }

    /// As a signed integer, if it is one.
    pub fn as_i64(self) -> Option<i64> {
        self.text.parse().ok()
    }

    /// As the nearest double.
    pub fn as_f64(self) -> f64 {
        // Every JSON number is in Rust's grammar of floats.
        self.text.parse().unwrap_or(f64::NAN)
    }
}

impl<'a> FromJson<'a> for Raw<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        cursor.raw()
    }
}

impl<'a> FromJson<'a> for Literal<'a> {
    #[inline]
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        cursor.string()
    }
}

impl<'a> FromJson<'a> for Number<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        cursor.number()
    }
}

impl FromJson<'_> for bool {
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Invalid> {
        cursor.boolean()
    }
}

impl FromJson<'_> for u64 {
    fn from_json(cursor: &mut Cursor<'_>) -> Result<Self, Invalid> {
        let place = cursor.place();
        cursor.number()?.as_u64().ok_or(Invalid { place, expected: "a whole number that is not negative" })
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for super::At<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        let place = cursor.place();
        Ok(Self { value: T::from_json(cursor)?, place })
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Option<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        if cursor.null()? { Ok(None) } else { T::from_json(cursor).map(Some) }
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for Vec<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        let mut all = Self::new();
        cursor.array(|cursor| {
            all.push(T::from_json(cursor)?);
            Ok(())
        })?;
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_follow_the_grammar() {
        for good in ["0", "-0", "12", "-1.5", "1e9", "1E-2", "0.25e+3", "123456789012345678901234567890"] {
            assert!(parse::<Number>(good).is_ok(), "{good}");
        }
        for bad in ["", "-", "01", "1.", ".5", "1e", "+1", "0x1", "NaN"] {
            assert!(parse::<Number>(bad).is_err(), "{bad}");
        }
    }

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
