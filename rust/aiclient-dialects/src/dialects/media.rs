//! Media as the dialects write them: data URLs and base64.

use std::borrow::Cow;

use crate::ir::{Media, Source};
use crate::json::{Literal, Text};

/// An address as Chat and Responses give it: a `data:` URL holds the bytes, anything else points to them.
pub(super) fn read_url(url: Literal<'_>) -> (Source<'_>, Option<Text<'_>>) {
    match split_data_url(url) {
        Some((media_type, data)) => (Source::Base64(data), Some(media_type)),
        None => (Source::Url(url.into()), None),
    }
}

/// Media type and base64 of `data:{type};base64,{data}` (RFC 2397).
fn split_data_url(url: Literal<'_>) -> Option<(Text<'_>, Text<'_>)> {
    let escaped = url.escaped();
    let comma = escaped.strip_prefix("data:")?.find(',')? + "data:".len();
    let head = &escaped["data:".len()..comma];
    if head.contains('\\') {
        // `\/` is a legal escape that some encoders write.
        let decoded = url.decode().into_owned();
        let (head, data) = decoded.strip_prefix("data:")?.split_once(',')?;
        let media_type = head.strip_suffix(";base64")?.split(';').next()?;
        return Some((Text::from(media_type.to_owned()), Text::from(data.to_owned())));
    }
    let media_type = head.strip_suffix(";base64")?.split(';').next()?;
    Some((Text::from(media_type), url.slice(comma + 1..).into()))
}

/// `data:{type};base64,{data}`.
pub(super) fn data_url(media_type: &str, data: &Text<'_>) -> String {
    format!("data:{media_type};base64,{}", data.decode())
}

/// The base64 of an image that a model made, and its type; none for other media.
pub(super) fn generated_image<'m>(media: &'m Media<'_>) -> Option<(Cow<'m, str>, &'m Text<'m>)> {
    let media_type = media.media_type.as_ref().map_or(Cow::Borrowed("image/png"), Text::decode);
    match &media.source {
        Source::Base64(data) if media_type.starts_with("image/") => Some((media_type, data)),
        _ => None,
    }
}

/// The bytes of base64, standard or URL-safe, padded or not; none if it is no base64 (RFC 4648).
pub(super) fn decode_base64(data: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(data.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0);
    for byte in data.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xFF).unwrap_or(0));
        }
    }
    Some(bytes)
}

/// Standard base64 of bytes, padded.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0_usize, |group, at| (group << 8) | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let filled = at <= chunk.len();
            text.push(if filled { char::from(ALPHABET[(group >> (18 - 6 * at)) & 63]) } else { '=' });
        }
    }
    text
}

/// Whether Anthropic reads images of this type.
pub(super) fn is_common_image(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/gif" | "image/webp")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn base64_comes_back() {
        for text in ["", "a", "ab", "abc", "ä ö ü", "\0\u{ff}"] {
            let encoded = encode_base64(text.as_bytes());
            assert_eq!(decode_base64(&encoded).as_deref(), Some(text.as_bytes()), "{encoded}");
        }
        assert_eq!(encode_base64(b"any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
        assert_eq!(decode_base64("_-8"), Some(vec![0xFF, 0xEF]));
        assert_eq!(decode_base64("a*"), None);
    }

    #[test]
    fn data_urls_are_split() {
        let cases = [
            (r#""data:image/png;base64,iVBO/x==""#, Some(("image/png", "iVBO/x=="))),
            (r#""data:image\/png;base64,iVBO\/x==""#, Some(("image/png", "iVBO/x=="))),
            (r#""data:text/plain;charset=utf-8;base64,aGk=""#, Some(("text/plain", "aGk="))),
            (r#""https://example.com/a.png""#, None),
        ];
        for (json, expected) in cases {
            let Ok(url) = parse::<Literal>(json) else { panic!("{json}") };
            let found = split_data_url(url)
                .map(|(media_type, data)| (media_type.decode().into_owned(), data.decode().into_owned()));
            assert_eq!(found, expected.map(|(media_type, data)| (media_type.to_owned(), data.to_owned())), "{json}");
        }
    }
}
