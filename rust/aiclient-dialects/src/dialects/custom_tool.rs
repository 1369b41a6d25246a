//! Tools with free text as input, for vendors that have only functions.

use crate::ir::Tool;
use crate::json::{Raw, Text};

/// The schema of the function that stands for it.
pub(super) const CUSTOM_SCHEMA: &[u8] =
    br#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#;

/// A tool with free text as input becomes a function with one string, whose grammar is told.
pub(super) fn custom_description(tool: &Tool<'_>, format: Option<Raw<'_>>) -> String {
    let description = tool.description.as_ref().map(Text::decode).unwrap_or_default();
    match format {
        Some(format) => format!("{description}\n\nThe input is free text in this format: {}", format.text()),
        None => description.into_owned(),
    }
}
