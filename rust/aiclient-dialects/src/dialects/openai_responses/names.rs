//! What names and ids may look like.

use std::borrow::Cow;

use super::super::names::{fitting_id, is_plain};

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
