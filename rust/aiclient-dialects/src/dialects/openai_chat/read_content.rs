//! Messages of a client's request to the neutral form.

use super::super::media::read_url;
use super::wire::{
    Content, ContentPart, File, Function, ImageUrl, InputAudio, Message, ReasoningDetail, ToolCall as WireCall, WordOr,
};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Arguments, CacheHint, Document, Media, Opaque, OpaqueKind, Part, PartContent, Source, Thought, ToolCall, ToolResult,
};
use crate::json::{Kind, Literal, Place, Raw, Text};
use crate::loss::{Feature, Losses};

type Parts<'a> = Vec<Part<'a>>;

/// A system or developer message: text only.
pub(super) fn read_instructions<'a>(message: Message<'a>, losses: &mut Losses) -> Result<Parts<'a>, Refusal> {
    let parts = read_user(message, losses)?;
    match parts.iter().find(|part| !matches!(part.content, PartContent::Text(_))) {
        Some(other) => Err(Refusal::malformed(other.place, "a text part")),
        None => Ok(parts),
    }
}

/// A user message.
pub(super) fn read_user<'a>(message: Message<'a>, losses: &mut Losses) -> Result<Parts<'a>, Refusal> {
    let content = message
        .content
        .ok_or_else(|| Refusal::malformed(message.place.field("content"), "a string or an array of content parts"))?;
    report_unknown(&message.unknown, losses);
    read_parts(content, losses)
}

/// An assistant message: thoughts, text, calls, in this order.
pub(super) fn read_assistant<'a>(message: Message<'a>, losses: &mut Losses) -> Result<Parts<'a>, Refusal> {
    let place = message.place;
    let mut parts = read_thoughts(message.reasoning_content.or(message.reasoning), message.reasoning_details, place);
    if let Some(content) = message.content {
        parts.extend(read_parts(content, losses)?);
    }
    if let Some(refusal) = message.refusal {
        parts.push(Part::new(PartContent::Refusal(refusal.into()), refusal.place()));
    }
    if let Some(audio) = message.audio.filter(|audio| audio.kind() != Kind::Null) {
        losses.refuse(audio.place(), Feature::FileReference)?;
    }
    for call in message.tool_calls.into_iter().flatten() {
        parts.push(read_call(call)?);
    }
    if let Some(function) = message.function_call {
        let name = function.name.ok_or_else(|| Refusal::malformed(function.place.field("name"), "a string"))?;
        let call =
            ToolCall { id: None, name: name.into(), arguments: read_arguments(function.arguments)?, signature: None };
        parts.push(Part::new(PartContent::ToolCall(call), function.place));
    }
    report_unknown(&message.unknown, losses);
    if message.annotations.is_some() {
        losses.hint();
    }
    Ok(parts)
}

/// A message of role `tool`, or of the deprecated role `function`.
pub(super) fn read_tool_result<'a>(message: Message<'a>, losses: &mut Losses) -> Result<Part<'a>, Refusal> {
    let place = message.place;
    if message.tool_call_id.is_none() && message.name.is_none() {
        return Err(Refusal::malformed(place.field("tool_call_id"), "the id of the call that is answered"));
    }
    let parts = message.content.map(|content| read_parts(content, losses)).transpose()?.unwrap_or_default();
    report_unknown(&message.unknown, losses);
    let result = ToolResult {
        call_id: message.tool_call_id.map(Text::from),
        name: message.name.map(Text::from),
        parts,
        is_error: false,
    };
    Ok(Part::new(PartContent::ToolResult(result), place))
}

fn read_parts<'a>(content: Content<'a>, losses: &mut Losses) -> Result<Parts<'a>, Refusal> {
    match content {
        Content::Text(text) => Ok(vec![Part::text(text, text.place())]),
        Content::Parts(parts) => parts.into_iter().map(|part| read_part(part, losses)).collect(),
    }
}

fn read_part<'a>(part: ContentPart<'a>, losses: &mut Losses) -> Result<Part<'a>, Refusal> {
    let place = part.place;
    let missing = |field, expected| Refusal::malformed(place.field(field), expected);
    let kind = part.kind.ok_or_else(|| missing("type", "the type of the part"))?;
    report_unknown(&part.unknown, losses);
    let content = match kind.escaped() {
        "text" => PartContent::Text(part.text.ok_or_else(|| missing("text", "a string"))?.into()),
        "refusal" => PartContent::Refusal(part.refusal.ok_or_else(|| missing("refusal", "a string"))?.into()),
        "image_url" => read_image(part.image_url.ok_or_else(|| missing("image_url", "an object with a url"))?, place)?,
        "input_audio" => {
            read_audio(part.input_audio.ok_or_else(|| missing("input_audio", "an object with data and format"))?)?
        }
        "file" => read_file(part.file.ok_or_else(|| missing("file", "an object"))?)?,
        "thinking" => PartContent::Thought(Thought { text: thinking_text(part.thinking), opaque: None }),
        _ => {
            return Err(Refusal::malformed(
                kind.place(),
                "a part of type text, refusal, image_url, input_audio or file",
            ));
        }
    };
    let cache = part.prompt_cache_breakpoint.or(part.cache_control).map(|raw| CacheHint { raw });
    Ok(Part { content, place, cache })
}

