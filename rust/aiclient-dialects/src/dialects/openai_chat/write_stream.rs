//! Events to the chunks of a stream.
//!
//! Owns: what a client has been told. Every chunk repeats id, time and model, so their bytes are made once.
//! Must not know: who the upstream is.
//! Reference: platform.openai.com/docs/api-reference/chat-streaming.

use std::sync::Arc;

use super::super::ReplyContext;
use super::super::arguments::push_on_one_line;
use super::super::media::generated_image;
use super::citations::write_annotation;
use super::errors::write_member;
use super::write_response::{finish_word, write_detail, write_image, write_signature, write_usage};
use crate::ir::{Citation, Event, Failure, FinishReason, Media, Opaque, PartId, PartKind, Usage};
use crate::json::{EscapedText, Object, Raw, Text, ToJson, write_array, write_object};
use crate::loss::Feature;
use crate::sse::write_frame;
use crate::stream::StreamWriter;

const FRAME_END: &[u8] = b"\n\n";

/// Writes chunks.
pub(super) struct ChatWriter {
    context: Arc<ReplyContext>,
    /// `data: {"id":...,"choices":[{"index":`, the same for all chunks.
    head: Vec<u8>,
    /// What follows the choices: `],"usage":null}` if the client asked for token counts, else `]}`.
    tail: &'static [u8],
    choices: Vec<ChoiceState>,
    part: Part,
    usage: Option<Usage>,
    reasoning_details: u64,
    images: u64,
    losses: Vec<Feature>,
}

/// What a choice's client knows.
#[derive(Debug)]
struct ChoiceState {
    index: u32,
    /// Characters of the texts that are over.
    characters: u64,
    calls: u64,
    finish: Option<FinishReason>,
}

/// The part that is open. Parts come one after the other.
#[derive(Debug, Default)]
struct Part {
    id: Option<PartId>,
    choice: u32,
    kind: Kind,
}

#[derive(Debug, Default)]
enum Kind {
    /// What needs no attention.
    #[default]
    Other,
    /// Text; it is kept, because its sources go out with the range that they are used in.
    Text { said: EscapedText, cited: Vec<Citation<'static>> },
    /// Thoughts; their text is kept, because a seal goes out with the text it seals.
    Reasoning { text: String },
    /// A call, by its index among the choice's calls.
    Call { index: u64, empty: bool },
    /// A call of a tool with free text.
    Custom { index: u64 },
}

impl ChatWriter {
    pub(super) fn new(context: Arc<ReplyContext>) -> Self {
        let tail: &[u8] = if context.stream_usage { b"],\"usage\":null}" } else { b"]}" };
        Self {
            context,
            head: Vec::new(),
            tail,
            choices: Vec::new(),
            part: Part::default(),
            usage: None,
            reasoning_details: 0,
            images: 0,
            losses: Vec::new(),
        }
    }

    fn start(&mut self, model: Option<&Text<'_>>, out: &mut Vec<u8>) {
        let model =
            self.context.model.clone().or_else(|| model.map(|model| model.decode().into_owned())).unwrap_or_default();
        self.head.extend_from_slice(b"data: ");
        write_object(&mut self.head, |chunk| {
            chunk.field("id", format!("chatcmpl-{}", self.context.exchange_id));
            chunk.field("object", "chat.completion.chunk");
            chunk.field("created", self.context.created);
            chunk.field("model", model);
        });
        self.head.pop();
        self.head.extend_from_slice(b",\"choices\":[");
        self.choice(0, out);
    }

    /// The state of a choice; the first time, its role goes out.
    fn choice(&mut self, index: u32, out: &mut Vec<u8>) -> &mut ChoiceState {
        if let Some(at) = self.choices.iter().position(|choice| choice.index == index) {
            return &mut self.choices[at];
        }
        self.choices.push(ChoiceState { index, characters: 0, calls: 0, finish: None });
        self.chunk(index, None, out, |delta| {
            delta.field("role", "assistant");
            delta.field("content", "");
        });
        let last = self.choices.len() - 1;
        &mut self.choices[last]
    }

    fn chunk(&self, choice: u32, finish: Option<FinishReason>, out: &mut Vec<u8>, delta: impl FnOnce(&mut Object<'_>)) {
        self.open_chunk(choice, out);
        write_object(out, delta);
        out.extend_from_slice(b",\"logprobs\":null,\"finish_reason\":");
        finish.map(finish_word).write_json(out);
        self.close_chunk(out);
    }

    #[inline]
    fn open_chunk(&self, choice: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"{\"index\":");
        choice.write_json(out);
        out.extend_from_slice(b",\"delta\":");
    }

