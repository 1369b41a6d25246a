//! Stream frames to events.
//!
//! Owns: which calls the wire has begun. Chat announces neither the start nor the end of a part, so both are
//! derived by [`crate::stream::Parts`]; a call begins once its name is complete, that is with its first argument.
//! Must not know: who the client is, or how events are written.
//! Reference: platform.openai.com/docs/api-reference/chat-streaming.

use super::super::media::read_url;
use super::citations::read_annotations;
use super::wire::{Answer, Choice, Content, ReasoningDetail, Reply, ToolCall, finish_reason};
use crate::dialect::Dialect;
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, Failure, FailureKind, FinishReason, Media, Opaque, OpaqueKind, PartKind, Usage};
use crate::json::{Invalid, Kind, Literal, Raw, Text, parse};
use crate::sse::Frame;
use crate::stream::{Parts, StreamReader};

/// Reads chunks.
#[derive(Debug, Default)]
pub(super) struct ChatReader {
    state: State,
    parts: Parts,
    calls: Vec<Call>,
    usage: Option<Usage>,
}

/// ```text
///   Waiting --first chunk--> Open --finish_reason--> Finished --[DONE] or EOF--> Ended
///                              |                                                   ^
///                              +------------------- [DONE] -----------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    Open,
    Finished,
    Ended,
}

/// A call that the wire has begun.
#[derive(Debug)]
struct Call {
    choice: u32,
    /// The index the wire gives it; servers that start every call at 0 are told apart by id.
    wire_index: u64,
    /// Its position among all calls.
    index: u32,
    id: String,
    name: String,
    custom: bool,
    signature: Option<Opaque<'static>>,
    started: bool,
}

impl StreamReader for ChatReader {
    fn read(&mut self, frame: Frame<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        let data = frame.data.trim();
        if data == "[DONE]" {
            self.done(sink);
            return Ok(());
        }
        let mut chunk: Reply<'_> = parse(data)?;
        if chunk.error.is_some_and(|error| error.kind() != Kind::Null)
            || chunk.choices.is_none() && frame.name == "error"
        {
            sink.event(&Event::Error(read_error_object(data, None).unwrap_or_else(|| unexplained(data))));
            return Ok(());
        }
        if frame.bare && self.state == State::Waiting && chunk.object.is_some_and(|object| object == *"chat.completion")
        {
            return super::read_response::read_response(data, sink);
        }
        self.read_chunk(&mut chunk, sink)
    }

    fn finish(&mut self, sink: &mut dyn EventSink) {
        // Some servers close the connection without [DONE]; the answer is complete once its reason was given.
        self.end(sink);
    }
}

impl ChatReader {
    fn read_chunk(&mut self, chunk: &mut Reply<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        if self.state == State::Waiting && (chunk.choices.is_some() || chunk.usage.is_some()) {
            self.state = State::Open;
            sink.event(&Event::Start { id: chunk.id.map(Text::from), model: chunk.model.map(Text::from) });
        }
        for choice in chunk.choices.iter_mut().flatten() {
            self.read_choice(choice, sink)?;
        }
        if let Some(usage) = &chunk.usage {
            self.read_usage(usage.read(), sink);
        }
        Ok(())
    }

    fn read_choice(&mut self, choice: &mut Choice<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        let index = choice.index.and_then(|index| u32::try_from(index).ok()).unwrap_or(0);
        read_probabilities(choice, index, sink);
        if let Some(delta) = choice.delta.as_mut().or(choice.message.as_mut()) {
            self.read_delta(delta, index, sink)?;
        }
        if let Some(usage) = &choice.usage {
            self.read_usage(usage.read(), sink);
        }
        match choice.finish_reason {
            // OpenRouter and z.ai name a failure so, with or without an error beside it.
            Some(word) if matches!(word.escaped(), "error" | "network_error" | "insufficient_system_resource") => {
                sink.event(&Event::Error(Failure::new(
                    FailureKind::Server,
                    format!("the upstream stopped with {:?}", word.escaped()),
                )));
            }
            Some(word) if !word.is_empty() => self.finish_choice(index, finish_reason(word), sink),
            _ => {}
        }
        Ok(())
    }

    #[inline]
    fn read_delta(&mut self, delta: &mut Answer<'_>, choice: u32, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        read_prose(delta, choice, &mut self.parts, sink);
        read_details(delta, choice, &mut self.parts, sink);
        read_annotations(delta, choice, &mut self.parts, sink);
        read_images(delta, choice, &mut self.parts, sink);
        for (position, call) in delta.tool_calls.iter().flatten().enumerate() {
            self.read_call(call, choice, position, sink)?;
        }
        if let Some(function) = delta.function_call.take() {
            let call = ToolCall { place: function.place, function: Some(function), ..ToolCall::default() };
            self.read_call(&call, choice, 0, sink)?;
        }
        Ok(())
    }

