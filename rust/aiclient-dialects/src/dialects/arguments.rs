//! Arguments of calls, for dialects that want an object.

use crate::ir::Arguments;
use crate::json::{Kind, Place, Raw, ToJson, parse, write_object};
use crate::loss::{Feature, Losses};

/// Append arguments as an object. What a model wrote may be none: it is wrapped as `{"input": ...}`, and reported.
pub(super) fn write_arguments(arguments: &Arguments<'_>, place: Place, losses: &mut Losses, out: &mut Vec<u8>) {
    match arguments {
        Arguments::Value(raw) => raw.write_json(out),
        Arguments::Custom(text) => write_object(out, |object| object.field("input", text)),
        Arguments::Encoded(text) => {
            if !write_encoded(&text.decode(), out) {
                losses.report(place, Feature::InvalidArguments);
            }
        }
    }
}

/// Append the object that a JSON text holds; false if it holds something else and had to be wrapped.
pub(super) fn write_encoded(text: &str, out: &mut Vec<u8>) -> bool {
    if text.trim().is_empty() {
        out.extend_from_slice(b"{}");
        return true;
    }
    match parse::<Raw<'_>>(text) {
        Ok(raw) if raw.kind() == Kind::Object => {
            push_on_one_line(raw, out);
            true
        }
        Ok(raw) => {
            write_object(out, |object| push_on_one_line(raw, object.key("input")));
            false
        }
        Err(_) => {
            write_object(out, |object| object.field("input", text));
            false
        }
    }
}

/// Append JSON without line ends: models indent their arguments, and a line end would end a stream's frame.
///
/// Inside strings line ends are escaped, so that every raw one is white space.
pub(super) fn push_on_one_line(raw: Raw<'_>, out: &mut Vec<u8>) {
    let start = out.len();
    raw.write_json(out);
    out[start..].iter_mut().filter(|byte| matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_comes_out_of_everything() {
        for (text, expected, kept) in [
            ("", "{}", true),
            (" {\"a\": 1.0}", "{\"a\": 1.0}", true),
            ("{\n \"a\":\r\n \"\\n\"}", "{  \"a\":   \"\\n\"}", true),
            ("[1]", "{\"input\":[1]}", false),
            ("{\"a\":", "{\"input\":\"{\\\"a\\\":\"}", false),
        ] {
            let mut out = Vec::new();
            assert_eq!(write_encoded(text, &mut out), kept, "{text}");
            assert_eq!(std::str::from_utf8(&out), Ok(expected));
        }
    }
}