    #[inline]
    fn close_chunk(&self, out: &mut Vec<u8>) {
        out.push(b'}');
        out.extend_from_slice(self.tail);
        out.extend_from_slice(FRAME_END);
    }

    /// A chunk whose delta is one string: the hot path.
    #[inline]
    fn text_chunk(&self, key: &[u8], text: &Text<'_>, out: &mut Vec<u8>) {
        self.open_chunk(self.part.choice, out);
        out.extend_from_slice(b"{\"");
        out.extend_from_slice(key);
        out.extend_from_slice(b"\":");
        text.write_json(out);
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":null");
        self.close_chunk(out);
    }

    fn start_part(&mut self, part: PartId, choice: u32, kind: &PartKind<'_>, out: &mut Vec<u8>) {
        self.choice(choice, out);
        self.part = Part { id: Some(part), choice, kind: Kind::Other };
        match kind {
            PartKind::Text => self.part.kind = Kind::Text { said: EscapedText::default(), cited: Vec::new() },
            PartKind::Refusal => {}
            PartKind::Reasoning => self.part.kind = Kind::Reasoning { text: String::new() },
            PartKind::ToolCall { id, name, custom, signature } => {
                self.part.kind = self.start_call(choice, id.as_ref(), &name.decode(), *custom, signature.as_ref(), out);
            }
            PartKind::Media(media) => self.media(media, out),
        }
    }

    fn start_call(
        &mut self,
        choice: u32,
        id: Option<&Text<'_>>,
        name: &str,
        custom: bool,
        signature: Option<&Opaque<'_>>,
        out: &mut Vec<u8>,
    ) -> Kind {
        let state = self.choice(choice, out);
        let index = state.calls;
        state.calls += 1;
        let context = Arc::clone(&self.context);
        let name = context.names.incoming(name);
        let id = id.map_or_else(|| context.minted_call_id(index), |id| id.decode().into_owned());
        self.call_chunk(index, out, |call| {
            call.field("id", id);
            let (kind, input) = if custom { ("custom", "input") } else { ("function", "arguments") };
            call.field("type", kind);
            call.object(kind, |member| {
                member.field("name", name);
                member.field(input, "");
            });
            write_signature(signature, call);
        });
        if custom { Kind::Custom { index } } else { Kind::Call { index, empty: true } }
    }

    /// A chunk about one call.
    fn call_chunk(&self, index: u64, out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
        self.chunk(self.part.choice, None, out, |delta| {
            delta.array("tool_calls", |calls| {
                calls.object(|call| {
                    call.field("index", index);
                    members(call);
                });
            });
        });
    }

    fn arguments(&mut self, json: &Text<'_>, out: &mut Vec<u8>) {
        match &mut self.part.kind {
            Kind::Call { index, empty } => {
                *empty &= json.is_empty();
                let index = *index;
                self.call_chunk(index, out, |call| {
                    call.object("function", |function| function.field("arguments", json))
                });
            }
            Kind::Custom { index } => {
                let index = *index;
                self.call_chunk(index, out, |call| call.object("custom", |custom| custom.field("input", json)));
            }
            Kind::Text { .. } | Kind::Reasoning { .. } | Kind::Other => {}
        }
    }

    fn end_part(&mut self, out: &mut Vec<u8>) {
        match std::mem::take(&mut self.part.kind) {
            // SDKs parse the concatenated arguments, and "" is no JSON.
            Kind::Call { index, empty: true } => self
                .call_chunk(index, out, |call| call.object("function", |function| function.field("arguments", "{}"))),
            Kind::Text { said, cited } => self.end_text(said.characters(), &cited, out),
            _ => {}
        }
        self.part.id = None;
    }

