//! Events to the frames of a stream.
//!
//! Owns: the sequence number, the item that is open, and everything said so far, because a terminal event repeats the
//! whole response and every `done` event the whole of its part.
//! Must not know: who the upstream is.
//! Reference: platform.openai.com/docs/api-reference/responses-streaming.

use std::sync::Arc;

use super::super::ReplyContext;
use super::super::media::generated_image;
use super::citations::write_annotation;
use super::errors::{code, write_event};
use super::write_response::{
    Call, item_id, status, write_head, write_image, write_message, write_probabilities, write_reasoning,
    write_refusal_part, write_tail, write_text_part,
};
use crate::ir::{
    Citation, Event, Failure, FinishReason, Media, Opaque, PartKind, Usage, append_elements, push_elements,
};
use crate::json::{EscapedText, Object, Text, write_object};
use crate::loss::Feature;
use crate::sse::{Frame, write_frame};
use crate::stream::StreamWriter;

/// Writes frames.
pub(super) struct ResponsesWriter {
    context: Arc<ReplyContext>,
    model: String,
    sequence: u64,
    item: Item,
    /// Items that are done, as JSON.
    output: Vec<Vec<u8>>,
    /// State of the text that is going on, which goes out in an item of its own behind it.
    seal: Option<Opaque<'static>>,
    /// Sources of the text that is going on.
    cited: Vec<Citation<'static>>,
    /// Probabilities of tokens whose text has not come yet, as elements of their list.
    probabilities: String,
    usage: Usage,
    calls: bool,
    finish: Option<FinishReason>,
    losses: Vec<Feature>,
}

/// The item that is open.
#[derive(Debug)]
enum Item {
    None,
    /// Text, or a refusal, that has said nothing yet.
    Due {
        refusal: bool,
    },
    Text {
        said: EscapedText,
        /// Elements of the list.
        probabilities: String,
    },
    Refusal {
        text: String,
    },
    Reasoning {
        text: String,
        opened: bool,
        opaque: Option<Opaque<'static>>,
    },
    Call {
        call: Call,
        input: String,
    },
}

impl ResponsesWriter {
    pub(super) fn new(context: Arc<ReplyContext>) -> Self {
        Self {
            context,
            model: String::new(),
            sequence: 0,
            item: Item::None,
            output: Vec::new(),
            seal: None,
            cited: Vec::new(),
            probabilities: String::new(),
            usage: Usage::default(),
            calls: false,
            finish: None,
            losses: Vec::new(),
        }
    }

    fn event_frame(&mut self, kind: &str, out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
        let sequence = self.sequence;
        self.sequence += 1;
        write_frame(out, kind, |event| {
            event.field("type", kind);
            event.field("sequence_number", sequence);
            members(event);
        });
    }

    fn start(&mut self, model: Option<&Text<'_>>, out: &mut Vec<u8>) {
        self.model =
            self.context.model.clone().or_else(|| model.map(|model| model.decode().into_owned())).unwrap_or_default();
        for kind in ["response.created", "response.in_progress"] {
            self.response(kind, "in_progress", None, out);
        }
    }

    /// An event with the whole response as it is.
    fn response(&mut self, kind: &str, status: &str, reason: Option<FinishReason>, out: &mut Vec<u8>) {
        let context = Arc::clone(&self.context);
        let (model, output) = (std::mem::take(&mut self.model), std::mem::take(&mut self.output));
        let usage = reason.map(|_| self.usage);
        self.event_frame(kind, out, |event| {
            event.object("response", |body| {
                write_head(status, &model, &context, body);
                body.array("output", |items| output.iter().for_each(|item| items.slot().extend_from_slice(item)));
                write_tail(reason, usage.as_ref(), body);
            });
        });
        (self.model, self.output) = (model, output);
    }

    /// Index of the item that is open.
    fn index(&self) -> u64 {
        self.output.len() as u64
    }