fn read_image<'a>(image: WordOr<'a, ImageUrl<'a>>, place: Place) -> Result<PartContent<'a>, Refusal> {
    let (url, detail) = match image {
        // Some clients send the address itself.
        WordOr::Word(url) => (url, None),
        WordOr::Object(ImageUrl { url: Some(url), detail, .. }) => (url, detail),
        WordOr::Object(_) => return Err(Refusal::malformed(place.field("url"), "a string")),
    };
    let (source, media_type) = read_url(url);
    Ok(PartContent::Image(Media { source, media_type, detail }))
}

fn read_audio(audio: InputAudio<'_>) -> Result<PartContent<'_>, Refusal> {
    let data = audio.data.ok_or_else(|| Refusal::malformed(audio.place.field("data"), "base64"))?;
    let format = audio.format.map_or("wav", Literal::escaped);
    let media_type = if format == "mp3" { Text::from("audio/mpeg") } else { Text::from(format!("audio/{format}")) };
    Ok(PartContent::Audio(Media { source: Source::Base64(data.into()), media_type: Some(media_type), detail: None }))
}

fn read_file(file: File<'_>) -> Result<PartContent<'_>, Refusal> {
    let (source, media_type) = match (file.file_data, file.file_id) {
        (Some(data), _) => match read_url(data) {
            // OpenRouter takes addresses here; anything else without `data:` in front is base64 of a PDF.
            (Source::Url(url), _) if data.escaped().starts_with("http") => (Source::Url(url), None),
            (Source::Url(data), _) => (Source::Base64(data), Some(Text::from("application/pdf"))),
            data_url => data_url,
        },
        (None, Some(id)) => (Source::File(id.into()), None),
        (None, None) => return Err(Refusal::malformed(file.place.field("file_data"), "a data URL")),
    };
    Ok(PartContent::Document(Document {
        source,
        media_type,
        title: file.filename.map(Text::from),
        context: None,
        citations: None,
    }))
}

/// The texts of Mistral's thinking part.
pub(super) fn thinking_text(thinking: Option<Content<'_>>) -> Text<'_> {
    match thinking {
        None => Text::from(""),
        Some(Content::Text(text)) => text.into(),
        Some(Content::Parts(parts)) => {
            parts.iter().filter_map(|part| part.text).map(|text| text.decode().into_owned()).collect::<String>().into()
        }
    }
}

/// Thoughts the client echoes. State is in `reasoning_details`; plain text counts only where they carry none.
fn read_thoughts<'a>(text: Option<Literal<'a>>, details: Option<Vec<ReasoningDetail<'a>>>, place: Place) -> Parts<'a> {
    let mut thoughts: Vec<Thought<'a>> = details.into_iter().flatten().map(read_detail).collect();
    let told = thoughts.iter().any(|thought| !thought.text.is_empty());
    if let Some(text) = text.filter(|text| !text.is_empty() && !told) {
        match thoughts.first_mut() {
            Some(first) => first.text = text.into(),
            None => thoughts.push(Thought { text: text.into(), opaque: None }),
        }
    }
    thoughts.into_iter().map(|thought| Part::new(PartContent::Thought(thought), place)).collect()
}

fn read_detail(detail: ReasoningDetail<'_>) -> Thought<'_> {
    let signed =
        detail.signature.map(|signature| Opaque::read(signature.into(), Dialect::OpenAiChat, OpaqueKind::Signature));
    let encrypted = detail.data.map(|data| Opaque::read(data.into(), Dialect::OpenAiChat, OpaqueKind::Encrypted));
    Thought { text: detail.text.or(detail.summary).map_or(Text::from(""), Text::from), opaque: signed.or(encrypted) }
}

fn read_call(call: WireCall<'_>) -> Result<Part<'_>, Refusal> {
    let place = call.place;
    let signature = call.extra_content.and_then(|extra| extra.google?.thought_signature);
    let signature = signature.map(|signature| Opaque::read(signature.into(), Dialect::Gemini, OpaqueKind::Thought));
    let (name, arguments) = match (call.function, call.custom) {
        (Some(Function { name, arguments, .. }), _) => (name, read_arguments(arguments)?),
        (None, Some(custom)) => (custom.name, Arguments::Custom(custom.input.map_or(Text::from(""), Text::from))),
        (None, None) => return Err(Refusal::malformed(place.field("function"), "an object")),
    };
    let name = name.ok_or_else(|| Refusal::malformed(place.field("function"), "an object with a name"))?;
    let call = ToolCall { id: call.id.map(Text::from), name: name.into(), arguments, signature };
    Ok(Part::new(PartContent::ToolCall(call), place))
}

fn read_arguments(arguments: Option<Raw<'_>>) -> Result<Arguments<'_>, Refusal> {
    match arguments {
        None => Ok(Arguments::Encoded(Text::from(""))),
        Some(raw) if raw.kind() == Kind::String => Ok(Arguments::Encoded(raw.read::<Literal<'_>>()?.into())),
        Some(raw) if raw.kind() == Kind::Object => Ok(Arguments::Value(raw)),
        Some(raw) => Err(Refusal::malformed(raw.place(), "a string of JSON")),
    }
}

fn report_unknown(unknown: &[crate::json::Unknown<'_>], losses: &mut Losses) {
    for member in unknown.iter().filter(|member| !member.is_void()) {
        losses.report(member.place(), Feature::UnknownField);
    }
}
