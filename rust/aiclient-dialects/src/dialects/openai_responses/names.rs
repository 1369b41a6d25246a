//! What names and ids may look like.

use std::borrow::Cow;

use super::super::names::{fitting_id, is_plain};
use crate::dialect::Dialect;
use crate::foreign_state::{Verdict, settle_field};
use crate::json::Node;

/// Longest name of a tool.
pub(super) const LONGEST_NAME: usize = 64;
/// Longest id of a call.
const LONGEST_ID: usize = 64;

/// Whether a tool may be called this.
pub(super) fn is_tool_name(name: &str) -> bool {
    is_plain(name, LONGEST_NAME)
}

/// The id of a call, made to fit if it does not.
pub(super) fn call_id(id: Cow<'_, str>) -> Cow<'_, str> {
    fitting_id(id, LONGEST_ID)
}

/// Settle the encrypted content of a reasoning item in a request: see [`crate::foreign_state`].
pub(super) fn settle_state(element: &mut Node<'_>) -> Verdict {
    if element.get("type").and_then(Node::as_text).as_deref() != Some("reasoning") {
        return Verdict::Keep;
    }
    let verdict = settle_field(element, "encrypted_content", Dialect::OpenAiResponses);
    if verdict == Verdict::Changed {
        // The id was made here; the vendor would look for it.
        element.remove("id");
    }
    verdict
}
