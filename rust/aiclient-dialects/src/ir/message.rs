//! The conversation of a request.

use super::{CacheHint, Opaque, OpaqueKind, ToolCall, ToolResult};
use crate::json::{Literal, Place, Text};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Instructions. (C R; A and G keep leading ones apart)
    System,
    /// Instructions, as newer OpenAI models call them. (C R)
    Developer,
    /// The user, and the results of tools.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// System or developer.
    pub fn is_system(self) -> bool {
        matches!(self, Self::System | Self::Developer)
    }
}

/// One message, in the order and grouping of the source.
///
/// Tool results are parts of user messages in every dialect's reading; [`turns`] groups them as A and G want it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message<'a> {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub parts: Vec<Part<'a>>,
    /// Where the message stood.
    pub place: Place,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'a> {
    /// What it is.
    pub content: PartContent<'a>,
    /// Where it stood.
    pub place: Place,
    /// Whether the prompt up to here should be cached. (A; C R on new models)
    pub cache: Option<CacheHint<'a>>,
}

/// What a piece of a message is.
#[derive(Clone, Debug, PartialEq)]
pub enum PartContent<'a> {
    /// Text. (C R A G)
    Text(Text<'a>),
    /// What the model refused with in an earlier turn. (C R)
    Refusal(Text<'a>),
    /// An image. (C R A G)
    Image(Media<'a>),
    /// Sound. (C G)
    Audio(Media<'a>),
    /// Video. (G)
    Video(Media<'a>),
    /// A document. (C R A G)
    Document(Document<'a>),
    /// A result of the caller's own search. (A)
    SearchResult(SearchResult<'a>),
    /// Earlier thoughts. (C R A G)
    Thought(Thought<'a>),
    /// A call the model made. (C R A G)
    ToolCall(ToolCall<'a>),
    /// The result of a call. (C R A G)
    ToolResult(ToolResult<'a>),
}

/// Where the bytes of a medium are.
#[derive(Clone, Debug, PartialEq)]
pub enum Source<'a> {
    /// Here, as standard base64.
    Base64(Text<'a>),
    /// At an address.
    Url(Text<'a>),
    /// Stored at the vendor; the id means nothing to another one.
    File(Text<'a>),
    /// Plain text. (documents)
    Text(Text<'a>),
    /// Parts of its own. (A documents)
    Parts(Vec<Part<'a>>),
}

/// An image, sound or video.
#[derive(Clone, Debug, PartialEq)]
pub struct Media<'a> {
    /// Its bytes.
    pub source: Source<'a>,
    /// Its media type, `image/png`; not known for most addresses.
    pub media_type: Option<Text<'a>>,
    /// How closely to look: auto, low, high, original. (C R)
    pub detail: Option<Literal<'a>>,
}

/// A document.
#[derive(Clone, Debug, PartialEq)]
pub struct Document<'a> {
    /// Its content.
    pub source: Source<'a>,
    /// Its media type, `application/pdf`.
    pub media_type: Option<Text<'a>>,
    /// Its title or file name.
    pub title: Option<Text<'a>>,
    /// What the model should know about it and not cite. (A)
    pub context: Option<Text<'a>>,
    /// Where its citations were asked for, if they were. (A)
    pub citations: Option<Place>,
}

/// A result of the caller's own search. (A)
#[derive(Clone, Debug, PartialEq)]
pub struct SearchResult<'a> {
    /// Where it was found.
    pub source: Text<'a>,
    /// Its title.
    pub title: Text<'a>,
    /// What it says.
    pub parts: Vec<Part<'a>>,
}

/// Earlier thoughts of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Thought<'a> {
    /// The text, possibly empty.
    pub text: Text<'a>,
    /// The state that goes with it.
    pub opaque: Option<Opaque<'a>>,
}

impl Thought<'_> {
    /// Whether it stands for thoughts that are packed in its state.
    pub(crate) fn is_packed(&self) -> bool {
        self.opaque.as_ref().is_some_and(|opaque| opaque.kind == OpaqueKind::Thoughts)
    }
}

impl<'a> Part<'a> {
    /// A piece without anything special about it.
    pub fn new(content: PartContent<'a>, place: Place) -> Self {
        Self { content, place, cache: None }
    }

    /// A text.
    pub fn text(text: impl Into<Text<'a>>, place: Place) -> Self {
        Self::new(PartContent::Text(text.into()), place)
    }

    /// The tool result, if it is one.
    pub fn as_tool_result(&self) -> Option<&ToolResult<'a>> {
        if let PartContent::ToolResult(result) = &self.content { Some(result) } else { None }
    }

    /// The tool call, if it is one.
    pub fn as_tool_call(&self) -> Option<&ToolCall<'a>> {
        if let PartContent::ToolCall(call) = &self.content { Some(call) } else { None }
    }
}

impl Media<'_> {
    /// A copy that borrows nothing, of a medium in a reply.
    pub(crate) fn to_static(&self) -> Media<'static> {
        let copy = Text::to_static;
        let source = match &self.source {
            Source::Base64(text) => Source::Base64(copy(text)),
            Source::Url(text) => Source::Url(copy(text)),
            Source::File(text) => Source::File(copy(text)),
            Source::Text(text) => Source::Text(copy(text)),
            Source::Parts(_) => Source::Parts(Vec::new()),
        };
        Media { source, media_type: self.media_type.as_ref().map(copy), detail: None }
    }
}

/// Messages in a row that one side says: what A and G call a turn.
#[derive(Debug)]
pub struct Turn<'m, 'a> {
    /// System (mid-conversation), user or assistant.
    pub role: Role,
    /// The messages, in order.
    pub messages: &'m [Message<'a>],
}

impl<'m, 'a> Turn<'m, 'a> {
    /// All pieces, in order.
    pub fn parts(&self) -> impl Iterator<Item = &'m Part<'a>> + use<'m, 'a> {
        self.messages.iter().flat_map(|message| &message.parts)
    }

    /// The pieces with tool results in front: A wants them first, C and G in messages of their own.
    pub fn results_first(&self) -> impl Iterator<Item = &'m Part<'a>> + use<'m, 'a> {
        let messages = self.messages;
        let results = messages.iter().flat_map(|message| &message.parts).filter(|part| part.as_tool_result().is_some());
        let others = messages.iter().flat_map(|message| &message.parts).filter(|part| part.as_tool_result().is_none());
        results.chain(others)
    }
}

/// Group messages into turns. Each system message is a turn of its own.
pub fn turns<'m, 'a>(messages: &'m [Message<'a>]) -> impl Iterator<Item = Turn<'m, 'a>> {
    messages
        .chunk_by(|one, next| one.role == next.role && !one.role.is_system())
        .map(|messages| Turn { role: messages[0].role, messages })
}
