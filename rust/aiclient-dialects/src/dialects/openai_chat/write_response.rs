//! A whole reply for a client.

use super::super::ReplyContext;
use super::super::media::{data_url, generated_image};
use super::citations::write_annotations;
use crate::dialect::Dialect;
use crate::ir::{Choice, FinishReason, Opaque, OpaqueKind, Reply, ReplyPart, Usage};
use crate::json::{Array, Object, Place, Text, write_object};
use crate::loss::{Feature, Losses};

/// Append a reply.
pub(super) fn write_response(reply: &Reply, context: &ReplyContext, losses: &mut Losses, out: &mut Vec<u8>) {
    write_object(out, |body| {
        body.field("id", format!("chatcmpl-{}", context.exchange_id));
        body.field("object", "chat.completion");
        body.field("created", context.created);
        body.field("model", context.model.as_deref().or(reply.model.as_deref()).unwrap_or_default());
        body.array("choices", |choices| {
            for (index, choice) in reply.choices.iter().enumerate() {
                choices.object(|member| write_choice(index as u64, choice, context, losses, member));
            }
            if reply.choices.is_empty() {
                choices.object(|member| write_choice(0, &Choice::default(), context, losses, member));
            }
        });
        if let Some(usage) = &reply.usage {
            body.object("usage", |member| write_usage(usage, member));
        }
    });
}

fn write_choice(index: u64, choice: &Choice, context: &ReplyContext, losses: &mut Losses, member: &mut Object<'_>) {
    member.field("index", index);
    member.object("message", |message| write_message(choice, context, losses, message));
    if choice.log_probabilities.is_empty() {
        member.field("logprobs", None::<bool>);
    } else {
        member.object("logprobs", |logprobs| {
            let out = logprobs.key("content");
            out.push(b'[');
            out.extend_from_slice(choice.log_probabilities.as_bytes());
            out.push(b']');
        });
    }
    member.field("finish_reason", finish_word(choice.reason()));
}

fn write_message(choice: &Choice, context: &ReplyContext, losses: &mut Losses, message: &mut Object<'_>) {
    message.field("role", "assistant");
    let texts: Vec<&str> = choice
        .parts
        .iter()
        .filter_map(|part| if let ReplyPart::Text { text, .. } = part { Some(text.as_str()) } else { None })
        .collect();
    let content = texts.concat();
    let alone = choice.calls_tools() || choice.parts.iter().any(|part| matches!(part, ReplyPart::Refusal(_)));
    message.field("content", Some(content).filter(|content| !content.is_empty() || !alone));
    message.field("refusal", refusal(choice));
    write_reasoning(choice, context, message);
    write_annotations(choice, losses, message);
    if choice.calls_tools() {
        message.array("tool_calls", |calls| write_calls(choice, context, calls));
    }
    write_media(choice, losses, message);
    if choice.finish == Some(FinishReason::Paused) {
        losses.report(Place::default(), Feature::PausedTurn);
    }
}

/// Images in `images`, as OpenRouter has them. The vendor has no such member, so it is reported too.
fn write_media(choice: &Choice, losses: &mut Losses, message: &mut Object<'_>) {
    let media =
        || choice.parts.iter().filter_map(|part| if let ReplyPart::Media(media) = part { Some(media) } else { None });
    if media().next().is_none() {
        return;
    }
    losses.report(Place::default(), Feature::GeneratedMedia);
    message.array("images", |images| {
        for (index, (media_type, data)) in media().filter_map(generated_image).enumerate() {
            images.object(|image| write_image(index as u64, &media_type, data, image));
        }
    });
}

/// An element of `images`.
pub(super) fn write_image(index: u64, media_type: &str, data: &Text<'_>, image: &mut Object<'_>) {
    image.field("index", index);
    image.field("type", "image_url");
    image.object("image_url", |member| member.field("url", data_url(media_type, data)));
}

/// The model's refusal, or the vendor's words where it withheld the answer.
fn refusal(choice: &Choice) -> Option<&str> {
    let said = choice
        .parts
        .iter()
        .find_map(|part| if let ReplyPart::Refusal(text) = part { Some(text.as_str()) } else { None });
    said.or(choice.explanation.as_deref().filter(|_| choice.finish == Some(FinishReason::ContentFilter)))
}

