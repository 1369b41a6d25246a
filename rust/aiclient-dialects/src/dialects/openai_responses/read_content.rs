//! Items of a client's request to the neutral form: each is a message; those of one side in a row are one turn.

use super::super::media::read_url;
use super::wire::{Content, ContentPart, Item};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Arguments, CacheHint, Document, Media, Message, Opaque, OpaqueKind, Part, PartContent, Role, Source, Thought,
    ToolCall, ToolResult,
};
use crate::json::{Kind, Literal, Place, Text};
use crate::loss::{Feature, Losses};

/// Reads items in order.
pub(super) struct ItemReader<'l> {
    losses: &'l mut Losses,
}

impl<'l> ItemReader<'l> {
    pub(super) fn new(losses: &'l mut Losses) -> Self {
        Self { losses }
    }

    /// One item; none if only its vendor understands it.
    pub(super) fn message<'a>(&mut self, item: Item<'a>) -> Result<Option<Message<'a>>, Refusal> {
        let place = item.place;
        let (role, parts) = match item.kind.map_or("message", Literal::escaped) {
            "message" => self.said(item)?,
            "reasoning" => (Role::Assistant, vec![Part::new(PartContent::Thought(read_thought(&item)), place)]),
            "function_call" | "custom_tool_call" => (Role::Assistant, vec![read_call(&item)?]),
            "function_call_output" | "custom_tool_call_output" => (Role::User, vec![self.result(item)?]),
            // A summary that only its vendor can read, or a reference to what it keeps.
            "compaction" | "compaction_summary" | "item_reference" => {
                return self.losses.refuse(place, Feature::CachedContent);
            }
            _ => {
                self.losses.report(place, Feature::NativeBlock);
                return Ok(None);
            }
        };
        Ok(Some(Message { role, parts, place }))
    }

    fn said<'a>(&mut self, item: Item<'a>) -> Result<(Role, Vec<Part<'a>>), Refusal> {
        let expected = "a role: user, assistant, system or developer";
        let role = item.role.ok_or_else(|| Refusal::malformed(item.place.field("role"), expected))?;
        let role = match role.escaped() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "system" => Role::System,
            "developer" => Role::Developer,
            _ => return Err(Refusal::malformed(role.place(), expected)),
        };
        let content = item
            .content
            .ok_or_else(|| Refusal::malformed(item.place.field("content"), "a string or an array of content parts"))?;
        Ok((role, self.parts(content)?))
    }

    fn parts<'a>(&mut self, content: Content<'a>) -> Result<Vec<Part<'a>>, Refusal> {
        match content {
            Content::Text(text) => Ok(vec![Part::text(text, text.place())]),
            Content::Parts(parts) => parts.into_iter().map(|part| self.part(part)).collect(),
        }
    }

    fn part<'a>(&mut self, part: ContentPart<'a>) -> Result<Part<'a>, Refusal> {
        let place = part.place;
        let kind = part.kind.ok_or_else(|| Refusal::malformed(place.field("type"), "the type of the part"))?;
        let missing = |field, expected| Refusal::malformed(place.field(field), expected);
        let content = match kind.escaped() {
            "input_text" | "output_text" | "text" => {
                PartContent::Text(part.text.ok_or_else(|| missing("text", "a string"))?.into())
            }
            "refusal" => PartContent::Refusal(part.refusal.ok_or_else(|| missing("refusal", "a string"))?.into()),
            "input_image" => read_image(&part)?,
            "input_file" => read_file(&part)?,
            "input_audio" => read_audio(&part)?,
            _ => {
                return Err(Refusal::malformed(
                    kind.place(),
                    "a part of type input_text, input_image, input_file or output_text",
                ));
            }
        };
        if part.annotations.as_ref().is_some_and(|annotations| !annotations.is_empty()) {
            self.losses.hint();
        }
        Ok(Part { content, place, cache: part.prompt_cache_breakpoint.map(|raw| CacheHint { raw }) })
    }

    fn result<'a>(&mut self, item: Item<'a>) -> Result<Part<'a>, Refusal> {
        let place = item.place;
        let id = item
            .call_id
            .ok_or_else(|| Refusal::malformed(place.field("call_id"), "the id of the call that is answered"))?;
        let parts = item.output.map(|output| self.parts(output)).transpose()?.unwrap_or_default();
        Ok(Part::new(
            PartContent::ToolResult(ToolResult { call_id: Some(id.into()), name: None, parts, is_error: false }),
            place,
        ))
    }
}

