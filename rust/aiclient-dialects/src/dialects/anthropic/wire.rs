//! The JSON objects of the dialect.

use crate::json::{At, Cursor, FromJson, Invalid, Kind, Literal, Number, Raw, json_object};

/// A string, or a list of blocks.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Text(Literal<'a>),
    Blocks(Vec<Block<'a>>),
}

impl<'a> FromJson<'a> for Content<'a> {
    #[inline]
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Text),
            Kind::Array => Vec::from_json(cursor).map(Self::Blocks),
            _ => Err(cursor.invalid("a string or an array of content blocks")),
        }
    }
}

/// The `content` of a block: a string, blocks, or the one object of a server tool's result.
#[derive(Debug)]
pub(super) enum BlockContent<'a> {
    Own(Content<'a>),
    Server(#[expect(dead_code, reason = "only that it is one matters")] Raw<'a>),
}

impl<'a> FromJson<'a> for BlockContent<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String | Kind::Array => Content::from_json(cursor).map(Self::Own),
            _ => cursor.raw().map(Self::Server),
        }
    }
}

json_object! {
    /// The body of a request.
    pub(super) struct Request<'a> {
        model: Literal<'a> = "model",
        messages: Vec<Message<'a>> = "messages",
        system: Content<'a> = "system",
        max_tokens: Number<'a> = "max_tokens",
        temperature: Number<'a> = "temperature",
        top_p: Number<'a> = "top_p",
        top_k: Number<'a> = "top_k",
        stop_sequences: At<Vec<Literal<'a>>> = "stop_sequences",
        stream: bool = "stream",
        tools: Vec<Raw<'a>> = "tools",
        tool_choice: ToolChoice<'a> = "tool_choice",
        thinking: Thinking<'a> = "thinking",
        output_config: OutputConfig<'a> = "output_config",
        /// The earlier place of `output_config.format`.
        output_format: OutputFormat<'a> = "output_format",
        metadata: Metadata<'a> = "metadata",
        service_tier: Literal<'a> = "service_tier",
        speed: Literal<'a> = "speed",
        cache_control: Raw<'a> = "cache_control",
        container: Raw<'a> = "container",
        mcp_servers: Raw<'a> = "mcp_servers",
        thread: Raw<'a> = "thread",
        context_management: Raw<'a> = "context_management",
        ..unknown
    }
}

json_object! {
    pub(super) struct Metadata<'a> {
        user_id: Literal<'a> = "user_id",
        ..ignored
    }
}

json_object! {
    pub(super) struct Thinking<'a> {
        kind: At<Literal<'a>> = "type",
        budget_tokens: Number<'a> = "budget_tokens",
        display: Literal<'a> = "display",
        ..ignored
    }
}

json_object! {
    pub(super) struct OutputConfig<'a> {
        effort: Literal<'a> = "effort",
        format: OutputFormat<'a> = "format",
        ..unknown
    }
}

json_object! {
    pub(super) struct OutputFormat<'a> {
        kind: Literal<'a> = "type",
        schema: Raw<'a> = "schema",
        ..ignored
    }
}

json_object! {
    pub(super) struct Message<'a> {
        role: Literal<'a> = "role",
        content: Content<'a> = "content",
        ..unknown
    }
}

json_object! {
    /// A content block, of any type.
    pub(super) struct Block<'a> {
        kind: Literal<'a> = "type",
        text: Literal<'a> = "text",
        thinking: Literal<'a> = "thinking",
        signature: Literal<'a> = "signature",
        data: Literal<'a> = "data",
        id: Literal<'a> = "id",
        name: Literal<'a> = "name",
        input: Raw<'a> = "input",
        tool_use_id: Literal<'a> = "tool_use_id",
        content: BlockContent<'a> = "content",
        is_error: bool = "is_error",
        /// An object in images and documents, an address in search results.
        source: Raw<'a> = "source",
        title: Literal<'a> = "title",
        context: Literal<'a> = "context",
        /// A switch in documents, a list in texts.
        citations: Raw<'a> = "citations",
        cache_control: Raw<'a> = "cache_control",
        ..unknown
    }
}

json_object! {
    /// Where the bytes of an image or a document are.
    pub(super) struct Source<'a> {
        kind: Literal<'a> = "type",
        media_type: Literal<'a> = "media_type",
        data: Literal<'a> = "data",
        url: Literal<'a> = "url",
        file_id: Literal<'a> = "file_id",
        content: Content<'a> = "content",
        ..ignored
    }
}

json_object! {
    pub(super) struct Tool<'a> {
        kind: Literal<'a> = "type",
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        input_schema: Raw<'a> = "input_schema",
        strict: At<bool> = "strict",
        cache_control: Raw<'a> = "cache_control",
        /// How arguments are streamed; they come in pieces anyway.
        eager_input_streaming: Raw<'a> = "eager_input_streaming",
        ..unknown
    }
}

