//! An upstream's whole reply to events.

use super::citations::read_annotations;
use super::read_stream::{CallDelta, read_details, read_images, read_probabilities, read_prose};
use super::wire::{Answer, Choice, Reply, ToolCall, finish_reason};
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, FinishReason};
use crate::json::{Invalid, Kind, Text, parse};
use crate::stream::Parts;

/// Read a reply.
pub(super) fn read_response(body: &str, sink: &mut dyn EventSink) -> Result<(), Invalid> {
    let reply: Reply<'_> = parse(body)?;
    let failed = reply.error.is_some_and(|error| error.kind() != Kind::Null);
    if let Some(failure) = failed.then(|| read_error_object(body, None)).flatten() {
        sink.event(&Event::Error(failure));
        return Ok(());
    }
    let place = reply.place;
    let choices = reply.choices.ok_or(Invalid { place: place.field("choices"), expected: "an array of choices" })?;
    sink.event(&Event::Start { id: reply.id.map(Text::from), model: reply.model.map(Text::from) });
    let mut parts = Parts::default();
    for (position, choice) in choices.into_iter().enumerate() {
        read_choice(choice, position, &mut parts, sink)?;
    }
    if let Some(usage) = reply.usage {
        sink.event(&Event::Usage(usage.read()));
    }
    sink.event(&Event::End);
    Ok(())
}

fn read_choice(
    choice: Choice<'_>,
    position: usize,
    parts: &mut Parts,
    sink: &mut dyn EventSink,
) -> Result<(), Invalid> {
    let index =
        choice.index.and_then(|index| u32::try_from(index).ok()).unwrap_or(u32::try_from(position).unwrap_or(0));
    read_probabilities(&choice, index, sink);
    // Azure leaves the message out where it filtered the answer.
    read_answer(choice.message.unwrap_or_default(), index, parts, sink)?;
    parts.close(index, sink);
    // Some servers leave the reason out of a whole reply; it is complete all the same.
    let reason = choice.finish_reason.map_or(FinishReason::Stop, finish_reason);
    sink.event(&Event::Finish { choice: index, reason, stop_sequence: None, explanation: None });
    Ok(())
}

fn read_answer(answer: Answer<'_>, choice: u32, parts: &mut Parts, sink: &mut dyn EventSink) -> Result<(), Invalid> {
    read_prose(&answer, choice, parts, sink);
    read_details(&answer, choice, parts, sink);
    read_annotations(&answer, choice, parts, sink);
    read_images(&answer, choice, parts, sink);
    for (position, call) in answer.tool_calls.into_iter().flatten().enumerate() {
        read_call(&call, choice, position, parts, sink)?;
    }
    if let Some(function) = answer.function_call {
        let place = function.place;
        let call = ToolCall { function: Some(function), place, ..ToolCall::default() };
        read_call(&call, choice, 0, parts, sink)?;
    }
    Ok(())
}

fn read_call(
    call: &ToolCall<'_>,
    choice: u32,
    position: usize,
    parts: &mut Parts,
    sink: &mut dyn EventSink,
) -> Result<(), Invalid> {
    let delta = CallDelta::read(call)?;
    let name =
        delta.name.clone().ok_or(Invalid { place: call.place.field("function"), expected: "an object with a name" })?;
    let index = u32::try_from(position).unwrap_or(u32::MAX);
    let part = parts.start_tool_call(choice, index, delta.start(name), sink);
    if let Some(json) = delta.arguments {
        sink.event(&Event::ArgumentsDelta { part, json });
    }
    Ok(())
}
