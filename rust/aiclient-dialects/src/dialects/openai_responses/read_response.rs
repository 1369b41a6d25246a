//! An upstream's whole reply to events.

use super::read_content::thought_text;
use super::wire::{Content, ContentPart, Item, Reply};
use crate::dialect::Dialect;
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, Failure, FailureKind, Media, Opaque, OpaqueKind, PartId, PartKind, Source};
use crate::json::{Invalid, Kind, Literal, Raw, Text, parse};
use crate::loss::Feature;

/// Read a reply.
pub(super) fn read_response(body: &str, sink: &mut dyn EventSink) -> Result<(), Invalid> {
    let reply: Reply<'_> = parse(body)?;
    if let Some(failure) = failure(&reply, body) {
        sink.event(&Event::Error(failure));
        return Ok(());
    }
    let output =
        reply.output.as_ref().ok_or(Invalid { place: reply.place.field("output"), expected: "an array of items" })?;
    sink.event(&Event::Start { id: reply.id.map(Text::from), model: reply.model.map(Text::from) });
    let mut given = 0;
    output.iter().for_each(|item| read_item(item, &mut given, sink));
    if let Some(usage) = &reply.usage {
        sink.event(&Event::Usage(usage.read()));
    }
    sink.event(&Event::Finish { choice: 0, reason: reply.finish_reason(), stop_sequence: None, explanation: None });
    sink.event(&Event::End);
    Ok(())
}

/// What a reply says went wrong: an error in place of a reply, or one that failed.
pub(super) fn failure(reply: &Reply<'_>, body: &str) -> Option<Failure> {
    let error = reply.error.filter(|error| error.kind() != Kind::Null);
    let failed = reply.status.is_some_and(|status| status == *"failed");
    match error {
        Some(error) => read_error_object(&format!("{{\"error\":{}}}", error.text()), None)
            .or_else(|| read_error_object(body, None)),
        None => failed.then(|| Failure::new(FailureKind::Server, "the response failed")),
    }
}

/// Push a whole item as parts.
pub(super) fn read_item(item: &Item<'_>, given: &mut u32, sink: &mut dyn EventSink) {
    match item.kind.map(Literal::escaped) {
        Some("message") => match &item.content {
            Some(Content::Parts(parts)) => parts.iter().for_each(|part| read_part(part, given, sink)),
            Some(Content::Text(text)) => whole(PartKind::Text, given, sink, |part, sink| {
                sink.event(&Event::TextDelta { part, text: (*text).into() })
            }),
            None => {}
        },
        Some("reasoning") => whole(PartKind::Reasoning, given, sink, |part, sink| {
            let text = thought_text(item);
            if !text.is_empty() {
                sink.event(&Event::ReasoningDelta { part, text });
            }
            sign(item, part, sink);
        }),
        Some("function_call" | "custom_tool_call") => {
            let json = call_input(item);
            whole(call_kind(item), given, sink, |part, sink| sink.event(&Event::ArgumentsDelta { part, json }));
        }
        Some("image_generation_call") if item.result.is_some() => {
            whole(PartKind::Media(generated_image(item)), given, sink, |_, _| {});
        }
        _ => sink.lose(Feature::NativeBlock),
    }
}

fn generated_image<'a>(item: &Item<'a>) -> Media<'a> {
    let format = item.output_format.map_or("png", Literal::escaped);
    Media {
        source: Source::Base64(item.result.map_or(Text::from(""), Text::from)),
        media_type: Some(Text::from(format!("image/{format}"))),
        detail: None,
    }
}

fn whole(
    kind: PartKind<'_>,
    given: &mut u32,
    sink: &mut dyn EventSink,
    inside: impl FnOnce(PartId, &mut dyn EventSink),
) {
    let part = PartId(*given);
    *given += 1;
    sink.event(&Event::PartStart { part, choice: 0, kind });
    inside(part, sink);
    sink.event(&Event::PartEnd { part });
}

fn read_part(content: &ContentPart<'_>, given: &mut u32, sink: &mut dyn EventSink) {
    if let Some(refusal) = content.refusal {
        whole(PartKind::Refusal, given, sink, |part, sink| {
            sink.event(&Event::RefusalDelta { part, text: refusal.into() })
        });
    } else if let Some(text) = content.text {
        whole(PartKind::Text, given, sink, |part, sink| {
            read_probabilities(content.logprobs, sink);
            sink.event(&Event::TextDelta { part, text: text.into() });
            for annotation in content.annotations.iter().flatten() {
                sink.event(&Event::Citation { part, citation: annotation.citation() });
            }
        });
    }
}

/// What a text, or a piece of one, says of its tokens.
pub(super) fn read_probabilities(list: Option<Raw<'_>>, sink: &mut dyn EventSink) {
    if let Some(content) = list.filter(|list| list.kind() == Kind::Array && list.text() != "[]") {
        sink.event(&Event::LogProbabilities { choice: 0, content });
    }
}

/// What a call was made with.
pub(super) fn call_input<'a>(item: &Item<'a>) -> Text<'a> {
    let input = item.input.map(Text::from);
    item.arguments
        .map(|raw| as_text(raw).unwrap_or_else(|| Text::from(raw.text())))
        .or(input)
        .unwrap_or_else(|| Text::from(""))
}

/// What kind of part a call begins.
pub(super) fn call_kind<'a>(item: &Item<'a>) -> PartKind<'a> {
    let custom = item.kind.is_some_and(|kind| kind == *"custom_tool_call");
    // A group means something only to clients of this dialect, which get the bytes themselves.
    let name = item.name.map_or(Text::from(""), Text::from);
    PartKind::ToolCall { id: item.call_id.map(Text::from), name, custom, signature: None }
}

/// The encrypted thoughts of an item.
pub(super) fn sign(item: &Item<'_>, part: PartId, sink: &mut dyn EventSink) {
    if let Some(payload) = item.encrypted_content.filter(|content| !content.is_empty()) {
        let opaque = Opaque { source: Dialect::OpenAiResponses, kind: OpaqueKind::Encrypted, payload: payload.into() };
        sink.event(&Event::Signature { part, opaque });
    }
}

/// A string's text; nothing for what is no string.
pub(super) fn as_text(raw: Raw<'_>) -> Option<Text<'_>> {
    (raw.kind() == Kind::String).then(|| raw.read::<Literal<'_>>().ok()).flatten().map(Text::from)
}
