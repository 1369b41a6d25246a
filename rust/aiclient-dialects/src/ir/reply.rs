//! A whole reply: the fold of its events.

use super::{Citation, Event, EventSink, Failure, FinishReason, Media, Opaque, PartId, PartKind, Usage};
use crate::json::{Raw, Text};
use crate::loss::Feature;

/// A reply, complete.
#[derive(Debug, Default)]
pub struct Reply {
    /// The model that answered, as the upstream calls it.
    pub model: Option<String>,
    /// The answers; one, unless several were asked for.
    pub choices: Vec<Choice>,
    /// Token counts, if the upstream sent any.
    pub usage: Option<Usage>,
    /// What the upstream said instead of an answer.
    pub failure: Option<Failure>,
    /// Whether the wire said that the reply is complete.
    pub ended: bool,
    /// What it held that the neutral form has no word for.
    pub losses: Vec<Feature>,
}

/// One answer.
#[derive(Debug, Default)]
pub struct Choice {
    /// What it says, in order.
    pub parts: Vec<ReplyPart>,
    /// Why it ended.
    pub finish: Option<FinishReason>,
    /// The stop sequence that came, if the upstream says which.
    pub stop_sequence: Option<String>,
    /// The vendor's words on a refusal or a failed call.
    pub explanation: Option<String>,
    /// Token probabilities, as Chat writes the elements of the list.
    pub log_probabilities: String,
}

/// A piece of an answer.
#[derive(Debug)]
pub enum ReplyPart {
    /// Text, with its sources.
    Text {
        /// The text.
        text: String,
        /// State that belongs to it. (G)
        signature: Option<Opaque<'static>>,
        /// Its sources.
        citations: Vec<Citation<'static>>,
    },
    /// A refusal in the model's words.
    Refusal(String),
    /// Thoughts.
    Reasoning {
        /// The text, possibly empty.
        text: String,
        /// The state that goes with it.
        opaque: Option<Opaque<'static>>,
    },
    /// A call.
    ToolCall {
        /// The upstream's id, if it gave one.
        id: Option<String>,
        /// The tool's name, as the upstream knows it.
        name: String,
        /// JSON text as the model wrote it; empty for none. Free text if `custom`.
        arguments: String,
        /// Whether the input is free text.
        custom: bool,
        /// State that must come back with it.
        signature: Option<Opaque<'static>>,
    },
    /// An image or sound.
    Media(Media<'static>),
}

impl Reply {
    /// Bytes of all that it says.
    pub(crate) fn size(&self) -> usize {
        self.choices.iter().flat_map(|choice| &choice.parts).map(ReplyPart::size).sum()
    }

    /// The first answer. A reply without any is one that says nothing.
    pub fn first(&self) -> Option<&Choice> {
        self.choices.first()
    }
}

impl ReplyPart {
    fn size(&self) -> usize {
        match self {
            Self::Text { text, .. } | Self::Refusal(text) | Self::Reasoning { text, .. } => text.len(),
            Self::ToolCall { name, arguments, .. } => name.len() + arguments.len(),
            Self::Media(_) => 0,
        }
    }
}

impl Choice {
    /// Whether tools are called.
    pub fn calls_tools(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, ReplyPart::ToolCall { .. }))
    }

    /// Why it ended, as content tells it.
    pub fn reason(&self) -> FinishReason {
        self.finish.unwrap_or(FinishReason::Stop).with_tool_calls(self.calls_tools())
    }
}

/// Collects the events of a reply.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    reply: Reply,
    /// Where each part went: choice and index.
    places: Vec<(PartId, usize, usize)>,
}

impl Fold {
    /// The reply, once all events are in.
    pub(crate) fn into_reply(self) -> Reply {
        self.reply
    }

    fn choice(&mut self, index: u32) -> &mut Choice {
        let index = index as usize;
        if self.reply.choices.len() <= index {
            self.reply.choices.resize_with(index + 1, Choice::default);
        }
        &mut self.reply.choices[index]
    }

