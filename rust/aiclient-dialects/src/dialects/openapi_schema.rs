//! Gemini's own schemas, a subset of OpenAPI 3.0, as JSON Schema.
//!
//! Reference: ai.google.dev/api/caching#Schema.

use std::borrow::Cow;

use super::json_schema::for_each_subschema;
use crate::json::{Node, Raw, ToJson};

/// Keywords whose numbers may come as strings, as proto JSON writes 64-bit integers.
const COUNTS: [&str; 6] = ["minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"];

/// Append a Gemini schema as JSON Schema.
pub(super) fn write_json_schema(schema: Raw<'_>, out: &mut Vec<u8>) {
    let mut tree = Node::of(schema);
    convert(&mut tree);
    tree.write_json(out);
}

fn convert(schema: &mut Node<'_>) {
    rename_camel_case(schema);
    lower_type(schema);
    apply_nullable(schema);
    apply_ordering(schema);
    for key in COUNTS {
        if let Some(digits) = schema.get(key).and_then(Node::as_text).filter(|digits| digits.parse::<u64>().is_ok()) {
            let digits = digits.into_owned();
            schema.set(key, Node::Leaf(Cow::Owned(digits)));
        }
    }
    if let Some(example) = schema.remove("example") {
        schema.set("examples", Node::Array(vec![example]));
    }
    for_each_subschema(schema, &mut convert);
}

/// proto JSON takes snake_case too.
fn rename_camel_case(schema: &mut Node<'_>) {
    for (snake, camel) in [
        ("any_of", "anyOf"),
        ("min_items", "minItems"),
        ("max_items", "maxItems"),
        ("property_ordering", "propertyOrdering"),
    ] {
        if let Some(value) = schema.remove(snake) {
            schema.set(camel, value);
        }
    }
}

fn lower_type(schema: &mut Node<'_>) {
    match schema.get("type").and_then(Node::as_text) {
        Some(kind) if kind == "TYPE_UNSPECIFIED" => drop(schema.remove("type")),
        Some(kind) => schema.set("type", Node::string(&kind.to_ascii_lowercase())),
        None => {}
    }
}

fn apply_nullable(schema: &mut Node<'_>) {
    let nullable = schema.remove("nullable").is_some_and(|nullable| nullable.as_leaf() == Some("true"));
    if let (true, Some(kind)) = (nullable, schema.get("type").cloned()) {
        schema.set("type", Node::Array(vec![kind, Node::literal("\"null\"")]));
    }
}

/// Properties in the order that was asked for, which JSON Schema has no keyword for.
fn apply_ordering(schema: &mut Node<'_>) {
    let Some(Node::Array(order)) = schema.remove("propertyOrdering") else {
        return;
    };
    let order: Vec<Cow<'_, str>> = order.iter().filter_map(Node::as_text).collect();
    if let Some(Node::Object(properties)) = schema.get_mut("properties") {
        properties.sort_by_key(|(name, _)| order.iter().position(|ordered| ordered == name).unwrap_or(order.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn types_order_and_numbers_are_json_schemas() {
        let text = r#"{"type":"OBJECT","properties":{"b":{"type":"STRING","nullable":true},"a":{"type":"ARRAY","minItems":"2","items":{"type":"INTEGER","example":3}}},"propertyOrdering":["a","b"]}"#;
        let mut out = Vec::new();
        if let Ok(raw) = parse::<Raw>(text) {
            write_json_schema(raw, &mut out);
        }
        assert_eq!(
            String::from_utf8(out).as_deref(),
            Ok(
                r#"{"type":"object","properties":{"a":{"type":"array","minItems":2,"items":{"type":"integer","examples":[3]}},"b":{"type":["string","null"]}}}"#
            )
        );
    }
}
