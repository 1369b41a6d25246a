//! Frames of the upstream in, frames of the client out.
//!
//! ```text
//!            first event           End
//!   Waiting ------------> Open ------------> Ended        frames that follow an end are ignored
//!      |                   |
//!      +----- failure -----+---------------> Failed       one error event was written, nothing more
//! ```

use std::ops::ControlFlow;
use std::sync::Arc;

use super::recorder::Recorder;
use super::restore::Restore;
use super::sequence::Sequence;
use super::{Passthrough, StreamReader, StreamWriter, Tap};
use crate::dialects::ReplyContext;
use crate::ir::{Event, EventSink, Failure, FailureKind, FinishReason, Usage};
use crate::json::{Invalid, Raw, parse};
use crate::loss::Feature;
use crate::sse::{BadFrame, Decoder, Frame};

/// A stream between two sides, whatever they speak.
pub enum StreamDriver {
    /// From one dialect to another.
    Translated(Translation),
    /// The same dialect on both sides.
    Passthrough(Passthrough),
}

/// A stream from one dialect to another.
pub struct Translation {
    decoder: Decoder,
    /// Apart from the decoder, which lends each frame while it is read.
    flow: Flow,
}

struct Flow {
    reader: Box<dyn StreamReader>,
    writer: Box<dyn StreamWriter>,
    restore: Option<Restore>,
    recorder: Option<Recorder>,
    asked: usize,
    tap: Tap,
    sequence: Sequence,
    state: State,
    #[cfg(debug_assertions)]
    grammar: super::grammar::Grammar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Open,
    Ended,
    Failed,
}

impl StreamDriver {
    /// Take in what was read from the upstream and append what is due to the client.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Translated(stream) => stream.feed(chunk, out),
            Self::Passthrough(stream) => stream.feed(chunk, out),
        }
    }

    /// The upstream closed the connection: append the closing bytes, or an error event if that was too early.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Translated(stream) => stream.finish(out),
            Self::Passthrough(stream) => stream.finish(out),
        }
    }

    /// Give up: append an error event, unless the stream is over already.
    pub fn fail(&mut self, failure: Failure, out: &mut Vec<u8>) {
        match self {
            Self::Translated(stream) => stream.flow.fail(failure, out),
            Self::Passthrough(stream) => stream.fail(failure, out),
        }
    }

    /// Append a keep-alive, unless the stream is over.
    pub fn ping(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Translated(stream) => stream.ping(out),
            Self::Passthrough(stream) => stream.ping(out),
        }
    }

    /// Whether the upstream has said anything of its answer.
    pub fn has_begun(&self) -> bool {
        self.tap().begun
    }

    /// Whether the wire itself ended the stream.
    pub fn is_complete(&self) -> bool {
        self.tap().ended
    }

    /// Why the answer ended.
    pub fn finish_reason(&self) -> Option<FinishReason> {
        self.tap().finish_reason()
    }

    /// Token counts so far.
    pub fn usage(&self) -> Option<Usage> {
        self.tap().usage
    }

    /// What went wrong, if anything did.
    pub fn failure(&self) -> Option<&Failure> {
        self.tap().failure.as_ref()
    }

    /// What was in the reply and could not be written.
    pub fn losses(&self) -> Vec<Feature> {
        match self {
            Self::Translated(stream) => [stream.flow.writer.losses(), &stream.flow.tap.losses].concat(),
            // Whatever it was, the client has it.
            Self::Passthrough(_) => Vec::new(),
        }
    }

    fn tap(&self) -> &Tap {
        match self {
            Self::Translated(stream) => &stream.flow.tap,
            Self::Passthrough(stream) => stream.tap(),
        }
    }
}

impl Translation {
    /// A stream that is read by `reader` and written by `writer`, in an exchange of which the writer knows as much.
    pub fn new(reader: Box<dyn StreamReader>, writer: Box<dyn StreamWriter>, context: &Arc<ReplyContext>) -> Self {
        let sequence = Sequence::new(writer.takes_choices());
        let flow = Flow {
            reader,
            writer,
            restore: Restore::of(context),
            recorder: None,
            asked: context.asked,
            tap: Tap::default(),
            sequence,
            state: State::Waiting,
            #[cfg(debug_assertions)]
            grammar: super::grammar::Grammar::default(),
        };
        Self { decoder: Decoder::default(), flow }
    }

    /// The same, with somebody who notes the state of calls.
    pub(crate) fn recorded_by(mut self, recorder: Option<Recorder>) -> Self {
        self.flow.recorder = recorder;
        self
    }

    fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let flow = &mut self.flow;
        if !flow.is_over() {
            self.decoder.feed(chunk, |frame| flow.frame(frame, out));
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        let flow = &mut self.flow;
        if !flow.is_over() {
            self.decoder.finish(|frame| flow.frame(frame, out));
        }
        flow.finish(out);
    }

