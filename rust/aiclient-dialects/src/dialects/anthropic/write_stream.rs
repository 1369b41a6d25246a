//! Events to the frames of a stream.
//!
//! Owns: which block is open; one at a time, with contiguous indexes of its own.
//! Must not know: who the upstream is.
//! Reference: docs.claude.com/en/docs/build-with-claude/streaming.

use std::sync::Arc;

use super::super::ReplyContext;
use super::citations::write_citation;
use super::errors::write_members;
use super::write_response::{NO_SEAL, minted_id, with_refusal, write_stop, write_usage};
use crate::dialect::Dialect;
use crate::ir::{Citation, Event, Failure, FinishReason, Opaque, OpaqueKind, PartKind, Usage};
use crate::json::{Object, Text, ToJson};
use crate::loss::Feature;
use crate::sse::{Frame, write_frame};
use crate::stream::StreamWriter;

/// Writes frames.
pub(super) struct AnthropicWriter {
    context: Arc<ReplyContext>,
    block: Block,
    blocks: u64,
    calls: u64,
    /// Whether the model refused in its own words.
    refused: bool,
    /// State of the text block, which goes out in a block of its own behind it.
    seal: Option<Opaque<'static>>,
    /// Sources of the text block.
    cited: Vec<Citation<'static>>,
    usage: Usage,
    finish: Option<(FinishReason, Option<String>, Option<String>)>,
    losses: Vec<Feature>,
}

/// The block of the part that is going on.
///
/// ```text
///             PartStart             first text
///   None ------------------> Due ----------------> Text | Thinking
///    ^  \--- PartStart of a call ----------------> ToolUse
///    +------------------------------- PartEnd ---------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    None,
    /// Text or thoughts that have said nothing yet; an empty block would be refused when it comes back.
    Due {
        thinking: bool,
    },
    Text,
    Thinking {
        sealed: bool,
    },
    /// Thoughts that came whole and closed: nothing more is due.
    Redacted,
    ToolUse {
        empty: bool,
    },
}

impl AnthropicWriter {
    pub(super) fn new(context: Arc<ReplyContext>) -> Self {
        Self {
            context,
            block: Block::None,
            blocks: 0,
            calls: 0,
            seal: None,
            cited: Vec::new(),
            usage: Usage::default(),
            finish: None,
            refused: false,
            losses: Vec::new(),
        }
    }

    fn start(&mut self, model: Option<&Text<'_>>, out: &mut Vec<u8>) {
        let model =
            self.context.model.clone().or_else(|| model.map(|model| model.decode().into_owned())).unwrap_or_default();
        write_frame(out, "message_start", |event| {
            event.field("type", "message_start");
            event.object("message", |message| {
                message.field("id", format!("msg_{}", self.context.exchange_id));
                message.field("type", "message");
                message.field("role", "assistant");
                message.field("model", model);
                message.array("content", |_| {});
                message.field("stop_reason", None::<&str>);
                message.field("stop_sequence", None::<&str>);
                // What is not known yet; SDKs want the object.
                message.object("usage", |usage| write_usage(&Usage::default(), usage));
            });
        });
    }

    /// Index of the block that was opened last.
    fn index(&self) -> u64 {
        self.blocks.saturating_sub(1)
    }