    fn read_call(
        &mut self,
        wire: &ToolCall<'_>,
        choice: u32,
        position: usize,
        sink: &mut dyn EventSink,
    ) -> Result<(), Invalid> {
        let delta = CallDelta::read(wire)?;
        let wire_index = wire.index.unwrap_or(position as u64);
        let at = match self.find_call(choice, wire_index, &delta) {
            Some(at) => at,
            None => self.new_call(choice, wire_index, sink),
        };
        let call = &mut self.calls[at];
        call.take(&delta);
        if let Some(json) = delta.arguments.filter(|json| !json.is_empty()) {
            let part = call.start(&mut self.parts, sink);
            sink.event(&Event::ArgumentsDelta { part, json });
        }
        Ok(())
    }

    /// The call a delta goes on with. A new id with a name is a new call, even under an index that was used.
    fn find_call(&self, choice: u32, wire_index: u64, delta: &CallDelta<'_>) -> Option<usize> {
        let at = self.calls.iter().rposition(|call| call.choice == choice && call.wire_index == wire_index)?;
        let call = &self.calls[at];
        let id = delta.id.as_ref().map(Text::decode).unwrap_or_default();
        let other_id = !id.is_empty() && !call.id.is_empty() && id != call.id;
        let named = delta.name.as_ref().is_some_and(|name| !name.is_empty());
        (!(other_id && named)).then_some(at)
    }

    fn new_call(&mut self, choice: u32, wire_index: u64, sink: &mut dyn EventSink) -> usize {
        self.start_calls(choice, sink);
        let index = u32::try_from(self.calls.len()).unwrap_or(u32::MAX);
        self.calls.push(Call {
            choice,
            wire_index,
            index,
            id: String::new(),
            name: String::new(),
            custom: false,
            signature: None,
            started: false,
        });
        self.calls.len() - 1
    }

    /// Begin the calls that had no arguments so far: nothing more of their names can come.
    fn start_calls(&mut self, choice: u32, sink: &mut dyn EventSink) {
        for call in self.calls.iter_mut().filter(|call| call.choice == choice) {
            call.start(&mut self.parts, sink);
        }
    }

    fn read_usage(&mut self, usage: Usage, sink: &mut dyn EventSink) {
        if self.usage != Some(usage) {
            self.usage = Some(usage);
            sink.event(&Event::Usage(usage));
        }
    }

    fn finish_choice(&mut self, choice: u32, reason: FinishReason, sink: &mut dyn EventSink) {
        self.start_calls(choice, sink);
        self.calls.retain(|call| call.choice != choice);
        self.parts.close(choice, sink);
        sink.event(&Event::Finish { choice, reason, stop_sequence: None, explanation: None });
        self.state = State::Finished;
    }

    /// `[DONE]` ends the answer, even of a server that never says why (Snowflake).
    fn done(&mut self, sink: &mut dyn EventSink) {
        if self.state == State::Open {
            self.finish_choice(0, FinishReason::Stop, sink);
        }
        self.end(sink);
    }

    fn end(&mut self, sink: &mut dyn EventSink) {
        if self.state == State::Finished {
            self.state = State::Ended;
            self.parts.close_all(sink);
            sink.event(&Event::End);
        }
    }
}

impl Call {
    fn take(&mut self, delta: &CallDelta<'_>) {
        if let Some(id) = delta.id.as_ref().filter(|_| self.id.is_empty()) {
            self.id = id.decode().into_owned();
        }
        if let Some(name) = delta.name.as_ref().filter(|_| !self.started) {
            let name = name.decode();
            // Names come whole, in pieces, or whole again with each delta.
            if self.name != name {
                self.name.push_str(&name);
            }
        }
        self.custom |= delta.custom;
        if let Some(signature) = &delta.signature {
            self.signature = Some(signature.to_static());
        }
    }

    fn start(&mut self, parts: &mut Parts, sink: &mut dyn EventSink) -> crate::ir::PartId {
        if let Some(part) = parts.tool_call(self.choice, self.index) {
            return part;
        }
        self.started = true;
        let id = (!self.id.is_empty()).then(|| Text::from(self.id.as_str()));
        let kind = PartKind::ToolCall {
            id,
            name: Text::from(self.name.as_str()),
            custom: self.custom,
            signature: self.signature.clone(),
        };
        parts.start_tool_call(self.choice, self.index, kind, sink)
    }
}

/// What a delta, or a whole call, says.
pub(super) struct CallDelta<'a> {
    pub(super) id: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) arguments: Option<Text<'a>>,
    pub(super) custom: bool,
    pub(super) signature: Option<Opaque<'a>>,
}

