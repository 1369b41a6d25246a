//! The JSON objects of the dialect.

use crate::json::{At, Cursor, FromJson, Invalid, Kind, Literal, Number, Raw, json_object};

/// A string, or a list of parts.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Text(Literal<'a>),
    Parts(Vec<ContentPart<'a>>),
}

/// A string, or a list of items.
#[derive(Debug)]
pub(super) enum Input<'a> {
    Text(Literal<'a>),
    Items(Vec<Item<'a>>),
}

/// A word, or an object.
#[derive(Debug)]
pub(super) enum Choice<'a> {
    Word(Literal<'a>),
    Object(ToolChoice<'a>),
}

impl<'a> FromJson<'a> for Content<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Text),
            Kind::Array => Vec::from_json(cursor).map(Self::Parts),
            _ => Err(cursor.invalid("a string or an array of content parts")),
        }
    }
}

impl<'a> FromJson<'a> for Input<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Text),
            Kind::Array => Vec::from_json(cursor).map(Self::Items),
            _ => Err(cursor.invalid("a string or an array of items")),
        }
    }
}

impl<'a> FromJson<'a> for Choice<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Word),
            _ => ToolChoice::from_json(cursor).map(Self::Object),
        }
    }
}

json_object! {
    /// The body of a request.
    pub(super) struct Request<'a> {
        model: Literal<'a> = "model",
        input: Input<'a> = "input",
        instructions: Literal<'a> = "instructions",
        max_output_tokens: Number<'a> = "max_output_tokens",
        temperature: Number<'a> = "temperature",
        top_p: Number<'a> = "top_p",
        top_logprobs: Number<'a> = "top_logprobs",
        tools: Raw<'a> = "tools",
        tool_choice: Raw<'a> = "tool_choice",
        parallel_tool_calls: At<bool> = "parallel_tool_calls",
        reasoning: Reasoning<'a> = "reasoning",
        text: TextOptions<'a> = "text",
        include: At<Vec<Literal<'a>>> = "include",
        stream: bool = "stream",
        user: Literal<'a> = "user",
        safety_identifier: Literal<'a> = "safety_identifier",
        service_tier: Literal<'a> = "service_tier",
        truncation: Literal<'a> = "truncation",
        previous_response_id: Literal<'a> = "previous_response_id",
        conversation: Raw<'a> = "conversation",
        prompt: Raw<'a> = "prompt",
        background: At<bool> = "background",
        max_tool_calls: Raw<'a> = "max_tool_calls",
        moderation: Raw<'a> = "moderation",
        context_management: Raw<'a> = "context_management",
        store: Raw<'a> = "store",
        metadata: Raw<'a> = "metadata",
        client_metadata: Raw<'a> = "client_metadata",
        stream_options: Raw<'a> = "stream_options",
        prompt_cache_key: Raw<'a> = "prompt_cache_key",
        prompt_cache_options: Raw<'a> = "prompt_cache_options",
        prompt_cache_retention: Raw<'a> = "prompt_cache_retention",
        ..unknown
    }
}

json_object! {
    pub(super) struct Reasoning<'a> {
        effort: Literal<'a> = "effort",
        summary: Literal<'a> = "summary",
        generate_summary: Literal<'a> = "generate_summary",
        ..ignored
    }
}

json_object! {
    pub(super) struct TextOptions<'a> {
        format: At<Format<'a>> = "format",
        verbosity: Literal<'a> = "verbosity",
        ..ignored
    }
}

json_object! {
    pub(super) struct Format<'a> {
        kind: Literal<'a> = "type",
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        schema: Raw<'a> = "schema",
        strict: bool = "strict",
        ..ignored
    }
}

json_object! {
    /// An item of any type, of a request or of a reply.
    pub(super) struct Item<'a> {
        kind: Literal<'a> = "type",
        id: Literal<'a> = "id",
        role: Literal<'a> = "role",
        content: Content<'a> = "content",
        call_id: Literal<'a> = "call_id",
        name: Literal<'a> = "name",
        namespace: Literal<'a> = "namespace",
        /// A string; of the vendor's own tools, an object.
        arguments: Raw<'a> = "arguments",
        input: Literal<'a> = "input",
        output: Content<'a> = "output",
        summary: Vec<ContentPart<'a>> = "summary",
        encrypted_content: Literal<'a> = "encrypted_content",
        /// The base64 of an image that was made.
        result: Literal<'a> = "result",
        output_format: Literal<'a> = "output_format",
        ..ignored
    }
}

json_object! {
    /// A piece of content, of any type.
    pub(super) struct ContentPart<'a> {
        kind: Literal<'a> = "type",
        text: Literal<'a> = "text",
        refusal: Literal<'a> = "refusal",
        image_url: Literal<'a> = "image_url",
        detail: Literal<'a> = "detail",
        file_id: Literal<'a> = "file_id",
        file_data: Literal<'a> = "file_data",
        file_url: Literal<'a> = "file_url",
        filename: Literal<'a> = "filename",
        input_audio: InputAudio<'a> = "input_audio",
        annotations: Vec<Annotation<'a>> = "annotations",
        logprobs: Raw<'a> = "logprobs",
        prompt_cache_breakpoint: Raw<'a> = "prompt_cache_breakpoint",
        ..ignored
    }
}

