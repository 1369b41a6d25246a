//! A stream whose two sides speak the same dialect: the bytes go through, a copy is read for the tap.
//!
//! Only whole frames are forwarded, so that an error event can follow at any time without a torn frame before it.

use std::ops::ControlFlow;

use super::driver::{cut_short, is_json, unreadable};
use super::{StreamReader, StreamWriter, Tap};
use crate::ir::{EventSink, Failure};
use crate::json::ArrayStream;
use crate::sse::{BadFrame, Decoder, Frame};

/// A stream that is forwarded as it is.
pub struct Passthrough {
    source: Source,
    /// The beginning of a frame that is not complete.
    held: Vec<u8>,
    flow: Flow,
}

/// How the stream is cut into frames.
enum Source {
    Sse(Decoder),
    JsonArray(ArrayStream),
}

struct Flow {
    reader: Box<dyn StreamReader>,
    /// For error events and keep-alives.
    writer: Box<dyn StreamWriter>,
    tap: Tap,
    /// What we found wrong and the client has not been told yet; the upstream's own error events go through.
    found: Option<Failure>,
    failed: bool,
    forwarded: bool,
}

impl Passthrough {
    /// A stream of server-sent events.
    pub fn sse(reader: Box<dyn StreamReader>, writer: Box<dyn StreamWriter>) -> Self {
        Self::new(Source::Sse(Decoder::default()), reader, writer)
    }

    /// A stream that is one JSON array.
    pub fn json_array(reader: Box<dyn StreamReader>, writer: Box<dyn StreamWriter>) -> Self {
        Self::new(Source::JsonArray(ArrayStream::default()), reader, writer)
    }

    fn new(source: Source, reader: Box<dyn StreamReader>, writer: Box<dyn StreamWriter>) -> Self {
        let flow = Flow { reader, writer, tap: Tap::default(), found: None, failed: false, forwarded: false };
        Self { source, held: Vec::new(), flow }
    }

    pub(super) fn tap(&self) -> &Tap {
        &self.flow.tap
    }

    pub(super) fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        if self.flow.failed {
            return;
        }
        let flow = &mut self.flow;
        let boundary = match &mut self.source {
            Source::Sse(decoder) => decoder.feed(chunk, |frame| flow.frame(frame)),
            Source::JsonArray(array) => array.feed(chunk, |element| flow.element(element)),
        };
        if boundary > 0 {
            out.append(&mut self.held);
            out.extend_from_slice(&chunk[..boundary]);
            self.flow.forwarded = true;
            self.flow.writer.forwarded();
        }
        self.held.extend_from_slice(&chunk[boundary..]);
        self.flow.report(out);
    }

    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if self.flow.failed {
            return;
        }
        let flow = &mut self.flow;
        match &mut self.source {
            Source::Sse(decoder) => decoder.finish(|frame| flow.frame(frame)),
            Source::JsonArray(array) if !array.rest().is_empty() => flow.found = Some(cut_short(false)),
            Source::JsonArray(_) => {}
        }
        if !flow.tap.ended && flow.tap.failure.is_none() {
            flow.reader.finish(&mut flow.tap);
        }
        if flow.tap.ended || flow.tap.failure.is_some() {
            out.append(&mut self.held);
        } else {
            let failure = flow.found.take().unwrap_or_else(|| cut_short(!flow.forwarded));
            self.fail(failure, out);
        }
    }

    pub(super) fn fail(&mut self, failure: Failure, out: &mut Vec<u8>) {
        if !self.flow.is_over() {
            self.held.clear();
            self.flow.fail(failure, out);
        }
    }

    /// Keep-alives go between frames; every byte before one has been forwarded or is held.
    pub(super) fn ping(&mut self, out: &mut Vec<u8>) {
        if !self.flow.is_over() {
            self.flow.writer.ping(out);
        }
    }
}

impl Flow {
    /// Whether the client has been told how it ended.
    fn is_over(&self) -> bool {
        self.failed || self.tap.ended || self.tap.failure.is_some()
    }

    fn frame(&mut self, frame: Result<Frame<'_>, BadFrame>) -> ControlFlow<()> {
        match frame {
            Ok(frame) => self.read(frame),
            Err(bad) => self.found = Some(Failure::protocol(bad.describe())),
        }
        self.is_broken()
    }

    /// What is broken is not forwarded, nor what follows it.
    fn is_broken(&self) -> ControlFlow<()> {
        if self.found.is_some() && !self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn element(&mut self, element: &[u8]) -> ControlFlow<()> {
        match std::str::from_utf8(element) {
            Ok(data) => self.read(Frame { name: "", data, bare: false }),
            Err(_) => self.found = Some(Failure::protocol(BadFrame::Encoding.describe())),
        }
        self.is_broken()
    }

    /// Read the copy. What only we do not understand is the client's to judge; what is not JSON is nobody's.
    fn read(&mut self, frame: Frame<'_>) {
        let had_failed = self.tap.failure.is_some();
        match self.reader.read(frame, &mut Guard(&mut self.tap)) {
            Err(invalid) if !is_json(frame.data) => self.found = Some(unreadable(frame.data, invalid)),
            // An error in another's words, as proxies send it, would pass by the client.
            _ if !had_failed && self.tap.failure.is_some() && !self.writer.is_seen(frame) => {
                self.found = self.tap.failure.take();
            }
            _ => {}
        }
    }

    /// Tell the client what we found; an error event of the upstream has been forwarded with the rest.
    fn report(&mut self, out: &mut Vec<u8>) {
        if let Some(failure) = self.found.take().filter(|_| !self.tap.ended && self.tap.failure.is_none()) {
            self.fail(failure, out);
        }
    }

    fn fail(&mut self, failure: Failure, out: &mut Vec<u8>) {
        self.failed = true;
        self.writer.fail(&failure, out);
        self.tap.failure = Some(failure);
    }
}

/// Keeps the first failure and ignores what follows an end.
struct Guard<'t>(&'t mut Tap);

impl EventSink for Guard<'_> {
    fn event(&mut self, event: &crate::ir::Event<'_>) {
        if !self.0.ended && self.0.failure.is_none() {
            self.0.event(event);
        }
    }

    /// The client has the bytes.
    fn lose(&mut self, _feature: crate::loss::Feature) {}
}
