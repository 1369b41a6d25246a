//! What names and ids may look like.

use std::borrow::Cow;

use super::super::names::{fitting_id, is_plain};
use crate::dialect::Dialect;
use crate::foreign_state::{Verdict, settle_field};
use crate::json::Node;

/// Longest name of a tool.
pub(super) const LONGEST_NAME: usize = 128;
/// Longest id of a call that is sent; Anthropic names no limit.
const LONGEST_ID: usize = 128;

/// Whether a tool may be called this.
pub(super) fn is_tool_name(name: &str) -> bool {
    is_plain(name, LONGEST_NAME)
}

/// The id of a call, made to fit `^[a-zA-Z0-9_-]+$` if it does not.
pub(super) fn call_id(id: Cow<'_, str>) -> Cow<'_, str> {
    fitting_id(id, LONGEST_ID)
}

/// Settle the seal on a thought in a request: see [`crate::foreign_state`].
pub(super) fn settle_state(element: &mut Node<'_>) -> Verdict {
    match element.get("type").and_then(Node::as_text).as_deref() {
        Some("thinking") => settle_field(element, "signature", Dialect::Anthropic),
        Some("redacted_thinking") => settle_field(element, "data", Dialect::Anthropic),
        Some("web_search_result_location") => settle_citation(element),
        _ => Verdict::Keep,
    }
}

/// A source that another vendor named has no reference that this one knows.
fn settle_citation(element: &Node<'_>) -> Verdict {
    let reference = element.get("encrypted_index").and_then(Node::as_text);
    if reference.is_some_and(|reference| reference.starts_with("aic1.")) { Verdict::Omit } else { Verdict::Keep }
}