    fn open(&mut self, out: &mut Vec<u8>, content: impl FnOnce(&mut Object<'_>)) {
        let index = self.blocks;
        self.blocks += 1;
        write_frame(out, "content_block_start", |event| {
            event.field("type", "content_block_start");
            event.field("index", index);
            event.object("content_block", content);
        });
        if index == 0 {
            // Where the vendor sends its first one, too.
            write_ping(out);
        }
    }

    fn open_thinking(&mut self, out: &mut Vec<u8>) {
        self.open(out, |block| {
            block.field("type", "thinking");
            block.field("thinking", "");
            block.field("signature", "");
        });
        self.block = Block::Thinking { sealed: false };
    }

    fn open_text(&mut self, out: &mut Vec<u8>) {
        self.open(out, |block| {
            block.field("type", "text");
            block.field("text", "");
        });
        self.block = Block::Text;
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        write_frame(out, "content_block_stop", |event| {
            event.field("type", "content_block_stop");
            event.field("index", self.index());
        });
        self.block = Block::None;
    }

    /// A delta of one string: the hot path. `kind` and `key` are written as they are.
    #[inline]
    fn delta(&self, kind: &str, key: &str, text: &Text<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":");
        self.index().write_json(out);
        out.extend_from_slice(b",\"delta\":{\"type\":\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(b"\":");
        text.write_json(out);
        out.extend_from_slice(b"}}\n\n");
    }

    #[inline]
    fn text(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        if self.block == (Block::Due { thinking: false }) {
            self.open_text(out);
        }
        self.delta("text_delta", "text", text, out);
    }

    fn reasoning(&mut self, text: &Text<'_>, out: &mut Vec<u8>) {
        if self.context.hide_reasoning || text.is_empty() {
            return;
        }
        if self.block == (Block::Due { thinking: true }) {
            self.open_thinking(out);
        }
        self.delta("thinking_delta", "thinking", text, out);
    }

    fn arguments(&mut self, json: &Text<'_>, out: &mut Vec<u8>) {
        if !json.is_empty() {
            self.block = Block::ToolUse { empty: false };
            self.delta("input_json_delta", "partial_json", json, out);
        }
    }

    fn signature(&mut self, opaque: &Opaque<'_>, out: &mut Vec<u8>) {
        match self.block {
            Block::Due { thinking: true }
                if opaque.source == Dialect::Anthropic && opaque.kind == OpaqueKind::Encrypted =>
            {
                self.open(out, |block| {
                    block.field("type", "redacted_thinking");
                    block.field("data", &opaque.payload);
                });
                self.block = Block::Redacted;
            }
            Block::Due { thinking: true } => {
                self.open_thinking(out);
                self.sign(opaque, out);
            }
            Block::Thinking { .. } => self.sign(opaque, out),
            _ => self.seal = Some(opaque.to_static()),
        }
    }

    fn sign(&mut self, opaque: &Opaque<'_>, out: &mut Vec<u8>) {
        self.delta("signature_delta", "signature", &Text::plain(opaque.carried(Dialect::Anthropic)), out);
        self.block = Block::Thinking { sealed: true };
    }

    /// A thinking block that holds nothing but state.
    fn write_seal(&mut self, opaque: &Opaque<'_>, out: &mut Vec<u8>) {
        self.open_thinking(out);
        self.sign(opaque, out);
        self.close(out);
    }

    fn start_part(&mut self, kind: &PartKind<'_>, out: &mut Vec<u8>) {
        match kind {
            PartKind::Text | PartKind::Refusal => {
                self.refused |= *kind == PartKind::Refusal;
                self.block = Block::Due { thinking: false };
            }
            PartKind::Reasoning => self.block = Block::Due { thinking: true },
            PartKind::ToolCall { id, name, signature, .. } => {
                if let Some(opaque) = signature {
                    self.write_seal(opaque, out);
                }
                self.start_call(id.as_ref(), &name.decode(), out);
            }
            PartKind::Media(_) => self.lose(Feature::GeneratedMedia),
        }
    }

    fn start_call(&mut self, id: Option<&Text<'_>>, name: &str, out: &mut Vec<u8>) {
        let context = Arc::clone(&self.context);
        let id = id.map_or_else(|| minted_id(&context, self.calls), |id| id.decode().into_owned());
        self.calls += 1;
        self.open(out, |block| {
            block.field("type", "tool_use");
            block.field("id", id);
            block.field("name", context.names.incoming(name));
            block.object("input", |_| {});
        });
        self.block = Block::ToolUse { empty: true };
    }

