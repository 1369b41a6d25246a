//! A whole reply for a client: a response object with its items.

use super::super::ReplyContext;
use super::super::media::generated_image;
use super::citations::write_annotation;
use crate::dialect::Dialect;
use crate::ir::{Choice, Citation, FinishReason, Opaque, Reply, ReplyPart, Usage};
use crate::json::{Array, Object, Place, Text, write_object};
use crate::loss::{Feature, Losses};

/// Append a reply.
pub(super) fn write_response(reply: &Reply, context: &ReplyContext, losses: &mut Losses, out: &mut Vec<u8>) {
    let nothing = Choice::default();
    let choice = reply.first().unwrap_or(&nothing);
    if reply.choices.len() > 1 {
        losses.report(Place::default(), Feature::Choices);
    }
    let reason = choice.reason();
    let model = context.model.as_deref().or(reply.model.as_deref()).unwrap_or_default();
    write_object(out, |body| {
        write_head(status(reason), model, context, body);
        body.array("output", |output| write_items(choice, context, losses, output));
        write_tail(Some(reason), Some(&reply.usage.unwrap_or_default()), body);
    });
}

/// `status` for the reason an answer ended.
pub(super) fn status(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Length | FinishReason::ContextFull | FinishReason::ContentFilter | FinishReason::FailedCall => {
            "incomplete"
        }
        _ => "completed",
    }
}

/// The members of a response before its output.
pub(super) fn write_head(status: &str, model: &str, context: &ReplyContext, body: &mut Object<'_>) {
    body.field("id", format!("resp_{}", context.exchange_id));
    body.field("object", "response");
    body.field("created_at", context.created);
    body.field("status", status);
    body.field("background", false);
    body.field("model", model);
    body.field("store", false);
    if context.echo.is_empty() {
        body.field("parallel_tool_calls", true);
        body.field("tool_choice", "auto");
        body.array("tools", |_| {});
    } else {
        body.append(&context.echo);
    }
}

/// The members of a response behind its output.
pub(super) fn write_tail(reason: Option<FinishReason>, usage: Option<&Usage>, body: &mut Object<'_>) {
    body.field("error", None::<&str>);
    match reason {
        Some(FinishReason::Length | FinishReason::ContextFull) => {
            body.object("incomplete_details", |details| details.field("reason", "max_output_tokens"))
        }
        Some(FinishReason::ContentFilter) => {
            body.object("incomplete_details", |details| details.field("reason", "content_filter"))
        }
        _ => body.field("incomplete_details", None::<&str>),
    }
    match usage {
        Some(usage) => body.object("usage", |member| write_usage(usage, member)),
        None => body.field("usage", None::<&str>),
    }
    body.field("instructions", None::<&str>);
    body.object("metadata", |_| {});
}

fn write_usage(usage: &Usage, member: &mut Object<'_>) {
    member.field("input_tokens", usage.input_tokens);
    member.object("input_tokens_details", |details| {
        details.field("cached_tokens", usage.cache_read_tokens);
        details.field("cache_write_tokens", usage.cache_write_tokens);
    });
    member.field("output_tokens", usage.output_tokens);
    member.object("output_tokens_details", |details| details.field("reasoning_tokens", usage.reasoning_tokens));
    member.field("total_tokens", usage.total_tokens());
}

fn write_items(choice: &Choice, context: &ReplyContext, losses: &mut Losses, output: &mut Array<'_>) {
    if choice.finish == Some(FinishReason::Paused) {
        losses.report(Place::default(), Feature::PausedTurn);
    }
    let mut probabilities = choice.log_probabilities.as_str();
    let mut index = 0;
    let mut next = || {
        index += 1;
        index - 1
    };
    let withheld = choice.explanation.clone().filter(|_| choice.finish == Some(FinishReason::ContentFilter));
    let words = withheld.map(ReplyPart::Refusal);
    for part in choice.parts.iter().chain(&words) {
        match part {
            ReplyPart::Reasoning { text, opaque } => {
                let text = if context.hide_reasoning { "" } else { text };
                output.object(|item| write_reasoning(next(), text, opaque.as_ref(), context, item));
            }
            ReplyPart::Text { text, signature, citations } => {
                if let Some(opaque) = signature {
                    output.object(|item| write_reasoning(next(), "", Some(opaque), context, item));
                }
                if citations.iter().any(|citation| citation.url.is_none()) {
                    losses.report(Place::default(), Feature::Citations);
                }
                if !text.is_empty() {
                    let probabilities = std::mem::take(&mut probabilities);
                    output.object(|item| {
                        write_message(next(), "completed", context, item, |content| {
                            content.object(|part| write_text_part(text, citations, probabilities, part));
                        })
                    });
                }
            }
            ReplyPart::Refusal(text) => output.object(|item| {
                write_message(next(), "completed", context, item, |content| {
                    content.object(|part| write_refusal_part(text, part));
                })
            }),
            ReplyPart::ToolCall { id, name, arguments, custom, signature } => {
                if let Some(opaque) = signature {
                    output.object(|item| write_reasoning(next(), "", Some(opaque), context, item));
                }
                let index = next();
                let call = Call::new(index, id.as_deref(), context.names.incoming(name), *custom, context);
                output.object(|item| call.write("completed", &call.input(arguments), context, item));
            }
            ReplyPart::Media(media) => match generated_image(media) {
                Some((media_type, data)) => {
                    output.object(|item| write_image(next(), "completed", &media_type, Some(data), context, item));
                }
                None => losses.report(Place::default(), Feature::GeneratedMedia),
            },
        }
    }
}

