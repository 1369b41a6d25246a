//! A stream on its way from an upstream to a client.
//!
//! `bytes -> frames -> reader -> tap, sequence -> writer -> bytes`, one call for each read from the network.

mod driver;
#[cfg(debug_assertions)]
mod grammar;
mod parts;
mod passthrough;
mod recorder;
mod restore;
mod sequence;
mod tap;

pub use driver::{StreamDriver, Translation};
pub use parts::Parts;
pub use passthrough::Passthrough;
pub(crate) use recorder::{Recorder, Recording};
pub(crate) use restore::{Restore, Restoring};
pub(crate) use tap::Tap;

use crate::ir::{Event, EventSink, Failure};
use crate::json::Invalid;
use crate::loss::Feature;
use crate::sse::Frame;

/// Reads the frames of one dialect.
pub trait StreamReader: Send + Sync {
    /// Turn a frame into events.
    fn read(&mut self, frame: Frame<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid>;

    /// The connection was closed: say `End` if the wire had already said all it must say.
    fn finish(&mut self, sink: &mut dyn EventSink);
}

/// Writes the frames of one dialect. Parts come one after the other: [`sequence`] sees to that.
pub trait StreamWriter: Send + Sync {
    /// Append what this event means to the client.
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>);

    /// Whether its dialect has several answers to a request.
    fn takes_choices(&self) -> bool {
        false
    }

    /// Append an error event that ends the stream.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>);

    /// Append a keep-alive that every client of this dialect tolerates.
    fn ping(&mut self, out: &mut Vec<u8>);

    /// Whether clients of this dialect see the error in a frame that holds one.
    fn is_seen(&self, _error: Frame<'_>) -> bool {
        true
    }

    /// Frames of this dialect went to the client as they were.
    fn forwarded(&mut self) {}

    /// What was in the reply and could not be written.
    fn losses(&self) -> &[Feature] {
        &[]
    }
}
