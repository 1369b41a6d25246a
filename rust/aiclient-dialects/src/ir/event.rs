//! A reply as steps. A stream is read as these, and a whole reply too.
//!
//! Grammar: `Start`, then for each part `PartStart`, deltas of its kind, `PartEnd`; parts may interleave, their ids
//! are never used twice; `Usage` at any time, the last one counts; `Finish` once for each choice, after its parts;
//! `End` only if the wire itself ended the stream; `Error` instead of the rest.

use super::{Citation, Failure, FinishReason, Media, Opaque, Usage};
use crate::json::{Raw, Text};
use crate::loss::Feature;

/// Identity of a part within a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartId(pub u32);

/// One step of a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// The reply begins.
    Start {
        /// The upstream's id of the reply.
        id: Option<Text<'a>>,
        /// The model that answers.
        model: Option<Text<'a>>,
    },
    /// A part begins.
    PartStart {
        /// Its identity from here on.
        part: PartId,
        /// Which of several answers it belongs to; 0 for all but C `n` and G `candidateCount`.
        choice: u32,
        /// What it is.
        kind: PartKind<'a>,
    },
    /// More of a text part.
    TextDelta {
        /// Which part.
        part: PartId,
        /// The text.
        text: Text<'a>,
    },
    /// More of a refusal. (C R)
    RefusalDelta {
        /// Which part.
        part: PartId,
        /// The text.
        text: Text<'a>,
    },
    /// More of a reasoning part.
    ReasoningDelta {
        /// Which part.
        part: PartId,
        /// The text.
        text: Text<'a>,
    },
    /// More of a call's arguments: JSON text, which may be cut anywhere. For custom tools (C R) free text.
    ArgumentsDelta {
        /// Which part.
        part: PartId,
        /// The JSON text.
        json: Text<'a>,
    },
    /// Opaque state that belongs to a part.
    Signature {
        /// Which part.
        part: PartId,
        /// The state.
        opaque: Opaque<'a>,
    },
    /// A source of what a text part says. (C R A G)
    Citation {
        /// Which part.
        part: PartId,
        /// The source, and where it is used.
        citation: Citation<'a>,
    },
    /// Token probabilities, `[{token,logprob,bytes,top_logprobs}]` as Chat writes them, before the text they are of.
    /// (C R G)
    LogProbabilities {
        /// Which choice.
        choice: u32,
        /// The list.
        content: Raw<'a>,
    },
    /// A part is complete.
    PartEnd {
        /// Which part.
        part: PartId,
    },
    /// Token counts so far.
    Usage(Usage),
    /// A choice is complete.
    Finish {
        /// Which choice.
        choice: u32,
        /// Why.
        reason: FinishReason,
        /// The stop sequence that came, where the wire says it. (A)
        stop_sequence: Option<Text<'a>>,
        /// The vendor's words on a refusal or a failed call. (A G)
        explanation: Option<Text<'a>>,
    },
    /// The upstream says that it failed.
    Error(Failure),
    /// The wire ended the stream.
    End,
}

/// What a part is.
#[derive(Clone, Debug, PartialEq)]
pub enum PartKind<'a> {
    /// Text. (C R A G)
    Text,
    /// The model refuses, in its own words. (C R)
    Refusal,
    /// Thoughts. (C R A G)
    Reasoning,
    /// A call of a tool. (C R A G)
    ToolCall {
        /// The upstream's id; the writer makes one where there is none.
        id: Option<Text<'a>>,
        /// The tool's name, as the upstream knows it.
        name: Text<'a>,
        /// Whether its input is free text. (C R)
        custom: bool,
        /// State that must come back with the call. (G)
        signature: Option<Opaque<'a>>,
    },
    /// An image or sound, whole. (G)
    Media(Media<'a>),
}

/// Whoever wants to know what a reply says.
pub trait EventSink {
    /// Take in one step.
    fn event(&mut self, event: &Event<'_>);

    /// Take note of something in the reply that the neutral form has no word for.
    fn lose(&mut self, feature: Feature);
}

impl Event<'_> {
    /// The part this event belongs to, if it belongs to one.
    #[inline]
    pub fn part(&self) -> Option<PartId> {
        match self {
            Self::PartStart { part, .. }
            | Self::TextDelta { part, .. }
            | Self::RefusalDelta { part, .. }
            | Self::ReasoningDelta { part, .. }
            | Self::ArgumentsDelta { part, .. }
            | Self::Signature { part, .. }
            | Self::Citation { part, .. }
            | Self::PartEnd { part } => Some(*part),
            _ => None,
        }
    }

    /// A copy of a part's event that borrows nothing. Literals stay escaped, so that an escape that is cut between
    /// two deltas is not damaged.
    pub(crate) fn to_static(&self) -> Event<'static> {
        let copy = Text::to_static;
        match self {
            Self::PartStart { part, choice, kind } => {
                Event::PartStart { part: *part, choice: *choice, kind: kind.to_static() }
            }
            Self::TextDelta { part, text } => Event::TextDelta { part: *part, text: copy(text) },
            Self::RefusalDelta { part, text } => Event::RefusalDelta { part: *part, text: copy(text) },
            Self::ReasoningDelta { part, text } => Event::ReasoningDelta { part: *part, text: copy(text) },
            Self::ArgumentsDelta { part, json } => Event::ArgumentsDelta { part: *part, json: copy(json) },
            Self::Signature { part, opaque } => Event::Signature { part: *part, opaque: opaque.to_static() },
            Self::Citation { part, citation } => Event::Citation { part: *part, citation: citation.to_static() },
            Self::PartEnd { part } => Event::PartEnd { part: *part },
            Self::Usage(usage) => Event::Usage(*usage),
            Self::Finish { choice, reason, stop_sequence, explanation } => Event::Finish {
                choice: *choice,
                reason: *reason,
                stop_sequence: stop_sequence.as_ref().map(copy),
                explanation: explanation.as_ref().map(copy),
            },
            Self::Error(failure) => Event::Error(failure.clone()),
            Self::Start { id, model } => Event::Start { id: id.as_ref().map(copy), model: model.as_ref().map(copy) },
            // Never waits for anything: it belongs to no part.
            Self::LogProbabilities { .. } | Self::End => Event::End,
        }
    }
}

impl PartKind<'_> {
    fn to_static(&self) -> PartKind<'static> {
        match self {
            Self::Text => PartKind::Text,
            Self::Refusal => PartKind::Refusal,
            Self::Reasoning => PartKind::Reasoning,
            Self::ToolCall { id, name, custom, signature } => PartKind::ToolCall {
                id: id.as_ref().map(Text::to_static),
                name: name.to_static(),
                custom: *custom,
                signature: signature.as_ref().map(Opaque::to_static),
            },
            Self::Media(media) => PartKind::Media(media.to_static()),
        }
    }
}
