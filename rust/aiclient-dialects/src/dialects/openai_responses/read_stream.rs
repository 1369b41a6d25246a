//! Stream frames to events.
//!
//! Owns: which parts are open, by the wire's output and content index. Items are announced and closed by the wire; what
//! an item says only when it is done (some servers send no deltas) is taken from there.
//! Must not know: who the client is, or how events are written.
//! Reference: platform.openai.com/docs/api-reference/responses-streaming.

use super::read_response::{
    as_text, call_input, call_kind, failure, read_item, read_probabilities, read_response, sign,
};
use super::wire::{Item, Reply, StreamEvent};
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, Failure, FailureKind, PartId, PartKind};
use crate::json::{Invalid, Kind, Literal, Text, parse};
use crate::loss::Feature;
use crate::sse::Frame;
use crate::stream::StreamReader;

/// Reads events.
#[derive(Debug, Default)]
pub(super) struct ResponsesReader {
    started: bool,
    ended: bool,
    given: u32,
    open: Vec<Open>,
    /// Ids of items, of servers that send no index.
    ids: Vec<String>,
    /// Items that are done, by output index; a terminal event repeats all of them.
    told: Vec<u64>,
}

/// A part that has begun.
#[derive(Debug)]
struct Open {
    output: u64,
    kind: OpenKind,
    part: PartId,
    /// Nothing of it has come yet.
    empty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenKind {
    /// By content index.
    Text(u64),
    /// By content index.
    Refusal(u64),
    /// All summaries of an item; `last` is the index of the one that goes on.
    Reasoning {
        last: u64,
    },
    Call,
}

impl StreamReader for ResponsesReader {
    fn read(&mut self, frame: Frame<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        let data = frame.data.trim();
        if data == "[DONE]" {
            return Ok(());
        }
        let mut event: StreamEvent<'_> = parse(data)?;
        let kind = event.kind.map_or(frame.name, Literal::escaped);
        if frame.bare && !self.started && event.object.is_some_and(|object| object == *"response") {
            return read_response(data, sink);
        }
        if kind == "error" || event.error.is_some_and(|error| error.kind() != Kind::Null) {
            sink.event(&Event::Error(read_error_object(data, None).unwrap_or_else(|| flat_error(data))));
            return Ok(());
        }
        self.event(kind, &mut event, data, sink);
        Ok(())
    }

    /// The terminal event is the end; a connection that closes without one was cut.
    fn finish(&mut self, _sink: &mut dyn EventSink) {}
}

impl ResponsesReader {
    fn event(&mut self, kind: &str, event: &mut StreamEvent<'_>, data: &str, sink: &mut dyn EventSink) {
        let output = self.output(event);
        let index = event.content_index.unwrap_or(0);
        let delta = event.delta.and_then(as_text);
        match (kind, delta) {
            ("response.output_text.delta", Some(text)) => {
                let part = self.part(output, OpenKind::Text(index), PartKind::Text, sink);
                read_probabilities(event.logprobs, sink);
                sink.event(&Event::TextDelta { part, text });
            }
            ("response.refusal.delta", Some(text)) => {
                let part = self.part(output, OpenKind::Refusal(index), PartKind::Refusal, sink);
                sink.event(&Event::RefusalDelta { part, text });
            }
            ("response.reasoning_summary_text.delta" | "response.reasoning_text.delta", Some(text)) => {
                self.reasoning(output, event.summary_index.unwrap_or(index), text, sink);
            }
            ("response.function_call_arguments.delta" | "response.custom_tool_call_input.delta", Some(json)) => {
                if let Some(open) = self.find(output, |kind| kind == OpenKind::Call) {
                    open.empty &= json.is_empty();
                    sink.event(&Event::ArgumentsDelta { part: open.part, json });
                }
            }
            ("response.output_text.annotation.added", _) => {
                if let (Some(annotation), Some(open)) =
                    (&event.annotation, self.find(output, |kind| kind == OpenKind::Text(index)))
                {
                    sink.event(&Event::Citation { part: open.part, citation: annotation.citation() });
                }
            }
            ("response.created" | "response.in_progress" | "response.queued", _) => {
                self.start(event.response.as_ref(), sink)
            }
            ("response.output_item.added", _) => self.start_item(output, event.item.take(), sink),
            ("response.output_item.done", _) => self.finish_item(output, event.item.take(), sink),
            ("response.completed" | "response.incomplete" | "response.failed", _) => {
                self.end(event.response.take().unwrap_or_default(), data, sink)
            }
            _ => {}
        }
    }

    fn start(&mut self, response: Option<&Reply<'_>>, sink: &mut dyn EventSink) {
        if !self.started {
            self.started = true;
            let [id, model] = [response.and_then(|response| response.id), response.and_then(|response| response.model)];
            sink.event(&Event::Start { id: id.map(Text::from), model: model.map(Text::from) });
        }
    }

    fn find(&mut self, output: u64, is: impl Fn(OpenKind) -> bool) -> Option<&mut Open> {
        self.open.iter_mut().find(|open| open.output == output && is(open.kind))
    }

    /// The open part of this kind, or a new one.
    #[inline]
    fn part(&mut self, output: u64, kind: OpenKind, part_kind: PartKind<'_>, sink: &mut dyn EventSink) -> PartId {
        if let Some(open) = self.find(output, |open| open == kind) {
            open.empty = false;
            return open.part;
        }
        self.open_part(output, kind, part_kind, false, sink)
    }