    fn added(&mut self, out: &mut Vec<u8>, item: impl FnOnce(&mut Object<'_>)) {
        let index = self.index();
        self.event_frame("response.output_item.added", out, |event| {
            event.field("output_index", index);
            event.object("item", item);
        });
    }

    /// The item is complete.
    fn done(&mut self, out: &mut Vec<u8>, item: impl FnOnce(&mut Object<'_>)) {
        let mut json = Vec::new();
        write_object(&mut json, item);
        let index = self.index();
        self.event_frame("response.output_item.done", out, |event| {
            event.field("output_index", index);
            event.key("item").extend_from_slice(&json);
        });
        self.output.push(json);
        self.item = Item::None;
    }

    /// An event about content part 0 of the message that is open.
    fn content(&mut self, kind: &str, out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
        let index = self.index();
        let id = item_id("msg", index, &self.context);
        self.event_frame(kind, out, |event| {
            event.field("item_id", id);
            event.field("output_index", index);
            event.field("content_index", 0_u64);
            members(event);
        });
    }

    fn open_message(&mut self, refusal: bool, out: &mut Vec<u8>) {
        let (index, context) = (self.index(), Arc::clone(&self.context));
        self.added(out, |item| write_message(index, "in_progress", &context, item, |_| {}));
        self.content("response.content_part.added", out, |event| {
            event.object("part", |part| {
                if refusal { write_refusal_part("", part) } else { write_text_part("", &[], "", part) }
            });
        });
        self.item = if refusal {
            Item::Refusal { text: String::new() }
        } else {
            Item::Text { said: EscapedText::default(), probabilities: String::new() }
        };
    }

    fn text(&mut self, more: &Text<'_>, out: &mut Vec<u8>) {
        if more.is_empty() {
            return;
        }
        if let Item::Due { refusal } = self.item {
            self.open_message(refusal, out);
        }
        match &mut self.item {
            Item::Text { said, probabilities, .. } => {
                said.push(more);
                let elements = std::mem::take(&mut self.probabilities);
                append_elements(probabilities, &elements);
                self.content("response.output_text.delta", out, |event| {
                    event.field("delta", more);
                    write_probabilities(&elements, event);
                });
            }
            Item::Refusal { text } => {
                text.push_str(&more.decode());
                self.content("response.refusal.delta", out, |event| event.field("delta", more));
            }
            _ => {}
        }
    }

    /// An event about summary 0 of the reasoning item that is open.
    fn summary(&mut self, kind: &str, out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
        let index = self.index();
        let id = item_id("rs", index, &self.context);
        self.event_frame(kind, out, |event| {
            event.field("item_id", id);
            event.field("output_index", index);
            event.field("summary_index", 0_u64);
            members(event);
        });
    }

    fn reasoning(&mut self, more: &Text<'_>, out: &mut Vec<u8>) {
        if self.context.hide_reasoning || more.is_empty() {
            return;
        }
        let Item::Reasoning { text, opened, .. } = &mut self.item else { return };
        text.push_str(&more.decode());
        if !std::mem::replace(opened, true) {
            self.summary("response.reasoning_summary_part.added", out, |event| {
                event.object("part", |part| write_summary("", part))
            });
        }
        self.summary("response.reasoning_summary_text.delta", out, |event| event.field("delta", more));
    }

    fn arguments(&mut self, json: &Text<'_>, out: &mut Vec<u8>) {
        let Item::Call { call, input } = &mut self.item else { return };
        input.push_str(&json.decode());
        if json.is_empty() {
            return;
        }
        let kind = if call.custom {
            "response.custom_tool_call_input.delta"
        } else {
            "response.function_call_arguments.delta"
        };
        let id = call.item_id().to_owned();
        let index = self.index();
        self.event_frame(kind, out, |event| {
            event.field("item_id", id);
            event.field("output_index", index);
            event.field("delta", json);
        });
    }

    fn start_part(&mut self, kind: &PartKind<'_>, out: &mut Vec<u8>) {
        match kind {
            PartKind::Text => self.item = Item::Due { refusal: false },
            PartKind::Refusal => self.item = Item::Due { refusal: true },
            PartKind::Reasoning => self.open_reasoning(out),
            PartKind::ToolCall { id, name, custom, signature } => {
                if let Some(opaque) = signature {
                    self.write_seal(opaque.to_static(), out);
                }
                self.calls = true;
                let context = Arc::clone(&self.context);
                let id = id.as_ref().map(Text::decode);
                let call =
                    Call::new(self.index(), id.as_deref(), context.names.incoming(&name.decode()), *custom, &context);
                self.added(out, |item| call.write("in_progress", "", &context, item));
                self.item = Item::Call { call, input: String::new() };
            }
            PartKind::Media(media) => self.media(media, out),
        }
    }

    fn media(&mut self, media: &Media<'_>, out: &mut Vec<u8>) {
        let Some((media_type, data)) = generated_image(media) else { return self.lose(Feature::GeneratedMedia) };
        let (index, context) = (self.index(), Arc::clone(&self.context));
        self.added(out, |item| write_image(index, "in_progress", &media_type, None, &context, item));
        self.done(out, |item| write_image(index, "completed", &media_type, Some(data), &context, item));
    }

    fn open_reasoning(&mut self, out: &mut Vec<u8>) {
        let (index, context) = (self.index(), Arc::clone(&self.context));
        self.added(out, |item| write_reasoning(index, "", None, &context, item));
        self.item = Item::Reasoning { text: String::new(), opened: false, opaque: None };
    }

    /// A reasoning item that holds nothing but state.
    fn write_seal(&mut self, opaque: Opaque<'static>, out: &mut Vec<u8>) {
        self.open_reasoning(out);
        self.signature(&opaque);
        self.end_part(out);
    }

    fn signature(&mut self, state: &Opaque<'_>) {
        match &mut self.item {
            Item::Reasoning { opaque, .. } => *opaque = Some(state.to_static()),
            _ => self.seal = Some(state.to_static()),
        }
    }

    fn end_part(&mut self, out: &mut Vec<u8>) {
        let (index, context) = (self.index(), Arc::clone(&self.context));
        match std::mem::replace(&mut self.item, Item::None) {
            Item::None | Item::Due { .. } => {}
            Item::Text { said, mut probabilities } => {
                append_elements(&mut probabilities, &std::mem::take(&mut self.probabilities));
                let cited = std::mem::take(&mut self.cited);
                self.end_text(&said.decode(), &cited, &probabilities, out);
            }
            Item::Refusal { text } => {
                self.content("response.refusal.done", out, |event| event.field("refusal", &text));
                self.content("response.content_part.done", out, |event| {
                    event.object("part", |part| write_refusal_part(&text, part))
                });
                self.done(out, |item| {
                    write_message(index, "completed", &context, item, |content| {
                        content.object(|part| write_refusal_part(&text, part))
                    });
                });
            }
            Item::Reasoning { text, opened, opaque } => {
                if opened {
                    self.summary("response.reasoning_summary_text.done", out, |event| event.field("text", &text));
                    self.summary("response.reasoning_summary_part.done", out, |event| {
                        event.object("part", |part| write_summary(&text, part))
                    });
                }
                self.done(out, |item| write_reasoning(index, &text, opaque.as_ref(), &context, item));
            }
            Item::Call { call, input } => self.end_call(&call, &input, out),
        }
        if !std::mem::take(&mut self.cited).is_empty() {
            self.lose(Feature::Citations);
        }
        if let Some(opaque) = self.seal.take() {
            self.write_seal(opaque, out);
        }
    }

    fn end_text(&mut self, text: &str, cited: &[Citation<'_>], probabilities: &str, out: &mut Vec<u8>) {
        let (index, context) = (self.index(), Arc::clone(&self.context));
        self.annotations(text, cited, out);
        self.content("response.output_text.done", out, |event| {
            event.field("text", text);
            write_probabilities(probabilities, event);
        });
        self.content("response.content_part.done", out, |event| {
            event.object("part", |part| write_text_part(text, cited, probabilities, part))
        });
        self.done(out, |item| {
            write_message(index, "completed", &context, item, |content| {
                content.object(|part| write_text_part(text, cited, probabilities, part))
            });
        });
    }

    /// Sources are told when the text is complete, and where in it they are used.
    fn annotations(&mut self, text: &str, cited: &[Citation<'_>], out: &mut Vec<u8>) {
        let mut at = 0_u64;
        for citation in cited {
            if citation.url.is_none() {
                self.lose(Feature::Citations);
                continue;
            }
            self.content("response.output_text.annotation.added", out, |event| {
                event.field("annotation_index", at);
                event.object("annotation", |annotation| write_annotation(citation, text, annotation));
            });
            at += 1;
        }
    }

    fn end_call(&mut self, call: &Call, arguments: &str, out: &mut Vec<u8>) {
        let (index, context) = (self.index(), Arc::clone(&self.context));
        let input = call.input(arguments);
        let (delta, done, key) = if call.custom {
            ("response.custom_tool_call_input.delta", "response.custom_tool_call_input.done", "input")
        } else {
            ("response.function_call_arguments.delta", "response.function_call_arguments.done", "arguments")
        };
        let unsaid = arguments.is_empty();
        for (kind, key) in [(delta, "delta"), (done, key)].into_iter().filter(|(kind, _)| unsaid || *kind == done) {
            self.event_frame(kind, out, |event| {
                event.field("item_id", call.item_id());
                event.field("output_index", index);
                event.field(key, &input);
            });
        }
        self.done(out, |item| call.write("completed", &input, &context, item));
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let reason = self.finish.unwrap_or(FinishReason::Stop).with_tool_calls(self.calls);
        let status = status(reason);
        self.response(&format!("response.{status}"), status, Some(reason), out);
    }

    fn lose(&mut self, feature: Feature) {
        if !self.losses.contains(&feature) {
            self.losses.push(feature);
        }
    }
}

fn write_summary(text: &str, part: &mut Object<'_>) {
    part.field("type", "summary_text");
    part.field("text", text);
}

impl StreamWriter for ResponsesWriter {
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::TextDelta { text, .. } | Event::RefusalDelta { text, .. } => self.text(text, out),
            Event::ReasoningDelta { text, .. } => self.reasoning(text, out),
            Event::ArgumentsDelta { json, .. } => self.arguments(json, out),
            Event::Start { model, .. } => self.start(model.as_ref(), out),
            // The dialect has one answer; asking for more was refused.
            Event::PartStart { choice: 0, kind, .. } => self.start_part(kind, out),
            Event::PartEnd { .. } => self.end_part(out),
            Event::Signature { opaque, .. } => self.signature(opaque),
            Event::Citation { citation, .. } => self.cited.push(citation.to_static()),
            Event::LogProbabilities { choice: 0, content } => push_elements(&mut self.probabilities, *content),
            Event::Usage(usage) => self.usage = *usage,
            Event::Finish { choice: 0, reason, explanation, .. } => {
                if *reason == FinishReason::Paused {
                    self.lose(Feature::PausedTurn);
                }
                self.finish = Some(*reason);
                if let Some(words) = explanation.as_ref().filter(|_| *reason == FinishReason::ContentFilter) {
                    // The vendor's words where it withheld the answer.
                    self.item = Item::Due { refusal: true };
                    self.text(words, out);
                    self.end_part(out);
                }
            }
            Event::End => self.end(out),
            Event::PartStart { .. } | Event::Finish { .. } | Event::LogProbabilities { .. } | Event::Error(_) => {}
        }
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        let sequence = self.sequence;
        self.sequence += 2;
        write_frame(out, "error", |event| write_event(failure, sequence, event));
        write_frame(out, "response.failed", |event| {
            event.field("type", "response.failed");
            event.field("sequence_number", sequence + 1);
            event.object("response", |body| {
                write_head("failed", &self.model, &self.context, body);
                body.array("output", |items| self.output.iter().for_each(|item| items.slot().extend_from_slice(item)));
                body.object("error", |error| {
                    error.field("code", code(failure));
                    error.field("message", &failure.message);
                });
                body.field("incomplete_details", None::<&str>);
                body.field("usage", None::<&str>);
                body.field("instructions", None::<&str>);
                body.object("metadata", |_| {});
            });
        });
    }

    /// SDKs go by the name of the event.
    fn is_seen(&self, error: Frame<'_>) -> bool {
        matches!(error.name, "error" | "response.failed")
    }

    fn ping(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keep-alive\n\n");
    }

    fn losses(&self) -> &[Feature] {
        &self.losses
    }
}
