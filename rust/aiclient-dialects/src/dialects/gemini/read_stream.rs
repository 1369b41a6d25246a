//! Stream frames to events.
//!
//! Owns: which parts this wire has left open. Gemini announces neither the start nor the end of a part, so both are
//! derived by [`crate::stream::Parts`]; it has no closing frame either: the answer is complete when its finish reason
//! was given and the connection ends.
//! Must not know: who the client is, or how events are written.
//! Reference: ai.google.dev/api/generate-content (v1beta).

use super::super::gemini_probabilities::read_probabilities;
use super::super::partial_args::{PartialArgs, Piece};
use super::citations::read_citations;
use super::names::read_signature;
use super::read_response::read_response;
use super::wire::{Candidate, FunctionCall, Part, PartialArg, PromptFeedback, Reply, finish_reason};
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink, Failure, FinishReason, Media, Opaque, PartId, PartKind, Source, Usage};
use crate::json::{EscapedText, Invalid, Kind, Literal, Raw, Text, parse};
use crate::loss::Feature;
use crate::sse::Frame;
use crate::stream::{Parts, StreamReader};

/// Reads chunks.
#[derive(Debug, Default)]
pub(super) struct GeminiReader {
    started: bool,
    parts: Parts,
    usage: Option<Usage>,
    /// Choices whose reason was given; more parts may follow it.
    finished: Vec<Finished>,
    /// A call whose arguments come in pieces.
    partial: Option<Partial>,
    said: Said,
    /// A whole reply, or a list of chunks, came where a stream was asked for.
    ended: bool,
}

#[derive(Debug)]
struct Finished {
    choice: u32,
    reason: FinishReason,
    /// The vendor's word for it.
    word: String,
    explanation: Option<String>,
}

#[derive(Debug)]
struct Partial {
    choice: u32,
    id: Option<String>,
    name: String,
    signature: Option<Opaque<'static>>,
    args: PartialArgs,
}

/// The text of the part that a choice is at: ranges are told at the end, in its bytes.
#[derive(Debug, Default)]
struct Said {
    choice: u32,
    part: Option<PartId>,
    text: EscapedText,
}

impl Said {
    #[inline]
    fn push(&mut self, choice: u32, part: PartId, piece: &Text<'_>) {
        if self.part != Some(part) {
            self.text.clear();
            (self.choice, self.part) = (choice, Some(part));
        }
        self.text.push(piece);
    }

    /// What a choice said; nothing if another one spoke since.
    fn in_choice(&mut self, choice: u32) -> &EscapedText {
        if self.choice != choice {
            self.text.clear();
        }
        &self.text
    }
}

impl StreamReader for GeminiReader {
    fn read(&mut self, frame: Frame<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        let data = frame.data.trim();
        // Google sends an error inside a stream as plain JSON.
        if frame.bare && data.starts_with('[') {
            if let Some(failure) = read_error_object(data, None) {
                sink.event(&Event::Error(failure));
                return Ok(());
            }
            // A whole reply where a stream was asked for, if nothing has come before it.
            if !self.started {
                self.ended = true;
                return read_response(data, sink);
            }
        }
        if data == "[DONE]" {
            return Ok(());
        }
        let mut reply: Reply<'_> = parse(data)?;
        if reply.error.is_some_and(|error| error.kind() != Kind::Null) {
            if let Some(failure) = read_error_object(data, None) {
                sink.event(&Event::Error(failure));
            }
            return Ok(());
        }
        // An empty object is a keep-alive.
        let says_nothing =
            reply.candidates.is_none() && reply.prompt_feedback.is_none() && reply.usage_metadata.is_none();
        if says_nothing && !self.started && reply.model_version.is_none() {
            return Ok(());
        }
        self.read_reply(&mut reply, sink)
    }

    fn finish(&mut self, sink: &mut dyn EventSink) {
        if !self.finished.is_empty() && !self.ended {
            self.complete(sink);
        }
    }
}

impl GeminiReader {
    /// One chunk, or a whole reply.
    pub(super) fn read_reply(&mut self, reply: &mut Reply<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        if !self.started {
            self.started = true;
            sink.event(&Event::Start {
                id: reply.response_id.map(Text::from),
                model: reply.model_version.map(Text::from),
            });
        }
        for candidate in reply.candidates.iter_mut().flatten() {
            self.read_candidate(candidate, sink)?;
        }
        if let Some(feedback) = &reply.prompt_feedback {
            self.read_feedback(feedback);
        }
        let usage = reply.usage_metadata.as_ref().map(super::wire::UsageMetadata::read);
        if let Some(usage) = usage.filter(|usage| self.usage != Some(*usage)) {
            self.usage = Some(usage);
            sink.event(&Event::Usage(usage));
        }
        Ok(())
    }

    /// Everything has come.
    pub(super) fn complete(&mut self, sink: &mut dyn EventSink) {
        self.end_partial(sink);
        let nothing_came = self.parts.count() == 0;
        self.parts.close_all(sink);
        for finished in std::mem::take(&mut self.finished) {
            if finished.reason == FinishReason::FailedCall && nothing_came {
                let words = finished.explanation.unwrap_or(finished.word);
                sink.event(&Event::Error(Failure::protocol(format!(
                    "the upstream produced no usable output: {words}"
                ))));
                return;
            }
            if finished.reason == FinishReason::FailedCall {
                sink.lose(Feature::FailedCall);
            }
            let explanation = finished.explanation.as_deref().map(Text::from);
            sink.event(&Event::Finish {
                choice: finished.choice,
                reason: finished.reason,
                stop_sequence: None,
                explanation,
            });
        }
        self.ended = true;
        sink.event(&Event::End);
    }

