//! Sources of an answer: `annotations`, whose ranges are in characters of all the text.

use super::wire::{Answer, UrlCitation};
use crate::ir::{Choice, Citation, Event, EventSink, ReplyPart, range};
use crate::json::{Array, Object, Place, Text, write_array};
use crate::loss::{Feature, Losses};
use crate::stream::Parts;

impl<'a> UrlCitation<'a> {
    /// In the neutral form.
    pub(super) fn citation(&self) -> Citation<'a> {
        Citation {
            url: self.url.map(Text::from),
            title: self.title.map(Text::from),
            quote: None,
            range: range(self.start_index, self.end_index),
        }
    }
}

/// Read the sources of an answer, or of a piece of one.
pub(super) fn read_annotations(answer: &Answer<'_>, choice: u32, parts: &mut Parts, sink: &mut dyn EventSink) {
    for citation in answer.annotations.iter().flatten().filter_map(|annotation| annotation.url_citation.as_ref()) {
        let part = parts.text(choice, Text::from(""), sink);
        sink.event(&Event::Citation { part, citation: citation.citation() });
    }
}

/// Sources that have an address; others have no place here.
pub(super) fn write_annotations(choice: &Choice, losses: &mut Losses, message: &mut Object<'_>) {
    let mut list = Vec::new();
    write_array(&mut list, |annotations| {
        // Characters, counted over the concatenated text.
        let mut before = 0;
        for part in &choice.parts {
            if let ReplyPart::Text { text, citations, .. } = part {
                let characters = text.chars().count() as u64;
                for citation in citations {
                    if !write_annotation(citation, before, characters, annotations) {
                        losses.report(Place::default(), Feature::Citations);
                    }
                }
                before += characters;
            }
        }
    });
    if list.len() > 2 {
        message.key("annotations").extend_from_slice(&list);
    }
}

/// Append a `url_citation`, whose range is in characters of the whole text; false if the source has no address.
pub(super) fn write_annotation(
    citation: &Citation<'_>,
    before: u64,
    characters: u64,
    annotations: &mut Array<'_>,
) -> bool {
    let Some(url) = &citation.url else { return false };
    let range = citation.range_in(characters);
    annotations.object(|annotation| {
        annotation.field("type", "url_citation");
        annotation.object("url_citation", |member| {
            member.field("url", url);
            member.field("title", citation.title.as_ref().unwrap_or(&Text::from("")));
            member.field("start_index", before + range.start);
            member.field("end_index", before + range.end);
        });
    });
    true
}
