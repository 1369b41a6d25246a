//! The grammar of events, checked in debug builds: a reader that breaks it fails its tests at once.

use crate::ir::{Event, PartId};

/// Remembers which parts are open.
#[derive(Debug, Default)]
pub(super) struct Grammar {
    seen: Vec<PartId>,
    open: Vec<PartId>,
    started: bool,
    over: bool,
}

impl Grammar {
    /// Panics if the event may not come here.
    pub(super) fn check(&mut self, event: &Event<'_>) {
        assert!(!self.over, "{event:?} after the end");
        match event {
            Event::Start { .. } => {
                assert!(!self.started, "a second {event:?}");
                self.started = true;
            }
            Event::PartStart { part, .. } => {
                assert!(self.started, "{event:?} before Start");
                assert!(!self.seen.contains(part), "{event:?} again");
                self.seen.push(*part);
                self.open.push(*part);
            }
            Event::PartEnd { part } => {
                assert!(self.open.contains(part), "{event:?}, which is not open");
                self.open.retain(|open| open != part);
            }
            Event::End | Event::Error(_) => self.over = true,
            other => assert!(other.part().is_none_or(|part| self.open.contains(&part)), "{event:?}, which is not open"),
        }
        assert!(!matches!(event, Event::End) || self.open.is_empty(), "End with {:?} open", self.open);
    }
}
