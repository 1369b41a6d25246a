//! Events to the chunks of a stream.
//!
//! Owns: what of a call has come, because calls go out whole; and other vendors' seals on thoughts, which wait for a part
//! that clients send back. Every chunk repeats model, id and the counts so far, so
//! their bytes are made once and again when the counts change.
//! Must not know: who the upstream is.
//! Reference: ai.google.dev/api/generate-content (v1beta). Never a comment and never `data:` without its space: the
//! vendor's clients fail on both.

use std::sync::Arc;

use super::super::ReplyContext;
use super::super::arguments::write_encoded;
use super::super::gemini_probabilities::write_probabilities;
use super::citations::Grounding;
use super::errors::write_error;
use super::names::carried;
use super::write_response::{finish_word, write_thought, write_usage};
use crate::dialect::Dialect;
use crate::ir::{Citation, Event, Failure, FinishReason, Opaque, PartKind, ThoughtPack, Usage, push_elements};
use crate::json::{Array, EscapedText, Object, Text, ToJson, write_object};
use crate::loss::Feature;
use crate::sse::Framing;
use crate::stream::StreamWriter;

/// Writes chunks.
pub(super) struct GeminiWriter {
    context: Arc<ReplyContext>,
    framing: Framing,
    model: String,
    /// What follows the candidates, from `]` to the end of the chunk.
    tail: Vec<u8>,
    usage: Option<Usage>,
    chunks: u64,
    choices: Vec<ChoiceState>,
    choice: u32,
    call: Option<Call>,
    thinking: bool,
    /// The text or the thought that is going on.
    said: EscapedText,
    /// Its sources.
    cited: Vec<Citation<'static>>,
    /// Probabilities of tokens whose text has not come yet, as elements of the neutral list.
    probabilities: String,
    pack: ThoughtPack,
    losses: Vec<Feature>,
}

#[derive(Debug, Default)]
struct ChoiceState {
    index: u32,
    calls: bool,
    refused: bool,
    finish: Option<FinishReason>,
    explanation: Option<String>,
    grounding: Grounding,
}

/// A call in progress.
#[derive(Debug)]
struct Call {
    id: Option<String>,
    name: String,
    arguments: EscapedText,
    signature: Option<Opaque<'static>>,
}

impl GeminiWriter {
    pub(super) fn new(context: Arc<ReplyContext>, framing: Framing) -> Self {
        Self {
            context,
            framing,
            model: String::new(),
            tail: Vec::new(),
            usage: None,
            chunks: 0,
            choices: Vec::new(),
            choice: 0,
            call: None,
            thinking: false,
            said: EscapedText::default(),
            cited: Vec::new(),
            probabilities: String::new(),
            pack: ThoughtPack::default(),
            losses: Vec::new(),
        }
    }

    fn start(&mut self, model: Option<&Text<'_>>) {
        self.model =
            self.context.model.clone().or_else(|| model.map(|model| model.decode().into_owned())).unwrap_or_default();
        self.make_tail();
    }

    fn make_tail(&mut self) {
        self.tail.clear();
        write_object(&mut self.tail, |body| {
            if let Some(usage) = &self.usage {
                body.object("usageMetadata", |member| write_usage(usage, member));
            }
            body.field("modelVersion", &self.model);
            body.field("responseId", &self.context.exchange_id);
        });
        // `{` gives way to the end of the candidates.
        self.tail.splice(..1, *b"],");
    }

    #[inline]
    fn open_chunk(&mut self, out: &mut Vec<u8>) {
        match (self.framing, self.chunks) {
            (Framing::Sse, _) => out.extend_from_slice(b"data: "),
            (Framing::JsonArray, 0) => out.push(b'['),
            (Framing::JsonArray, _) => out.extend_from_slice(b",\r\n"),
        }
        self.chunks += 1;
    }

    #[inline]
    fn close_chunk(&self, out: &mut Vec<u8>) {
        if self.framing == Framing::Sse {
            out.extend_from_slice(b"\r\n\r\n");
        }
    }

    /// A chunk with one candidate: `parts` are appended by `write`, `rest` follows the content.
    #[inline]
    fn chunk(
        &mut self,
        choice: u32,
        out: &mut Vec<u8>,
        write: impl FnOnce(&mut Vec<u8>),
        rest: impl FnOnce(&mut Vec<u8>),
    ) {
        self.open_chunk(out);
        out.extend_from_slice(b"{\"candidates\":[{\"content\":{\"parts\":[");
        write(out);
        out.extend_from_slice(b"],\"role\":\"model\"}");
        rest(out);
        out.extend_from_slice(b",\"index\":");
        choice.write_json(out);
        out.push(b'}');
        out.extend_from_slice(&self.tail);
        self.close_chunk(out);
    }

