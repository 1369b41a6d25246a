//! What the gateway itself wants to know of a reply: tokens, finish, failure.

use crate::ir::{Event, EventSink, Failure, FinishReason, PartKind, Usage};
use crate::loss::Feature;

/// Listens to the events of a reply.
#[derive(Debug, Default)]
pub(crate) struct Tap {
    /// Token counts so far.
    pub(crate) usage: Option<Usage>,
    /// Why the first choice ended.
    finish: Option<FinishReason>,
    calls_tools: bool,
    /// There was an event, which a comment or a keep-alive is not.
    pub(crate) begun: bool,
    /// What the upstream said went wrong.
    pub(crate) failure: Option<Failure>,
    /// The wire ended the reply.
    pub(crate) ended: bool,
    /// Bytes of what was said, escaped as they came.
    pub(crate) said: usize,
    /// What the reply held that the neutral form has no word for.
    pub(crate) losses: Vec<Feature>,
}

impl Tap {
    /// Why the first choice ended, as content tells it.
    pub(crate) fn finish_reason(&self) -> Option<FinishReason> {
        self.finish.map(|reason| reason.with_tool_calls(self.calls_tools))
    }
}

impl EventSink for Tap {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        self.begun = true;
        match event {
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::PartStart { kind: PartKind::ToolCall { .. }, choice: 0, .. } => self.calls_tools = true,
            Event::Finish { choice: 0, reason, .. } => self.finish = Some(*reason),
            Event::Error(failure) => self.failure = Some(failure.clone()),
            Event::End => self.ended = true,
            Event::TextDelta { text, .. }
            | Event::ReasoningDelta { text, .. }
            | Event::ArgumentsDelta { json: text, .. } => {
                self.said += text.escaped_len();
            }
            _ => {}
        }
    }

    fn lose(&mut self, feature: Feature) {
        if !self.losses.contains(&feature) {
            self.losses.push(feature);
        }
    }
}
