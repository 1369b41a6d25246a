//! What has to be done to JSON Schemas on their way between vendors.
//!
//! Each vendor takes another subset. What a vendor cannot enforce is told to its model in the description.
//! References: json-schema.org/draft/2020-12, ai.google.dev/api/caching#Schema.

use crate::json::Node;

/// Keywords whose value is a schema.
const ONE: [&str; 8] = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
/// Keywords whose value is a list of schemas.
const LIST: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];
/// Keywords whose value is an object of schemas.
const MAP: [&str; 5] = ["properties", "$defs", "definitions", "patternProperties", "dependentSchemas"];

/// Call `change` for each schema directly inside this one.
pub(super) fn for_each_subschema<'a>(schema: &mut Node<'a>, change: &mut impl FnMut(&mut Node<'a>)) {
    for key in ONE {
        if let Some(inner @ Node::Object(_)) = schema.get_mut(key) {
            change(inner);
        }
    }
    for key in LIST {
        if let Some(Node::Array(list)) = schema.get_mut(key) {
            list.iter_mut().for_each(&mut *change);
        }
    }
    for key in MAP {
        if let Some(Node::Object(members)) = schema.get_mut(key) {
            members.iter_mut().for_each(|(_, inner)| change(inner));
        }
    }
}

/// Move a keyword that cannot be enforced into the description; true if it was there.
pub(super) fn tell_instead(schema: &mut Node<'_>, key: &str) -> bool {
    let Some(value) = schema.remove(key) else { return false };
    let before = schema.get("description").and_then(Node::as_text).map(|text| text + " ").unwrap_or_default();
    let told = Node::string(&format!("{before}[{key}: {}]", value.to_text()));
    let told = Node::Leaf(told.to_text().into());
    schema.set("description", told);
    true
}

/// Whether the schema describes an object.
pub(super) fn is_object(schema: &Node<'_>) -> bool {
    match schema.get("type") {
        Some(Node::Array(types)) => types.iter().any(|kind| kind.as_leaf() == Some("\"object\"")),
        Some(kind) => kind.as_leaf() == Some("\"object\""),
        None => schema.get("properties").is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn a_constraint_is_told() {
        let mut schema: Node =
            parse(r#"{"type":"string","description":"A name.","maxLength":9}"#).unwrap_or(Node::literal("{}"));
        assert!(tell_instead(&mut schema, "maxLength"));
        assert_eq!(schema.to_text(), r#"{"type":"string","description":"A name. [maxLength: 9]"}"#);
        assert!(!tell_instead(&mut schema, "maxLength"));
    }
}