    /// A chunk with one text part: the hot path.
    #[inline]
    fn text(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        self.said.push(text);
        let probabilities = std::mem::take(&mut self.probabilities);
        self.chunk(
            self.choice,
            out,
            |out| {
                out.extend_from_slice(b"{\"text\":");
                text.write_json(out);
                out.push(b'}');
            },
            |out| {
                if !probabilities.is_empty() {
                    append_members(out, |candidate| write_probabilities(&probabilities, candidate));
                }
            },
        );
    }

    fn reasoning(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        self.said.push(text);
        if self.context.hide_reasoning {
            return;
        }
        self.chunk(
            self.choice,
            out,
            |out| {
                out.extend_from_slice(b"{\"text\":");
                text.write_json(out);
                out.extend_from_slice(b",\"thought\":true}");
            },
            |_| {},
        );
    }

    fn signature(&mut self, opaque: &Opaque<'_>, out: &mut Vec<u8>) {
        if self.thinking && opaque.source != Dialect::Gemini {
            self.pack.push(&self.said.decode(), opaque);
            self.said.clear();
        } else {
            self.state_part(opaque, out);
        }
    }

    /// A part that is there for its state only.
    fn state_part(&mut self, opaque: &Opaque<'_>, out: &mut Vec<u8>) {
        let thinking = self.thinking;
        self.chunk(
            self.choice,
            out,
            |out| {
                if thinking {
                    with_array(out, |parts| write_thought("", Some(opaque), parts));
                } else {
                    write_object(out, |part| {
                        part.field("text", "");
                        part.field("thoughtSignature", carried(opaque));
                    });
                }
            },
            |_| {},
        );
    }

    fn state(&mut self, index: u32) -> &mut ChoiceState {
        let at = self.choices.iter().position(|choice| choice.index == index).unwrap_or_else(|| {
            self.choices.push(ChoiceState { index, ..ChoiceState::default() });
            self.choices.len() - 1
        });
        &mut self.choices[at]
    }

    fn start_part(&mut self, choice: u32, kind: &PartKind<'_>, out: &mut Vec<u8>) {
        self.thinking = false;
        self.said.clear();
        if choice != self.choice
            && let Some(packed) = self.pack.take()
        {
            self.state_part(&packed, out);
        }
        self.choice = choice;
        match kind {
            PartKind::Text => self.pack.pass_text(),
            PartKind::Reasoning => self.thinking = true,
            PartKind::Refusal => self.state(choice).refused = true,
            PartKind::ToolCall { id, name, signature, .. } => {
                self.state(choice).calls = true;
                self.call = Some(Call {
                    id: id.as_ref().map(|id| id.decode().into_owned()),
                    name: self.context.names.incoming(&name.decode()).to_owned(),
                    arguments: EscapedText::default(),
                    signature: signature.as_ref().map(Opaque::to_static),
                });
            }
            PartKind::Media(media) => self.media(media, out),
        }
    }

    fn media(&mut self, media: &crate::ir::Media<'_>, out: &mut Vec<u8>) {
        let (crate::ir::Source::Base64(data), Some(media_type)) = (&media.source, &media.media_type) else {
            return self.lose(Feature::GeneratedMedia);
        };
        self.chunk(
            self.choice,
            out,
            |out| {
                write_object(out, |part| {
                    part.object("inlineData", |blob| {
                        blob.field("mimeType", media_type);
                        blob.field("data", data);
                    });
                });
            },
            |_| {},
        );
    }

    /// A call is complete and goes out.
    fn end_part(&mut self, out: &mut Vec<u8>) {
        let Some(call) = self.call.take() else { return self.end_text() };
        let arguments = call.arguments.decode();
        let mut is_object = true;
        let mut signature = self.pack.take();
        if let Some(packed) = call.signature.and_then(|own| signature.replace(own)) {
            self.state_part(&packed, out);
        }
        self.chunk(
            self.choice,
            out,
            |out| {
                write_object(out, |part| {
                    part.object("functionCall", |member| {
                        member.optional("id", call.id);
                        member.field("name", call.name);
                        is_object = write_encoded(&arguments, member.key("args"));
                    });
                    part.optional("thoughtSignature", signature.as_ref().map(carried));
                });
            },
            |_| {},
        );
        if !is_object {
            self.lose(Feature::InvalidArguments);
        }
    }