    /// A text is complete, and where in it its sources are used.
    fn end_text(&mut self, characters: u64, cited: &[Citation<'_>], out: &mut Vec<u8>) {
        let choice = self.part.choice;
        let state = self.choice(choice, out);
        let before = state.characters;
        state.characters += characters;
        let mut list = Vec::new();
        let mut all = true;
        write_array(&mut list, |annotations| {
            cited.iter().for_each(|citation| all &= write_annotation(citation, before, characters, annotations));
        });
        if list.len() > 2 {
            self.chunk(choice, None, out, |delta| delta.key("annotations").extend_from_slice(&list));
        }
        if !all {
            self.lose(Feature::Citations);
        }
    }

    #[inline]
    fn text(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        if let Kind::Text { said, .. } = &mut self.part.kind {
            said.push(text);
        }
        self.text_chunk(b"content", text, out);
    }

    fn probabilities(&mut self, choice: u32, list: Raw<'_>, out: &mut Vec<u8>) {
        self.choice(choice, out);
        self.open_chunk(choice, out);
        out.extend_from_slice(b"{},\"logprobs\":{\"content\":");
        push_on_one_line(list, out);
        out.extend_from_slice(b",\"refusal\":null},\"finish_reason\":null");
        self.close_chunk(out);
    }

    fn reasoning(&mut self, more: &Text<'_>, out: &mut Vec<u8>) {
        if let Kind::Reasoning { text } = &mut self.part.kind {
            text.push_str(&more.decode());
        }
        if !self.context.hide_reasoning {
            self.text_chunk(b"reasoning_content", more, out);
        }
    }

    fn signature(&mut self, opaque: &Opaque<'_>, out: &mut Vec<u8>) {
        let text = match &self.part.kind {
            Kind::Reasoning { text } if !self.context.hide_reasoning => text.as_str(),
            _ => "",
        };
        let index = self.reasoning_details;
        self.chunk(self.part.choice, None, out, |delta| {
            delta.array("reasoning_details", |details| {
                details.object(|detail| write_detail(index, text, opaque, detail))
            });
        });
        self.reasoning_details += 1;
    }

    /// The closing chunks: a reason for each choice, token counts if asked for, `[DONE]`.
    fn end(&mut self, out: &mut Vec<u8>) {
        for choice in &self.choices {
            let reason = choice.finish.unwrap_or(FinishReason::Stop).with_tool_calls(choice.calls > 0);
            self.chunk(choice.index, Some(reason), out, |_| {});
        }
        if self.context.stream_usage {
            let usage = self.usage.unwrap_or_default();
            out.extend_from_slice(&self.head);
            out.extend_from_slice(b"],\"usage\":");
            write_object(out, |member| write_usage(&usage, member));
            out.push(b'}');
            out.extend_from_slice(FRAME_END);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn finish(&mut self, choice: u32, reason: FinishReason, explanation: Option<&Text<'_>>, out: &mut Vec<u8>) {
        self.choice(choice, out).finish = Some(reason);
        if let Some(words) = explanation.filter(|_| reason == FinishReason::ContentFilter) {
            self.chunk(choice, None, out, |delta| delta.field("refusal", words));
        }
    }

    fn media(&mut self, media: &Media<'_>, out: &mut Vec<u8>) {
        self.lose(Feature::GeneratedMedia);
        if let Some((media_type, data)) = generated_image(media) {
            let index = self.images;
            self.images += 1;
            self.chunk(self.part.choice, None, out, |delta| {
                delta.array("images", |images| images.object(|image| write_image(index, &media_type, data, image)));
            });
        }
    }

    fn lose(&mut self, feature: Feature) {
        if !self.losses.contains(&feature) {
            self.losses.push(feature);
        }
    }
}

impl StreamWriter for ChatWriter {
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::TextDelta { text, .. } => self.text(text, out),
            Event::RefusalDelta { text, .. } => self.text_chunk(b"refusal", text, out),
            Event::ReasoningDelta { text, .. } => self.reasoning(text, out),
            Event::ArgumentsDelta { json, .. } => self.arguments(json, out),
            Event::Start { model, .. } => self.start(model.as_ref(), out),
            Event::PartStart { part, choice, kind } => self.start_part(*part, *choice, kind, out),
            Event::PartEnd { .. } => self.end_part(out),
            Event::Signature { opaque, .. } => self.signature(opaque, out),
            Event::Citation { citation, .. } => {
                if let Kind::Text { cited, .. } = &mut self.part.kind {
                    cited.push(citation.to_static());
                }
            }
            Event::LogProbabilities { choice, content } => self.probabilities(*choice, *content, out),
            Event::Usage(usage) => self.usage = Some(*usage),
            Event::Finish { choice, reason, explanation, .. } => {
                if *reason == FinishReason::Paused {
                    self.lose(Feature::PausedTurn);
                }
                self.finish(*choice, *reason, explanation.as_ref(), out)
            }
            Event::End => self.end(out),
            Event::Error(_) => {}
        }
    }

    fn takes_choices(&self) -> bool {
        true
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        write_frame(out, "", |body| write_member(failure, body));
    }

    fn ping(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b": keep-alive\n\n");
    }

    fn losses(&self) -> &[Feature] {
        &self.losses
    }
}
