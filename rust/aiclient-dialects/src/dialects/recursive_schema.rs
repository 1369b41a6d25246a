//! Schemas that contain themselves, for Gemini.
//!
//! Gemini unrolls references a few times, so a schema may contain itself only in properties that need not be there.
//! A required property on such a path is no longer required: the schema then says less, and is accepted.
//! Reference: ai.google.dev/api/generate-content#FIELDS.response_json_schema.

use std::borrow::Cow;

use crate::json::Node;

/// Definitions by the reference that names them.
type Definitions<'n, 'a> = Vec<(String, &'n Node<'a>)>;

/// Loosen required properties through which a schema contains itself; true if there were any.
pub(super) fn loosen(schema: &mut Node<'_>) -> bool {
    if !is_recursive(schema) {
        return false;
    }
    let before = schema.clone();
    let definitions = definitions(&before);
    let mut loosened = false;
    for (reference, definition) in &definitions {
        if reaches(definition, reference, &definitions) {
            let target = if reference == "#" { Some(&mut *schema) } else { named(schema, reference) };
            loosened |= target.is_some_and(|target| loosen_object(target, reference, &definitions));
        }
    }
    loosened
}

/// Few are; the others need no copy.
fn is_recursive(schema: &Node<'_>) -> bool {
    let definitions = definitions(schema);
    definitions.iter().any(|(reference, definition)| reaches(definition, reference, &definitions))
}

fn definitions<'n, 'a>(schema: &'n Node<'a>) -> Definitions<'n, 'a> {
    let mut found = vec![("#".to_owned(), schema)];
    if let Some(Node::Object(members)) = schema.get("$defs") {
        found.extend(members.iter().map(|(name, definition)| (format!("#/$defs/{name}"), definition)));
    }
    found
}

fn named<'n, 'a>(schema: &'n mut Node<'a>, reference: &str) -> Option<&'n mut Node<'a>> {
    schema.get_mut("$defs")?.get_mut(reference.strip_prefix("#/$defs/")?)
}

/// Whether a value by this schema must contain one by the reference.
fn reaches(schema: &Node<'_>, reference: &str, definitions: &Definitions<'_, '_>) -> bool {
    let mut seen = Vec::new();
    let mut open = references(schema);
    while let Some(next) = open.pop() {
        if next == reference {
            return true;
        }
        if !seen.contains(&next) {
            if let Some((_, definition)) = definitions.iter().find(|(name, _)| *name == next) {
                open.extend(references(definition));
            }
            seen.push(next);
        }
    }
    false
}

/// References that stand in a schema outside of properties that may be absent.
fn references(schema: &Node<'_>) -> Vec<String> {
    let mut found: Vec<String> = schema.get("$ref").and_then(Node::as_text).map(Cow::into_owned).into_iter().collect();
    for key in ["items", "additionalProperties"] {
        found.extend(schema.get(key).into_iter().flat_map(references));
    }
    for key in ["anyOf", "oneOf", "prefixItems"] {
        if let Some(Node::Array(list)) = schema.get(key) {
            found.extend(list.iter().flat_map(references));
        }
    }
    let required = required(schema);
    if let Some(Node::Object(properties)) = schema.get("properties") {
        let needed = properties.iter().filter(|(name, _)| required.iter().any(|needed| **name == **needed));
        found.extend(needed.flat_map(|(_, property)| references(property)));
    }
    found
}

fn required<'n>(schema: &'n Node<'_>) -> Vec<Cow<'n, str>> {
    match schema.get("required") {
        Some(Node::Array(names)) => names.iter().filter_map(Node::as_text).collect(),
        _ => Vec::new(),
    }
}

/// Drop the names of properties that lead back to the reference from `required`.
fn loosen_object(schema: &mut Node<'_>, reference: &str, definitions: &Definitions<'_, '_>) -> bool {
    let recursive: Vec<String> = required(schema)
        .into_iter()
        .filter(|name| {
            let property = schema.get("properties").and_then(|properties| properties.get(name));
            property.is_some_and(|property| reaches(property, reference, definitions))
        })
        .map(Cow::into_owned)
        .collect();
    if let Some(Node::Array(names)) = schema.get_mut("required") {
        names.retain(|name| name.as_text().is_none_or(|name| !recursive.iter().any(|other| *other == name)));
    }
    !recursive.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn loosened(schema: &str) -> (String, bool) {
        let mut tree: Node = parse(schema).unwrap_or(Node::literal("null"));
        let changed = loosen(&mut tree);
        (tree.to_text(), changed)
    }

    #[test]
    fn a_schema_contains_itself_only_where_it_may_be_absent() {
        let list = r##"{"$defs":{"T":{"type":"object","properties":{"v":{"type":"string"},"next":{"anyOf":[{"$ref":"#/$defs/T"},{"type":"null"}]}},"required":["v","next"]}},"$ref":"#/$defs/T"}"##;
        assert_eq!(loosened(list), (list.replace(r#"["v","next"]"#, r#"["v"]"#), true));
        let tree =
            r##"{"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}}},"required":["kids"]}"##;
        assert_eq!(loosened(tree), (tree.replace(r#"["kids"]"#, "[]"), true));
        let fine = list.replace(r#"["v","next"]"#, r#"["v"]"#);
        assert_eq!(loosened(&fine), (fine, false));
    }
}
