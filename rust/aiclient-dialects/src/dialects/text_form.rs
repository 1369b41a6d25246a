//! Content as text, for vendors that have no other form for it.

use crate::ir::{Part, PartContent, SearchResult, ToolResult};
use crate::json::Text;

/// A document.
pub(super) fn document_text(title: Option<&Text<'_>>, text: &str) -> String {
    match title {
        Some(title) => format!("<document title=\"{}\">\n{text}\n</document>", title.decode()),
        None => format!("<document>\n{text}\n</document>"),
    }
}

/// A result of the caller's own search.
pub(super) fn search_result_text(result: &SearchResult<'_>) -> String {
    let head = format!("<search_result source=\"{}\" title=\"{}\">", result.source.decode(), result.title.decode());
    format!("{head}\n{}\n</search_result>", texts(&result.parts))
}

/// The texts among parts, a line each.
pub(super) fn texts(parts: &[Part<'_>]) -> String {
    let text = |part: &Part<'_>| {
        if let PartContent::Text(text) = &part.content { Some(text.decode().into_owned()) } else { None }
    };
    parts.iter().filter_map(text).collect::<Vec<_>>().join("\n")
}

/// What of a tool's result is text.
pub(super) fn result_text(result: &ToolResult<'_>) -> String {
    let text = |part: &Part<'_>| match &part.content {
        PartContent::Text(text) => Some(text.decode().into_owned()),
        PartContent::SearchResult(found) => Some(search_result_text(found)),
        _ => None,
    };
    result.parts.iter().filter_map(text).collect::<Vec<_>>().join("\n")
}
