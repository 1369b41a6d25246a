//! Contents of a client's request to the neutral form.
//!
//! Owns: which calls still wait for their result. Calls may have no id here; one is made from the call's position, and
//! the result that answers it is found by id, or by name in the order of the calls.

use std::collections::VecDeque;

use super::names::read_signature;
use super::wire::{Blob, Content, FileData, FunctionCall, FunctionResponse, Part as WirePart};
use crate::error::Refusal;
use crate::ir::{
    Arguments, Document, Media, Message, Opaque, OpaqueKind, PackedThought, Part, PartContent, Role, Source, Thought,
    ToolCall, ToolResult, unpack,
};
use crate::json::{Cursor, Invalid, Kind, Literal, Place, Raw, Text};
use crate::loss::{Feature, Losses};

/// Reads contents in order.
pub(super) struct ContentReader<'l> {
    losses: &'l mut Losses,
    calls: usize,
    /// Name and id of calls without a result.
    waiting: VecDeque<(String, String)>,
}

impl<'l> ContentReader<'l> {
    pub(super) fn new(losses: &'l mut Losses) -> Self {
        Self { losses, calls: 0, waiting: VecDeque::new() }
    }

    /// One content.
    pub(super) fn message<'a>(&mut self, content: Content<'a>) -> Result<Message<'a>, Refusal> {
        let place = content.place;
        let role = match content.role.map(Literal::escaped) {
            Some("user" | "function") | None => Role::User,
            Some("model") => Role::Assistant,
            Some(_) => return Err(Refusal::malformed(place.field("role"), "a role: user or model")),
        };
        let mut parts = self.parts(content.parts.unwrap_or_default())?;
        if role == Role::Assistant {
            let mut joined = Vec::with_capacity(parts.len());
            parts.into_iter().for_each(|part| push_part(part, &mut joined));
            parts = joined;
        }
        // The vendor's SDK for JavaScript gives results of tools to the model; they are the user's everywhere else.
        let results = parts.iter().any(|part| part.as_tool_result().is_some());
        let role = if results && parts.iter().all(|part| part.as_tool_call().is_none()) { Role::User } else { role };
        Ok(Message { role, parts, place })
    }

    /// The parts of a content.
    pub(super) fn parts<'a>(&mut self, parts: Vec<WirePart<'a>>) -> Result<Vec<Part<'a>>, Refusal> {
        let mut read: Vec<Part<'a>> = Vec::with_capacity(parts.len());
        for part in parts {
            self.part(part, &mut read)?;
        }
        Ok(read)
    }

    fn part<'a>(&mut self, part: WirePart<'a>, read: &mut Vec<Part<'a>>) -> Result<(), Refusal> {
        let place = part.place;
        for option in [part.video_metadata, part.media_resolution].into_iter().flatten() {
            self.losses.report(option.place(), Feature::MediaOptions);
        }
        let signature = part.thought_signature.filter(|signature| !signature.is_empty()).map(read_signature);
        let content = if let Some(text) = part.text {
            read_text(text, part.thought == Some(true), signature, place, read);
            return Ok(());
        } else if let Some(call) = part.function_call {
            let (packed, own) = signature.map_or((None, None), |opaque| match opaque.kind {
                OpaqueKind::Thoughts => (Some(opaque), None),
                _ => (None, Some(opaque)),
            });
            push_state(packed, place, read);
            self.call(call, own, place)?
        } else {
            push_state(signature, place, read);
            if let Some(response) = part.function_response {
                self.response(response)?
            } else if let Some(blob) = part.inline_data {
                read_blob(blob)?
            } else if let Some(file) = part.file_data {
                read_file(file)?
            } else {
                return self.native(&part.unknown, place);
            }
        };
        read.push(Part::new(content, place));
        Ok(())
    }

    fn call<'a>(
        &mut self,
        call: FunctionCall<'a>,
        signature: Option<Opaque<'a>>,
        place: Place,
    ) -> Result<PartContent<'a>, Refusal> {
        let name = call.name.ok_or_else(|| Refusal::malformed(place.field("functionCall"), "an object with a name"))?;
        let id = call.id.map_or_else(|| format!("call_{}", self.calls), |id| id.decode().into_owned());
        self.calls += 1;
        self.waiting.push_back((name.decode().into_owned(), id.clone()));
        let arguments = match call.args {
            Some(args) if args.kind() == Kind::Object => Arguments::Value(args),
            Some(args) if args.kind() != Kind::Null => return Err(Refusal::malformed(args.place(), "an object")),
            _ => Arguments::Encoded(Text::from("")),
        };
        // The sentinel says that there is no signature.
        let signature = signature.filter(|opaque| opaque.payload.decode() != super::names::NO_SIGNATURE);
        Ok(PartContent::ToolCall(ToolCall { id: Some(id.into()), name: name.into(), arguments, signature }))
    }

    fn response<'a>(&mut self, response: FunctionResponse<'a>) -> Result<PartContent<'a>, Refusal> {
        let place = response.place;
        let name = response
            .name
            .ok_or_else(|| Refusal::malformed(place.field("name"), "the name of the function that was called"))?;
        let decoded = name.decode();
        let given = response.id.map(Literal::decode);
        let at =
            self.waiting.iter().position(|(name, id)| given.as_ref().map_or(*name == decoded, |given| id == given));
        let at = at.or_else(|| self.waiting.iter().position(|(name, _)| *name == decoded));
        let Some((_, id)) = at.and_then(|at| self.waiting.remove(at)) else {
            return self.losses.refuse(place, Feature::UnmatchedToolResult);
        };
        let (text, is_error) = response.response.map(read_said).transpose()?.unwrap_or((Text::from(""), false));
        let mut parts = if text.is_empty() { Vec::new() } else { vec![Part::text(text, place)] };
        parts.extend(self.parts(response.parts.unwrap_or_default())?);
        Ok(PartContent::ToolResult(ToolResult { call_id: Some(id.into()), name: Some(name.into()), parts, is_error }))
    }

    /// Parts of the vendor's own tools: their text is kept, the rest reported.
    fn native(&mut self, unknown: &[crate::json::Unknown<'_>], place: Place) -> Result<(), Refusal> {
        if unknown.is_empty() {
            return Err(Refusal::malformed(
                place,
                "a part with text, inlineData, fileData, functionCall or functionResponse",
            ));
        }
        self.losses.report(place, Feature::NativeBlock);
        Ok(())
    }
}

