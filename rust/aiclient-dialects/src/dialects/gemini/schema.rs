//! JSON Schemas towards Gemini's `parametersJsonSchema` and `responseJsonSchema`.
//!
//! A keyword that is not known there makes the whole request a 400, so what cannot be said is told in the description.
//! Reference: ai.google.dev/api/generate-content#FIELDS.response_json_schema.

use std::borrow::Cow;

use super::super::json_schema::{for_each_subschema, tell_instead};
use super::super::recursive_schema::loosen;
use crate::json::{Node, Raw, ToJson};

/// What is understood.
const KNOWN: [&str; 24] = [
    "$id",
    "$defs",
    "$ref",
    "$anchor",
    "type",
    "format",
    "title",
    "description",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "oneOf",
    "properties",
    "additionalProperties",
    "required",
    "propertyOrdering",
    "nullable",
    "definitions",
    "allOf",
];
/// Formats that are understood.
const FORMATS: [&str; 8] = ["date-time", "date", "time", "int32", "int64", "float", "double", "enum"];

/// Append a schema in the subset; true if a constraint had to become words.
pub(super) fn write_normalised(schema: Raw<'_>, out: &mut Vec<u8>) -> bool {
    let mut tree = Node::of(schema);
    let mut told = false;
    let definitions = tree.get("definitions").is_some();
    normalise(&mut tree, &mut told);
    if definitions {
        rename_definitions(&mut tree);
    }
    told |= loosen(&mut tree);
    tree.write_json(out);
    told
}

fn normalise(schema: &mut Node<'_>, told: &mut bool) {
    if matches!(schema.as_leaf(), Some("true" | "false")) {
        *schema = Node::Object(Vec::new());
        return;
    }
    schema.remove("$schema");
    merge_all_of(schema);
    replace_const(schema);
    replace_exclusive(schema, "exclusiveMinimum", "minimum", 1);
    replace_exclusive(schema, "exclusiveMaximum", "maximum", -1);
    unify_enum(schema, told);
    let odd_format = schema.get("format").and_then(Node::as_text).is_some_and(|format| !FORMATS.contains(&&*format));
    *told |= odd_format && tell_instead(schema, "format");
    tell_unknown(schema, told);
    part_from_siblings(schema);
    for_each_subschema(schema, &mut |inner| normalise(inner, told));
    normalise_booleans(schema);
}

fn keys<'n>(schema: &'n Node<'_>) -> impl Iterator<Item = &'n str> {
    let members = if let Node::Object(members) = schema { members.as_slice() } else { &[] };
    members.iter().map(|(key, _)| &**key)
}

fn tell_unknown(schema: &mut Node<'_>, told: &mut bool) {
    let unknown: Vec<String> = keys(schema).filter(|key| !KNOWN.contains(key)).map(str::to_owned).collect();
    for key in &unknown {
        *told |= tell_instead(schema, key);
    }
}

/// `properties: {a: true}` allows anything.
fn normalise_booleans(schema: &mut Node<'_>) {
    if let Some(Node::Object(properties)) = schema.get_mut("properties") {
        for (_, inner) in properties.iter_mut().filter(|(_, inner)| inner.as_leaf().is_some()) {
            *inner = Node::Object(Vec::new());
        }
    }
    if schema.get("items").is_some_and(|items| items.as_leaf().is_some()) {
        schema.set("items", Node::Object(Vec::new()));
    }
}

/// All of several schemas is one with the members of all; the first to say something about a key is believed.
fn merge_all_of(schema: &mut Node<'_>) {
    let Some(Node::Array(all)) = schema.remove("allOf") else {
        return;
    };
    for part in all {
        if let Node::Object(members) = part {
            members.into_iter().for_each(|(key, value)| merge_member(schema, key, value));
        }
    }
}

fn merge_member<'a>(schema: &mut Node<'a>, key: Cow<'a, str>, value: Node<'a>) {
    match (schema.get_mut(&key), value) {
        (Some(Node::Object(mine)), Node::Object(theirs)) => mine.extend(theirs),
        (Some(Node::Array(mine)), Node::Array(theirs)) => mine.extend(theirs),
        (Some(_), _) => {}
        (None, value) => schema.set(key, value),
    }
}

/// A constant is an enumeration of one; of other types than text and numbers it is told.
fn replace_const(schema: &mut Node<'_>) {
    let Some(value) = schema.get("const").cloned() else {
        return;
    };
    match value.as_leaf() {
        Some("true" | "false") => {
            schema.set("type", Node::literal("\"boolean\""));
            tell_instead(schema, "const");
        }
        Some("null") => {
            schema.set("type", Node::literal("\"null\""));
            schema.remove("const");
        }
        Some(_) => {
            schema.remove("const");
            schema.set("enum", Node::Array(vec![value]));
        }
        None => drop(tell_instead(schema, "const")),
    }
}

