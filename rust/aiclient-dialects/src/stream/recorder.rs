//! Notes the reasoning state of calls, for a client that may not give it back.

use std::sync::Arc;

use crate::dialects::ReplyContext;
use crate::ir::{Event, EventSink, Opaque, PartId, PartKind};
use crate::json::Text;
use crate::loss::Feature;
use crate::memory::{Recollection, Remembered};

/// Listens to the first answer of a reply, as the client will have it.
#[derive(Debug)]
pub(crate) struct Recorder {
    recollection: Recollection,
    context: Arc<ReplyContext>,
    /// Thoughts since the call before, still escaped: a delta may end in the middle of a character.
    thoughts: Vec<(PartId, Vec<u8>, Option<Opaque<'static>>)>,
    calls: u64,
}

impl Recorder {
    pub(crate) fn new(recollection: Recollection, context: &Arc<ReplyContext>) -> Self {
        Self { recollection, context: Arc::clone(context), thoughts: Vec::new(), calls: 0 }
    }

    pub(crate) fn hear(&mut self, event: &Event<'_>) {
        match event {
            Event::PartStart { part, choice: 0, kind: PartKind::Reasoning } => {
                self.thoughts.push((*part, Vec::new(), None));
            }
            Event::PartStart { choice: 0, kind: PartKind::ToolCall { id, signature, .. }, .. } => {
                let id =
                    id.as_ref().map_or_else(|| self.context.minted_call_id(self.calls), |id| id.decode().into_owned());
                self.calls += 1;
                self.remember(&id, signature.as_ref());
            }
            Event::ReasoningDelta { part, text } => {
                if let Some((_, thought, _)) = self.thoughts.iter_mut().find(|(id, ..)| id == part) {
                    text.push_escaped_to(thought);
                }
            }
            Event::Signature { part, opaque } => {
                if let Some((.., state)) = self.thoughts.iter_mut().find(|(id, ..)| id == part) {
                    *state = Some(opaque.to_static());
                }
            }
            _ => {}
        }
    }

    fn remember(&mut self, call: &str, signature: Option<&Opaque<'_>>) {
        let sealed = self.thoughts.drain(..).filter_map(|(_, text, state)| Some((unescaped(&text), state?)));
        let remembered = Remembered { thoughts: sealed.collect(), signature: signature.map(Opaque::to_static) };
        if !remembered.is_empty() {
            let Recollection { memory, scope, now } = &self.recollection;
            memory.remember(scope, call, remembered, *now);
        }
    }
}

fn unescaped(escaped: &[u8]) -> String {
    Text::Escaped(String::from_utf8_lossy(escaped).into_owned()).into_decoded().into_owned()
}

/// A sink beside which the recorder listens.
pub(crate) struct Recording<'s> {
    pub(crate) recorder: Option<Recorder>,
    pub(crate) sink: &'s mut dyn EventSink,
}

impl EventSink for Recording<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.hear(event);
        }
        self.sink.event(event);
    }

    fn lose(&mut self, feature: Feature) {
        self.sink.lose(feature);
    }
}
