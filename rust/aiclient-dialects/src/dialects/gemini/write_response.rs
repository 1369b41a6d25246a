//! A whole reply for a client.

use super::super::ReplyContext;
use super::super::arguments::write_encoded;
use super::super::gemini_probabilities::write_probabilities;
use super::citations::Grounding;
use super::names::carried;
use crate::dialect::Dialect;
use crate::ir::{Choice, FinishReason, Opaque, Reply, ReplyPart, Source, ThoughtPack, Usage};
use crate::json::{Array, Object, Place, Text, write_object};
use crate::loss::{Feature, Losses};

/// Append a reply.
pub(super) fn write_response(reply: &Reply, context: &ReplyContext, losses: &mut Losses, out: &mut Vec<u8>) {
    write_object(out, |body| {
        body.array("candidates", |candidates| {
            for (index, choice) in reply.choices.iter().enumerate() {
                candidates.object(|candidate| write_candidate(index as u64, choice, context, losses, candidate));
            }
        });
        if let Some(usage) = &reply.usage {
            body.object("usageMetadata", |member| write_usage(usage, member));
        }
        body.field("modelVersion", context.model.as_deref().or(reply.model.as_deref()).unwrap_or_default());
        body.field("responseId", &context.exchange_id);
    });
}

fn write_candidate(
    index: u64,
    choice: &Choice,
    context: &ReplyContext,
    losses: &mut Losses,
    candidate: &mut Object<'_>,
) {
    candidate.object("content", |content| {
        content.array("parts", |parts| write_parts(choice, context, losses, parts));
        content.field("role", "model");
    });
    let refused = choice.parts.iter().any(|part| matches!(part, ReplyPart::Refusal(_)));
    candidate.field("finishReason", finish_word(choice.reason(), refused));
    candidate.optional("finishMessage", choice.explanation.as_deref());
    candidate.field("index", index);
    if !write_citations(choice, candidate) {
        losses.report(Place::default(), Feature::Citations);
    }
    write_probabilities(&choice.log_probabilities, candidate);
    if choice.finish == Some(FinishReason::Paused) {
        losses.report(Place::default(), Feature::PausedTurn);
    }
}

fn write_parts(choice: &Choice, context: &ReplyContext, losses: &mut Losses, parts: &mut Array<'_>) {
    let mut pack = ThoughtPack::default();
    for part in &choice.parts {
        match part {
            ReplyPart::Text { text, signature, .. } => {
                pack.pass_text();
                write_text(text, signature.as_ref(), parts);
            }
            ReplyPart::Refusal(text) => write_text(text, None, parts),
            ReplyPart::Reasoning { text, opaque } => {
                let own = opaque.as_ref().filter(|opaque| opaque.source == Dialect::Gemini);
                if let Some(foreign) = opaque.as_ref().filter(|_| own.is_none()) {
                    pack.push(text, foreign);
                }
                let shown = if context.hide_reasoning { "" } else { text };
                if !shown.is_empty() || own.is_some() {
                    write_thought(shown, own, parts);
                }
            }
            ReplyPart::ToolCall { id, name, arguments, signature, .. } => {
                let mut state = pack.take();
                if let Some(packed) = signature.clone().and_then(|own| state.replace(own)) {
                    write_text("", Some(&packed), parts);
                }
                parts.object(|member| {
                    member.object("functionCall", |call| {
                        call.optional("id", id.as_deref());
                        call.field("name", context.names.incoming(name));
                        if !write_encoded(arguments, call.key("args")) {
                            losses.report(Place::default(), Feature::InvalidArguments);
                        }
                    });
                    member.optional("thoughtSignature", state.as_ref().map(carried));
                });
            }
            ReplyPart::Media(media) => match &media.source {
                Source::Base64(data) => parts.object(|part| write_blob(media.media_type.as_ref(), data, part)),
                _ => losses.report(Place::default(), Feature::GeneratedMedia),
            },
        }
    }
    // Without a call that follows: on a text of its own, as the vendor does.
    write_text("", pack.take().as_ref(), parts);
}

/// `inlineData`.
pub(super) fn write_blob(media_type: Option<&Text<'_>>, data: &Text<'_>, part: &mut Object<'_>) {
    part.object("inlineData", |blob| {
        blob.field("mimeType", media_type.unwrap_or(&Text::from("image/png")));
        blob.field("data", data);
    });
}

fn write_text(text: &str, signature: Option<&Opaque<'_>>, parts: &mut Array<'_>) {
    if !text.is_empty() || signature.is_some() {
        parts.object(|part| {
            part.field("text", text);
            part.optional("thoughtSignature", signature.map(carried));
        });
    }
}

/// A thought, with the state that must come back with it.
pub(super) fn write_thought(text: &str, opaque: Option<&Opaque<'_>>, parts: &mut Array<'_>) {
    parts.object(|part| {
        part.field("text", text);
        part.field("thought", true);
        part.optional("thoughtSignature", opaque.map(carried));
    });
}

/// Sources of the answer; false if not all of them can be said.
fn write_citations(choice: &Choice, candidate: &mut Object<'_>) -> bool {
    let mut grounding = Grounding::default();
    let mut all = true;
    for part in &choice.parts {
        match part {
            ReplyPart::Text { text, citations, .. } => all &= grounding.add(text, citations),
            ReplyPart::Refusal(text) => all &= grounding.add(text, &[]),
            _ => {}
        }
    }
    grounding.write(candidate);
    all
}

/// Token counts: candidates without thoughts.
pub(super) fn write_usage(usage: &Usage, member: &mut Object<'_>) {
    member.field("promptTokenCount", usage.input_tokens);
    if usage.cache_read_tokens > 0 {
        member.field("cachedContentTokenCount", usage.cache_read_tokens);
    }
    member.field("candidatesTokenCount", usage.answer_tokens());
    if usage.reasoning_tokens > 0 {
        member.field("thoughtsTokenCount", usage.reasoning_tokens);
    }
    member.field("totalTokenCount", usage.total_tokens());
}

/// `finishReason`.
pub(super) fn finish_word(reason: FinishReason, refused: bool) -> &'static str {
    match reason {
        _ if refused => "SAFETY",
        FinishReason::Stop | FinishReason::StopSequence | FinishReason::ToolCalls | FinishReason::Paused => "STOP",
        FinishReason::Length | FinishReason::ContextFull => "MAX_TOKENS",
        FinishReason::ContentFilter => "SAFETY",
        FinishReason::FailedCall => "OTHER",
    }
}
