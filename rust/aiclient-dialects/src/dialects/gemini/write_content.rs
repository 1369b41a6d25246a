//! The conversation of a request for an upstream.
//!
//! Gemini wants exactly one response for each call of the turn before, in the order of the calls, in a content of
//! their own; what else the user says follows in another one.

use super::super::Outgoing;
use super::super::arguments::write_arguments;
use super::super::models::Thinking;
use super::super::text_form::{document_text, result_text, search_result_text, texts};
use super::names::{LONGEST_NAME, NO_SIGNATURE, is_tool_name};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Document, Media, Message, Part, PartContent, Role, Source, Thought, ToolCall, ToolResult, Turn, turns,
};
use crate::json::{Array, Object, Place, Text};
use crate::loss::Feature;

/// Writes contents.
pub(super) struct ContentWriter<'w, 'o> {
    to: &'w mut Outgoing<'o>,
    /// Id and name of each call so far.
    calls: Vec<(String, String)>,
    /// State that waits for the call it belongs to.
    state: Option<String>,
    /// Whether a call without a signature is refused.
    wants_signatures: bool,
    /// Whether functions may answer with media.
    takes_media: bool,
}

impl<'w, 'o> ContentWriter<'w, 'o> {
    pub(super) fn new(to: &'w mut Outgoing<'o>) -> Self {
        let newest = to.model.contains("gemini") && to.traits.thinking == Thinking::Effort;
        Self { to, calls: Vec::new(), state: None, wants_signatures: newest, takes_media: newest }
    }