    /// A text is complete, and where in it its sources are used.
    fn end_text(&mut self) {
        if self.thinking {
            return;
        }
        let (text, cited) = (self.said.decode(), std::mem::take(&mut self.cited));
        if !self.state(self.choice).grounding.add(&text, &cited) {
            self.lose(Feature::Citations);
        }
    }

    fn finish(&mut self, choice: u32, reason: FinishReason, explanation: Option<&Text<'_>>) {
        if reason == FinishReason::Paused {
            self.lose(Feature::PausedTurn);
        }
        let state = self.state(choice);
        state.finish = Some(reason);
        state.explanation = explanation.map(|text| text.decode().into_owned());
    }

    /// The last chunk of each candidate says why it ended.
    fn end(&mut self, out: &mut Vec<u8>) {
        if self.usage.is_none() {
            // Clients read the counts of the last chunk.
            self.usage = Some(Usage::default());
            self.make_tail();
        }
        if self.choices.is_empty() {
            self.state(0);
        }
        for choice in std::mem::take(&mut self.choices) {
            let reason = choice.finish.unwrap_or(FinishReason::Stop).with_tool_calls(choice.calls);
            let is_last = choice.index == self.choice;
            let packed = if is_last { self.pack.take() } else { None };
            let probabilities = if is_last { std::mem::take(&mut self.probabilities) } else { String::new() };
            self.chunk(
                choice.index,
                out,
                |out| {
                    write_object(out, |part| {
                        part.field("text", "");
                        part.optional("thoughtSignature", packed.as_ref().map(carried));
                    });
                },
                |out| {
                    out.extend_from_slice(b",\"finishReason\":");
                    finish_word(reason, choice.refused).write_json(out);
                    append_members(out, |candidate| {
                        candidate.optional("finishMessage", choice.explanation.as_deref());
                        choice.grounding.write(candidate);
                        write_probabilities(&probabilities, candidate);
                    });
                },
            );
        }
        if self.framing == Framing::JsonArray {
            out.push(b']');
        }
    }

    fn lose(&mut self, feature: Feature) {
        if !self.losses.contains(&feature) {
            self.losses.push(feature);
        }
    }
}

/// Append members to an object that has some.
fn append_members(out: &mut Vec<u8>, members: impl FnOnce(&mut Object<'_>)) {
    let mut object = Vec::new();
    write_object(&mut object, members);
    if let [b'{', inside @ .., b'}'] = object.as_slice()
        && !inside.is_empty()
    {
        out.push(b',');
        out.extend_from_slice(inside);
    }
}

/// Use the elements of an array without its brackets.
fn with_array(out: &mut Vec<u8>, write: impl FnOnce(&mut Array<'_>)) {
    let mut list = Vec::new();
    crate::json::write_array(&mut list, write);
    out.extend_from_slice(&list[1..list.len() - 1]);
}

impl StreamWriter for GeminiWriter {
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        match event {
            Event::TextDelta { text, .. } | Event::RefusalDelta { text, .. } => self.text(text, out),
            Event::ReasoningDelta { text, .. } => self.reasoning(text, out),
            Event::ArgumentsDelta { json, .. } => {
                if let Some(call) = &mut self.call {
                    call.arguments.push(json);
                }
            }
            Event::Start { model, .. } => self.start(model.as_ref()),
            Event::PartStart { choice, kind, .. } => self.start_part(*choice, kind, out),
            Event::PartEnd { .. } => self.end_part(out),
            Event::Signature { opaque, .. } => self.signature(opaque, out),
            Event::Citation { citation, .. } => self.cited.push(citation.to_static()),
            Event::LogProbabilities { content, .. } => push_elements(&mut self.probabilities, *content),
            Event::Usage(usage) => {
                self.usage = Some(*usage);
                self.make_tail();
            }
            Event::Finish { choice, reason, explanation, .. } => self.finish(*choice, *reason, explanation.as_ref()),
            Event::End => self.end(out),
            Event::Error(_) => {}
        }
    }

    fn takes_choices(&self) -> bool {
        true
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        self.open_chunk(out);
        write_error(failure, out);
        self.close_chunk(out);
        if self.framing == Framing::JsonArray {
            out.push(b']');
        }
    }

    /// An empty line; comments make the vendor's clients fail.
    fn ping(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\r\n");
    }

    fn forwarded(&mut self) {
        self.chunks += 1;
    }

    fn losses(&self) -> &[Feature] {
        &self.losses
    }
}
