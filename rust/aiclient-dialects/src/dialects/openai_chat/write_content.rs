//! The conversation of a request for an upstream.
//!
//! Chat wants the results of a batch of calls as `tool` messages right after the message that called, in the order
//! of the calls, and lets a `tool` message hold text only: media in results follow in one user message.

use super::super::Outgoing;
use super::super::media::data_url;
use super::super::text_form::{document_text, result_text, search_result_text, texts};
use super::names::{LONGEST_NAME, call_id, is_tool_name};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Arguments, Document, Media, Message, Opaque, OpaqueKind, Part, PartContent, Request, Role, SearchResult, Source,
    Thought, ToolCall, ToolResult, Turn, turns,
};
use crate::json::{Array, Object, Place, Text, ToJson, push_escaped, write_array};
use crate::loss::Feature;

/// Append the list of messages.
pub(super) fn write_messages(request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut outcome = Ok(());
    write_array(out, |messages| {
        for turn in turns(&request.messages) {
            outcome = write_turn(&turn, to, messages);
            if outcome.is_err() {
                return;
            }
        }
    });
    // OpenAI answers anew where others continue what the assistant began.
    if let Some(last) = request.messages.last().filter(|last| last.role == Role::Assistant) {
        to.losses.report(last.place, Feature::Prefill);
    }
    outcome
}

fn write_turn(turn: &Turn<'_, '_>, to: &mut Outgoing<'_>, messages: &mut Array<'_>) -> Result<(), Refusal> {
    if turn.role == Role::User && turn.parts().any(|part| part.as_tool_result().is_some()) {
        write_results(turn, to, messages)?;
    }
    if let (Role::Assistant, [_, _, ..]) = (turn.role, turn.messages) {
        // What other dialects say in several messages is one here: calls must stand in the last one.
        let parts = turn.parts().cloned().collect();
        return write_assistant(&Message { role: Role::Assistant, parts, place: turn.messages[0].place }, to, messages);
    }
    for message in turn.messages {
        match message.role {
            Role::System | Role::Developer => write_instructions(message, to, messages)?,
            Role::User => write_user(message, to, messages)?,
            Role::Assistant => write_assistant(message, to, messages)?,
        }
    }
    Ok(())
}

fn write_instructions(message: &Message<'_>, to: &mut Outgoing<'_>, messages: &mut Array<'_>) -> Result<(), Refusal> {
    // Compatible hosts know only `system`; the models that know `developer` take both.
    let role = if message.role == Role::Developer && to.traits.completion_limit { "developer" } else { "system" };
    write_message(role, &message.parts.iter().collect::<Vec<_>>(), to, messages)
}

/// What is not a tool result.
fn write_user(message: &Message<'_>, to: &mut Outgoing<'_>, messages: &mut Array<'_>) -> Result<(), Refusal> {
    let parts: Vec<&Part<'_>> = message.parts.iter().filter(|part| part.as_tool_result().is_none()).collect();
    if parts.is_empty() && !message.parts.is_empty() {
        return Ok(());
    }
    write_message("user", &parts, to, messages)
}

