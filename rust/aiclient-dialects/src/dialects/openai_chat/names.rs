//! What names and ids may look like.

use std::borrow::Cow;

use super::super::names::{fitting_id, is_plain};
use crate::dialect::Dialect;
use crate::foreign_state::{Verdict, settle_field};
use crate::json::Node;

/// Longest name of a tool.
pub(super) const LONGEST_NAME: usize = 64;
/// Longest id of a call.
const LONGEST_ID: usize = 40;

/// Whether a tool may be called this.
pub(super) fn is_tool_name(name: &str) -> bool {
    is_plain(name, LONGEST_NAME)
}

/// The id of a call, made to fit if it does not.
pub(super) fn call_id(id: Cow<'_, str>) -> Cow<'_, str> {
    fitting_id(id, LONGEST_ID)
}

/// Settle the state of a thought or a call in a request: see [`crate::foreign_state`].
pub(super) fn settle_state(element: &mut Node<'_>) -> Verdict {
    match element.get("type").and_then(Node::as_text).as_deref() {
        Some("reasoning.text") => settle_field(element, "signature", Dialect::OpenAiChat),
        Some("reasoning.encrypted") => settle_field(element, "data", Dialect::OpenAiChat),
        Some("function") => settle_call(element),
        _ => Verdict::Keep,
    }
}

/// A call goes on without the state of another vendor.
fn settle_call(element: &mut Node<'_>) -> Verdict {
    let google = element.get("extra_content").and_then(|extra| extra.get("google"));
    let state = google.and_then(|google| google.get("thought_signature")).and_then(Node::as_text);
    if !state.is_some_and(|state| state.starts_with("aic1.")) {
        return Verdict::Keep;
    }
    element.remove("extra_content");
    Verdict::Changed
}
