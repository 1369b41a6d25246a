//! Stream frames to events.
//!
//! Owns: which blocks are open, by the wire's index, and the counts so far, of which each event repeats only some.
//! Must not know: who the client is, or how events are written.
//! Reference: docs.claude.com/en/docs/build-with-claude/streaming.

use super::citations::citation_event;
use super::read_response::{part_kind, read_content, read_response, read_whole};
use super::wire::{Block, Counts, Delta, Reply, StreamEvent, Usage, finish_reason};
use crate::dialect::Dialect;
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, Failure, FailureKind, FinishReason, Opaque, OpaqueKind, PartId};
use crate::json::{Invalid, Kind, Literal, Text, parse};
use crate::loss::Feature;
use crate::sse::Frame;
use crate::stream::StreamReader;

/// Reads events.
#[derive(Debug, Default)]
pub(super) struct AnthropicReader {
    state: State,
    given: u32,
    open: Vec<OpenBlock>,
    counts: Counts,
}

/// ```text
///   Waiting --message_start--> Open --stop_reason--> Finished --message_stop or EOF--> Ended
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    Open,
    Finished,
    Ended,
}

#[derive(Debug)]
struct OpenBlock {
    index: u64,
    part: PartId,
    /// The input a block began with, which counts only if no pieces follow.
    input: Option<String>,
}

impl StreamReader for AnthropicReader {
    fn read(&mut self, frame: Frame<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        let data = frame.data.trim();
        if data == "[DONE]" {
            return Ok(());
        }
        let event: StreamEvent<'_> = parse(data)?;
        if event.error.is_some_and(|error| error.kind() != Kind::Null) || frame.name == "error" {
            let failure = read_error_object(data, None).unwrap_or_else(|| Failure::new(FailureKind::Server, data));
            sink.event(&Event::Error(failure));
            return Ok(());
        }
        match event.kind.map_or(frame.name, Literal::escaped) {
            "content_block_delta" => self.delta(event.index, event.delta.as_ref(), sink),
            "content_block_start" => self.start_block(event.index, event.content_block, sink),
            "content_block_stop" => self.stop_block(event.index, sink),
            "message_start" => self.start(event.message.unwrap_or_default(), sink),
            "message_delta" => self.message_delta(event.delta.unwrap_or_default(), event.usage.as_ref(), sink),
            "message_stop" => self.stop(sink),
            // A whole reply where a stream was asked for.
            "message" if frame.bare && self.state == State::Waiting => return read_response(data, sink),
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self, sink: &mut dyn EventSink) {
        if self.state == State::Finished {
            self.end(sink);
        }
    }
}

impl AnthropicReader {
    fn start(&mut self, message: Reply<'_>, sink: &mut dyn EventSink) {
        if self.state != State::Waiting {
            return;
        }
        self.state = State::Open;
        sink.event(&Event::Start { id: message.id.map(Text::from), model: message.model.map(Text::from) });
        if let Some(usage) = &message.usage {
            self.counts.update(usage);
            sink.event(&Event::Usage(self.counts.usage()));
        }
        // Some relays put the whole message here, and send no `message_delta`.
        self.given = read_content(message.content.as_deref().unwrap_or_default(), self.given, sink);
        if let Some(reason) = message.stop_reason {
            self.finished(reason, message.stop_sequence, None, sink);
        }
    }

    fn start_block(&mut self, index: Option<u64>, block: Option<Block<'_>>, sink: &mut dyn EventSink) {
        let Some(mut block) = block.filter(|_| self.state == State::Open) else {
            return;
        };
        let Some(kind) = part_kind(&block) else {
            return sink.lose(Feature::NativeBlock);
        };
        let part = PartId(self.given);
        self.given += 1;
        sink.event(&Event::PartStart { part, choice: 0, kind });
        let input = block.input.take().filter(|input| input.kind() == Kind::Object && input.text() != "{}");
        self.open.push(OpenBlock {
            index: index.unwrap_or(0),
            part,
            input: input.map(|input| input.text().to_owned()),
        });
        read_whole(&block, part, sink);
    }

    #[inline]
    fn delta(&mut self, index: Option<u64>, delta: Option<&Delta<'_>>, sink: &mut dyn EventSink) {
        let index = index.unwrap_or(0);
        // Blocks that are none of ours (server tools) have no part.
        let (Some(block), Some(delta)) = (self.open.iter_mut().find(|block| block.index == index), delta) else {
            return;
        };
        let part = block.part;
        if let Some(text) = delta.text.filter(|text| !text.is_empty()) {
            sink.event(&Event::TextDelta { part, text: text.into() });
        } else if let Some(json) = delta.partial_json.filter(|json| !json.is_empty()) {
            block.input = None;
            sink.event(&Event::ArgumentsDelta { part, json: json.into() });
        } else if let Some(text) = delta.thinking.filter(|text| !text.is_empty()) {
            sink.event(&Event::ReasoningDelta { part, text: text.into() });
        } else if let Some(payload) = delta.signature.filter(|payload| !payload.is_empty()) {
            let opaque = Opaque { source: Dialect::Anthropic, kind: OpaqueKind::Signature, payload: payload.into() };
            sink.event(&Event::Signature { part, opaque });
        } else if let Some(citation) = &delta.citation {
            sink.event(&citation_event(citation, part));
        }
    }

    fn stop_block(&mut self, index: Option<u64>, sink: &mut dyn EventSink) {
        let index = index.unwrap_or(0);
        if let Some(at) = self.open.iter().position(|block| block.index == index) {
            let block = self.open.remove(at);
            close(block, sink);
        }
    }

    fn message_delta(&mut self, delta: Delta<'_>, usage: Option<&Usage<'_>>, sink: &mut dyn EventSink) {
        if self.state == State::Waiting {
            return;
        }
        if let Some(usage) = usage {
            self.counts.update(usage);
            sink.event(&Event::Usage(self.counts.usage()));
        }
        if let Some(reason) = delta.stop_reason {
            self.finished(
                reason,
                delta.stop_sequence,
                delta.stop_details.and_then(|details| details.explanation),
                sink,
            );
        }
    }

    fn finished(
        &mut self,
        reason: Literal<'_>,
        stop_sequence: Option<Literal<'_>>,
        explanation: Option<Literal<'_>>,
        sink: &mut dyn EventSink,
    ) {
        if self.state == State::Open {
            self.finish_as(finish_reason(reason), stop_sequence, explanation, sink);
        }
    }

    fn finish_as(
        &mut self,
        reason: FinishReason,
        stop_sequence: Option<Literal<'_>>,
        explanation: Option<Literal<'_>>,
        sink: &mut dyn EventSink,
    ) {
        self.state = State::Finished;
        self.open.drain(..).for_each(|block| close(block, sink));
        let [stop_sequence, explanation] = [stop_sequence, explanation].map(|text| text.map(Text::from));
        sink.event(&Event::Finish { choice: 0, reason, stop_sequence, explanation });
    }

    /// `message_stop` ends the answer, even of a server that never says why.
    fn stop(&mut self, sink: &mut dyn EventSink) {
        if self.state == State::Open {
            self.finish_as(FinishReason::Stop, None, None, sink);
        }
        if self.state == State::Finished {
            self.end(sink);
        }
    }

    fn end(&mut self, sink: &mut dyn EventSink) {
        self.state = State::Ended;
        sink.event(&Event::End);
    }
}

fn close(block: OpenBlock, sink: &mut dyn EventSink) {
    if let Some(input) = block.input {
        sink.event(&Event::ArgumentsDelta { part: block.part, json: Text::from(input) });
    }
    sink.event(&Event::PartEnd { part: block.part });
}