    fn part(&mut self, part: PartId) -> Option<&mut ReplyPart> {
        let &(_, choice, index) = self.places.iter().rev().find(|(id, ..)| *id == part)?;
        self.reply.choices.get_mut(choice)?.parts.get_mut(index)
    }

    fn start_part(&mut self, part: PartId, choice: u32, kind: &PartKind<'_>) {
        let new = match kind {
            PartKind::Text => ReplyPart::Text { text: String::new(), signature: None, citations: Vec::new() },
            PartKind::Refusal => ReplyPart::Refusal(String::new()),
            PartKind::Reasoning => ReplyPart::Reasoning { text: String::new(), opaque: None },
            PartKind::ToolCall { id, name, custom, signature } => ReplyPart::ToolCall {
                id: id.as_ref().map(owned),
                name: owned(name),
                arguments: String::new(),
                custom: *custom,
                signature: signature.as_ref().map(Opaque::to_static),
            },
            PartKind::Media(media) => ReplyPart::Media(media.to_static()),
        };
        let parts = &mut self.choice(choice).parts;
        parts.push(new);
        let index = parts.len() - 1;
        self.places.push((part, choice as usize, index));
    }

    fn append(&mut self, part: PartId, more: &Text<'_>) {
        match self.part(part) {
            Some(ReplyPart::Text { text, .. } | ReplyPart::Refusal(text) | ReplyPart::Reasoning { text, .. }) => {
                text.push_str(&more.decode())
            }
            Some(ReplyPart::ToolCall { arguments, .. }) => arguments.push_str(&more.decode()),
            Some(ReplyPart::Media(_)) | None => {}
        }
    }

    fn sign(&mut self, part: PartId, opaque: &Opaque<'_>) {
        match self.part(part) {
            Some(
                ReplyPart::Reasoning { opaque: slot, .. }
                | ReplyPart::Text { signature: slot, .. }
                | ReplyPart::ToolCall { signature: slot, .. },
            ) => {
                *slot = Some(opaque.to_static());
            }
            _ => {}
        }
    }
}

impl EventSink for Fold {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start { model, .. } => self.reply.model = model.as_ref().map(owned),
            Event::PartStart { part, choice, kind } => self.start_part(*part, *choice, kind),
            Event::TextDelta { part, text }
            | Event::RefusalDelta { part, text }
            | Event::ReasoningDelta { part, text } => self.append(*part, text),
            Event::ArgumentsDelta { part, json } => self.append(*part, json),
            Event::Signature { part, opaque } => self.sign(*part, opaque),
            Event::Citation { part, citation } => {
                if let Some(ReplyPart::Text { citations, .. }) = self.part(*part) {
                    citations.push(citation.to_static());
                }
            }
            Event::LogProbabilities { choice, content } => {
                push_elements(&mut self.choice(*choice).log_probabilities, *content)
            }
            Event::PartEnd { .. } => {}
            Event::Usage(usage) => self.reply.usage = Some(*usage),
            Event::Finish { choice, reason, stop_sequence, explanation } => {
                let choice = self.choice(*choice);
                choice.finish = Some(*reason);
                choice.stop_sequence = stop_sequence.as_ref().map(owned);
                choice.explanation = explanation.as_ref().map(owned);
            }
            Event::Error(failure) => self.reply.failure = Some(failure.clone()),
            Event::End => self.reply.ended = true,
        }
    }

    fn lose(&mut self, feature: Feature) {
        self.reply.losses.push(feature);
    }
}

fn owned(text: &Text<'_>) -> String {
    text.decode().into_owned()
}

/// Append the elements of an array, without its brackets.
pub(crate) fn push_elements(list: &mut String, array: Raw<'_>) {
    append_elements(list, array.text().trim_start_matches('[').trim_end_matches(']').trim());
}

/// Append elements of an array to others.
pub(crate) fn append_elements(list: &mut String, elements: &str) {
    if !list.is_empty() && !elements.is_empty() {
        list.push(',');
    }
    list.push_str(elements);
}
