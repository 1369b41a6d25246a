//! JSON Schemas towards OpenAI.

use super::openapi_schema;
use crate::json::{Cursor, Invalid, Kind, Raw};

/// Whether a schema is in the subset that `strict` demands: every object closed, every property required.
///
/// Source: platform.openai.com/docs/guides/structured-outputs#supported-schemas.
pub(super) fn is_strict(schema: Raw<'_>) -> bool {
    let mut strict = true;
    let walked = check(&mut Cursor::new(schema.text()), &mut strict);
    strict && walked.is_ok()
}

fn check(cursor: &mut Cursor<'_>, strict: &mut bool) -> Result<(), Invalid> {
    match cursor.kind()? {
        Kind::Object => check_schema(cursor, strict),
        Kind::Array => cursor.array(|cursor| check(cursor, strict)),
        _ => cursor.skip(),
    }
}

fn check_schema(cursor: &mut Cursor<'_>, strict: &mut bool) -> Result<(), Invalid> {
    let (mut is_object, mut closed) = (false, false);
    let (mut properties, mut required) = (0, 0);
    cursor.object(|cursor, key| {
        match (&*key.decode(), cursor.kind()?) {
            ("type", Kind::String) => is_object |= cursor.string()? == *"object",
            ("properties" | "$defs" | "definitions", Kind::Object) => {
                let of_the_object = key == *"properties";
                cursor.object(|cursor, _| {
                    properties += usize::from(of_the_object);
                    check(cursor, strict)
                })?;
            }
            ("required", Kind::Array) => cursor.array(|cursor| {
                required += 1;
                cursor.skip()
            })?,
            ("additionalProperties", Kind::Boolean) => closed = !cursor.boolean()?,
            // Values that are data, not schemas.
            ("enum" | "const" | "default" | "examples", _) => cursor.skip()?,
            _ => check(cursor, strict)?,
        }
        Ok(())
    })?;
    *strict &= !(is_object || properties > 0) || (closed && properties == required);
    Ok(())
}

/// Append a Gemini schema as JSON Schema.
pub(super) fn write_openapi(schema: Raw<'_>, out: &mut Vec<u8>) {
    openapi_schema::write_json_schema(schema, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn strictness_is_seen() {
        for (schema, expected) in [
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#,
                true,
            ),
            (
                r#"{"type":"object","properties":{"a":{"type":"string"}},"required":[],"additionalProperties":false}"#,
                false,
            ),
            (r#"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}"#, false),
            (
                r#"{"type":"object","properties":{"a":{"type":"object","properties":{}}},"required":["a"],"additionalProperties":false}"#,
                false,
            ),
            (r#"{"anyOf":[{"type":"object","properties":{}}]}"#, false),
            (r#"{"type":"string","enum":["object"]}"#, true),
        ] {
            assert_eq!(parse::<Raw>(schema).map(is_strict), Ok(expected), "{schema}");
        }
    }
}