/// Thoughts as text in `reasoning_content`, and with their state in `reasoning_details`.
fn write_reasoning(choice: &Choice, context: &ReplyContext, message: &mut Object<'_>) {
    let thoughts: Vec<&str> = choice
        .parts
        .iter()
        .filter_map(|part| if let ReplyPart::Reasoning { text, .. } = part { Some(text.as_str()) } else { None })
        .collect();
    let text = thoughts.concat();
    if !text.is_empty() && !context.hide_reasoning {
        message.field("reasoning_content", text);
    }
    let sealed: Vec<(&str, &Opaque<'_>)> = choice.parts.iter().filter_map(sealed).collect();
    if !sealed.is_empty() {
        message.array("reasoning_details", |details| {
            for (index, (text, opaque)) in sealed.into_iter().enumerate() {
                let text = if context.hide_reasoning { "" } else { text };
                details.object(|detail| write_detail(index as u64, text, opaque, detail));
            }
        });
    }
}

fn sealed(part: &ReplyPart) -> Option<(&str, &Opaque<'static>)> {
    match part {
        ReplyPart::Reasoning { text, opaque: Some(opaque) } => Some((text, opaque)),
        ReplyPart::Text { signature: Some(opaque), .. } => Some(("", opaque)),
        _ => None,
    }
}

/// An element of `reasoning_details`, as OpenRouter defines them.
pub(super) fn write_detail(index: u64, text: &str, opaque: &Opaque<'_>, detail: &mut Object<'_>) {
    if opaque.kind == OpaqueKind::Signature {
        detail.field("type", "reasoning.text");
        detail.field("text", text);
        detail.field("signature", opaque.carried(Dialect::OpenAiChat));
    } else {
        detail.field("type", "reasoning.encrypted");
        if !text.is_empty() {
            detail.field("summary", text);
        }
        detail.field("data", opaque.carried(Dialect::OpenAiChat));
    }
    detail.field("index", index);
}

fn write_calls(choice: &Choice, context: &ReplyContext, calls: &mut Array<'_>) {
    let made = choice.parts.iter().filter(|part| matches!(part, ReplyPart::ToolCall { .. }));
    for (index, part) in made.enumerate() {
        if let ReplyPart::ToolCall { id, name, arguments, custom, signature } = part {
            calls.object(|call| {
                call.field("id", id.clone().unwrap_or_else(|| context.minted_call_id(index as u64)));
                write_call(context.names.incoming(name), arguments, *custom, call);
                write_signature(signature.as_ref(), call);
            });
        }
    }
}

fn write_call(name: &str, arguments: &str, custom: bool, call: &mut Object<'_>) {
    if custom {
        call.field("type", "custom");
        call.object("custom", |member| {
            member.field("name", name);
            member.field("input", arguments);
        });
    } else {
        call.field("type", "function");
        call.object("function", |member| {
            member.field("name", name);
            member.field("arguments", if arguments.trim().is_empty() { "{}" } else { arguments });
        });
    }
}

/// Gemini's state on a call, where Google's own Chat endpoint has it.
pub(super) fn write_signature(signature: Option<&Opaque<'_>>, call: &mut Object<'_>) {
    if let Some(opaque) = signature {
        // Only Gemini signs calls, and this is its own field: the state goes in as it is.
        let carried = if opaque.source == Dialect::Gemini {
            opaque.payload.decode()
        } else {
            opaque.carried(Dialect::OpenAiChat)
        };
        call.object("extra_content", |extra| {
            extra.object("google", |google| google.field("thought_signature", carried))
        });
    }
}

/// Token counts.
pub(super) fn write_usage(usage: &Usage, member: &mut Object<'_>) {
    member.field("prompt_tokens", usage.input_tokens);
    member.field("completion_tokens", usage.output_tokens);
    member.field("total_tokens", usage.total_tokens());
    member.object("prompt_tokens_details", |details| {
        details.field("cached_tokens", usage.cache_read_tokens);
        if usage.cache_write_tokens > 0 {
            details.field("cache_write_tokens", usage.cache_write_tokens);
        }
    });
    member.object("completion_tokens_details", |details| details.field("reasoning_tokens", usage.reasoning_tokens));
}

/// `finish_reason`.
pub(super) fn finish_word(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop | FinishReason::StopSequence | FinishReason::Paused | FinishReason::FailedCall => "stop",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::Length | FinishReason::ContextFull => "length",
        FinishReason::ContentFilter => "content_filter",
    }
}