/// An image that the model made.
pub(super) fn write_image(
    index: u64,
    status: &str,
    media_type: &str,
    data: Option<&Text<'_>>,
    context: &ReplyContext,
    item: &mut Object<'_>,
) {
    item.field("id", item_id("ig", index, context));
    item.field("type", "image_generation_call");
    item.field("status", status);
    item.field("output_format", media_type.strip_prefix("image/").unwrap_or("png"));
    item.field("result", data);
}

/// An id of an item: the prefix says its type.
pub(super) fn item_id(prefix: &str, index: u64, context: &ReplyContext) -> String {
    format!("{prefix}_{}_{index}", context.exchange_id)
}

/// A reasoning item; its state is encrypted content.
pub(super) fn write_reasoning(
    index: u64,
    text: &str,
    opaque: Option<&Opaque<'_>>,
    context: &ReplyContext,
    item: &mut Object<'_>,
) {
    item.field("id", item_id("rs", index, context));
    item.field("type", "reasoning");
    item.array("summary", |summary| {
        if !text.is_empty() {
            summary.object(|part| {
                part.field("type", "summary_text");
                part.field("text", text);
            });
        }
    });
    item.optional("encrypted_content", opaque.map(|opaque| opaque.carried(Dialect::OpenAiResponses)));
}

/// A message item.
pub(super) fn write_message(
    index: u64,
    status: &str,
    context: &ReplyContext,
    item: &mut Object<'_>,
    content: impl FnOnce(&mut Array<'_>),
) {
    item.field("id", item_id("msg", index, context));
    item.field("type", "message");
    item.field("status", status);
    item.field("role", "assistant");
    item.array("content", content);
}

/// A text part with its sources, and the probabilities of its tokens as elements of their list.
pub(super) fn write_text_part(text: &str, citations: &[Citation<'_>], probabilities: &str, part: &mut Object<'_>) {
    part.field("type", "output_text");
    part.field("text", text);
    part.array("annotations", |list| {
        for citation in citations.iter().filter(|citation| citation.url.is_some()) {
            list.object(|annotation| write_annotation(citation, text, annotation));
        }
    });
    write_probabilities(probabilities, part);
}

/// `logprobs`, which must be there even if it is empty.
pub(super) fn write_probabilities(elements: &str, member: &mut Object<'_>) {
    let out = member.key("logprobs");
    out.push(b'[');
    out.extend(elements.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
    out.push(b']');
}

/// A refusal part.
pub(super) fn write_refusal_part(text: &str, part: &mut Object<'_>) {
    part.field("type", "refusal");
    part.field("refusal", text);
}

/// A call as an item: a function's, or a custom tool's.
#[derive(Debug)]
pub(super) struct Call {
    id: String,
    /// The id that its result will name.
    answered_by: String,
    name: String,
    /// The group that the tool belongs to.
    namespace: Option<String>,
    /// Whether the client declared the tool with free text as input.
    pub(super) custom: bool,
}

impl Call {
    pub(super) fn new(index: u64, id: Option<&str>, name: &str, custom: bool, context: &ReplyContext) -> Self {
        let group = context
            .namespaces
            .iter()
            .find(|group| name.strip_prefix(group.as_str()).is_some_and(|rest| rest.starts_with("__")));
        Self {
            id: item_id(if custom { "ctc" } else { "fc" }, index, context),
            answered_by: id.map_or_else(|| format!("call_{}_{index}", context.exchange_id), str::to_owned),
            name: group.map_or(name, |group| &name[group.len() + 2..]).to_owned(),
            namespace: group.cloned(),
            custom,
        }
    }

    /// The id of the item.
    pub(super) fn item_id(&self) -> &str {
        &self.id
    }

    /// The input of the call as its item has it.
    pub(super) fn input(&self, arguments: &str) -> String {
        match (self.custom, arguments.trim().is_empty()) {
            (false, true) => "{}".to_owned(),
            (true, _) | (false, false) => arguments.to_owned(),
        }
    }

    pub(super) fn write(&self, status: &str, input: &str, _context: &ReplyContext, item: &mut Object<'_>) {
        item.field("id", &self.id);
        item.field("type", if self.custom { "custom_tool_call" } else { "function_call" });
        item.field("status", status);
        item.field("call_id", &self.answered_by);
        item.field("name", &self.name);
        item.optional("namespace", self.namespace.as_deref());
        item.field(if self.custom { "input" } else { "arguments" }, input);
    }
}