fn read_text<'a>(
    text: Literal<'a>,
    thought: bool,
    signature: Option<Opaque<'a>>,
    place: Place,
    read: &mut Vec<Part<'a>>,
) {
    if thought {
        push_part(Part::new(PartContent::Thought(Thought { text: text.into(), opaque: signature }), place), read);
        return;
    }
    push_state(signature, place, read);
    if !text.is_empty() {
        read.push(Part::text(text, place));
    }
}

/// The parts of a turn of the model with packed thoughts in their places.
///
/// They belong to the texts between the part that carries them and the call before it. A client that kept the thoughts
/// has them there without their seals: as they were shown to it.
pub(super) fn unpacked(parts: Vec<Part<'_>>) -> Vec<Part<'_>> {
    let mut read: Vec<Part<'_>> = Vec::with_capacity(parts.len());
    // Where the texts in front of the next call begin.
    let mut first = 0;
    for part in parts {
        let place = part.place;
        if let Some(thoughts) = packed(&part) {
            let shown = read.split_off(first);
            let (before, after): (Vec<_>, Vec<_>) = thoughts.into_iter().partition(|thought| !thought.after_text);
            read.extend(before.into_iter().map(|thought| restored(thought, place)));
            read.extend(shown.into_iter().filter(|part| !is_unsealed(part)));
            read.extend(after.into_iter().map(|thought| restored(thought, place)));
            continue;
        }
        let call = part.as_tool_call().is_some();
        read.push(part);
        if call {
            first = read.len();
        }
    }
    read
}

fn packed(part: &Part<'_>) -> Option<Vec<PackedThought>> {
    if let PartContent::Thought(thought) = &part.content { thought.opaque.as_ref().and_then(unpack) } else { None }
}

fn is_unsealed(part: &Part<'_>) -> bool {
    matches!(&part.content, PartContent::Thought(Thought { opaque: None, .. }))
}

fn restored<'a>(thought: PackedThought, place: Place) -> Part<'a> {
    let opaque = Some(thought.opaque);
    Part::new(PartContent::Thought(Thought { text: Text::from(thought.text), opaque }), place)
}

/// Append a part. Texts of a model in a row are one text, and thoughts one thought, sealed by the last of them: where a
/// stream was cut into chunks says nothing.
pub(super) fn push_part<'a>(part: Part<'a>, read: &mut Vec<Part<'a>>) {
    match (read.last_mut().map(|last| &mut last.content), part.content) {
        (Some(PartContent::Text(before)), PartContent::Text(more)) => *before = joined(before, &more),
        (Some(PartContent::Thought(Thought { text: before, opaque: open @ None })), PartContent::Thought(more))
            if !more.is_packed() =>
        {
            *before = joined(before, &more.text);
            *open = more.opaque;
        }
        (_, content) => read.push(Part { content, ..part }),
    }
}

fn joined(before: &Text<'_>, more: &Text<'_>) -> Text<'static> {
    Text::from(format!("{}{}", before.decode(), more.decode()))
}

/// State on a part that is no call: a thought without text, in front of it.
fn push_state<'a>(signature: Option<Opaque<'a>>, place: Place, read: &mut Vec<Part<'a>>) {
    if let Some(opaque) = signature {
        read.push(Part::new(PartContent::Thought(Thought { text: Text::from(""), opaque: Some(opaque) }), place));
    }
}

