//! One part at a time.
//!
//! Chat may interleave the deltas of parallel calls; Anthropic and Responses clients want each block closed before
//! the next one opens. The part that is open streams through; others wait, and follow in the order they began.
//!
//! ```text
//!            PartStart            PartEnd, nobody waits
//!   (idle) ------------> (open) -------------------------> (idle)
//!                        |    ^  PartStart of another: it waits, with all that belongs to it
//!                        +----+  PartEnd: the next in line is let through, and is open if it has not ended
//! ```

use crate::ir::{Event, EventSink, PartId};

/// A sink that lets parts through one after the other.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// Whether the client's dialect has one answer only.
    single: bool,
    /// Parts of the answers that it has no place for.
    beside: Vec<PartId>,
    open: Option<PartId>,
    waiting: Vec<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    part: PartId,
    events: Vec<Event<'static>>,
    ended: bool,
}

impl Sequence {
    /// For a client that takes several answers, or one only.
    pub(super) fn new(several: bool) -> Self {
        Self { single: !several, ..Self::default() }
    }

    /// Pass the event on now, or keep it until its part's turn. False if its part begins and is left out.
    #[inline]
    pub(super) fn pass(&mut self, event: &Event<'_>, sink: &mut dyn EventSink) -> bool {
        match event.part() {
            None => sink.event(event),
            Some(part) if self.single && self.is_beside(part, event) => {
                return !matches!(event, Event::PartStart { .. });
            }
            Some(part) if self.open == Some(part) => {
                sink.event(event);
                if matches!(event, Event::PartEnd { .. }) {
                    self.open = None;
                    self.release(sink);
                }
            }
            Some(part) if self.open.is_none() => {
                self.open = Some(part);
                sink.event(event);
            }
            Some(part) => self.keep(part, event),
        }
        true
    }

    fn is_beside(&mut self, part: PartId, event: &Event<'_>) -> bool {
        if matches!(event, Event::PartStart { choice: 1.., .. }) {
            self.beside.push(part);
        }
        self.beside.contains(&part)
    }

    fn keep(&mut self, part: PartId, event: &Event<'_>) {
        let ended = matches!(event, Event::PartEnd { .. });
        match self.waiting.iter_mut().find(|waiting| waiting.part == part) {
            Some(waiting) => {
                waiting.events.push(event.to_static());
                waiting.ended |= ended;
            }
            None => self.waiting.push(Waiting { part, events: vec![event.to_static()], ended }),
        }
    }

    /// Let those through whose turn has come: all that have ended, up to and with the first that has not.
    fn release(&mut self, sink: &mut dyn EventSink) {
        while self.open.is_none() && !self.waiting.is_empty() {
            let next = self.waiting.remove(0);
            next.events.iter().for_each(|event| sink.event(event));
            self.open = (!next.ended).then_some(next.part);
        }
    }
}