    /// Append the leading system messages as parts.
    pub(super) fn system(&mut self, messages: &[Message<'_>], parts: &mut Array<'_>) -> Result<(), Refusal> {
        messages.iter().flat_map(|message| &message.parts).try_for_each(|part| self.part(part, parts))
    }

    /// Append the contents of the conversation.
    pub(super) fn contents(&mut self, messages: &[Message<'_>], list: &mut Array<'_>) -> Result<(), Refusal> {
        let turns: Vec<Turn<'_, '_>> = turns(messages).collect();
        // Signatures are checked from the last message of the user on.
        let current = turns
            .iter()
            .rposition(|turn| turn.role == Role::User && turn.parts().any(|part| part.as_tool_result().is_none()));
        for (position, turn) in turns.iter().enumerate() {
            if turn.role == Role::Assistant {
                self.model(turn, current.is_none_or(|current| position > current), list)?;
            } else {
                self.user(turn, list)?;
            }
        }
        Ok(())
    }

    fn model(&mut self, turn: &Turn<'_, '_>, current: bool, list: &mut Array<'_>) -> Result<(), Refusal> {
        let mut calls = 0;
        write_content("model", list, |array| {
            for part in turn.parts() {
                match &part.content {
                    PartContent::ToolCall(call) => {
                        self.call(call, part.place, current && calls == 0, array);
                        calls += 1;
                    }
                    _ => self.part(part, array)?,
                }
            }
            if let Some(state) = self.state.take() {
                array.object(|member| {
                    member.field("text", "");
                    member.field("thoughtSignature", state);
                });
            }
            Ok(())
        })
        .map(drop)
    }

    fn user(&mut self, turn: &Turn<'_, '_>, list: &mut Array<'_>) -> Result<(), Refusal> {
        let mut results: Vec<(&ToolResult<'_>, Place)> =
            turn.parts().filter_map(|part| part.as_tool_result().map(|result| (result, part.place))).collect();
        results.sort_by_key(|(result, _)| self.position(result));
        let mut media: Vec<&Part<'_>> = Vec::new();
        let has_responses = write_content("user", list, |array| {
            results.iter().try_for_each(|(result, place)| self.result(result, *place, &mut media, array))
        })?;
        let has_others = write_content("user", list, |array| {
            media.iter().try_for_each(|part| self.part(part, array))?;
            turn.parts().filter(|part| part.as_tool_result().is_none()).try_for_each(|part| self.part(part, array))
        })?;
        if !has_others && !has_responses {
            return Err(Refusal::malformed(turn.messages[0].place.field("content"), "content that is not blank"));
        }
        Ok(())
    }

    /// Where in the order of the calls a result belongs.
    fn position(&self, result: &ToolResult<'_>) -> usize {
        let id = result.call_id.as_ref().map(Text::decode);
        self.calls.iter().rposition(|(called, _)| id.as_ref().is_some_and(|id| id == called)).unwrap_or(usize::MAX)
    }

    fn part(&mut self, part: &Part<'_>, parts: &mut Array<'_>) -> Result<(), Refusal> {
        if part.cache.is_some() {
            self.to.losses.hint();
        }
        match &part.content {
            PartContent::Text(text) | PartContent::Refusal(text) => write_text(text, parts),
            PartContent::Image(media) | PartContent::Audio(media) | PartContent::Video(media) => {
                self.media(media, part.place, parts)?
            }
            PartContent::Document(document) => self.document(document, part.place, parts)?,
            PartContent::SearchResult(result) => write_text(&search_result_text(result).into(), parts),
            PartContent::Thought(thought) => self.thought(thought, part.place, parts),
            // Written by the turn they belong to.
            PartContent::ToolCall(_) | PartContent::ToolResult(_) => {}
        }
        Ok(())
    }

    fn media(&mut self, media: &Media<'_>, place: Place, parts: &mut Array<'_>) -> Result<(), Refusal> {
        let media_type = media.media_type.as_ref().map_or("image/png".into(), Text::decode);
        match &media.source {
            Source::Base64(data) => write_blob(&media_type, data, parts),
            Source::Url(_) => return self.to.losses.refuse(place, Feature::RemoteMedia),
            Source::File(_) | Source::Text(_) | Source::Parts(_) => {
                return self.to.losses.refuse(place, Feature::FileReference);
            }
        }
        if media.detail.is_some() {
            self.to.losses.hint();
        }
        Ok(())
    }

    fn document(&mut self, document: &Document<'_>, place: Place, parts: &mut Array<'_>) -> Result<(), Refusal> {
        if document.context.is_some() {
            self.to.losses.report(place.field("context"), Feature::DocumentOptions);
        }
        if let Some(citations) = document.citations {
            self.to.losses.report(citations, Feature::DocumentOptions);
        }
        match &document.source {
            Source::Base64(data) => {
                write_blob(&document.media_type.as_ref().map_or("application/pdf".into(), Text::decode), data, parts)
            }
            Source::Text(text) => write_text(&document_text(document.title.as_ref(), &text.decode()).into(), parts),
            Source::Parts(inner) => {
                write_text(&document_text(document.title.as_ref(), &texts(inner)).into(), parts);
                inner
                    .iter()
                    .filter(|part| !matches!(part.content, PartContent::Text(_)))
                    .try_for_each(|part| self.part(part, parts))?;
            }
            Source::Url(_) => return self.to.losses.refuse(place, Feature::RemoteMedia),
            Source::File(_) => return self.to.losses.refuse(place, Feature::FileReference),
        }
        Ok(())
    }

    /// Earlier thoughts: only this vendor's own, where their state is.
    fn thought(&mut self, thought: &Thought<'_>, place: Place, parts: &mut Array<'_>) {
        let Some(opaque) = thought.opaque.as_ref().filter(|opaque| opaque.source == Dialect::Gemini) else {
            self.to.losses.report(place, Feature::ReasoningHistory);
            return;
        };
        if thought.text.is_empty() {
            self.state = Some(opaque.payload.decode().into_owned());
            return;
        }
        parts.object(|part| {
            part.field("text", &thought.text);
            part.field("thought", true);
            part.field("thoughtSignature", &opaque.payload);
        });
    }

    fn call(&mut self, call: &ToolCall<'_>, place: Place, first: bool, parts: &mut Array<'_>) {
        let name = self.to.names.outgoing(call.name.decode(), is_tool_name, LONGEST_NAME).into_owned();
        let id = call.id.as_ref().map(Text::decode).unwrap_or_default().into_owned();
        self.calls.push((id, name.clone()));
        let signature = self.signature(call, place, first);
        parts.object(|part| {
            part.object("functionCall", |member| {
                member.field("name", name);
                write_arguments(&call.arguments, place, self.to.losses, member.key("args"));
            });
            part.optional("thoughtSignature", signature);
        });
    }

    fn signature(&mut self, call: &ToolCall<'_>, place: Place, first: bool) -> Option<String> {
        let own = call.signature.as_ref().filter(|opaque| opaque.source == Dialect::Gemini);
        if call.signature.is_some() && own.is_none() {
            self.to.losses.report(place, Feature::ReasoningSignature);
        }
        let signature = own.map(|opaque| opaque.payload.decode().into_owned()).or_else(|| self.state.take());
        if signature.is_none() && first && self.wants_signatures {
            self.to.losses.report(place, Feature::ReasoningSignature);
            return Some(NO_SIGNATURE.to_owned());
        }
        signature
    }

    fn result<'p, 'a>(
        &mut self,
        result: &'p ToolResult<'a>,
        place: Place,
        media: &mut Vec<&'p Part<'a>>,
        parts: &mut Array<'_>,
    ) -> Result<(), Refusal> {
        let called = self.calls.get(self.position(result)).map(|(_, name)| name.clone());
        let named = || {
            result
                .name
                .as_ref()
                .map(|name| self.to.names.outgoing(name.decode(), is_tool_name, LONGEST_NAME).into_owned())
        };
        let Some(name) = called.or_else(named) else {
            return self.to.losses.refuse(place, Feature::UnmatchedToolResult);
        };
        let attached: Vec<&'p Part<'a>> = result
            .parts
            .iter()
            .filter(|part| !matches!(part.content, PartContent::Text(_) | PartContent::SearchResult(_)))
            .collect();
        let mut outcome = Ok(());
        parts.object(|part| {
            part.object("functionResponse", |response| {
                response.field("name", name);
                response.object("response", |said| write_said(result, said));
                if self.takes_media && !attached.is_empty() {
                    response
                        .array("parts", |list| outcome = attached.iter().try_for_each(|part| self.part(part, list)));
                }
            });
        });
        if !self.takes_media {
            attached.iter().for_each(|part| self.to.losses.report(part.place, Feature::ToolResultMedia));
            media.extend(attached);
        }
        outcome
    }
}

/// `{"output": text}` or `{"error": text}`, as the vendor's documentation has it; the text comes back as it was.
fn write_said(result: &ToolResult<'_>, said: &mut Object<'_>) {
    said.field(if result.is_error { "error" } else { "output" }, result_text(result));
}

fn write_text(text: &Text<'_>, parts: &mut Array<'_>) {
    if !text.is_empty() {
        parts.object(|part| part.field("text", text));
    }
}

fn write_blob(media_type: &str, data: &Text<'_>, parts: &mut Array<'_>) {
    parts.object(|part| {
        part.object("inlineData", |blob| {
            blob.field("mimeType", media_type);
            blob.field("data", data);
        });
    });
}

/// Append a content with the parts that `write` appends; whether there are any.
fn write_content(
    role: &str,
    list: &mut Array<'_>,
    write: impl FnOnce(&mut Array<'_>) -> Result<(), Refusal>,
) -> Result<bool, Refusal> {
    let mut outcome = Ok(());
    let any = list.object_if(|content| {
        content.field("role", role);
        content.array_if_any("parts", |parts| outcome = write(parts))
    });
    outcome.map(|()| any)
}
