//! Sources of an answer: `citations` of a text block, which is cut so that they are used in all of it.

use super::wire::Citation as WireCitation;
use super::write_response::NO_SEAL;
use crate::ir::{Citation, Event, PartId};
use crate::json::{Object, Text};

/// A source of the text that a part is.
pub(super) fn citation_event<'a>(citation: &WireCitation<'a>, part: PartId) -> Event<'a> {
    let citation = Citation {
        url: citation.url.or(citation.source).map(Text::from),
        title: citation.title.or(citation.document_title).map(Text::from),
        quote: citation.cited_text.map(Text::from),
        range: None,
    };
    Event::Citation { part, citation }
}

/// A page found on the web; only such sources have an address here.
pub(super) fn write_citation(citation: &Citation<'_>, member: &mut Object<'_>) {
    let nothing = Text::from("");
    member.field("type", "web_search_result_location");
    member.optional("url", citation.url.as_ref());
    member.field("title", citation.title.as_ref());
    member.field("cited_text", citation.quote.as_ref().unwrap_or(&nothing));
    // The vendor's own reference; this one tells that it is another's, so that it never goes back to the vendor.
    member.field("encrypted_index", NO_SEAL);
}
