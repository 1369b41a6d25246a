//! Sources of an answer: `groundingMetadata` and `citationMetadata`.
//!
//! Ranges are in bytes of the text's UTF-8 here, and in characters in the neutral form.

use std::ops::Range;

use super::wire::{Candidate, Segment, WebSource};
use crate::ir::Citation;
use crate::json::{EscapedText, Object, Text};

/// What a candidate says about its sources; `said` is the text so far.
pub(super) fn read_citations<'a>(candidate: &Candidate<'a>, said: &EscapedText) -> Vec<Citation<'a>> {
    let mut found = Vec::new();
    if let Some(metadata) = &candidate.grounding_metadata {
        let pages: Vec<Option<&WebSource<'a>>> =
            metadata.grounding_chunks.iter().flatten().map(|chunk| chunk.web.as_ref()).collect();
        let supports = metadata.grounding_supports.as_deref().unwrap_or_default();
        let text = if supports.is_empty() { String::new() } else { said.decode() };
        let mut used = vec![false; pages.len()];
        for support in supports {
            let range = support.segment.as_ref().and_then(|segment| characters(segment, &text));
            for &index in support.grounding_chunk_indices.iter().flatten() {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                if let Some(page) = pages.get(index).copied().flatten() {
                    used[index] = true;
                    found.push(citation(page, range.clone()));
                }
            }
        }
        let unused = pages.iter().zip(used).filter(|(_, used)| !used).filter_map(|(page, _)| *page);
        found.extend(unused.map(|page| citation(page, None)));
    }
    let recited = candidate.citation_metadata.as_ref().and_then(|metadata| metadata.sources.as_ref());
    found.extend(recited.into_iter().flatten().map(|source| citation(source, None)));
    found.retain(|citation| citation.url.is_some());
    found
}

fn citation<'a>(source: &WebSource<'a>, range: Option<Range<u64>>) -> Citation<'a> {
    Citation { url: source.uri.map(Text::from), title: source.title.map(Text::from), quote: None, range }
}

/// Where a segment is, in characters; none if it is not in this text.
fn characters(segment: &Segment<'_>, text: &str) -> Option<Range<u64>> {
    let count = |end: u64| Some(text.get(..usize::try_from(end).ok()?)?.chars().count() as u64);
    let bytes = |end: &Option<super::wire::Loose<'_>>| end.and_then(|end| end.0.as_u64());
    if bytes(&segment.part_index).unwrap_or(0) > 0 {
        return None;
    }
    Some(count(bytes(&segment.start_index).unwrap_or(0))?..count(bytes(&segment.end_index)?)?)
}

/// Sources of a candidate, on their way to a client.
#[derive(Debug, Default)]
pub(super) struct Grounding {
    /// Address and title.
    pages: Vec<(String, Option<String>)>,
    supports: Vec<Support>,
    /// Bytes of the texts that are over.
    before: usize,
}

#[derive(Debug)]
struct Support {
    bytes: Range<usize>,
    text: String,
    page: u64,
}

impl Grounding {
    /// A text is over; false if not all of its sources can be said.
    pub(super) fn add(&mut self, text: &str, citations: &[Citation<'_>]) -> bool {
        let mut all = true;
        for citation in citations {
            match &citation.url {
                Some(url) => self.support(url.decode().into_owned(), citation, text),
                None => all = false,
            }
        }
        self.before += text.len();
        all
    }

    fn support(&mut self, url: String, citation: &Citation<'_>, text: &str) {
        let known = self.pages.iter().position(|(page, _)| *page == url);
        let page = known.unwrap_or_else(|| {
            self.pages.push((url, citation.title.as_ref().map(|title| title.decode().into_owned())));
            self.pages.len() - 1
        });
        let range = citation.range_in(text.chars().count() as u64);
        let byte = |character: u64| {
            let at = usize::try_from(character).unwrap_or(usize::MAX);
            text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte)
        };
        let bytes = byte(range.start)..byte(range.end);
        if !bytes.is_empty() {
            let said = text[bytes.clone()].to_owned();
            let bytes = bytes.start + self.before..bytes.end + self.before;
            self.supports.push(Support { bytes, text: said, page: page as u64 });
        }
    }

    /// Append `groundingMetadata`, if there are sources.
    pub(super) fn write(&self, candidate: &mut Object<'_>) {
        if self.pages.is_empty() {
            return;
        }
        candidate.object("groundingMetadata", |metadata| {
            metadata.array("groundingChunks", |chunks| {
                for (url, title) in &self.pages {
                    chunks.object(|chunk| {
                        chunk.object("web", |web| {
                            web.field("uri", url);
                            web.optional("title", title.as_ref());
                        });
                    });
                }
            });
            metadata.array("groundingSupports", |supports| {
                self.supports.iter().for_each(|support| supports.object(|member| support.write(member)));
            });
        });
    }
}

impl Support {
    fn write(&self, member: &mut Object<'_>) {
        member.object("segment", |segment| {
            segment.field("startIndex", self.bytes.start as u64);
            segment.field("endIndex", self.bytes.end as u64);
            segment.field("text", &self.text);
        });
        member.array("groundingChunkIndices", |indices| indices.element(self.page));
    }
}