json_object! {
    pub(super) struct InputAudio<'a> {
        data: Literal<'a> = "data",
        format: Literal<'a> = "format",
        ..ignored
    }
}

json_object! {
    pub(super) struct Annotation<'a> {
        url: Literal<'a> = "url",
        title: Literal<'a> = "title",
        filename: Literal<'a> = "filename",
        start_index: Raw<'a> = "start_index",
        end_index: Raw<'a> = "end_index",
        ..ignored
    }
}

json_object! {
    /// A tool of any type; of a namespace, with tools of its own.
    pub(super) struct Tool<'a> {
        kind: Literal<'a> = "type",
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        parameters: Raw<'a> = "parameters",
        strict: At<bool> = "strict",
        format: Raw<'a> = "format",
        tools: Vec<Raw<'a>> = "tools",
        ..ignored
    }
}

json_object! {
    pub(super) struct ToolChoice<'a> {
        kind: Literal<'a> = "type",
        name: Literal<'a> = "name",
        mode: Literal<'a> = "mode",
        tools: Vec<Tool<'a>> = "tools",
        ..ignored
    }
}

json_object! {
    /// A whole reply, or the `response` of an event.
    pub(super) struct Reply<'a> {
        id: Literal<'a> = "id",
        model: Literal<'a> = "model",
        status: Literal<'a> = "status",
        error: Raw<'a> = "error",
        incomplete_details: IncompleteDetails<'a> = "incomplete_details",
        output: Vec<Item<'a>> = "output",
        usage: Usage<'a> = "usage",
        ..ignored
    }
}

json_object! {
    pub(super) struct IncompleteDetails<'a> {
        reason: Literal<'a> = "reason",
        ..ignored
    }
}

json_object! {
    /// The data of a stream's event, of any type.
    pub(super) struct StreamEvent<'a> {
        kind: Literal<'a> = "type",
        response: Reply<'a> = "response",
        item: Item<'a> = "item",
        part: ContentPart<'a> = "part",
        output_index: u64 = "output_index",
        item_id: Literal<'a> = "item_id",
        content_index: u64 = "content_index",
        summary_index: u64 = "summary_index",
        delta: Raw<'a> = "delta",
        annotation: Annotation<'a> = "annotation",
        logprobs: Raw<'a> = "logprobs",
        error: Raw<'a> = "error",
        object: Literal<'a> = "object",
        ..ignored
    }
}

json_object! {
    pub(super) struct Usage<'a> {
        input_tokens: u64 = "input_tokens",
        output_tokens: u64 = "output_tokens",
        total_tokens: u64 = "total_tokens",
        input_tokens_details: InputDetails<'a> = "input_tokens_details",
        output_tokens_details: OutputDetails<'a> = "output_tokens_details",
        ..ignored
    }
}

json_object! {
    pub(super) struct InputDetails<'a> {
        cached_tokens: u64 = "cached_tokens",
        cache_write_tokens: u64 = "cache_write_tokens",
        ..ignored
    }
}

json_object! {
    pub(super) struct OutputDetails<'a> {
        reasoning_tokens: u64 = "reasoning_tokens",
        ..ignored
    }
}

impl Usage<'_> {
    /// In the common convention.
    pub(super) fn read(&self) -> crate::ir::Usage {
        let input = self.input_tokens.unwrap_or(0);
        let output = self.output_tokens.unwrap_or(0);
        let cached = self.input_tokens_details.as_ref().and_then(|details| details.cached_tokens).unwrap_or(0);
        let written = self.input_tokens_details.as_ref().and_then(|details| details.cache_write_tokens).unwrap_or(0);
        let reasoning = self.output_tokens_details.as_ref().and_then(|details| details.reasoning_tokens).unwrap_or(0);
        // xAI and some relays count reasoning beside the output, and cached tokens beside the input.
        let beside = reasoning > output || (reasoning > 0 && self.total_tokens == Some(input + output + reasoning));
        crate::ir::Usage {
            input_tokens: if cached > input { input + cached } else { input },
            output_tokens: if beside { output + reasoning } else { output },
            cache_read_tokens: cached,
            cache_write_tokens: written,
            reasoning_tokens: reasoning,
            estimated: false,
        }
    }
}

impl Reply<'_> {
    /// Why the answer ended, by its status.
    pub(super) fn finish_reason(&self) -> crate::ir::FinishReason {
        use crate::ir::FinishReason;
        let incomplete = self.status.is_some_and(|status| status == *"incomplete");
        let reason = self.incomplete_details.as_ref().and_then(|details| details.reason).map(Literal::escaped);
        match (incomplete, reason) {
            (true, Some("max_output_tokens")) => FinishReason::Length,
            (true, Some("content_filter")) => FinishReason::ContentFilter,
            _ => FinishReason::Stop,
        }
    }
}