fn read_image<'a>(part: &ContentPart<'a>) -> Result<PartContent<'a>, Refusal> {
    let (source, media_type) = match (part.image_url, part.file_id) {
        (Some(url), _) => read_url(url),
        (None, Some(id)) => (Source::File(id.into()), None),
        (None, None) => return Err(Refusal::malformed(part.place.field("image_url"), "an address or a data URL")),
    };
    Ok(PartContent::Image(Media { source, media_type, detail: part.detail }))
}

fn read_file<'a>(part: &ContentPart<'a>) -> Result<PartContent<'a>, Refusal> {
    let (source, media_type) = match (part.file_data, part.file_url, part.file_id) {
        (Some(data), _, _) => match read_url(data) {
            (Source::Url(data), _) => (Source::Base64(data), Some(Text::from("application/pdf"))),
            data_url => data_url,
        },
        (None, Some(url), _) => (Source::Url(url.into()), None),
        (None, None, Some(id)) => (Source::File(id.into()), None),
        (None, None, None) => return Err(Refusal::malformed(part.place.field("file_data"), "a data URL")),
    };
    Ok(PartContent::Document(Document {
        source,
        media_type,
        title: part.filename.map(Text::from),
        context: None,
        citations: None,
    }))
}

fn read_audio<'a>(part: &ContentPart<'a>) -> Result<PartContent<'a>, Refusal> {
    let audio = part.input_audio.as_ref();
    let data = audio
        .and_then(|audio| audio.data)
        .ok_or_else(|| Refusal::malformed(part.place.field("input_audio"), "an object with data"))?;
    let format = audio.and_then(|audio| audio.format).map_or("wav", Literal::escaped);
    let media_type = if format == "mp3" { "audio/mpeg".to_owned() } else { format!("audio/{format}") };
    Ok(PartContent::Audio(Media {
        source: Source::Base64(data.into()),
        media_type: Some(media_type.into()),
        detail: None,
    }))
}

/// Summaries, or the thoughts themselves where a model shows them.
fn read_thought<'a>(item: &Item<'a>) -> Thought<'a> {
    let opaque = item
        .encrypted_content
        .filter(|content| !content.is_empty())
        .map(|content| Opaque::read(content.into(), Dialect::OpenAiResponses, OpaqueKind::Encrypted));
    Thought { text: thought_text(item), opaque: opaque.filter(|opaque| !opaque.payload.is_empty()) }
}

/// The texts of a reasoning item, a paragraph each.
pub(super) fn thought_text<'a>(item: &Item<'a>) -> Text<'a> {
    let shown = match &item.content {
        Some(Content::Parts(parts)) => parts.as_slice(),
        _ => &[],
    };
    let texts: Vec<Literal<'a>> = item.summary.iter().flatten().chain(shown).filter_map(|part| part.text).collect();
    match texts.as_slice() {
        [] => Text::from(""),
        [text] => (*text).into(),
        texts => Text::from(texts.iter().map(|text| text.decode().into_owned()).collect::<Vec<_>>().join("\n\n")),
    }
}

fn read_call<'a>(item: &Item<'a>) -> Result<Part<'a>, Refusal> {
    let place: Place = item.place;
    let id = item.call_id.ok_or_else(|| Refusal::malformed(place.field("call_id"), "a string"))?;
    let name = item.name.ok_or_else(|| Refusal::malformed(place.field("name"), "a string"))?;
    let name = match item.namespace {
        Some(group) => Text::from(format!("{}__{}", group.decode(), name.decode())),
        None => name.into(),
    };
    let arguments = match (item.arguments, item.input) {
        (Some(raw), _) if raw.kind() == Kind::Object => Arguments::Value(raw),
        (Some(raw), _) => Arguments::Encoded(raw.read::<Literal<'_>>()?.into()),
        (None, Some(input)) => Arguments::Custom(input.into()),
        (None, None) => Arguments::Encoded(Text::from("")),
    };
    Ok(Part::new(PartContent::ToolCall(ToolCall { id: Some(id.into()), name, arguments, signature: None }), place))
}
