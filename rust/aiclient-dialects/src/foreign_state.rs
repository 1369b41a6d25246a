//! The same dialect on both sides, after a conversation that was held with another vendor before.
//!
//! Such a conversation holds envelopes of [`crate::ir::Opaque`]. An upstream that is given one answers 400 ("invalid
//! signature"), so its own state is taken out of the envelope, and another's goes, with the thought that it seals.
//! Bodies without an envelope are left as they are, byte for byte.

use memchr::memmem;

use crate::dialect::Dialect;
use crate::ir::{Opaque, OpaqueKind};
use crate::json::{Node, Text, parse};
use crate::loss::{Feature, Loss, Side};

/// How an envelope begins, and how it does in base64.
const MARKS: [&[u8]; 2] = [b"aic1.", b"YWljMS"];

/// What is to be done with an element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds no envelope.
    Keep,
    /// What it holds is the vendor's own again.
    Changed,
    /// It is another vendor's, and nothing without its state.
    Drop,
    /// It is another vendor's, and a mere hint.
    Omit,
}

/// Whether a body may hold an envelope.
pub(crate) fn has_envelopes(body: &[u8]) -> bool {
    MARKS.iter().any(|mark| memmem::find(body, mark).is_some())
}

/// The body as its dialect's vendor can take it, and what had to go; none if it holds no envelope.
pub(crate) fn settle(body: &str, dialect: Dialect) -> Option<(String, Vec<Loss>)> {
    let mut tree: Node<'_> = parse(body).ok()?;
    let mut walk = Walk { dialect, losses: Vec::new(), changed: false };
    walk.node(&mut tree, "");
    walk.changed.then(|| (tree.to_text(), walk.losses))
}

struct Walk {
    dialect: Dialect,
    losses: Vec<Loss>,
    changed: bool,
}

impl Walk {
    fn node(&mut self, node: &mut Node<'_>, pointer: &str) {
        match node {
            Node::Object(members) => {
                for (key, value) in members {
                    // Arguments and schemas are the user's own; no state is in them.
                    if !matches!(&**key, "arguments" | "args" | "input_schema" | "parameters") {
                        self.node(value, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")));
                    }
                }
            }
            Node::Array(elements) => self.list(elements, pointer),
            Node::Leaf(_) => {}
        }
    }

    fn list(&mut self, elements: &mut Vec<Node<'_>>, pointer: &str) {
        let mut index = 0;
        elements.retain_mut(|element| {
            let at = format!("{pointer}/{index}");
            index += 1;
            let before = is_empty_turn(element);
            self.node(element, &at);
            let verdict = self.dialect.protocol().settle_state(element);
            self.changed |= verdict != Verdict::Keep;
            if verdict == Verdict::Drop {
                self.losses.push(Loss { pointer: at, feature: Feature::ReasoningHistory, side: Side::Request });
            }
            // A turn of thoughts alone goes with them.
            !matches!(verdict, Verdict::Drop | Verdict::Omit) && (before || !is_empty_turn(element))
        });
    }
}

fn is_empty_turn(element: &Node<'_>) -> bool {
    let content = element.get("content").or_else(|| element.get("parts"));
    content.is_some_and(|content| matches!(content, Node::Array(elements) if elements.is_empty()))
}

/// Take the vendor's own state in a field out of its envelope.
pub(crate) fn settle_field(element: &mut Node<'_>, key: &'static str, dialect: Dialect) -> Verdict {
    let Some(field) = element.get(key).and_then(Node::as_text).filter(|field| field.starts_with("aic1.")) else {
        return Verdict::Keep;
    };
    let opaque = Opaque::read(Text::plain(field.into_owned()), dialect, OpaqueKind::Signature);
    if opaque.source != dialect || opaque.payload.is_empty() {
        return Verdict::Drop;
    }
    element.set(key, Node::string(&opaque.payload.decode()));
    Verdict::Changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(dialect: Dialect, body: &str) -> Option<(String, Vec<String>)> {
        settle(body, dialect).map(|(body, losses)| (body, losses.into_iter().map(|loss| loss.pointer).collect()))
    }

    #[test]
    fn own_state_leaves_its_envelope_and_others_goes() {
        for (dialect, body, expected, dropped) in [
            (
                Dialect::Anthropic,
                r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"T","signature":"aic1.as.c2ln"},{"type":"thinking","thinking":"U","signature":"aic1.gt.eA=="},{"type":"text","text":"A"}]},{"role":"assistant","content":[{"type":"redacted_thinking","data":"aic1.re.e"}]}],"x":1.0}"#,
                r#"{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"T","signature":"c2ln"},{"type":"text","text":"A"}]}],"x":1.0}"#,
                &["/messages/0/content/1", "/messages/1/content/0"][..],
            ),
            (
                Dialect::OpenAiResponses,
                r#"{"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"aic1.re.gAAA"},{"type":"reasoning","summary":[],"encrypted_content":"aic1.as.x"}]}"#,
                r#"{"input":[{"type":"reasoning","summary":[],"encrypted_content":"gAAA"}]}"#,
                &["/input/1"],
            ),
            (
                Dialect::OpenAiChat,
                r#"{"messages":[{"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":"T","signature":"aic1.as.x"}],"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"aic1.as.y"}}}]}]}"#,
                r#"{"messages":[{"role":"assistant","reasoning_details":[],"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]}]}"#,
                &["/messages/0/reasoning_details/0"],
            ),
            (
                Dialect::Gemini,
                r#"{"contents":[{"role":"model","parts":[{"text":"T","thought":true,"thoughtSignature":"YWljMS5hcy54"},{"functionCall":{"name":"f"},"thoughtSignature":"YWljMS5hcy54"}]}]}"#,
                r#"{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f"},"thoughtSignature":"skip_thought_signature_validator"}]}]}"#,
                &["/contents/0/parts/0"],
            ),
            (
                Dialect::Anthropic,
                r#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"A","citations":[{"type":"web_search_result_location","url":"u","encrypted_index":"aic1.os."}]}]}]}"#,
                r#"{"messages":[{"role":"assistant","content":[{"type":"text","text":"A","citations":[]}]}]}"#,
                &[],
            ),
        ] {
            let dropped = dropped.iter().map(|&pointer| pointer.to_owned()).collect();
            assert_eq!(settled(dialect, body), Some((expected.to_owned(), dropped)), "{dialect:?}");
        }
    }

    #[test]
    fn a_body_without_envelope_is_not_touched() {
        for body in [r#"{"messages":[]}"#, r#"{"messages":[{"role":"user","content":"what is aic1.as.x ?"}]}"#] {
            assert_eq!(settled(Dialect::Anthropic, body), None);
        }
    }
}
