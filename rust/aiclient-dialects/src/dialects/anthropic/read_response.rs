//! An upstream's whole reply to events.

use super::citations::citation_event;
use super::wire::{Block, Citation, Counts, Reply, finish_reason};
use crate::dialect::Dialect;
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, FinishReason, Opaque, OpaqueKind, PartId, PartKind};
use crate::json::{Invalid, Kind, Literal, Text, parse};
use crate::loss::Feature;

/// Read a reply.
pub(super) fn read_response(body: &str, sink: &mut dyn EventSink) -> Result<(), Invalid> {
    let reply: Reply<'_> = parse(body)?;
    let failed = reply.error.is_some_and(|error| error.kind() != Kind::Null);
    if let Some(failure) = failed.then(|| read_error_object(body, None)).flatten() {
        sink.event(&Event::Error(failure));
        return Ok(());
    }
    let missing = Invalid { place: reply.place.field("content"), expected: "an array of content blocks" };
    let content = reply.content.ok_or(missing)?;
    sink.event(&Event::Start { id: reply.id.map(Text::from), model: reply.model.map(Text::from) });
    read_content(&content, 0, sink);
    if let Some(usage) = &reply.usage {
        let mut counts = Counts::default();
        counts.update(usage);
        sink.event(&Event::Usage(counts.usage()));
    }
    sink.event(&Event::Finish {
        choice: 0,
        reason: reply.stop_reason.map_or(FinishReason::Stop, finish_reason),
        stop_sequence: reply.stop_sequence.map(Text::from),
        explanation: reply.stop_details.and_then(|details| details.explanation).map(Text::from),
    });
    sink.event(&Event::End);
    Ok(())
}

/// Push whole blocks as parts, whose ids begin at `first`.
pub(super) fn read_content(content: &[Block<'_>], first: u32, sink: &mut dyn EventSink) -> u32 {
    let mut given = first;
    for block in content {
        if is_lost(block) {
            sink.lose(Feature::NativeBlock);
        }
        if let Some(kind) = part_kind(block) {
            let part = PartId(given);
            given += 1;
            sink.event(&Event::PartStart { part, choice: 0, kind });
            read_whole(block, part, sink);
            sink.event(&Event::PartEnd { part });
        }
    }
    given
}

/// Whether a block says something that only its vendor's clients understand.
pub(super) fn is_lost(block: &Block<'_>) -> bool {
    part_kind(block).is_none()
}

/// What part a block is; none for blocks of the vendor's own tools.
pub(super) fn part_kind<'a>(block: &Block<'a>) -> Option<PartKind<'a>> {
    match block.kind?.escaped() {
        "text" => Some(PartKind::Text),
        "thinking" | "redacted_thinking" => Some(PartKind::Reasoning),
        "tool_use" => {
            let name = block.name.map_or(Text::from(""), Text::from);
            Some(PartKind::ToolCall { id: block.id.map(Text::from), name, custom: false, signature: None })
        }
        _ => None,
    }
}

/// What a block holds from the start.
pub(super) fn read_whole(block: &Block<'_>, part: PartId, sink: &mut dyn EventSink) {
    if let Some(text) = said(block.text) {
        sink.event(&Event::TextDelta { part, text });
    }
    if let Some(text) = said(block.thinking) {
        sink.event(&Event::ReasoningDelta { part, text });
    }
    for (payload, kind) in [(block.signature, OpaqueKind::Signature), (block.data, OpaqueKind::Encrypted)] {
        if let Some(payload) = said(payload) {
            sink.event(&Event::Signature { part, opaque: Opaque { source: Dialect::Anthropic, kind, payload } });
        }
    }
    if let Some(input) = block.input.filter(|input| input.text() != "{}") {
        sink.event(&Event::ArgumentsDelta { part, json: Text::from(input.text()) });
    }
    if let Some(list) = block.citations.filter(|citations| citations.kind() == Kind::Array) {
        for citation in list.read::<Vec<Citation<'_>>>().unwrap_or_default() {
            sink.event(&citation_event(&citation, part));
        }
    }
}

fn said(text: Option<Literal<'_>>) -> Option<Text<'_>> {
    text.filter(|text| !text.is_empty()).map(Text::from)
}
