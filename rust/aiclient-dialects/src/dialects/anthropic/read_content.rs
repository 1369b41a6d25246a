//! Content blocks of a client's request to the neutral form.

use super::wire::{Block, BlockContent, Content, Source as WireSource};
use crate::dialect::Dialect;
use crate::error::Refusal;
use crate::ir::{
    Arguments, CacheHint, Document, Media, Opaque, OpaqueKind, Part, PartContent, SearchResult, Source, Thought,
    ToolCall, ToolResult,
};
use crate::json::{Kind, Literal, Place, Text};
use crate::loss::{Feature, Losses};

type Parts<'a> = Vec<Part<'a>>;

/// A string or blocks.
pub(super) fn read_content<'a>(content: Content<'a>, losses: &mut Losses) -> Result<Parts<'a>, Refusal> {
    match content {
        Content::Text(text) => Ok(vec![Part::text(text, text.place())]),
        Content::Blocks(blocks) => read_blocks(blocks, losses),
    }
}

/// Blocks; those that only their vendor understands are left out and reported.
pub(super) fn read_blocks<'a>(blocks: Vec<Block<'a>>, losses: &mut Losses) -> Result<Parts<'a>, Refusal> {
    let mut parts = Vec::with_capacity(blocks.len());
    for block in blocks {
        let place = block.place;
        let cache = block.cache_control.map(|raw| CacheHint { raw });
        for member in block.unknown.iter().filter(|member| !member.is_void()) {
            // Who made a call (`caller`), and the like.
            losses.report(member.place(), Feature::UnknownField);
        }
        if let Some(content) = read_block(block, losses)? {
            parts.push(Part { content, place, cache });
        }
    }
    Ok(parts)
}

fn read_block<'a>(block: Block<'a>, losses: &mut Losses) -> Result<Option<PartContent<'a>>, Refusal> {
    let kind = block.kind.ok_or_else(|| missing(block.place, "type", "the type of the block"))?;
    Ok(Some(match kind.escaped() {
        "text" => read_text(block, losses)?,
        "image" => read_image(&block)?,
        "document" => read_document(block, losses)?,
        "search_result" => read_search_result(block, losses)?,
        "thinking" => read_thinking(&block),
        "redacted_thinking" => read_redacted(&block)?,
        "tool_use" => read_tool_use(&block)?,
        "tool_result" => read_tool_result(block, losses)?,
        "container_upload" => return losses.refuse(block.place, Feature::FileReference),
        _ => return Ok(read_native(block, losses)),
    }))
}

fn missing(place: Place, field: &'static str, expected: &'static str) -> Refusal {
    Refusal::malformed(place.field(field), expected)
}

fn read_text<'a>(block: Block<'a>, losses: &mut Losses) -> Result<PartContent<'a>, Refusal> {
    if block.citations.is_some_and(|citations| citations.text() != "[]") {
        losses.hint();
    }
    Ok(PartContent::Text(block.text.ok_or_else(|| missing(block.place, "text", "a string"))?.into()))
}

fn read_source<'a>(block: &Block<'a>) -> Result<WireSource<'a>, Refusal> {
    match block.source {
        Some(source) if source.kind() == Kind::Object => Ok(source.read()?),
        _ => Err(missing(block.place, "source", "an object with a type")),
    }
}

/// A source of bytes, an address or a file; `read_document` knows two kinds more.
fn read_bytes<'a>(source: &WireSource<'a>) -> Result<Source<'a>, Refusal> {
    let place = source.place;
    match source.kind.map(Literal::escaped) {
        Some("base64") => Ok(Source::Base64(source.data.ok_or_else(|| missing(place, "data", "base64"))?.into())),
        Some("url") => Ok(Source::Url(source.url.ok_or_else(|| missing(place, "url", "an address"))?.into())),
        Some("file") => {
            Ok(Source::File(source.file_id.ok_or_else(|| missing(place, "file_id", "the id of a file"))?.into()))
        }
        _ => Err(missing(place, "type", "base64, url or file")),
    }
}

fn read_image<'a>(block: &Block<'a>) -> Result<PartContent<'a>, Refusal> {
    let source = read_source(block)?;
    let media_type = source.media_type.map(Text::from);
    Ok(PartContent::Image(Media { source: read_bytes(&source)?, media_type, detail: None }))
}

