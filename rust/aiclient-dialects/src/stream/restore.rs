//! What had to be asked of the upstream in another form, as the client asked for it.
//!
//! Owns: what is taken apart again. A call that takes the answer, an object that holds it, and the object that holds the
//! free text of a custom tool where the upstream has only functions.
//! Must not know: why it was asked so, or who speaks which dialect.

use std::sync::Arc;

use crate::dialects::ReplyContext;
use crate::ir::{ANSWER_TOOL, AnswerForm, Event, EventSink, PartId, PartKind, Wrapped};
use crate::json::{MemberForm, MemberStream, Text};
use crate::loss::Feature;

/// Turns what came into what was asked.
#[derive(Debug)]
pub(crate) struct Restore {
    context: Arc<ReplyContext>,
    parts: Vec<(PartId, Part)>,
}

/// What is done to a part.
#[derive(Debug)]
enum Part {
    /// Its pieces, whatever they were, are text.
    Text,
    /// Its pieces are an object, of which one member is wanted.
    Member {
        stream: MemberStream,
        /// It is the input of a custom tool; otherwise text.
        input: bool,
    },
    /// It stands beside an answer that is a call, and is left out.
    Beside,
}

impl Restore {
    /// For what was asked in this exchange; none if all of it was asked in the client's own form.
    pub(crate) fn of(context: &Arc<ReplyContext>) -> Option<Self> {
        let plain = context.answer == AnswerForm::default() && context.custom_tools.is_empty();
        (!plain).then(|| Self { context: Arc::clone(context), parts: Vec::new() })
    }

    /// Pass an event on, as the client would have it.
    pub(crate) fn pass(&mut self, event: &Event<'_>, sink: &mut dyn EventSink) {
        match event {
            Event::PartStart { part, choice, kind } => self.start(*part, *choice, kind, event, sink),
            event => match event.part().and_then(|part| self.position(part)) {
                None => sink.event(event),
                Some(at) => self.continue_part(at, event, sink),
            },
        }
    }

    fn position(&self, part: PartId) -> Option<usize> {
        self.parts.iter().position(|(id, _)| *id == part)
    }

    fn start(&mut self, part: PartId, choice: u32, kind: &PartKind<'_>, event: &Event<'_>, sink: &mut dyn EventSink) {
        let Some(restored) = self.part(kind) else { return sink.event(event) };
        match (&restored, kind) {
            (Part::Beside, _) => sink.lose(Feature::StructuredOutput),
            (Part::Member { input: true, .. }, PartKind::ToolCall { id, name, signature, .. }) => {
                let (id, name, signature) = (id.clone(), name.clone(), signature.clone());
                let kind = PartKind::ToolCall { id, name, custom: true, signature };
                sink.event(&Event::PartStart { part, choice, kind });
            }
            _ => sink.event(&Event::PartStart { part, choice, kind: PartKind::Text }),
        }
        self.parts.push((part, restored));
    }

    /// What has to be done to such a part, if anything.
    fn part(&self, kind: &PartKind<'_>) -> Option<Part> {
        let answer = self.context.answer;
        match kind {
            PartKind::ToolCall { name, .. } if answer.call && name.decode() == ANSWER_TOOL => {
                Some(self.text_of_answer())
            }
            PartKind::ToolCall { name, custom: false, .. } => {
                let name = name.decode();
                let declared = self.context.names.incoming(&name);
                let is_custom = self.context.custom_tools.iter().any(|tool| tool == declared);
                is_custom.then(|| Part::Member { stream: MemberStream::new("input", MemberForm::Text), input: true })
            }
            PartKind::Text if answer.call => Some(Part::Beside),
            PartKind::Text if answer.wrapped.is_some() => Some(self.text_of_answer()),
            _ => None,
        }
    }

    fn text_of_answer(&self) -> Part {
        let form = match self.context.answer.wrapped {
            None => return Part::Text,
            Some(Wrapped::Text) => MemberForm::Text,
            Some(Wrapped::Json) => MemberForm::Json,
        };
        Part::Member { stream: MemberStream::new("value", form), input: false }
    }

    fn continue_part(&mut self, at: usize, event: &Event<'_>, sink: &mut dyn EventSink) {
        let (part, restored) = &mut self.parts[at];
        let piece = match event {
            Event::TextDelta { text, .. } | Event::ArgumentsDelta { json: text, .. } => Some(text),
            _ => None,
        };
        match (restored, piece) {
            (Part::Beside, _) => {}
            (Part::Text, Some(text)) => sink.event(&Event::TextDelta { part: *part, text: text.clone() }),
            (Part::Text, None) => sink.event(event),
            (Part::Member { stream, input }, Some(text)) => {
                let mut out = String::new();
                stream.feed(&text.decode(), &mut out);
                say(*part, out, *input, sink);
            }
            (Part::Member { stream, input }, None) => {
                if matches!(event, Event::PartEnd { .. }) {
                    let mut out = String::new();
                    stream.finish(&mut out);
                    say(*part, out, *input, sink);
                }
                sink.event(event);
            }
        }
    }
}

fn say(part: PartId, text: String, input: bool, sink: &mut dyn EventSink) {
    let text = Text::from(text);
    match (text.is_empty(), input) {
        (true, _) => {}
        (false, true) => sink.event(&Event::ArgumentsDelta { part, json: text }),
        (false, false) => sink.event(&Event::TextDelta { part, text }),
    }
}

/// A sink in front of which a reply is restored.
pub(crate) struct Restoring<'s> {
    /// What has to be done, if anything.
    pub(crate) restore: Option<Restore>,
    /// Who is told.
    pub(crate) sink: &'s mut dyn EventSink,
}

impl EventSink for Restoring<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match &mut self.restore {
            None => self.sink.event(event),
            Some(restore) => restore.pass(event, self.sink),
        }
    }

    fn lose(&mut self, feature: Feature) {
        self.sink.lose(feature);
    }
}
