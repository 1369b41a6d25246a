//! The conversation of a request for an upstream.
//!
//! Anthropic wants turns that alternate, the results of all calls of a turn in front of the next one, text that is not
//! blank, and each call's id only once.

use std::borrow::Cow;

use super::super::Outgoing;
use super::super::arguments::write_arguments;
use super::super::media::{decode_base64, is_common_image};
use super::super::names::CallIds;
use super::names::{LONGEST_NAME, call_id, is_tool_name};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Document, Media, Message, OpaqueKind, Part, PartContent, Role, SearchResult, Source, Thought, ToolCall, ToolResult,
    Turn, turns,
};
use crate::json::{Array, Object, Place, Text};
use crate::loss::Feature;

/// Most places at which a prompt can be marked for the cache.
const MOST_CACHE_MARKS: usize = 4;

/// Writes content blocks.
pub(super) struct ContentWriter<'w, 'o> {
    pub(super) to: &'w mut Outgoing<'o>,
    ids: CallIds,
    cache_marks: usize,
}

impl<'w, 'o> ContentWriter<'w, 'o> {
    pub(super) fn new(to: &'w mut Outgoing<'o>) -> Self {
        Self { to, ids: CallIds::default(), cache_marks: 0 }
    }

    /// Append the leading system messages as blocks of their own, which keeps their marks for the cache.
    pub(super) fn system(&mut self, messages: &[Message<'_>], blocks: &mut Array<'_>) -> Result<(), Refusal> {
        messages.iter().flat_map(|message| &message.parts).try_for_each(|part| self.part(part, blocks))
    }

    /// Append the turns of the conversation.
    pub(super) fn messages(&mut self, messages: &[Message<'_>], list: &mut Array<'_>) -> Result<(), Refusal> {
        turns(messages).try_for_each(|turn| self.turn(&turn, list))
    }

    fn turn(&mut self, turn: &Turn<'_, '_>, list: &mut Array<'_>) -> Result<(), Refusal> {
        let role = match turn.role {
            Role::Assistant => "assistant",
            Role::User => "user",
            Role::System | Role::Developer => "system",
        };
        let mut outcome = Ok(());
        let says_something = list.object_if(|message| {
            message.field("role", role);
            message.array_if_any("content", |blocks| {
                outcome = turn.results_first().try_for_each(|part| self.part(part, blocks));
            })
        });
        outcome?;
        // A turn of the model without content never was; one of the user is a mistake.
        if !says_something && turn.role == Role::User {
            let first = turn.messages[0].place;
            return Err(Refusal::malformed(first.field("content"), "content that is not blank"));
        }
        Ok(())
    }

    fn part(&mut self, part: &Part<'_>, blocks: &mut Array<'_>) -> Result<(), Refusal> {
        let cache = self.cache_mark(part);
        match &part.content {
            PartContent::Text(text) | PartContent::Refusal(text) => write_text(text, cache, blocks),
            PartContent::Image(media) => self.image(media, part.place, cache, blocks)?,
            PartContent::Audio(_) => return self.to.losses.refuse(part.place, Feature::Audio),
            PartContent::Video(_) => return self.to.losses.refuse(part.place, Feature::Video),
            PartContent::Document(document) => self.document(document, part.place, cache, blocks)?,
            PartContent::SearchResult(result) => self.search_result(result, blocks)?,
            PartContent::Thought(thought) => self.thought(thought, part.place, blocks),
            PartContent::ToolCall(call) => self.call(call, part.place, cache, blocks),
            PartContent::ToolResult(result) => self.result(result, cache, blocks)?,
        }
        Ok(())
    }

    /// Whether this part carries one of the few marks for the cache.
    fn cache_mark(&mut self, part: &Part<'_>) -> bool {
        if part.cache.is_none() {
            return false;
        }
        self.cache_marks += 1;
        if self.cache_marks > MOST_CACHE_MARKS {
            self.to.losses.hint();
        }
        self.cache_marks <= MOST_CACHE_MARKS
    }

    fn image(&mut self, media: &Media<'_>, place: Place, cache: bool, blocks: &mut Array<'_>) -> Result<(), Refusal> {
        let media_type = media.media_type.as_ref().map(Text::decode).unwrap_or_default();
        match &media.source {
            Source::Base64(_) if !is_common_image(&media_type) => {
                return self.to.losses.refuse(place, Feature::ImageFormat);
            }
            Source::Base64(_) | Source::Url(_) => {}
            Source::File(_) | Source::Text(_) | Source::Parts(_) => {
                return self.to.losses.refuse(place, Feature::FileReference);
            }
        }
        if media.detail.is_some_and(|detail| detail != *"auto") {
            self.to.losses.report(place, Feature::ImageDetail);
        }
        blocks.object(|block| {
            block.field("type", "image");
            block.object("source", |source| write_source(&media.source, &media_type, source));
            write_cache(cache, block);
        });
        Ok(())
    }

    fn document(
        &mut self,
        document: &Document<'_>,
        place: Place,
        cache: bool,
        blocks: &mut Array<'_>,
    ) -> Result<(), Refusal> {
        let media_type = document.media_type.as_ref().map_or(Cow::Borrowed("application/pdf"), Text::decode);
        let source = match &document.source {
            Source::Base64(data) if media_type.starts_with("text/") || media_type == "application/json" => {
                match decode_base64(&data.decode()).and_then(|bytes| String::from_utf8(bytes).ok()) {
                    Some(text) => Source::Text(text.into()),
                    None => return Err(Refusal::malformed(place, "base64 of UTF-8 text")),
                }
            }
            Source::Base64(_) if media_type != "application/pdf" => {
                return self.to.losses.refuse(place, Feature::Document);
            }
            Source::File(_) => return self.to.losses.refuse(place, Feature::FileReference),
            source => source.clone(),
        };
        let mut outcome = Ok(());
        blocks.object(|block| {
            block.field("type", "document");
            block.object("source", |member| match &source {
                Source::Parts(parts) => {
                    member.field("type", "content");
                    member.array("content", |inner| outcome = parts.iter().try_for_each(|part| self.part(part, inner)));
                }
                source => write_source(source, &media_type, member),
            });
            block.optional("title", document.title.as_ref());
            block.optional("context", document.context.as_ref());
            write_cache(cache, block);
        });
        outcome
    }

    fn search_result(&mut self, result: &SearchResult<'_>, blocks: &mut Array<'_>) -> Result<(), Refusal> {
        let mut outcome = Ok(());
        blocks.object(|block| {
            block.field("type", "search_result");
            block.field("source", &result.source);
            block.field("title", &result.title);
            block.array("content", |inner| outcome = result.parts.iter().try_for_each(|part| self.part(part, inner)));
        });
        outcome
    }

    /// Earlier thoughts: only this vendor's own, with their seal, which it checks.
    fn thought(&mut self, thought: &Thought<'_>, place: Place, blocks: &mut Array<'_>) {
        let Some(opaque) = thought.opaque.as_ref().filter(|opaque| opaque.source == Dialect::Anthropic) else {
            self.to.losses.report(place, Feature::ReasoningHistory);
            return;
        };
        blocks.object(|block| {
            if opaque.kind == OpaqueKind::Encrypted {
                block.field("type", "redacted_thinking");
                block.field("data", &opaque.payload);
            } else {
                block.field("type", "thinking");
                block.field("thinking", &thought.text);
                block.field("signature", &opaque.payload);
            }
        });
    }

    fn call(&mut self, call: &ToolCall<'_>, place: Place, cache: bool, blocks: &mut Array<'_>) {
        if call.signature.is_some() {
            self.to.losses.report(place, Feature::ReasoningSignature);
        }
        let id = self.ids.call(&call_id(id_or_name(call.id.as_ref(), Some(&call.name))));
        let name = self.to.names.outgoing(call.name.decode(), is_tool_name, LONGEST_NAME);
        blocks.object(|block| {
            block.field("type", "tool_use");
            block.field("id", id);
            block.field("name", &*name);
            write_arguments(&call.arguments, place, self.to.losses, block.key("input"));
            write_cache(cache, block);
        });
    }

    fn result(&mut self, result: &ToolResult<'_>, cache: bool, blocks: &mut Array<'_>) -> Result<(), Refusal> {
        let id = self.ids.result(&call_id(id_or_name(result.call_id.as_ref(), result.name.as_ref())));
        let mut outcome = Ok(());
        blocks.object(|block| {
            block.field("type", "tool_result");
            block.field("tool_use_id", id);
            outcome = self.result_content(result, block);
            if result.is_error {
                block.field("is_error", true);
            }
            write_cache(cache, block);
        });
        outcome
    }

    fn result_content(&mut self, result: &ToolResult<'_>, block: &mut Object<'_>) -> Result<(), Refusal> {
        match result.parts.as_slice() {
            [] => Ok(()),
            [Part { content: PartContent::Text(text), cache: None, .. }] => {
                block.field("content", text);
                Ok(())
            }
            parts => {
                let mut outcome = Ok(());
                block.array("content", |inner| outcome = parts.iter().try_for_each(|part| self.part(part, inner)));
                outcome
            }
        }
    }
}

/// The id of a call; OpenAI's deprecated functions have only a name.
fn id_or_name<'t>(id: Option<&'t Text<'_>>, name: Option<&'t Text<'_>>) -> Cow<'t, str> {
    match (id, name) {
        (Some(id), _) => id.decode(),
        (None, Some(name)) => Cow::Owned(format!("call_{}", name.decode())),
        (None, None) => Cow::Borrowed("call"),
    }
}

/// Blank text is refused by the vendor, and says nothing.
fn write_text(text: &Text<'_>, cache: bool, blocks: &mut Array<'_>) {
    if text.is_blank() {
        return;
    }
    blocks.object(|block| {
        block.field("type", "text");
        block.field("text", text);
        write_cache(cache, block);
    });
}

fn write_source(source: &Source<'_>, media_type: &str, member: &mut Object<'_>) {
    match source {
        Source::Base64(data) => {
            member.field("type", "base64");
            member.field("media_type", media_type);
            member.field("data", data);
        }
        Source::Url(url) => {
            member.field("type", "url");
            member.field("url", url);
        }
        Source::Text(text) => {
            member.field("type", "text");
            member.field("media_type", "text/plain");
            member.field("data", text);
        }
        // Refused or written by the caller.
        Source::File(_) | Source::Parts(_) => {}
    }
}

fn write_cache(cache: bool, block: &mut Object<'_>) {
    if cache {
        block.object("cache_control", |control| control.field("type", "ephemeral"));
    }
}