    fn read_candidate(&mut self, candidate: &mut Candidate<'_>, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        let choice = candidate.index.and_then(|index| u32::try_from(index).ok()).unwrap_or(0);
        if let Some(probabilities) = &candidate.logprobs_result {
            read_probabilities(probabilities, choice, sink)?;
        }
        for part in candidate.content.take().and_then(|content| content.parts).into_iter().flatten() {
            self.read_part(part, choice, sink);
        }
        for citation in read_citations(candidate, self.said.in_choice(choice)) {
            let part = self.parts.text(choice, Text::from(""), sink);
            sink.event(&Event::Citation { part, citation });
        }
        if let Some(word) = candidate.finish_reason {
            self.finished.retain(|finished| finished.choice != choice);
            let explanation = candidate.finish_message.map(|message| message.decode().into_owned());
            self.finished.push(Finished {
                choice,
                reason: finish_reason(word),
                word: word.decode().into_owned(),
                explanation,
            });
        }
        Ok(())
    }

    fn read_part(&mut self, part: Part<'_>, choice: u32, sink: &mut dyn EventSink) {
        let signature = part.thought_signature.filter(|signature| !signature.is_empty()).map(read_signature);
        if let Some(call) = part.function_call {
            self.read_call(call, signature, choice, sink);
            return;
        }
        if let Some(text) = part.text {
            let thought = part.thought == Some(true);
            if text.is_empty() && signature.is_none() {
                return;
            }
            let text = Text::from(text);
            let id = if thought {
                self.parts.reasoning(choice, text, sink)
            } else {
                let said = text.clone();
                let id = self.parts.text(choice, text, sink);
                self.said.push(choice, id, &said);
                id
            };
            if let Some(opaque) = signature {
                sink.event(&Event::Signature { part: id, opaque });
            }
            return;
        }
        if let Some(blob) = part.inline_data {
            if let (Some(media_type), Some(data)) = (blob.mime_type, blob.data) {
                let media =
                    Media { source: Source::Base64(data.into()), media_type: Some(media_type.into()), detail: None };
                self.parts.whole(choice, PartKind::Media(media), sink);
            }
        } else if !part.unknown.is_empty() {
            // Code that the vendor ran, and what came of it.
            sink.lose(Feature::NativeBlock);
        }
        if let Some(opaque) = signature {
            let part = self.parts.text(choice, Text::from(""), sink);
            sink.event(&Event::Signature { part, opaque });
        }
    }

    fn read_call(
        &mut self,
        call: FunctionCall<'_>,
        signature: Option<Opaque<'_>>,
        choice: u32,
        sink: &mut dyn EventSink,
    ) {
        let continues = call.will_continue == Some(true);
        if call.partial_args.is_none() && !continues && call.name.is_some() && self.partial.is_none() {
            let kind = PartKind::ToolCall {
                id: call.id.map(Text::from),
                name: call.name.map_or(Text::from(""), Text::from),
                custom: false,
                signature,
            };
            let json = call.args.filter(|args| args.kind() == Kind::Object).map_or("{}", Raw::text);
            self.parts.whole_tool_call(choice, kind, Text::from(json), sink);
            return;
        }
        if call.name.is_some() {
            self.end_partial(sink);
        }
        let partial = self.partial.get_or_insert_with(|| Partial {
            choice,
            id: call.id.map(|id| id.decode().into_owned()),
            name: call.name.map(|name| name.decode().into_owned()).unwrap_or_default(),
            signature: signature.as_ref().map(Opaque::to_static),
            args: PartialArgs::default(),
        });
        for piece in call.partial_args.iter().flatten() {
            let path = piece.json_path.map(Literal::decode).unwrap_or_default();
            partial.args.put(&path, read_piece(piece).as_ref());
        }
        if !continues {
            self.end_partial(sink);
        }
    }

    fn end_partial(&mut self, sink: &mut dyn EventSink) {
        if let Some(Partial { choice, id, name, signature, args }) = self.partial.take() {
            let kind = PartKind::ToolCall { id: id.map(Text::from), name: Text::from(name), custom: false, signature };
            self.parts.whole_tool_call(choice, kind, Text::from(args.to_text()), sink);
        }
    }

    /// A prompt that was blocked has no candidates.
    fn read_feedback(&mut self, feedback: &PromptFeedback<'_>) {
        if let Some(reason) = feedback.block_reason {
            let explanation = feedback.block_reason_message.unwrap_or(reason).decode().into_owned();
            let word = reason.decode().into_owned();
            self.finished.push(Finished {
                choice: 0,
                reason: FinishReason::ContentFilter,
                word,
                explanation: Some(explanation),
            });
        }
    }
}

fn read_piece<'a>(piece: &PartialArg<'a>) -> Option<Piece<'a>> {
    let text = piece.string_value.map(|text| Piece::Text(text.into()));
    text.or(piece.number_value.map(Piece::Number)).or(piece.bool_value.map(Piece::Boolean))
}