/// What a function said: `{"output": text}` or `{"result": text}`, `{"error": what}`, or any other object as it is.
fn read_said(response: Raw<'_>) -> Result<(Text<'_>, bool), Refusal> {
    if response.kind() != Kind::Object {
        return Ok((Text::from(response.text()), false));
    }
    let mut members: Vec<(String, Raw<'_>)> = Vec::new();
    Cursor::new(response.text()).object(|cursor, key| {
        members.push((key.decode().into_owned(), cursor.raw()?));
        Ok::<(), Invalid>(())
    })?;
    match members.as_slice() {
        [(key, value)] if matches!(key.as_str(), "output" | "result") && value.kind() == Kind::String => {
            Ok((value.read::<Literal<'_>>()?.into(), false))
        }
        [(key, value)] if key == "error" && value.kind() == Kind::String => {
            Ok((value.read::<Literal<'_>>()?.into(), true))
        }
        [(key, value)] if key == "error" => Ok((Text::from(value.text()), true)),
        [] => Ok((Text::from("{}"), false)),
        _ => Ok((Text::from(response.text()), false)),
    }
}

fn read_blob(blob: Blob<'_>) -> Result<PartContent<'_>, Refusal> {
    let data = blob.data.ok_or_else(|| Refusal::malformed(blob.place.field("data"), "base64"))?;
    let media_type = blob.mime_type.ok_or_else(|| Refusal::malformed(blob.place.field("mimeType"), "a media type"))?;
    Ok(medium(Source::Base64(standard(data)), media_type, blob.display_name))
}

/// Standard base64; the wire takes the URL-safe alphabet too.
fn standard(data: Literal<'_>) -> Text<'_> {
    if data.escaped().contains(['-', '_']) {
        Text::from(data.decode().replace('-', "+").replace('_', "/"))
    } else {
        data.into()
    }
}

fn read_file(file: FileData<'_>) -> Result<PartContent<'_>, Refusal> {
    let uri = file.file_uri.ok_or_else(|| Refusal::malformed(file.place.field("fileUri"), "an address"))?;
    let text = uri.escaped();
    let stored =
        text.starts_with("gs:") || text.starts_with("files/") || text.contains("generativelanguage.googleapis.com");
    let source = if stored { Source::File(uri.into()) } else { Source::Url(uri.into()) };
    match file.mime_type {
        Some(media_type) => Ok(medium(source, media_type, None)),
        None => Ok(PartContent::Document(Document {
            source,
            media_type: None,
            title: None,
            context: None,
            citations: None,
        })),
    }
}

fn medium<'a>(source: Source<'a>, media_type: Literal<'a>, title: Option<Literal<'a>>) -> PartContent<'a> {
    let kind = media_type.decode();
    let media = |source| Media { source, media_type: Some(media_type.into()), detail: None };
    match kind.split('/').next() {
        Some("image") => PartContent::Image(media(source)),
        Some("audio") => PartContent::Audio(media(source)),
        Some("video") => PartContent::Video(media(source)),
        _ => PartContent::Document(Document {
            source,
            media_type: Some(media_type.into()),
            title: title.map(Text::from),
            context: None,
            citations: None,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;
    use crate::json::parse;

    fn read(body: &str) -> Vec<Message<'_>> {
        let mut losses = Losses::default();
        let mut reader = ContentReader::new(&mut losses);
        let contents: Vec<Content<'_>> = parse(body).unwrap_or_default();
        contents.into_iter().filter_map(|content| reader.message(content).ok()).collect()
    }

    #[test]
    fn results_find_their_calls() {
        let messages = read(
            r#"[{"role":"model","parts":[{"functionCall":{"name":"a"}},{"functionCall":{"name":"b"}},{"functionCall":{"name":"a"}}]},
               {"role":"user","parts":[{"functionResponse":{"name":"b","response":{"output":"B"}}},{"functionResponse":{"name":"a","response":{"x":1}}},{"functionResponse":{"name":"a","response":{"error":"E"}}}]}]"#,
        );
        let ids: Vec<String> = messages[1]
            .parts
            .iter()
            .filter_map(|part| part.as_tool_result()?.call_id.as_ref().map(|id| id.decode().into_owned()))
            .collect();
        assert_eq!(ids, ["call_1", "call_0", "call_2"]);
        assert!(messages[1].parts[2].as_tool_result().is_some_and(|result| result.is_error));
    }

    #[test]
    fn thoughts_in_a_row_are_one() {
        let messages = read(
            r#"[{"role":"model","parts":[{"text":"a","thought":true},{"text":"b","thought":true,"thoughtSignature":"c2ln"},{"text":"x"}]}]"#,
        );
        let expected = Opaque { source: Dialect::Gemini, kind: OpaqueKind::Thought, payload: Text::from("c2ln") };
        assert_eq!(messages[0].parts.len(), 2);
        let PartContent::Thought(thought) = &messages[0].parts[0].content else { panic!("a thought") };
        assert_eq!(thought.text.decode(), "ab");
        assert_eq!(thought.opaque.as_ref().map(Opaque::seal), Some(expected.seal()));
    }
}
