//! JSON Schemas towards Anthropic.
//!
//! Reference: docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations.

use super::super::json_schema::{for_each_subschema, is_object, tell_instead};
use super::super::openapi_schema;
use crate::json::{Node, Raw, ToJson};

/// Keywords that are not enforced where a schema must be followed.
const NOT_ENFORCED: [&str; 11] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Keywords that are refused at the root of a tool's schema.
const NOT_AT_ROOT: [&str; 3] = ["anyOf", "oneOf", "allOf"];

/// Append a schema whose every object is closed; true if a constraint had to become words.
pub(super) fn write_closed(schema: Raw<'_>, out: &mut Vec<u8>) -> bool {
    let mut tree = Node::of(schema);
    let mut told = false;
    close(&mut tree, &mut told);
    tree.write_json(out);
    told
}

fn close(schema: &mut Node<'_>, told: &mut bool) {
    for key in NOT_ENFORCED {
        *told |= tell_instead(schema, key);
    }
    if is_object(schema) {
        // An open object, or a map, cannot be said; a closed one is what the vendor demands.
        *told |= schema.get("additionalProperties").is_some_and(|open| open.as_leaf() != Some("false"));
        schema.set("additionalProperties", Node::literal("false"));
    }
    for_each_subschema(schema, &mut |inner| close(inner, told));
}

/// Whether a tool's schema may go as it is.
fn is_taken(schema: &Node<'_>) -> bool {
    is_object(schema) && schema.get("type").is_some() && NOT_AT_ROOT.iter().all(|key| schema.get(key).is_none())
}

/// Append the schema of a tool's input, which must be an object without alternatives at its root; true if a
/// constraint had to become words.
pub(super) fn write_input(schema: Option<Raw<'_>>, out: &mut Vec<u8>) -> bool {
    let Some(schema) = schema else {
        out.extend_from_slice(br#"{"type":"object","properties":{}}"#);
        return false;
    };
    if is_taken(&Node::outline(schema)) {
        schema.write_json(out);
        return false;
    }
    let mut tree = Node::of(schema);
    let mut told = tree.get("type").is_some() && !is_object(&tree) && tell_instead(&mut tree, "type");
    for key in NOT_AT_ROOT {
        told |= tell_instead(&mut tree, key);
    }
    tree.set("type", Node::literal("\"object\""));
    tree.write_json(out);
    told
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
    fn every_object_is_closed() {
        let mut out = Vec::new();
        let schema = r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer","minimum":1}}}}},"required":["a"]}"#;
        assert_eq!(parse::<Raw>(schema).map(|schema| write_closed(schema, &mut out)), Ok(true));
        assert_eq!(
            String::from_utf8(out).as_deref(),
            Ok(
                r#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer","description":"[minimum: 1]"}},"additionalProperties":false}}},"required":["a"],"additionalProperties":false}"#
            )
        );
    }
}