    fn ping(&mut self, out: &mut Vec<u8>) {
        if !self.flow.is_over() {
            self.flow.writer.ping(out);
        }
    }
}

impl Flow {
    fn is_over(&self) -> bool {
        matches!(self.state, State::Ended | State::Failed)
    }

    fn frame(&mut self, frame: Result<Frame<'_>, BadFrame>, out: &mut Vec<u8>) -> ControlFlow<()> {
        let read = match frame {
            Ok(frame) => self
                .read(|reader, sink| reader.read(frame, sink), out)
                .map_err(|invalid| unreadable(frame.data, invalid)),
            Err(bad) => Err(Failure::protocol(bad.describe())),
        };
        if let Err(failure) = read {
            self.fail(failure, out);
        }
        if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if !self.is_over() {
            self.read(|reader, sink| reader.finish(sink), out);
        }
        if !self.is_over() {
            self.fail(cut_short(self.state == State::Waiting), out);
        }
    }

    fn fail(&mut self, failure: Failure, out: &mut Vec<u8>) {
        if !self.is_over() {
            self.state = State::Failed;
            self.writer.fail(&failure, out);
            self.tap.failure = Some(failure);
        }
    }

    /// Let the reader push its events through tap and sequence into the writer.
    fn read<T>(&mut self, read: impl FnOnce(&mut dyn StreamReader, &mut dyn EventSink) -> T, out: &mut Vec<u8>) -> T {
        let mut sinks = Sinks {
            restore: self.restore.as_mut(),
            heard: Heard {
                asked: self.asked,
                recorder: self.recorder.as_mut(),
                tap: &mut self.tap,
                sequence: &mut self.sequence,
                output: Output { writer: &mut *self.writer, state: &mut self.state, out },
            },
            #[cfg(debug_assertions)]
            grammar: &mut self.grammar,
        };
        read(&mut *self.reader, &mut sinks)
    }
}

/// The upstream's bytes are not its dialect.
pub(super) fn unreadable(data: &str, invalid: Invalid) -> Failure {
    let pointer = invalid.place.pointer(data);
    let at = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
    Failure::protocol(format!("the upstream's stream cannot be read: expected {}{at}", invalid.expected))
}

/// The upstream closed the connection before the end of its answer.
pub(super) fn cut_short(nothing_came: bool) -> Failure {
    Failure::new(
        FailureKind::BadGateway,
        if nothing_came {
            "the upstream closed the stream without an answer"
        } else {
            "the upstream closed the stream before the answer was complete"
        },
    )
}

/// Whether a frame is JSON at all.
pub(super) fn is_json(data: &str) -> bool {
    parse::<Raw<'_>>(data).is_ok()
}

/// Where events of a reader go.
struct Sinks<'f> {
    restore: Option<&'f mut Restore>,
    heard: Heard<'f>,
    #[cfg(debug_assertions)]
    grammar: &'f mut super::grammar::Grammar,
}

/// Those who hear of the answer as the client will have it.
struct Heard<'f> {
    /// Bytes of the request.
    asked: usize,
    recorder: Option<&'f mut Recorder>,
    tap: &'f mut Tap,
    sequence: &'f mut Sequence,
    output: Output<'f>,
}

struct Output<'f> {
    writer: &'f mut dyn StreamWriter,
    state: &'f mut State,
    out: &'f mut Vec<u8>,
}

impl EventSink for Sinks<'_> {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        if matches!(self.heard.output.state, State::Ended | State::Failed) {
            return;
        }
        #[cfg(debug_assertions)]
        self.grammar.check(event);
        match &mut self.restore {
            None => self.heard.event(event),
            Some(restore) => restore.pass(event, &mut self.heard),
        }
    }

    fn lose(&mut self, feature: Feature) {
        self.heard.lose(feature);
    }
}

impl EventSink for Heard<'_> {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        if let Some(recorder) = &mut self.recorder {
            recorder.hear(event);
        }
        if matches!(event, Event::End) && self.tap.usage.is_none() {
            // Clients plan, and SDKs insist, on numbers.
            let usage = Event::Usage(Usage::estimate(self.asked, self.tap.said));
            self.tap.event(&usage);
            self.sequence.pass(&usage, &mut self.output);
        }
        self.tap.event(event);
        if !self.sequence.pass(event, &mut self.output) {
            self.tap.lose(Feature::Choices);
        }
    }

    fn lose(&mut self, feature: Feature) {
        self.tap.lose(feature);
    }
}

impl EventSink for Output<'_> {
    #[inline]
    fn event(&mut self, event: &Event<'_>) {
        *self.state = match event {
            Event::End => State::Ended,
            Event::Error(_) => State::Failed,
            _ => State::Open,
        };
        match event {
            Event::Error(failure) => self.writer.fail(failure, self.out),
            event => self.writer.event(event, self.out),
        }
    }

    /// Losses do not pass through the sequence.
    fn lose(&mut self, _feature: Feature) {}
}