fn write_message(
    role: &str,
    parts: &[&Part<'_>],
    to: &mut Outgoing<'_>,
    messages: &mut Array<'_>,
) -> Result<(), Refusal> {
    let mut outcome = Ok(());
    messages.object(|message| {
        message.field("role", role);
        outcome = write_content(parts, to, message.key("content"));
    });
    outcome
}

/// A single text as a string, which every host takes; anything else as a list.
fn write_content(parts: &[&Part<'_>], to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if parts.iter().any(|part| part.cache.is_some()) {
        to.losses.hint();
    }
    if let [Part { content: PartContent::Text(text), .. }] = parts {
        text.write_json(out);
        return Ok(());
    }
    let mut outcome = Ok(());
    write_array(out, |list| {
        for part in parts {
            outcome = write_part(part, to, list);
            if outcome.is_err() {
                return;
            }
        }
    });
    outcome
}

fn write_part(part: &Part<'_>, to: &mut Outgoing<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
    match &part.content {
        PartContent::Text(text) | PartContent::Refusal(text) => write_text(text, list),
        PartContent::Image(media) => return write_image(media, part.place, to, list),
        PartContent::Audio(media) => return write_audio(media, part.place, to, list),
        PartContent::Video(_) => return to.losses.refuse(part.place, Feature::Video),
        PartContent::Document(document) => return write_document(document, part.place, to, list),
        PartContent::SearchResult(result) => return write_search_result(result, to, list),
        PartContent::Thought(_) | PartContent::ToolCall(_) | PartContent::ToolResult(_) => {
            to.losses.report(part.place, Feature::NativeBlock);
        }
    }
    Ok(())
}

fn write_text(text: &Text<'_>, list: &mut Array<'_>) {
    list.object(|part| {
        part.field("type", "text");
        part.field("text", text);
    });
}

fn write_image(media: &Media<'_>, place: Place, to: &mut Outgoing<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
    let url = match &media.source {
        Source::Base64(data) => Text::from(data_url(&media_type(media.media_type.as_ref(), "image/png"), data)),
        Source::Url(url) => url.clone(),
        Source::File(_) | Source::Text(_) | Source::Parts(_) => return to.losses.refuse(place, Feature::FileReference),
    };
    list.object(|part| {
        part.field("type", "image_url");
        part.object("image_url", |image| {
            image.field("url", url);
            image.optional("detail", media.detail);
        });
    });
    Ok(())
}

fn media_type(known: Option<&Text<'_>>, otherwise: &str) -> String {
    known.map_or_else(|| otherwise.to_owned(), |known| known.decode().into_owned())
}

fn write_audio(media: &Media<'_>, place: Place, to: &mut Outgoing<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
    let Source::Base64(data) = &media.source else {
        return to.losses.refuse(place, Feature::RemoteMedia);
    };
    let format = match media_type(media.media_type.as_ref(), "audio/wav").as_str() {
        "audio/wav" | "audio/x-wav" | "audio/wave" => "wav",
        "audio/mpeg" | "audio/mp3" => "mp3",
        _ => return to.losses.refuse(place, Feature::Audio),
    };
    list.object(|part| {
        part.field("type", "input_audio");
        part.object("input_audio", |audio| {
            audio.field("data", data);
            audio.field("format", format);
        });
    });
    Ok(())
}

fn write_document(
    document: &Document<'_>,
    place: Place,
    to: &mut Outgoing<'_>,
    list: &mut Array<'_>,
) -> Result<(), Refusal> {
    if document.context.is_some() {
        to.losses.report(place.field("context"), Feature::DocumentOptions);
    }
    if let Some(citations) = document.citations {
        to.losses.report(citations, Feature::DocumentOptions);
    }
    match &document.source {
        Source::Base64(data) => write_file(document, data, list),
        Source::Text(text) => write_text(&document_text(document.title.as_ref(), &text.decode()).into(), list),
        Source::Parts(parts) => {
            write_text(&document_text(document.title.as_ref(), &texts(parts)).into(), list);
            for part in parts.iter().filter(|part| !matches!(part.content, PartContent::Text(_))) {
                write_part(part, to, list)?;
            }
        }
        Source::Url(_) => return to.losses.refuse(place, Feature::RemoteMedia),
        Source::File(_) => return to.losses.refuse(place, Feature::FileReference),
    }
    Ok(())
}

fn write_file(document: &Document<'_>, data: &Text<'_>, list: &mut Array<'_>) {
    list.object(|part| {
        part.field("type", "file");
        part.object("file", |file| {
            file.field("filename", document.title.clone().unwrap_or_else(|| Text::from("document.pdf")));
            file.field("file_data", data_url(&media_type(document.media_type.as_ref(), "application/pdf"), data));
        });
    });
}

fn write_search_result(result: &SearchResult<'_>, to: &mut Outgoing<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
    write_text(&search_result_text(result).into(), list);
    for part in result.parts.iter().filter(|part| !matches!(part.content, PartContent::Text(_))) {
        write_part(part, to, list)?;
    }
    Ok(())
}

/// One `tool` message for each result, and one user message with the media that were in them.
fn write_results(turn: &Turn<'_, '_>, to: &mut Outgoing<'_>, messages: &mut Array<'_>) -> Result<(), Refusal> {
    let mut media: Vec<&Part<'_>> = Vec::new();
    for part in turn.parts() {
        let Some(result) = part.as_tool_result() else { continue };
        let attached = result
            .parts
            .iter()
            .filter(|part| !matches!(part.content, PartContent::Text(_) | PartContent::SearchResult(_)));
        let first = media.len();
        for part in attached {
            to.losses.report(part.place, Feature::ToolResultMedia);
            media.push(part);
        }
        write_result(result, part.place, first..media.len(), to, messages);
    }
    if media.is_empty() { Ok(()) } else { write_message("user", &media, to, messages) }
}

fn write_result(
    result: &ToolResult<'_>,
    place: Place,
    attached: std::ops::Range<usize>,
    to: &mut Outgoing<'_>,
    messages: &mut Array<'_>,
) {
    let mut text = result_text(result);
    for number in attached {
        let name = if result.parts.iter().any(|part| matches!(part.content, PartContent::Document(_))) {
            "attachment"
        } else {
            "image"
        };
        let gap = if text.is_empty() { "" } else { "\n" };
        text = format!("{text}{gap}[{name} {} attached below]", number + 1);
    }
    if result.is_error {
        to.losses.report(place, Feature::ToolErrorFlag);
        if !text.starts_with("Error") {
            text.insert_str(0, "Error: ");
        }
    }
    messages.object(|message| {
        message.field("role", "tool");
        if let Some(id) = &result.call_id {
            message.field("tool_call_id", call_id(id.decode()));
        }
        message.field("content", text);
    });
}

/// An assistant message: content, refusal, thoughts and calls in members of their own.
fn write_assistant(message: &Message<'_>, to: &mut Outgoing<'_>, messages: &mut Array<'_>) -> Result<(), Refusal> {
    let prose: Vec<&Part<'_>> = message.parts.iter().filter(|part| is_prose(part)).collect();
    let calls: Vec<(&ToolCall<'_>, Place)> =
        message.parts.iter().filter_map(|part| part.as_tool_call().map(|call| (call, part.place))).collect();
    let refusal = message
        .parts
        .iter()
        .find_map(|part| if let PartContent::Refusal(text) = &part.content { Some(text) } else { None });
    let thoughts: Vec<(&Thought<'_>, Place)> =
        message
            .parts
            .iter()
            .filter_map(|part| {
                if let PartContent::Thought(thought) = &part.content { Some((thought, part.place)) } else { None }
            })
            .collect();
    let echoed = thoughts.iter().any(|(thought, _)| is_restorable(thought)) || to.traits.echo_reasoning;
    if prose.is_empty() && calls.is_empty() && refusal.is_none() && !echoed {
        report_thoughts(&thoughts, to);
        return Ok(());
    }
    let mut outcome = Ok(());
    messages.object(|member| {
        member.field("role", "assistant");
        if prose.is_empty() {
            // With calls or a refusal alone.
            member.field("content", None::<&str>);
        } else {
            outcome = write_content(&prose, to, member.key("content"));
        }
        member.optional("refusal", refusal);
        write_thoughts(&thoughts, to, member);
        if !calls.is_empty() {
            member.array("tool_calls", |list| {
                calls
                    .iter()
                    .for_each(|(call, place)| list.object(|call_member| write_call(call, *place, to, call_member)))
            });
        }
    });
    outcome
}

fn is_prose(part: &Part<'_>) -> bool {
    match &part.content {
        PartContent::Text(text) => !text.is_empty(),
        PartContent::Thought(_) | PartContent::ToolCall(_) | PartContent::Refusal(_) => false,
        _ => true,
    }
}

/// Whether the thought came from a Chat upstream with state of its own.
fn is_restorable(thought: &Thought<'_>) -> bool {
    thought.opaque.as_ref().is_some_and(|opaque| opaque.source == Dialect::OpenAiChat)
}

/// Earlier thoughts: back to the server they came from, as text to models that want it, else left out.
fn write_thoughts(thoughts: &[(&Thought<'_>, Place)], to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    if to.traits.echo_reasoning {
        let text: Vec<String> = thoughts.iter().map(|(thought, _)| thought.text.decode().into_owned()).collect();
        member.field("reasoning_content", text.join("\n"));
        return;
    }
    let (own, foreign): (Vec<_>, Vec<_>) = thoughts.iter().partition(|(thought, _)| is_restorable(thought));
    report_thoughts(&foreign, to);
    if !own.is_empty() {
        member.array("reasoning_details", |details| {
            for (thought, _) in own {
                if let Some(opaque) = &thought.opaque {
                    details.object(|detail| write_detail(&thought.text, opaque, detail));
                }
            }
        });
    }
}

fn report_thoughts(thoughts: &[(&Thought<'_>, Place)], to: &mut Outgoing<'_>) {
    for (_, place) in thoughts {
        to.losses.report(*place, Feature::ReasoningHistory);
    }
}

/// An element of `reasoning_details`, as OpenRouter defines them.
fn write_detail(text: &Text<'_>, opaque: &Opaque<'_>, detail: &mut Object<'_>) {
    let carried = opaque.carried(Dialect::OpenAiChat);
    if opaque.kind == OpaqueKind::Signature {
        detail.field("type", "reasoning.text");
        detail.field("text", text);
        detail.field("signature", carried);
    } else {
        detail.field("type", "reasoning.encrypted");
        detail.field("data", carried);
    }
}

fn write_call(call: &ToolCall<'_>, place: Place, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    if let Some(id) = &call.id {
        member.field("id", call_id(id.decode()));
    }
    let name = to.names.outgoing(call.name.decode(), is_tool_name, LONGEST_NAME);
    if let Arguments::Custom(input) = &call.arguments {
        member.field("type", "custom");
        member.object("custom", |custom| {
            custom.field("name", &*name);
            custom.field("input", input);
        });
        return;
    }
    member.field("type", "function");
    member.object("function", |function| {
        function.field("name", &*name);
        write_arguments(&call.arguments, function.key("arguments"));
    });
    write_signature(call.signature.as_ref(), place, to, member);
}

/// Gemini's own Chat endpoint takes its state back here; nobody else does.
fn write_signature(signature: Option<&Opaque<'_>>, place: Place, to: &mut Outgoing<'_>, member: &mut Object<'_>) {
    match signature {
        Some(opaque) if opaque.source == Dialect::Gemini && to.model.contains("gemini") => {
            member.object("extra_content", |extra| {
                extra.object("google", |google| google.field("thought_signature", &opaque.payload));
            })
        }
        Some(_) => to.losses.report(place, Feature::ReasoningSignature),
        None => {}
    }
}

/// Arguments are JSON text in a JSON string.
fn write_arguments(arguments: &Arguments<'_>, out: &mut Vec<u8>) {
    match arguments {
        Arguments::Encoded(text) if text.is_blank() => "{}".write_json(out),
        Arguments::Encoded(text) | Arguments::Custom(text) => text.write_json(out),
        Arguments::Value(raw) => {
            out.push(b'"');
            push_escaped(out, raw.text());
            out.push(b'"');
        }
    }
}