impl<'a> CallDelta<'a> {
    pub(super) fn read(call: &ToolCall<'a>) -> Result<Self, Invalid> {
        let signature = call.extra_content.as_ref().and_then(|extra| extra.google.as_ref()?.thought_signature);
        let (name, arguments) = match (&call.function, &call.custom) {
            (_, Some(custom)) => (custom.name, custom.input.map(Text::from)),
            (Some(function), None) => (function.name, function.arguments.map(read_arguments).transpose()?),
            (None, None) => (None, None),
        };
        Ok(Self {
            id: call.id.map(Text::from),
            name: name.map(Text::from),
            arguments,
            custom: call.custom.is_some(),
            signature: signature.map(|signature| Opaque {
                source: Dialect::Gemini,
                kind: OpaqueKind::Thought,
                payload: signature.into(),
            }),
        })
    }

    /// What kind of part the call begins.
    pub(super) fn start(&self, name: Text<'a>) -> PartKind<'a> {
        PartKind::ToolCall {
            id: self.id.clone().filter(|id| !id.is_empty()),
            name,
            custom: self.custom,
            signature: self.signature.clone(),
        }
    }
}

/// Arguments are JSON text in a string; some servers send the object itself.
fn read_arguments(arguments: Raw<'_>) -> Result<Text<'_>, Invalid> {
    match arguments.kind() {
        Kind::String => arguments.read::<Literal<'_>>().map(Text::from),
        _ => Ok(Text::from(arguments.text())),
    }
}

/// Thoughts, then text, then a refusal.
#[inline]
pub(super) fn read_prose(answer: &Answer<'_>, choice: u32, parts: &mut Parts, sink: &mut dyn EventSink) {
    if let Some(text) = answer.reasoning_content.or(answer.reasoning).filter(|text| !text.is_empty()) {
        parts.reasoning(choice, text.into(), sink);
    }
    match &answer.content {
        Some(Content::Text(text)) if !text.is_empty() => {
            parts.text(choice, (*text).into(), sink);
        }
        Some(Content::Parts(list)) => list.iter().for_each(|part| read_part(part, choice, parts, sink)),
        _ => {}
    }
    if let Some(refusal) = answer.refusal.filter(|refusal| !refusal.is_empty()) {
        parts.refusal(choice, refusal.into(), sink);
    }
}

/// Mistral's content: a list of thoughts and texts.
fn read_part(part: &super::wire::ContentPart<'_>, choice: u32, parts: &mut Parts, sink: &mut dyn EventSink) {
    match (&part.thinking, part.text) {
        (Some(Content::Text(text)), _) => {
            parts.reasoning(choice, (*text).into(), sink);
        }
        (Some(Content::Parts(texts)), _) => {
            for text in texts.iter().filter_map(|part| part.text) {
                parts.reasoning(choice, text.into(), sink);
            }
        }
        (None, Some(text)) => {
            parts.text(choice, text.into(), sink);
        }
        (None, None) => {}
    }
}

/// Images that the model made, each whole.
pub(super) fn read_images(answer: &Answer<'_>, choice: u32, parts: &mut Parts, sink: &mut dyn EventSink) {
    for url in answer.images.iter().flatten().filter_map(|image| image.image_url.as_ref()?.url) {
        let (source, media_type) = read_url(url);
        parts.whole(choice, PartKind::Media(Media { source, media_type, detail: None }), sink);
    }
}

/// State in `reasoning_details`, as OpenRouter sends it; its text is in `reasoning` too.
pub(super) fn read_details(answer: &Answer<'_>, choice: u32, parts: &mut Parts, sink: &mut dyn EventSink) {
    let told = answer.reasoning_content.or(answer.reasoning).is_some_and(|text| !text.is_empty());
    for detail in answer.reasoning_details.iter().flatten() {
        if let Some(text) = detail.text.or(detail.summary).filter(|text| !told && !text.is_empty()) {
            parts.reasoning(choice, text.into(), sink);
        }
        if let Some(opaque) = read_state(detail) {
            parts.sign_reasoning(choice, opaque, sink);
        }
    }
}

fn read_state<'a>(detail: &ReasoningDetail<'a>) -> Option<Opaque<'a>> {
    let (payload, kind) = match (detail.signature, detail.data) {
        (Some(signature), _) if !signature.is_empty() => (signature, OpaqueKind::Signature),
        (_, Some(data)) if !data.is_empty() => (data, OpaqueKind::Encrypted),
        _ => return None,
    };
    Some(Opaque::read(payload.into(), Dialect::OpenAiChat, kind))
}

pub(super) fn read_probabilities(choice: &Choice<'_>, index: u32, sink: &mut dyn EventSink) {
    let content = choice.logprobs.as_ref().and_then(|logprobs| logprobs.content);
    if let Some(content) = content.filter(|list| list.kind() == Kind::Array && list.text() != "[]") {
        sink.event(&Event::LogProbabilities { choice: index, content });
    }
}

fn unexplained(data: &str) -> Failure {
    Failure::new(FailureKind::Server, data.chars().take(300).collect::<String>())
}
