//! Part boundaries for wires that do not announce them.
//!
//! Chat and Gemini send text, thoughts and calls as they come; a part begins with its first piece and ends when a
//! piece of another kind comes. Calls stay open until their choice is complete, because Chat may interleave them.

use smallvec::SmallVec;

use crate::ir::{Event, EventSink, Opaque, PartId, PartKind};
use crate::json::Text;

/// The parts that are open, and the ids given out.
#[derive(Debug, Default)]
pub struct Parts {
    given: u32,
    open: SmallVec<[Open; 4]>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    part: PartId,
    choice: u32,
    kind: OpenKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenKind {
    Text,
    Refusal,
    Reasoning,
    /// A call, by the index the wire gives it.
    ToolCall(u32),
}

impl Parts {
    /// More text of a choice.
    pub fn text(&mut self, choice: u32, text: Text<'_>, sink: &mut dyn EventSink) -> PartId {
        let part = self.prose(choice, OpenKind::Text, PartKind::Text, sink);
        if !text.is_empty() {
            sink.event(&Event::TextDelta { part, text });
        }
        part
    }

    /// More of a refusal.
    pub fn refusal(&mut self, choice: u32, text: Text<'_>, sink: &mut dyn EventSink) {
        let part = self.prose(choice, OpenKind::Refusal, PartKind::Refusal, sink);
        sink.event(&Event::RefusalDelta { part, text });
    }

    /// More thoughts.
    pub fn reasoning(&mut self, choice: u32, text: Text<'_>, sink: &mut dyn EventSink) -> PartId {
        let part = self.prose(choice, OpenKind::Reasoning, PartKind::Reasoning, sink);
        if !text.is_empty() {
            sink.event(&Event::ReasoningDelta { part, text });
        }
        part
    }

    /// State that seals a reasoning part; opens one without text if none is open.
    pub fn sign_reasoning(&mut self, choice: u32, opaque: Opaque<'_>, sink: &mut dyn EventSink) {
        let part = self.prose(choice, OpenKind::Reasoning, PartKind::Reasoning, sink);
        sink.event(&Event::Signature { part, opaque });
    }

    /// The part of the call that the wire gives this index, if it has begun.
    pub fn tool_call(&self, choice: u32, index: u32) -> Option<PartId> {
        self.find(choice, OpenKind::ToolCall(index))
    }

    /// How many calls of this choice are open.
    pub fn open_tool_calls(&self, choice: u32) -> usize {
        self.open.iter().filter(|open| open.choice == choice && matches!(open.kind, OpenKind::ToolCall(_))).count()
    }

    /// A call begins. `kind` must be a call.
    pub fn start_tool_call(&mut self, choice: u32, index: u32, kind: PartKind<'_>, sink: &mut dyn EventSink) -> PartId {
        self.close_where(sink, |open| open.choice == choice && !matches!(open.kind, OpenKind::ToolCall(_)));
        self.start(choice, OpenKind::ToolCall(index), kind, sink)
    }

    /// A call that comes whole, with its arguments.
    pub fn whole_tool_call(&mut self, choice: u32, kind: PartKind<'_>, json: Text<'_>, sink: &mut dyn EventSink) {
        self.close_where(sink, |open| open.choice == choice && !matches!(open.kind, OpenKind::ToolCall(_)));
        let part = self.new_id();
        sink.event(&Event::PartStart { part, choice, kind });
        sink.event(&Event::ArgumentsDelta { part, json });
        sink.event(&Event::PartEnd { part });
    }

    /// How many parts have begun so far.
    pub fn count(&self) -> u32 {
        self.given
    }

    /// A part that comes whole and is closed at once.
    pub fn whole(&mut self, choice: u32, kind: PartKind<'_>, sink: &mut dyn EventSink) {
        self.close_where(sink, |open| open.choice == choice && !matches!(open.kind, OpenKind::ToolCall(_)));
        let part = self.new_id();
        sink.event(&Event::PartStart { part, choice, kind });
        sink.event(&Event::PartEnd { part });
    }

    /// The parts of a choice are complete.
    pub fn close(&mut self, choice: u32, sink: &mut dyn EventSink) {
        self.close_where(sink, |open| open.choice == choice);
    }

    /// All parts are complete.
    pub fn close_all(&mut self, sink: &mut dyn EventSink) {
        self.close_where(sink, |_| true);
    }

    /// The open part of this kind, or a new one after closing other prose.
    fn prose(&mut self, choice: u32, kind: OpenKind, part_kind: PartKind<'_>, sink: &mut dyn EventSink) -> PartId {
        if let Some(part) = self.find(choice, kind) {
            return part;
        }
        self.close_where(sink, |open| open.choice == choice && !matches!(open.kind, OpenKind::ToolCall(_)));
        self.start(choice, kind, part_kind, sink)
    }

    fn find(&self, choice: u32, kind: OpenKind) -> Option<PartId> {
        self.open.iter().find(|open| open.choice == choice && open.kind == kind).map(|open| open.part)
    }

    fn start(&mut self, choice: u32, kind: OpenKind, part_kind: PartKind<'_>, sink: &mut dyn EventSink) -> PartId {
        let part = self.new_id();
        self.open.push(Open { part, choice, kind });
        sink.event(&Event::PartStart { part, choice, kind: part_kind });
        part
    }

    fn close_where(&mut self, sink: &mut dyn EventSink, closes: impl Fn(&Open) -> bool) {
        self.open.retain(|open| {
            let closed = closes(open);
            if closed {
                sink.event(&Event::PartEnd { part: open.part });
            }
            !closed
        });
    }

    fn new_id(&mut self) -> PartId {
        self.given += 1;
        PartId(self.given - 1)
    }
}