json_object! {
    pub(super) struct ToolChoice<'a> {
        kind: Literal<'a> = "type",
        name: Literal<'a> = "name",
        disable_parallel_tool_use: At<bool> = "disable_parallel_tool_use",
        ..ignored
    }
}

json_object! {
    /// A whole reply, or the `message` of `message_start`.
    pub(super) struct Reply<'a> {
        kind: Literal<'a> = "type",
        id: Literal<'a> = "id",
        model: Literal<'a> = "model",
        content: Vec<Block<'a>> = "content",
        stop_reason: Literal<'a> = "stop_reason",
        stop_sequence: Literal<'a> = "stop_sequence",
        stop_details: StopDetails<'a> = "stop_details",
        usage: Usage<'a> = "usage",
        error: Raw<'a> = "error",
        ..ignored
    }
}

json_object! {
    pub(super) struct StopDetails<'a> {
        explanation: Literal<'a> = "explanation",
        ..ignored
    }
}

json_object! {
    /// The data of a stream's event, of any type.
    pub(super) struct StreamEvent<'a> {
        kind: Literal<'a> = "type",
        index: u64 = "index",
        message: Reply<'a> = "message",
        content_block: Block<'a> = "content_block",
        delta: Delta<'a> = "delta",
        usage: Usage<'a> = "usage",
        error: Raw<'a> = "error",
        ..ignored
    }
}

json_object! {
    /// A change of a block, or of the message.
    pub(super) struct Delta<'a> {
        kind: Literal<'a> = "type",
        text: Literal<'a> = "text",
        thinking: Literal<'a> = "thinking",
        signature: Literal<'a> = "signature",
        partial_json: Literal<'a> = "partial_json",
        citation: Citation<'a> = "citation",
        stop_reason: Literal<'a> = "stop_reason",
        stop_sequence: Literal<'a> = "stop_sequence",
        stop_details: StopDetails<'a> = "stop_details",
        ..ignored
    }
}

json_object! {
    pub(super) struct Citation<'a> {
        url: Literal<'a> = "url",
        source: Literal<'a> = "source",
        title: Literal<'a> = "title",
        document_title: Literal<'a> = "document_title",
        cited_text: Literal<'a> = "cited_text",
        ..ignored
    }
}

json_object! {
    pub(super) struct Usage<'a> {
        input_tokens: u64 = "input_tokens",
        output_tokens: u64 = "output_tokens",
        cache_creation_input_tokens: u64 = "cache_creation_input_tokens",
        cache_read_input_tokens: u64 = "cache_read_input_tokens",
        output_tokens_details: OutputDetails<'a> = "output_tokens_details",
        ..ignored
    }
}

json_object! {
    pub(super) struct OutputDetails<'a> {
        thinking_tokens: u64 = "thinking_tokens",
        ..ignored
    }
}

/// Counts as the wire gives them: cumulative, each event only some of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    input: u64,
    output: u64,
    cache_read: u64,
    cache_write: u64,
    thinking: u64,
}

impl Counts {
    /// Take over what an event says anew.
    pub(super) fn update(&mut self, usage: &Usage<'_>) {
        let set = |slot: &mut u64, value: Option<u64>| *slot = value.unwrap_or(*slot);
        set(&mut self.input, usage.input_tokens);
        set(&mut self.output, usage.output_tokens);
        set(&mut self.cache_read, usage.cache_read_input_tokens);
        set(&mut self.cache_write, usage.cache_creation_input_tokens);
        set(&mut self.thinking, usage.output_tokens_details.as_ref().and_then(|details| details.thinking_tokens));
    }

    /// In the common convention, where input includes what was cached.
    pub(super) fn usage(self) -> crate::ir::Usage {
        crate::ir::Usage {
            input_tokens: self.input + self.cache_read + self.cache_write,
            output_tokens: self.output,
            cache_read_tokens: self.cache_read,
            cache_write_tokens: self.cache_write,
            reasoning_tokens: self.thinking,
            estimated: false,
        }
    }
}

/// Why the answer ended.
pub(super) fn finish_reason(word: Literal<'_>) -> crate::ir::FinishReason {
    use crate::ir::FinishReason;
    match word.escaped() {
        "stop_sequence" => FinishReason::StopSequence,
        "tool_use" => FinishReason::ToolCalls,
        "max_tokens" => FinishReason::Length,
        "model_context_window_exceeded" => FinishReason::ContextFull,
        "refusal" => FinishReason::ContentFilter,
        "pause_turn" => FinishReason::Paused,
        _ => FinishReason::Stop,
    }
}
