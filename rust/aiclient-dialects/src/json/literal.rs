//! Strings as they stand on the wire, escapes and all.

use std::borrow::Cow;

use super::Place;

/// The inside of a valid JSON string, still escaped: it can be pasted into another JSON string as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Literal<'a> {
    escaped: &'a str,
    at: u32,
    /// Whether there is an escape: most keys, words and ids have none, and are what they stand for.
    has_escapes: bool,
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
    pub(super) fn new(escaped: &'a str, offset: usize, has_escapes: bool) -> Self {
        Self { escaped, at: u32::try_from(offset).unwrap_or(u32::MAX), has_escapes }
    }

    /// What stood in a body that is gone.
    fn kept(escaped: &'a str) -> Self {
        Self::new(escaped, 0, memchr::memchr(b'\\', escaped.as_bytes()).is_some())
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
        if self.has_escapes { Cow::Owned(unescape(self.escaped)) } else { Cow::Borrowed(self.escaped) }
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
        Self { at: self.at, ..Self::kept(&self.escaped[range]) }
    }
}

impl PartialEq<str> for Literal<'_> {
    fn eq(&self, other: &str) -> bool {
        if self.has_escapes { unescape(self.escaped) == other } else { self.escaped == other }
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
            Self::Escaped(text) => Literal::kept(text).is_blank(),
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
            Self::Escaped(text) => Literal::kept(text).decode(),
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
            Self::Escaped(text) => Cow::Owned(Literal::kept(&text).decode().into_owned()),
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

/// A string up to its closing quote.
pub(super) struct Scanned {
    /// The length between the quotes.
    pub(super) length: usize,
    /// Whether there is an escape.
    pub(super) has_escapes: bool,
}

/// The string whose opening quote stands before `bytes`; or how far it was good and what should have come.
#[inline]
pub(super) fn scan_string(bytes: &[u8]) -> Result<Scanned, (usize, &'static str)> {
    let mut length = 0;
    let mut has_escapes = false;
    loop {
        length += plain_prefix(&bytes[length..]);
        match bytes.get(length) {
            Some(b'"') => return Ok(Scanned { length, has_escapes }),
            Some(b'\\') => length += escape_length(&bytes[length..]).ok_or((length, "a valid escape"))?,
            Some(_) => return Err((length, "control characters to be escaped")),
            None => return Err((length, "the end of the string")),
        }
        has_escapes = true;
    }
}

/// The same where control characters need not be looked for.
pub(super) fn scan_string_of_no_controls(bytes: &[u8]) -> Result<Scanned, (usize, &'static str)> {
    let mut length = 0;
    let mut has_escapes = false;
    loop {
        length += memchr::memchr2(b'"', b'\\', &bytes[length..]).ok_or((bytes.len(), "the end of the string"))?;
        if bytes[length] == b'"' {
            return Ok(Scanned { length, has_escapes });
        }
        length += escape_length(&bytes[length..]).ok_or((length, "a valid escape"))?;
        has_escapes = true;
    }
}

/// Whether there is a control character anywhere.
pub(super) fn has_controls(bytes: &[u8]) -> bool {
    bytes.iter().fold(u8::MAX, |least, &byte| least.min(byte)) < FIRST_PLAIN
}

/// Control characters are below.
const FIRST_PLAIN: u8 = 0x20;
/// Bytes that are looked at together; a multiple of a word's.
const BLOCK: usize = 16;
/// Bytes after which a stretch without escapes is believed to be long.
const LONG: usize = 256;

/// How many bytes from the start need no attention: no quote, no backslash, no control character.
#[expect(clippy::inline_always, reason = "between escapes there are a few blocks, and a call costs as much as one")]
#[inline(always)]
pub(super) fn plain_prefix(bytes: &[u8]) -> usize {
    let mut at = 0;
    // Prose and code have an escape every few blocks: what finds it must cost little to begin.
    while let Some(block) = bytes[at..].first_chunk::<BLOCK>() {
        if has_special(block) {
            return at + plain_words(block);
        }
        at += BLOCK;
        if at == LONG {
            return at + plain_stretch(&bytes[at..]);
        }
    }
    at + plain_tail(&bytes[at..])
}

/// The same for what is shorter than a block. Apart, so that the rest is small enough to stand where it is called.
#[inline(never)]
fn plain_tail(bytes: &[u8]) -> usize {
    plain_words(bytes)
}

/// The same for what is long: both looks at it are compiled to SIMD.
fn plain_stretch(bytes: &[u8]) -> usize {
    let end = memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
    let stretch = &bytes[..end];
    if has_controls(stretch) { stretch.iter().position(|&byte| is_special(byte)).unwrap_or(end) } else { end }
}

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

/// Whether there is a special byte anywhere. Compiled to SIMD, because there is neither a branch nor a way out.
#[inline]
fn has_special(block: &[u8; BLOCK]) -> bool {
    // Zero for a backslash, and for what `^ 2` leaves at 0x20 or below: control characters and the quote.
    let rank = |byte: u8| (byte ^ 2).saturating_sub(FIRST_PLAIN).min(byte ^ b'\\');
    block.iter().fold(false, |any, &byte| any | (rank(byte) == 0))
}

fn is_special(byte: u8) -> bool {
    byte < FIRST_PLAIN || byte == b'"' || byte == b'\\'
}

/// The high bit of the first special byte, and of none before it; bits above it mean nothing.
///
/// Reference: Anderson, "Bit Twiddling Hacks", "Determine if a word has a byte less than n". A borrow only ever goes
/// up, out of a byte that is special.
#[inline]
fn specials(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let below = |word: u64, limit: u8| word.wrapping_sub(EACH * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, FIRST_PLAIN) | equal(b'"') | equal(b'\\')) & (EACH << 7)
}

/// The length of the escape at the start of `escape`.
#[inline]
fn escape_length(escape: &[u8]) -> Option<usize> {
    match escape.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => unicode_escape_length(escape),
        _ => None,
    }
}

#[cold]
fn unicode_escape_length(escape: &[u8]) -> Option<usize> {
    escape.get(2..6)?.iter().all(u8::is_ascii_hexdigit).then_some(6)
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
        fn the_first_special_byte_is_found_wherever_it_stands(bytes in vec(any::<u8>(), 0..80), plain in 0..400_usize) {
            let bytes = [vec![b'a'; plain], bytes].concat();
            let first = bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
            prop_assert_eq!(plain_prefix(&bytes), first);
        }
    }
}