/// An exclusive bound on whole numbers is an inclusive one beside it.
fn replace_exclusive(schema: &mut Node<'_>, exclusive: &str, inclusive: &'static str, step: i64) {
    let bound = schema.get(exclusive).and_then(Node::as_leaf).and_then(|digits| digits.parse::<i64>().ok());
    let whole = schema.get("type").and_then(Node::as_text).is_some_and(|kind| kind == "integer");
    if let (Some(bound), true) = (bound.and_then(|bound| bound.checked_add(step)), whole) {
        schema.remove(exclusive);
        schema.set(inclusive, Node::Leaf(Cow::Owned(bound.to_string())));
    }
}

/// Enumerations are of text or of numbers; of a mixture all become text.
fn unify_enum(schema: &mut Node<'_>, told: &mut bool) {
    let Some(Node::Array(values)) = schema.get_mut("enum") else {
        return;
    };
    let is_text = |value: &Node<'_>| value.as_leaf().is_some_and(|leaf| leaf.starts_with('"'));
    let is_number = |value: &Node<'_>| {
        value.as_leaf().is_some_and(|leaf| leaf.starts_with(|first: char| first == '-' || first.is_ascii_digit()))
    };
    if values.iter().all(is_text) || values.iter().all(is_number) {
        return;
    }
    *told = true;
    for value in values.iter_mut().filter(|value| !is_text(value)) {
        *value = Node::Leaf(Cow::Owned(Node::string(&value.to_text()).to_text()));
    }
}

/// A reference may have no siblings but those with `$`; as the only one of several it may.
fn part_from_siblings(schema: &mut Node<'_>) {
    if !keys(schema).any(|key| !key.starts_with('$') && key != "definitions") {
        return;
    }
    let Some(reference) = schema.remove("$ref") else { return };
    let referring = Node::Object(vec![(Cow::Borrowed("$ref"), reference)]);
    match schema.get_mut("anyOf") {
        // Both must hold; of two alternatives lists the reference is the one that says what the value is.
        Some(any) => *any = Node::Array(vec![referring]),
        None => schema.set("anyOf", Node::Array(vec![referring])),
    }
}

/// `definitions` is the older name of `$defs`.
fn rename_definitions(schema: &mut Node<'_>) {
    if let Some(definitions) = schema.remove("definitions") {
        schema.set("$defs", definitions);
    }
    rename_references(schema);
}

fn rename_references(node: &mut Node<'_>) {
    match node {
        Node::Object(members) => {
            for (key, value) in members {
                let target = if key == "$ref" { value.as_text() } else { None };
                match target.as_deref().and_then(|target| target.strip_prefix("#/definitions/")) {
                    Some(name) => *value = Node::Leaf(Cow::Owned(Node::string(&format!("#/$defs/{name}")).to_text())),
                    None => rename_references(value),
                }
            }
        }
        Node::Array(elements) => elements.iter_mut().for_each(rename_references),
        Node::Leaf(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn normalised(schema: &str) -> (String, bool) {
        let mut out = Vec::new();
        let told = parse::<Raw>(schema).is_ok_and(|schema| write_normalised(schema, &mut out));
        (String::from_utf8(out).unwrap_or_default(), told)
    }

    #[test]
    fn keywords_come_into_the_subset() {
        for (schema, expected, told) in [
            (
                r#"{"$schema":"x","type":"object","properties":{"a":{"const":"b"}}}"#,
                r#"{"type":"object","properties":{"a":{"enum":["b"]}}}"#,
                false,
            ),
            (r#"{"type":"integer","exclusiveMinimum":0}"#, r#"{"type":"integer","minimum":1}"#, false),
            (
                r#"{"type":"string","pattern":"^a","description":"D"}"#,
                r#"{"type":"string","description":"D [pattern: \"^a\"]"}"#,
                true,
            ),
            (
                r#"{"allOf":[{"type":"object"},{"properties":{"x":true}}]}"#,
                r#"{"type":"object","properties":{"x":{}}}"#,
                false,
            ),
            (
                r##"{"properties":{"a":{"$ref":"#/$defs/T","description":"D"}},"$defs":{"T":{}}}"##,
                r##"{"properties":{"a":{"description":"D","anyOf":[{"$ref":"#/$defs/T"}]}},"$defs":{"T":{}}}"##,
                false,
            ),
            (r#"{"enum":["a",1]}"#, r#"{"enum":["a","1"]}"#, true),
            (
                r##"{"definitions":{"T":{"type":"string"}},"$ref":"#/definitions/T"}"##,
                r##"{"$ref":"#/$defs/T","$defs":{"T":{"type":"string"}}}"##,
                false,
            ),
            (r#"{"type":["string","null"],"format":"date"}"#, r#"{"type":["string","null"],"format":"date"}"#, false),
        ] {
            assert_eq!(normalised(schema), (expected.to_owned(), told), "{schema}");
        }
    }
}
