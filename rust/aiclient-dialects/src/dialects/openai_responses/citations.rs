//! Sources of an answer: `annotations` of a text, whose ranges are in characters of it.

use super::wire::Annotation;
use crate::ir::{Citation, range};
use crate::json::{Object, Text};

impl<'a> Annotation<'a> {
    /// In the neutral form: a page by its address, or a file by its name.
    pub(super) fn citation(&self) -> Citation<'a> {
        Citation {
            url: self.url.map(Text::from),
            title: self.title.or(self.filename).map(Text::from),
            quote: None,
            range: range(self.start_index, self.end_index),
        }
    }
}

/// A `url_citation`, whose range is in characters of its text.
pub(super) fn write_annotation(citation: &Citation<'_>, text: &str, annotation: &mut Object<'_>) {
    let range = citation.range_in(text.chars().count() as u64);
    annotation.field("type", "url_citation");
    annotation.optional("url", citation.url.as_ref());
    annotation.field("title", citation.title.as_ref().unwrap_or(&Text::from("")));
    annotation.field("start_index", range.start);
    annotation.field("end_index", range.end);
}
