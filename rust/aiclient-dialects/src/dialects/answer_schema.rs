//! The schema of an answer, for vendors that want it to describe an object.
//!
//! Gemini's clients also ask for lists and for one of several words. These become member `value` of an object, which the
//! reply is taken out of again.

use super::json_schema::is_object;
use super::openapi_schema;
use crate::ir::{Format, Wrapped};
use crate::json::{Node, Raw, ToJson, write_object};

/// A schema as JSON, and what of the answer was asked for.
pub(super) struct AnswerSchema {
    /// JSON Schema of an object.
    pub(super) json: String,
    /// How the answer stands in that object.
    pub(super) wrapped: Option<Wrapped>,
}

/// The schema that a format has; none for JSON of any kind.
pub(super) fn answer_schema(format: &Format<'_>) -> Option<AnswerSchema> {
    match format {
        Format::JsonObject => None,
        Format::JsonSchema { schema, .. } => Some(of_object(schema.text().to_owned(), Node::of(*schema))),
        Format::OpenApiSchema(schema) => {
            let mut converted = Vec::new();
            openapi_schema::write_json_schema(*schema, &mut converted);
            let text = String::from_utf8(converted).unwrap_or_default();
            let tree = crate::json::parse(&text).unwrap_or(Node::Object(Vec::new()));
            Some(of_object(text.clone(), tree))
        }
        Format::OneOf(texts) => Some(AnswerSchema { json: wrap(one_of(*texts), None), wrapped: Some(Wrapped::Text) }),
    }
}

fn of_object(json: String, mut tree: Node<'_>) -> AnswerSchema {
    // Where no type is said, or a definition says it, it is an object nearly always.
    if is_object(&tree) || tree.get("type").is_none() {
        return AnswerSchema { json, wrapped: None };
    }
    // References are by their way from the root.
    let definitions = ["$defs", "definitions"].into_iter().find_map(|key| Some((key, tree.remove(key)?)));
    AnswerSchema { json: wrap(tree, definitions), wrapped: Some(Wrapped::Json) }
}

fn one_of(texts: Raw<'_>) -> Node<'_> {
    Node::Object(vec![("type".into(), Node::literal("\"string\"")), ("enum".into(), Node::of(texts))])
}

fn wrap(value: Node<'_>, definitions: Option<(&'static str, Node<'_>)>) -> String {
    let mut out = Vec::new();
    write_object(&mut out, |schema| {
        schema.field("type", "object");
        schema.object("properties", |properties| value.write_json(properties.key("value")));
        schema.key("required").extend_from_slice(br#"["value"]"#);
        schema.field("additionalProperties", false);
        if let Some((key, definitions)) = definitions {
            definitions.write_json(schema.key(key));
        }
    });
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn what_is_no_object_is_wrapped() {
        let list = r##"{"type":"array","items":{"$ref":"#/$defs/T"},"$defs":{"T":{"type":"object"}}}"##;
        let schema = parse::<Raw<'_>>(list).ok().and_then(|schema| {
            answer_schema(&Format::JsonSchema { schema, name: None, description: None, strict: None })
        });
        assert_eq!(
            schema.map(|schema| (schema.json, schema.wrapped)),
            Some((
                r##"{"type":"object","properties":{"value":{"type":"array","items":{"$ref":"#/$defs/T"}}},"required":["value"],"additionalProperties":false,"$defs":{"T":{"type":"object"}}}"##
                    .to_owned(),
                Some(Wrapped::Json)
            ))
        );
        let words = parse::<Raw<'_>>(r#"["a","b"]"#).ok().and_then(|texts| answer_schema(&Format::OneOf(texts)));
        assert_eq!(
            words.map(|schema| schema.json).as_deref(),
            Some(
                r#"{"type":"object","properties":{"value":{"type":"string","enum":["a","b"]}},"required":["value"],"additionalProperties":false}"#
            )
        );
    }
}
