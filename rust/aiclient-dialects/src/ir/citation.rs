//! Sources of what an answer says.

use std::ops::Range;

use crate::json::{Raw, Text};

/// A source of what a text part says. (C R A G)
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation<'a> {
    /// Address of the source.
    pub url: Option<Text<'a>>,
    /// Its title.
    pub title: Option<Text<'a>>,
    /// What it says there. (A)
    pub quote: Option<Text<'a>>,
    /// Where in its part it is used, in characters; without one, in all of it. (C R G)
    pub range: Option<Range<u64>>,
}

impl Citation<'_> {
    /// A copy that borrows nothing.
    pub(crate) fn to_static(&self) -> Citation<'static> {
        let [url, title, quote] = [&self.url, &self.title, &self.quote].map(|text| text.as_ref().map(Text::to_static));
        Citation { url, title, quote, range: self.range.clone() }
    }

    /// Where it is used in a part of so many characters.
    pub fn range_in(&self, characters: u64) -> Range<u64> {
        match &self.range {
            Some(range) => range.start.min(characters)..range.end.min(characters),
            None => 0..characters,
        }
    }
}

/// The range that a wire gives by its ends; some servers write what is no range.
pub(crate) fn range(start: Option<Raw<'_>>, end: Option<Raw<'_>>) -> Option<Range<u64>> {
    let [start, end] = [start, end].map(|raw| raw.and_then(|raw| raw.read::<u64>().ok()));
    let range = start.unwrap_or(0)..end?;
    (!range.is_empty()).then_some(range)
}
