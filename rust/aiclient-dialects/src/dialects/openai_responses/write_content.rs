//! The conversation of a request for an upstream: a flat list of typed items, without ids of their own.

use super::super::Outgoing;
use super::super::media::data_url;
use super::super::text_form::{document_text, result_text, search_result_text, texts};
use super::names::{LONGEST_NAME, call_id, is_tool_name};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Arguments, Document, Media, Message, Part, PartContent, Role, Source, Thought, ToolCall, ToolResult, Turn, turns,
};
use crate::json::{Array, Object, Place, Text, ToJson, push_escaped, write_array};
use crate::loss::Feature;

/// Writes items.
pub(super) struct ItemWriter<'w, 'o> {
    to: &'w mut Outgoing<'o>,
    /// Ids of calls of tools with free text; their results are items of another type.
    custom: Vec<String>,
}

impl<'w, 'o> ItemWriter<'w, 'o> {
    pub(super) fn new(to: &'w mut Outgoing<'o>) -> Self {
        Self { to, custom: Vec::new() }
    }

    /// Append the items of the conversation.
    pub(super) fn items(&mut self, messages: &[Message<'_>], list: &mut Array<'_>) -> Result<(), Refusal> {
        turns(messages).try_for_each(|turn| self.turn(&turn, list))?;
        // OpenAI answers anew where others continue what the assistant began.
        if let Some(last) = messages.last().filter(|last| last.role == Role::Assistant) {
            self.to.losses.report(last.place, Feature::Prefill);
        }
        Ok(())
    }

    fn turn(&mut self, turn: &Turn<'_, '_>, list: &mut Array<'_>) -> Result<(), Refusal> {
        if turn.role == Role::Assistant {
            return turn.parts().try_for_each(|part| self.assistant(part, list));
        }
        for part in turn.parts() {
            if let Some(result) = part.as_tool_result() {
                self.result(result, part.place, list)?;
            }
        }
        turn.messages.iter().try_for_each(|message| self.message(message, list))
    }

    fn message(&mut self, message: &Message<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
        let parts: Vec<&Part<'_>> = message.parts.iter().filter(|part| part.as_tool_result().is_none()).collect();
        if parts.is_empty() {
            return Ok(());
        }
        let role = match message.role {
            Role::System => "system",
            Role::Developer => "developer",
            Role::User | Role::Assistant => "user",
        };
        let mut outcome = Ok(());
        list.object(|item| {
            item.field("type", "message");
            item.field("role", role);
            outcome = self.content(&parts, item.key("content"));
        });
        outcome
    }

    fn content(&mut self, parts: &[&Part<'_>], out: &mut Vec<u8>) -> Result<(), Refusal> {
        if let [Part { content: PartContent::Text(text), .. }] = parts {
            text.write_json(out);
            return Ok(());
        }
        let mut outcome = Ok(());
        write_array(out, |list| outcome = parts.iter().try_for_each(|part| self.part(part, list)));
        outcome
    }

    fn part(&mut self, part: &Part<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
        if part.cache.is_some() {
            self.to.losses.hint();
        }
        match &part.content {
            PartContent::Text(text) | PartContent::Refusal(text) => write_text(text, list),
            PartContent::Image(media) => self.image(media, part.place, list)?,
            PartContent::Audio(_) => return self.to.losses.refuse(part.place, Feature::Audio),
            PartContent::Video(_) => return self.to.losses.refuse(part.place, Feature::Video),
            PartContent::Document(document) => self.document(document, part.place, list)?,
            PartContent::SearchResult(result) => write_text(&search_result_text(result).into(), list),
            PartContent::Thought(_) | PartContent::ToolCall(_) | PartContent::ToolResult(_) => {
                self.to.losses.report(part.place, Feature::NativeBlock);
            }
        }
        Ok(())
    }

    fn image(&mut self, media: &Media<'_>, place: Place, list: &mut Array<'_>) -> Result<(), Refusal> {
        let url = match &media.source {
            Source::Base64(data) => {
                Text::from(data_url(&media.media_type.as_ref().map_or("image/png".into(), Text::decode), data))
            }
            Source::Url(url) => url.clone(),
            Source::File(_) | Source::Text(_) | Source::Parts(_) => {
                return self.to.losses.refuse(place, Feature::FileReference);
            }
        };
        list.object(|part| {
            part.field("type", "input_image");
            part.field("image_url", url);
            part.field("detail", media.detail.map_or(Text::from("auto"), Text::from));
        });
        Ok(())
    }

    fn document(&mut self, document: &Document<'_>, place: Place, list: &mut Array<'_>) -> Result<(), Refusal> {
        if document.context.is_some() {
            self.to.losses.report(place.field("context"), Feature::DocumentOptions);
        }
        if let Some(citations) = document.citations {
            self.to.losses.report(citations, Feature::DocumentOptions);
        }
        match &document.source {
            Source::Base64(data) => list.object(|part| {
                part.field("type", "input_file");
                part.field("filename", document.title.clone().unwrap_or_else(|| Text::from("document.pdf")));
                part.field(
                    "file_data",
                    data_url(&document.media_type.as_ref().map_or("application/pdf".into(), Text::decode), data),
                );
            }),
            Source::Url(url) => list.object(|part| {
                part.field("type", "input_file");
                part.field("file_url", url);
            }),
            Source::Text(text) => write_text(&document_text(document.title.as_ref(), &text.decode()).into(), list),
            Source::Parts(parts) => {
                write_text(&document_text(document.title.as_ref(), &texts(parts)).into(), list);
                parts
                    .iter()
                    .filter(|part| !matches!(part.content, PartContent::Text(_)))
                    .try_for_each(|part| self.part(part, list))?;
            }
            Source::File(_) => return self.to.losses.refuse(place, Feature::FileReference),
        }
        Ok(())
    }

    fn assistant(&mut self, part: &Part<'_>, list: &mut Array<'_>) -> Result<(), Refusal> {
        match &part.content {
            PartContent::Text(text) | PartContent::Refusal(text) => {
                if !text.is_empty() {
                    list.object(|item| {
                        item.field("type", "message");
                        item.field("role", "assistant");
                        item.field("content", text);
                    });
                }
            }
            PartContent::Thought(thought) => self.thought(thought, part.place, list),
            PartContent::ToolCall(call) => self.call(call, part.place, list),
            // The model's own images and the like are the user's to show again.
            _ => {
                let mut outcome = Ok(());
                list.object(|item| {
                    item.field("type", "message");
                    item.field("role", "user");
                    outcome = self.content(&[part], item.key("content"));
                });
                return outcome;
            }
        }
        Ok(())
    }

    /// Earlier thoughts: only this vendor's own, with their encrypted content.
    fn thought(&mut self, thought: &Thought<'_>, place: Place, list: &mut Array<'_>) {
        let Some(opaque) = thought.opaque.as_ref().filter(|opaque| opaque.source == Dialect::OpenAiResponses) else {
            self.to.losses.report(place, Feature::ReasoningHistory);
            return;
        };
        list.object(|item| {
            item.field("type", "reasoning");
            item.array("summary", |summary| {
                if !thought.text.is_empty() {
                    summary.object(|part| {
                        part.field("type", "summary_text");
                        part.field("text", &thought.text);
                    });
                }
            });
            item.field("encrypted_content", &opaque.payload);
        });
    }

    fn call(&mut self, call: &ToolCall<'_>, place: Place, list: &mut Array<'_>) {
        if call.signature.is_some() {
            self.to.losses.report(place, Feature::ReasoningSignature);
        }
        let id = call_id(call.id.as_ref().map_or_else(|| format!("call_{}", call.name.decode()).into(), Text::decode))
            .into_owned();
        let name = self.to.names.outgoing(call.name.decode(), is_tool_name, LONGEST_NAME).into_owned();
        if matches!(call.arguments, Arguments::Custom(_)) {
            self.custom.push(id.clone());
        }
        list.object(|item| {
            let (kind, key) = match call.arguments {
                Arguments::Custom(_) => ("custom_tool_call", "input"),
                _ => ("function_call", "arguments"),
            };
            item.field("type", kind);
            item.field("call_id", id);
            item.field("name", name);
            write_arguments(&call.arguments, item.key(key));
        });
    }

    fn result(&mut self, result: &ToolResult<'_>, place: Place, list: &mut Array<'_>) -> Result<(), Refusal> {
        let named =
            || result.name.as_ref().map_or_else(|| "call".into(), |name| format!("call_{}", name.decode()).into());
        let id = call_id(result.call_id.as_ref().map_or_else(named, Text::decode)).into_owned();
        let kind = if self.custom.contains(&id) { "custom_tool_call_output" } else { "function_call_output" };
        let mut outcome = Ok(());
        list.object(|item| {
            item.field("type", kind);
            item.field("call_id", id);
            outcome = self.output(result, place, item);
        });
        outcome
    }

    fn output(&mut self, result: &ToolResult<'_>, place: Place, item: &mut Object<'_>) -> Result<(), Refusal> {
        let only_text =
            result.parts.iter().all(|part| matches!(part.content, PartContent::Text(_) | PartContent::SearchResult(_)));
        if only_text || result.is_error {
            let mut text = result_text(result);
            if result.is_error {
                self.to.losses.report(place, Feature::ToolErrorFlag);
                if !text.starts_with("Error") {
                    text.insert_str(0, "Error: ");
                }
            }
            item.field("output", text);
        }
        if only_text {
            return Ok(());
        }
        if result.is_error {
            result.parts.iter().filter(|part| !matches!(part.content, PartContent::Text(_))).for_each(|part| {
                self.to.losses.report(part.place, Feature::ToolResultMedia);
            });
            return Ok(());
        }
        let mut outcome = Ok(());
        item.array("output", |list| outcome = result.parts.iter().try_for_each(|part| self.part(part, list)));
        outcome
    }
}

fn write_text(text: &Text<'_>, list: &mut Array<'_>) {
    list.object(|part| {
        part.field("type", "input_text");
        part.field("text", text);
    });
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