fn read_document<'a>(block: Block<'a>, losses: &mut Losses) -> Result<PartContent<'a>, Refusal> {
    let source = read_source(&block)?;
    let place = source.place;
    let bytes = match source.kind.map(Literal::escaped) {
        Some("text") => Source::Text(source.data.ok_or_else(|| missing(place, "data", "text"))?.into()),
        Some("content") => {
            let content =
                source.content.ok_or_else(|| missing(place, "content", "a string or an array of content blocks"))?;
            Source::Parts(read_content(content, losses)?)
        }
        _ => read_bytes(&source)?,
    };
    let cited =
        block.citations.filter(|citations| citations.kind() == Kind::Object && citations.text().contains("true"));
    Ok(PartContent::Document(Document {
        source: bytes,
        media_type: source.media_type.map(Text::from),
        title: block.title.map(Text::from),
        context: block.context.map(Text::from),
        citations: cited.map(crate::json::Raw::place),
    }))
}

fn read_search_result<'a>(block: Block<'a>, losses: &mut Losses) -> Result<PartContent<'a>, Refusal> {
    let address = block.source.filter(|source| source.kind() == Kind::String);
    let source: Literal<'a> = address.ok_or_else(|| missing(block.place, "source", "a string"))?.read()?;
    let title = block.title.ok_or_else(|| missing(block.place, "title", "a string"))?;
    let parts = match block.content {
        Some(BlockContent::Own(content)) => read_content(content, losses)?,
        _ => return Err(missing(block.place, "content", "an array of text blocks")),
    };
    if block.citations.is_some_and(|citations| citations.text().contains("true")) {
        losses.report(block.place.field("citations"), Feature::DocumentOptions);
    }
    Ok(PartContent::SearchResult(SearchResult { source: source.into(), title: title.into(), parts }))
}

fn read_thinking<'a>(block: &Block<'a>) -> PartContent<'a> {
    let opaque = block
        .signature
        .filter(|signature| !signature.is_empty())
        .map(|signature| Opaque::read(signature.into(), Dialect::Anthropic, OpaqueKind::Signature));
    // An envelope without payload only stands for thoughts that their vendor did not seal.
    let opaque = opaque.filter(|opaque| !opaque.payload.is_empty());
    PartContent::Thought(Thought { text: block.thinking.map_or(Text::from(""), Text::from), opaque })
}

fn read_redacted<'a>(block: &Block<'a>) -> Result<PartContent<'a>, Refusal> {
    let data = block.data.ok_or_else(|| missing(block.place, "data", "a string"))?;
    let opaque = Opaque::read(data.into(), Dialect::Anthropic, OpaqueKind::Encrypted);
    Ok(PartContent::Thought(Thought { text: Text::from(""), opaque: Some(opaque) }))
}

fn read_tool_use<'a>(block: &Block<'a>) -> Result<PartContent<'a>, Refusal> {
    let id = block.id.ok_or_else(|| missing(block.place, "id", "a string"))?;
    let name = block.name.ok_or_else(|| missing(block.place, "name", "a string"))?;
    let arguments = match block.input {
        None => Arguments::Encoded(Text::from("")),
        Some(input) if input.kind() == Kind::Object => Arguments::Value(input),
        Some(input) => return Err(Refusal::malformed(input.place(), "an object")),
    };
    Ok(PartContent::ToolCall(ToolCall { id: Some(id.into()), name: name.into(), arguments, signature: None }))
}

fn read_tool_result<'a>(block: Block<'a>, losses: &mut Losses) -> Result<PartContent<'a>, Refusal> {
    let id =
        block.tool_use_id.ok_or_else(|| missing(block.place, "tool_use_id", "the id of the call that is answered"))?;
    let parts = match block.content {
        None => Vec::new(),
        Some(BlockContent::Own(content)) => read_content(content, losses)?,
        Some(BlockContent::Server(_)) => {
            return Err(missing(block.place, "content", "a string or an array of content blocks"));
        }
    };
    let is_error = block.is_error.unwrap_or(false);
    Ok(PartContent::ToolResult(ToolResult { call_id: Some(id.into()), name: None, parts, is_error }))
}

/// Blocks of the vendor's own tools and features: their text is kept, the rest reported.
fn read_native<'a>(block: Block<'a>, losses: &mut Losses) -> Option<PartContent<'a>> {
    losses.report(block.place, Feature::NativeBlock);
    let text = match (block.text, block.content) {
        (Some(text), _) | (None, Some(BlockContent::Own(Content::Text(text)))) => text,
        _ => return None,
    };
    Some(PartContent::Text(text.into()))
}
