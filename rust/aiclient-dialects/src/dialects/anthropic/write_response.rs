//! A whole reply for a client.

use super::super::ReplyContext;
use super::super::arguments::write_encoded;
use super::citations::write_citation;
use crate::dialect::Dialect;
use crate::ir::{Choice, Citation, FinishReason, Opaque, OpaqueKind, Reply, ReplyPart, Usage};
use crate::json::{Array, Object, Place, write_object};
use crate::loss::{Feature, Losses};

/// A seal for thoughts that their vendor did not seal: clients drop thoughts without one.
pub(super) const NO_SEAL: &str = "aic1.os.";

/// Append a reply.
pub(super) fn write_response(reply: &Reply, context: &ReplyContext, losses: &mut Losses, out: &mut Vec<u8>) {
    let nothing = Choice::default();
    let choice = reply.first().unwrap_or(&nothing);
    if reply.choices.len() > 1 {
        losses.report(Place::default(), Feature::Choices);
    }
    write_object(out, |body| {
        body.field("id", format!("msg_{}", context.exchange_id));
        body.field("type", "message");
        body.field("role", "assistant");
        body.field("model", context.model.as_deref().or(reply.model.as_deref()).unwrap_or_default());
        body.array("content", |blocks| write_blocks(choice, context, losses, blocks));
        let refused = choice.parts.iter().any(|part| matches!(part, ReplyPart::Refusal(_)));
        write_stop(
            with_refusal(choice.reason(), refused),
            choice.stop_sequence.as_deref(),
            choice.explanation.as_deref(),
            body,
        );
        body.object("usage", |member| write_usage(&reply.usage.unwrap_or_default(), member));
    });
}

fn write_blocks(choice: &Choice, context: &ReplyContext, losses: &mut Losses, blocks: &mut Array<'_>) {
    let mut calls = 0;
    for part in &choice.parts {
        match part {
            ReplyPart::Reasoning { text, opaque } => write_thought(text, opaque.as_ref(), context, blocks),
            ReplyPart::Text { text, signature, citations } => {
                write_text(text, citations, blocks);
                write_seal(signature.as_ref(), blocks);
                if citations.iter().any(|citation| text.is_empty() || citation.url.is_none()) {
                    losses.report(Place::default(), Feature::Citations);
                }
            }
            ReplyPart::Refusal(text) => write_text(text, &[], blocks),
            ReplyPart::ToolCall { id, name, arguments, signature, .. } => {
                write_seal(signature.as_ref(), blocks);
                write_call(
                    id.clone().unwrap_or_else(|| minted_id(context, calls)),
                    context.names.incoming(name),
                    arguments,
                    losses,
                    blocks,
                );
                calls += 1;
            }
            ReplyPart::Media(_) => losses.report(Place::default(), Feature::GeneratedMedia),
        }
    }
}

fn write_text(text: &str, citations: &[Citation<'_>], blocks: &mut Array<'_>) {
    if text.is_empty() {
        return;
    }
    blocks.object(|block| {
        block.field("type", "text");
        block.field("text", text);
        if citations.iter().any(|citation| citation.url.is_some()) {
            block.array("citations", |list| {
                for citation in citations.iter().filter(|citation| citation.url.is_some()) {
                    list.object(|member| write_citation(citation, member));
                }
            });
        }
    });
}

fn write_thought(text: &str, opaque: Option<&Opaque<'_>>, context: &ReplyContext, blocks: &mut Array<'_>) {
    if context.hide_reasoning && opaque.is_none() {
        return;
    }
    let text = if context.hide_reasoning { "" } else { text };
    blocks.object(|block| match opaque {
        Some(opaque) if opaque.source == Dialect::Anthropic && opaque.kind == OpaqueKind::Encrypted => {
            block.field("type", "redacted_thinking");
            block.field("data", &opaque.payload);
        }
        opaque => {
            block.field("type", "thinking");
            block.field("thinking", text);
            block.field("signature", opaque.map_or(NO_SEAL.into(), |opaque| opaque.carried(Dialect::Anthropic)));
        }
    });
}

/// State of a call or a text, in a thinking block of its own, which clients send back.
fn write_seal(signature: Option<&Opaque<'_>>, blocks: &mut Array<'_>) {
    if let Some(opaque) = signature {
        blocks.object(|block| {
            block.field("type", "thinking");
            block.field("thinking", "");
            block.field("signature", opaque.carried(Dialect::Anthropic));
        });
    }
}

fn write_call(id: String, name: &str, arguments: &str, losses: &mut Losses, blocks: &mut Array<'_>) {
    blocks.object(|block| {
        block.field("type", "tool_use");
        block.field("id", id);
        block.field("name", name);
        if !write_encoded(arguments, block.key("input")) {
            losses.report(Place::default(), Feature::InvalidArguments);
        }
    });
}

/// An id for a call that came without one.
pub(super) fn minted_id(context: &ReplyContext, index: u64) -> String {
    format!("toolu_{}_{index}", context.exchange_id)
}

/// A refusal in the model's words is a reason to stop here.
pub(super) fn with_refusal(reason: FinishReason, refused: bool) -> FinishReason {
    if refused && reason == FinishReason::Stop { FinishReason::ContentFilter } else { reason }
}

/// Append `stop_reason` and what goes with it.
pub(super) fn write_stop(
    reason: FinishReason,
    sequence: Option<&str>,
    explanation: Option<&str>,
    member: &mut Object<'_>,
) {
    member.field("stop_reason", stop_word(reason));
    member.field("stop_sequence", sequence);
    if reason == FinishReason::ContentFilter {
        member.object("stop_details", |details| {
            details.field("type", "refusal");
            details.field("category", None::<&str>);
            details.field("explanation", explanation);
        });
    }
}

fn stop_word(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop | FinishReason::FailedCall => "end_turn",
        FinishReason::StopSequence => "stop_sequence",
        FinishReason::ToolCalls => "tool_use",
        FinishReason::Length => "max_tokens",
        FinishReason::ContextFull => "model_context_window_exceeded",
        FinishReason::ContentFilter => "refusal",
        FinishReason::Paused => "pause_turn",
    }
}

/// Token counts; input without what was cached.
pub(super) fn write_usage(usage: &Usage, member: &mut Object<'_>) {
    member.field("input_tokens", usage.uncached_input_tokens());
    member.field("cache_creation_input_tokens", usage.cache_write_tokens);
    member.field("cache_read_input_tokens", usage.cache_read_tokens);
    member.field("output_tokens", usage.output_tokens);
    if usage.reasoning_tokens > 0 {
        member.object("output_tokens_details", |details| details.field("thinking_tokens", usage.reasoning_tokens));
    }
}
