//! What names and ids may look like.

use std::borrow::Cow;

use super::super::names::{fitting_id, is_plain};

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