    fn end_part(&mut self, out: &mut Vec<u8>) {
        match self.block {
            Block::None => {}
            Block::Due { .. } => self.block = Block::None,
            Block::Thinking { sealed: false } => {
                // Clients drop thoughts without a seal.
                self.delta("signature_delta", "signature", &Text::from(NO_SEAL), out);
                self.close(out);
            }
            Block::ToolUse { empty: true } => {
                self.delta("input_json_delta", "partial_json", &Text::from(""), out);
                self.close(out);
            }
            Block::Text => {
                self.citations(out);
                self.close(out);
            }
            Block::Thinking { .. } | Block::ToolUse { .. } | Block::Redacted => self.close(out),
        }
        if !std::mem::take(&mut self.cited).is_empty() {
            self.lose(Feature::Citations);
        }
        if let Some(opaque) = self.seal.take() {
            self.write_seal(&opaque, out);
        }
    }

    /// The sources of the text block; those without an address stay.
    fn citations(&mut self, out: &mut Vec<u8>) {
        let (told, rest) = std::mem::take(&mut self.cited).into_iter().partition(|citation| citation.url.is_some());
        self.cited = rest;
        let told: Vec<Citation<'_>> = told;
        for citation in &told {
            write_frame(out, "content_block_delta", |event| {
                event.field("type", "content_block_delta");
                event.field("index", self.index());
                event.object("delta", |delta| {
                    delta.field("type", "citations_delta");
                    delta.object("citation", |member| write_citation(citation, member));
                });
            });
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let (reason, sequence, explanation) = self.finish.take().unwrap_or((FinishReason::Stop, None, None));
        let reason = with_refusal(reason.with_tool_calls(self.calls > 0), self.refused);
        write_frame(out, "message_delta", |event| {
            event.field("type", "message_delta");
            event.object("delta", |delta| write_stop(reason, sequence.as_deref(), explanation.as_deref(), delta));
            event.object("usage", |usage| write_usage(&self.usage, usage));
        });
        write_frame(out, "message_stop", |event| event.field("type", "message_stop"));
    }

    fn lose(&mut self, feature: Feature) {
        if !self.losses.contains(&feature) {
            self.losses.push(feature);
        }
    }
}

fn write_ping(out: &mut Vec<u8>) {
    write_frame(out, "ping", |event| event.field("type", "ping"));
}

impl StreamWriter for AnthropicWriter {
    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let owned = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.decode().into_owned());
        match event {
            Event::TextDelta { text, .. } | Event::RefusalDelta { text, .. } => self.text(text, out),
            Event::ReasoningDelta { text, .. } => self.reasoning(text, out),
            Event::ArgumentsDelta { json, .. } => self.arguments(json, out),
            Event::Start { model, .. } => self.start(model.as_ref(), out),
            // The dialect has one answer; asking for more was refused.
            Event::PartStart { choice: 0, kind, .. } => self.start_part(kind, out),
            Event::PartEnd { .. } => self.end_part(out),
            Event::Signature { opaque, .. } => self.signature(opaque, out),
            Event::Citation { citation, .. } => self.cited.push(citation.to_static()),
            Event::Usage(usage) => self.usage = *usage,
            Event::Finish { choice: 0, reason, stop_sequence, explanation } => {
                self.finish = Some((*reason, owned(stop_sequence), owned(explanation)));
            }
            Event::End => self.end(out),
            Event::PartStart { .. } | Event::Finish { .. } | Event::LogProbabilities { .. } | Event::Error(_) => {}
        }
    }

    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        write_frame(out, "error", |event| write_members(failure, event));
    }

    /// SDKs go by the name of the event.
    fn is_seen(&self, error: Frame<'_>) -> bool {
        matches!(error.name, "error")
    }

    fn ping(&mut self, out: &mut Vec<u8>) {
        write_ping(out);
    }

    fn losses(&self) -> &[Feature] {
        &self.losses
    }
}
