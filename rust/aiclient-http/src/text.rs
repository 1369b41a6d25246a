//! Which bytes may stand where (RFC 9110, sections 5.5 and 5.6).

use std::borrow::Cow;

/// Whether a byte may stand in a field's name.
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~')
}

/// Whether a byte may stand in a line: no control character, of which line ends are the dangerous ones.
pub(crate) const fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// The value of a field. Its bytes beyond ASCII mean nothing to HTTP; in Latin-1 each is a character, and none is lost.
pub fn latin1(value: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(value) {
        Ok(text) if text.is_ascii() => text.into(),
        _ => value.iter().copied().map(char::from).collect(),
    }
}
