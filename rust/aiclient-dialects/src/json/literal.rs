//! Strings as they stand on the wire, escapes and all.

use std::borrow::Cow;

use super::Place;

/// The inside of a valid JSON string, still escaped: it can be pasted into another JSON string as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal<'a> {
    escaped: &'a str,
    at: u32,
}

/// Text that goes into a reply or a request: pasted from the other side, or made here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// Escaped already; pasted.
    Literal(Literal<'a>),
    /// Escaped already, a copy that outlived its body; pasted.
    Escaped(String),
    /// Plain; escaped when written.
    Plain(Cow<'a, str>),
}

impl<'a> Literal<'a> {
    pub(super) fn new(escaped: &'a str, offset: usize) -> Self {
        Self { escaped, at: u32::try_from(offset).unwrap_or(u32::MAX) }
    }

    /// The bytes between the quotes.
    pub fn escaped(self) -> &'a str {
        self.escaped
    }

    /// Where the string stood.
    pub fn place(self) -> Place {
        Place::at(self.at as usize)
    }

    /// Whether the string is `""`.
    pub fn is_empty(self) -> bool {
        self.escaped.is_empty()
    }

    /// The text it stands for; borrowed when nothing is escaped.
    #[inline]
    pub fn decode(self) -> Cow<'a, str> {
        if memchr::memchr(b'\\', self.escaped.as_bytes()).is_none() {
            Cow::Borrowed(self.escaped)
        } else {
            Cow::Owned(unescape(self.escaped))
        }
    }

    /// Whether it stands for white space alone, or for nothing.
    fn is_blank(self) -> bool {
        let mut rest = self.escaped.trim_start();
        while rest.starts_with('\\') {
            let (character, length) = unescape_one(rest);
            if !character.is_whitespace() {
                return false;
            }
            rest = rest[length..].trim_start();
        }
        rest.is_empty()
    }

    /// A part of the literal, by offsets into [`Literal::escaped`] that do not cut an escape in two.
    #[must_use]
    pub fn slice(self, range: std::ops::RangeFrom<usize>) -> Self {
        Self { escaped: &self.escaped[range], ..self }
    }
}

impl PartialEq<str> for Literal<'_> {
    fn eq(&self, other: &str) -> bool {
        self.escaped == other || self.decode() == other
    }
}

impl<'a> Text<'a> {
    /// Text made here.
    pub fn plain(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Plain(text.into())
    }

    /// Whether there is any text.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Literal(literal) => literal.is_empty(),
            Self::Escaped(text) => text.is_empty(),
            Self::Plain(text) => text.is_empty(),
        }
    }

    /// Whether there is nothing but white space, which Anthropic refuses as a text block.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Literal(literal) => literal.is_blank(),
            Self::Escaped(text) => Literal::new(text, 0).is_blank(),
            Self::Plain(text) => text.trim().is_empty(),
        }
    }

    /// Bytes of the text as it stands, escapes and all.
    #[inline]
    pub fn escaped_len(&self) -> usize {
        match self {
            Self::Literal(literal) => literal.escaped().len(),
            Self::Escaped(text) => text.len(),
            Self::Plain(text) => text.len(),
        }
    }

    /// The text it stands for.
    pub fn decode(&self) -> Cow<'_, str> {
        match self {
            Self::Literal(literal) => literal.decode(),
            Self::Escaped(text) => Literal::new(text, 0).decode(),
            Self::Plain(text) => Cow::Borrowed(text),
        }
    }

    /// A copy that borrows nothing.
    pub fn to_static(&self) -> Text<'static> {
        match self {
            Self::Literal(literal) => Text::Escaped(literal.escaped().to_owned()),
            Self::Escaped(text) => Text::Escaped(text.clone()),
            Self::Plain(text) => Text::Plain(Cow::Owned(text.clone().into_owned())),
        }
    }

    /// Append the text to a buffer of escaped text.
    pub fn push_escaped_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Literal(literal) => out.extend_from_slice(literal.escaped().as_bytes()),
            Self::Escaped(text) => out.extend_from_slice(text.as_bytes()),
            Self::Plain(text) => super::push_escaped(out, text),
        }
    }

    /// The same text, owned, without a copy where that is possible.
    pub fn into_decoded(self) -> Cow<'a, str> {
        match self {
            Self::Literal(literal) => literal.decode(),
            Self::Escaped(text) => Cow::Owned(Literal::new(&text, 0).decode().into_owned()),
            Self::Plain(text) => text,
        }
    }
}

impl<'a> From<Literal<'a>> for Text<'a> {
    fn from(literal: Literal<'a>) -> Self {
        Self::Literal(literal)
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::Plain(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::Plain(Cow::Owned(text))
    }
}

/// How far the string goes whose opening quote stands before `bytes`: the length between the quotes, or how far
/// it was good and what should have come.
#[inline]
pub(super) fn scan_string(bytes: &[u8]) -> Result<usize, (usize, &'static str)> {
    let mut at = 0;
    loop {
        at += plain_prefix(&bytes[at..]);
        match bytes.get(at) {
            Some(b'"') => return Ok(at),
            Some(b'\\') => at += escape_length(&bytes[at + 1..]).ok_or((at, "a valid escape"))? + 1,
            Some(_) => return Err((at, "control characters to be escaped")),
            None => return Err((at, "the end of the string")),
        }
    }
}

