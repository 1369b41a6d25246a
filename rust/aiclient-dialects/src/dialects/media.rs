//! Media as the dialects write them: data URLs and base64.

use crate::ir::Source;
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

/// Whether Anthropic reads images of this type.
pub(super) fn is_common_image(media_type: &str) -> bool {
    matches!(media_type, "image/jpeg" | "image/png" | "image/gif" | "image/webp")
}

/// What a medium is, by its type.
pub(super) fn is_image(media_type: &str) -> bool {
    media_type.starts_with("image/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn data_urls_are_split() {
        let cases = [
            (r#""data:image/png;base64,iVBO/x==""#, Some(("image/png", "iVBO/x=="))),
            (r#""data:image\/png;base64,iVBO\/x==""#, Some(("image/png", "iVBO/x=="))),
            (
                r#""data:text/plain;charset=utf-8;base64,aGk=""#,
                Some(("text/plain", "aGk=")),
            ),
            (r#""https://example.com/a.png""#, None),
        ];
        for (json, expected) in cases {
            let Ok(url) = parse::<Literal>(json) else {
                panic!("{json}")
            };
            let found = split_data_url(url)
                .map(|(media_type, data)| (media_type.decode().into_owned(), data.decode().into_owned()));
            assert_eq!(
                found,
                expected.map(|(media_type, data)| (media_type.to_owned(), data.to_owned())),
                "{json}"
            );
        }
    }
}