    fn open_part(
        &mut self,
        output: u64,
        kind: OpenKind,
        part_kind: PartKind<'_>,
        empty: bool,
        sink: &mut dyn EventSink,
    ) -> PartId {
        self.start(None, sink);
        let part = PartId(self.given);
        self.given += 1;
        sink.event(&Event::PartStart { part, choice: 0, kind: part_kind });
        self.open.push(Open { output, kind, part, empty });
        part
    }

    /// Summaries of one item are paragraphs of one thought.
    fn reasoning(&mut self, output: u64, index: u64, text: Text<'_>, sink: &mut dyn EventSink) {
        let part = match self.find(output, |kind| matches!(kind, OpenKind::Reasoning { .. })) {
            Some(open) => {
                let next = OpenKind::Reasoning { last: index };
                if open.kind != next && !open.empty {
                    sink.event(&Event::ReasoningDelta { part: open.part, text: Text::from("\n\n") });
                }
                open.kind = next;
                open.empty = false;
                open.part
            }
            None => self.open_part(output, OpenKind::Reasoning { last: index }, PartKind::Reasoning, false, sink),
        };
        sink.event(&Event::ReasoningDelta { part, text });
    }

    fn start_item(&mut self, output: u64, item: Option<Item<'_>>, sink: &mut dyn EventSink) {
        let Some(item) = item else { return };
        match item.kind.map(Literal::escaped) {
            Some("function_call" | "custom_tool_call") => {
                self.open_part(output, OpenKind::Call, call_kind(&item), true, sink);
            }
            Some("reasoning") => {
                self.open_part(output, OpenKind::Reasoning { last: 0 }, PartKind::Reasoning, true, sink);
            }
            _ => {}
        }
    }

    fn finish_item(&mut self, output: u64, item: Option<Item<'_>>, sink: &mut dyn EventSink) {
        let Some(item) = item else { return };
        self.start(None, sink);
        self.told.push(output);
        let kind = item.kind.map(Literal::escaped);
        if !self.open.iter().any(|open| open.output == output) {
            read_item(&item, &mut self.given, sink);
            return;
        }
        for open in self.open.extract_if(.., |open| open.output == output) {
            match (kind, open.empty) {
                (Some("function_call" | "custom_tool_call"), true) => {
                    let json = call_input(&item);
                    sink.event(&Event::ArgumentsDelta { part: open.part, json });
                }
                (Some("reasoning"), empty) => {
                    let text = super::read_content::thought_text(&item);
                    if empty && !text.is_empty() {
                        sink.event(&Event::ReasoningDelta { part: open.part, text });
                    }
                    sign(&item, open.part, sink);
                }
                _ => {}
            }
            sink.event(&Event::PartEnd { part: open.part });
        }
        if !matches!(
            kind,
            Some("message" | "reasoning" | "function_call" | "custom_tool_call" | "image_generation_call")
        ) {
            sink.lose(Feature::NativeBlock);
        }
    }

    /// Which item an event is about: by its index, or by its id for servers without one (llama.cpp).
    fn output(&mut self, event: &StreamEvent<'_>) -> u64 {
        let id = event.item_id.or(event.item.as_ref().and_then(|item| item.id)).map(Literal::decode);
        match (event.output_index, id) {
            (Some(index), _) => index,
            (None, Some(id)) => {
                let at = self.ids.iter().position(|known| *known == id).unwrap_or_else(|| {
                    self.ids.push(id.into_owned());
                    self.ids.len() - 1
                });
                at as u64
            }
            (None, None) => 0,
        }
    }

    fn end(&mut self, response: Reply<'_>, data: &str, sink: &mut dyn EventSink) {
        if self.ended {
            return;
        }
        self.ended = true;
        if let Some(failure) = failure(&response, data) {
            sink.event(&Event::Error(failure));
            return;
        }
        self.start(Some(&response), sink);
        self.open.drain(..).for_each(|open| sink.event(&Event::PartEnd { part: open.part }));
        if self.given == 0 && self.told.is_empty() {
            // Nothing was streamed: the whole answer is here.
            response.output.iter().flatten().for_each(|item| read_item(item, &mut self.given, sink));
        }
        if let Some(usage) = &response.usage {
            sink.event(&Event::Usage(usage.read()));
        }
        sink.event(&Event::Finish {
            choice: 0,
            reason: response.finish_reason(),
            stop_sequence: None,
            explanation: None,
        });
        sink.event(&Event::End);
    }
}

crate::json::json_object! {
    /// An error event as the SDK's types have it.
    struct FlatError<'a> {
        code: Literal<'a> = "code",
        message: Literal<'a> = "message",
        ..ignored
    }
}

fn flat_error(data: &str) -> Failure {
    let flat: FlatError<'_> = parse(data).unwrap_or_default();
    let code = flat.code.map(|code| code.decode().into_owned());
    let kind =
        if code.as_deref() == Some("rate_limit_exceeded") { FailureKind::RateLimit } else { FailureKind::Server };
    let message =
        flat.message.map_or_else(|| "the upstream failed".to_owned(), |message| message.decode().into_owned());
    Failure { code, ..Failure::new(kind, message) }
}