/// The same where control characters need not be looked for.
pub(super) fn scan_string_of_no_controls(bytes: &[u8]) -> Result<usize, (usize, &'static str)> {
    let mut at = 0;
    loop {
        match memchr::memchr2(b'"', b'\\', &bytes[at..]) {
            Some(found) if bytes[at + found] == b'"' => return Ok(at + found),
            Some(found) => {
                at += found;
                at += escape_length(&bytes[at + 1..]).ok_or((at, "a valid escape"))? + 1;
            }
            None => return Err((bytes.len(), "the end of the string")),
        }
    }
}

/// Whether there is a control character anywhere.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    bytes.iter().fold(u8::MAX, |least, &byte| least.min(byte)) < FIRST_PLAIN
}

/// How many bytes from the start need no attention: no quote, no backslash, no control character.
#[inline]
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
    // Most strings, and the stretches between escapes, end within a few words.
    match plain_words(bytes.get(..FEW_WORDS).unwrap_or(bytes)) {
        FEW_WORDS => FEW_WORDS + plain_stretch(&bytes[FEW_WORDS..]),
        found => found,
    }
}

/// The same for what may be long: both looks at it are compiled to SIMD.
fn plain_stretch(bytes: &[u8]) -> usize {
    let end = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
    let stretch = &bytes[..end];
    if has_controls(stretch) { stretch.iter().position(|&byte| byte < FIRST_PLAIN).unwrap_or(end) } else { end }
}

/// Control characters are below.
const FIRST_PLAIN: u8 = 0x20;
/// Bytes that are looked at a word at a time first.
const FEW_WORDS: usize = 16;

/// The same, a word at a time.
#[inline]
fn plain_words(bytes: &[u8]) -> usize {
    let mut at = 0;
    for word in bytes.chunks_exact(8) {
        let specials = specials(u64::from_le_bytes(word.try_into().unwrap_or_default()));
        if specials != 0 {
            return at + specials.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len() - at)
}

fn is_special(byte: u8) -> bool {
    byte < FIRST_PLAIN || byte == b'"' || byte == b'\\'
}

/// The high bit of the first special byte, and of none before it; bits above it mean nothing.
///
/// Reference: Anderson, "Bit Twiddling Hacks", "Determine if a word has a byte less than n". A borrow only ever goes
/// up, out of a byte that is special.
fn specials(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, FIRST_PLAIN) | equal(b'"') | equal(b'\\')) & (EACH << 7)
}

/// The length of the escape whose backslash stands before `bytes`.
fn escape_length(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(1),
        b'u' => (bytes.len() >= 5 && bytes[1..5].iter().all(u8::is_ascii_hexdigit)).then_some(5),
        _ => None,
    }
}

/// Undo the escapes of a valid literal. A surrogate without its other half becomes U+FFFD.
fn unescape(escaped: &str) -> String {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let (character, length) = unescape_one(&rest[at..]);
        text.push(character);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text
}

/// The character of the escape at the start of `escape`, and its length.
pub(super) fn unescape_one(escape: &str) -> (char, usize) {
    match escape.as_bytes()[1] {
        b'b' => ('\u{8}', 2),
        b'f' => ('\u{c}', 2),
        b'n' => ('\n', 2),
        b'r' => ('\r', 2),
        b't' => ('\t', 2),
        b'u' => unescape_unicode(escape),
        other => (char::from(other), 2),
    }
}

fn unescape_unicode(escape: &str) -> (char, usize) {
    let first = code_unit(escape);
    if (0xD800..0xDC00).contains(&first) {
        let second = escape[6..].starts_with("\\u").then(|| code_unit(&escape[6..]));
        if let Some(second @ 0xDC00..0xE000) = second {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
        }
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

/// The four hex digits after `\u`; the literal was checked when it was read.
fn code_unit(escape: &str) -> u32 {
    escape.get(2..6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0xFFFD)
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn decoded(json: &str) -> Option<String> {
        parse::<Literal>(json).ok().map(|literal| literal.decode().into_owned())
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(decoded(r#""a\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00z""#).as_deref(), Some("a\"\\/\u{8}\u{c}\n\r\té😀z"));
        assert_eq!(decoded(r#""\ud83d""#).as_deref(), Some("\u{fffd}"));
        assert_eq!(decoded(r#""\ud83d\u0041""#).as_deref(), Some("\u{fffd}A"));
    }

    #[test]
    fn what_is_no_string_is_refused() {
        for bad in ["\"", "\"\n\"", r#""\x""#, r#""\u12g4""#, r#""\u12"#, "abc"] {
            assert_eq!(decoded(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn decodes_as_serde_json_does(text in any::<String>()) {
            let json = serde_json::to_string(&text)?;
            prop_assert_eq!(decoded(&json), Some(text));
        }

        #[test]
        fn blank_is_what_is_trimmed_away(text in "(\n|\t| |\u{a0}|\u{2003}|x){0,4}") {
            let json = serde_json::to_string(&text)?.replace('\u{a0}', "\\u00a0");
            let blank = parse::<Literal>(&json).map(|literal| Text::from(literal).is_blank());
            prop_assert_eq!(blank, Ok(text.trim().is_empty()));
        }

        #[test]
        fn the_first_special_byte_is_found_wherever_it_stands(bytes in vec(any::<u8>(), 0..80), plain in 0..80_usize) {
            let bytes = [vec![b'a'; plain], bytes].concat();
            let first = bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
            prop_assert_eq!(plain_prefix(&bytes), first);
        }
    }
}
