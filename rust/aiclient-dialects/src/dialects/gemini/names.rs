//! What names and opaque fields may look like.

use std::borrow::Cow;

use super::super::media::{decode_base64, encode_base64};
use crate::dialect::Dialect;
use crate::foreign_state::Verdict;
use crate::ir::{Opaque, OpaqueKind};
use crate::json::{Literal, Node, Text};

/// Longest name of a function.
pub(super) const LONGEST_NAME: usize = 128;

/// Stands for a call's signature where there is none: Gemini 3 refuses a call of the current turn without one.
///
/// Source: ai.google.dev/gemini-api/docs/thought-signatures.
pub(super) const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// Whether a function may be called this.
pub(super) fn is_tool_name(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    first
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b':' | b'.'))
}

/// What stands in a `thoughtSignature`. Clients take the field for bytes, so an envelope is base64 there.
pub(super) fn read_signature(field: Literal<'_>) -> Opaque<'_> {
    match envelope(&field.decode()) {
        Some(envelope) => Opaque::read(Text::from(envelope), Dialect::Gemini, OpaqueKind::Thought),
        None => Opaque { source: Dialect::Gemini, kind: OpaqueKind::Thought, payload: field.into() },
    }
}

/// An envelope that stands in base64.
fn envelope(field: &str) -> Option<String> {
    let text = decode_base64(field).and_then(|bytes| String::from_utf8(bytes).ok())?;
    text.starts_with("aic1.").then_some(text)
}

/// The content of a client's `thoughtSignature`.
pub(super) fn carried<'o>(opaque: &'o Opaque<'_>) -> Cow<'o, str> {
    if opaque.source == Dialect::Gemini {
        opaque.payload.decode()
    } else {
        Cow::Owned(encode_base64(opaque.seal().as_bytes()))
    }
}

/// Settle the signature of a part in a request: see [`crate::foreign_state`].
pub(super) fn settle_state(element: &mut Node<'_>) -> Verdict {
    let key = if element.get("thoughtSignature").is_some() { "thoughtSignature" } else { "thought_signature" };
    let Some(envelope) = element.get(key).and_then(Node::as_text).and_then(|field| envelope(&field)) else {
        return Verdict::Keep;
    };
    let opaque = Opaque::read(Text::from(envelope), Dialect::Gemini, OpaqueKind::Thought);
    if opaque.source == Dialect::Gemini {
        element.set(key, Node::string(&opaque.payload.decode()));
    } else if element.get("functionCall").or_else(|| element.get("function_call")).is_some() {
        element.set(key, Node::string(NO_SIGNATURE));
    } else if element.get("thought").and_then(Node::as_leaf) == Some("true") {
        return Verdict::Drop;
    } else {
        element.remove(key);
    }
    Verdict::Changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn an_envelope_survives_clients_that_decode_bytes() {
        let opaque = Opaque { source: Dialect::Anthropic, kind: OpaqueKind::Signature, payload: "Eq/+==".into() };
        let json = format!("\"{}\"", carried(&opaque));
        assert_eq!(
            parse::<Literal>(&json).map(read_signature),
            Ok(Opaque { payload: String::from("Eq/+==").into(), ..opaque })
        );
    }

    #[test]
    fn names_begin_with_a_letter() {
        assert!(is_tool_name("mcp.server:get-x_1"));
        assert!(!is_tool_name("1st") && !is_tool_name("") && !is_tool_name("für"));
    }
}
