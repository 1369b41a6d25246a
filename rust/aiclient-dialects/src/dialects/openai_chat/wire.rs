//! The JSON objects of the dialect.

use crate::json::{At, Cursor, FromJson, Invalid, Kind, Literal, Number, Raw, json_object};

/// A string, or a list of parts.
#[derive(Debug)]
pub(super) enum Content<'a> {
    Text(Literal<'a>),
    Parts(Vec<ContentPart<'a>>),
}

/// A string, or a list of strings.
#[derive(Debug)]
pub(super) enum Stop<'a> {
    One(Literal<'a>),
    Many(Vec<Literal<'a>>),
}

/// A word, or an object.
#[derive(Debug)]
pub(super) enum WordOr<'a, T> {
    Word(Literal<'a>),
    Object(T),
}

impl<'a> FromJson<'a> for Content<'a> {
    #[inline]
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Text),
            Kind::Array => Vec::from_json(cursor).map(Self::Parts),
            _ => Err(cursor.invalid("a string or an array of content parts")),
        }
    }
}

impl<'a> FromJson<'a> for Stop<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::One),
            Kind::Array => Vec::from_json(cursor).map(Self::Many),
            _ => Err(cursor.invalid("a string or an array of strings")),
        }
    }
}

impl<'a, T: FromJson<'a>> FromJson<'a> for WordOr<'a, T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Word),
            Kind::Object => T::from_json(cursor).map(Self::Object),
            _ => Err(cursor.invalid("a string or an object")),
        }
    }
}

json_object! {
    /// The body of a request.
    pub(super) struct Request<'a> {
        model: Literal<'a> = "model",
        messages: Vec<Message<'a>> = "messages",
        tools: Vec<Tool<'a>> = "tools",
        tool_choice: At<WordOr<'a, ToolChoice<'a>>> = "tool_choice",
        functions: Vec<Function<'a>> = "functions",
        function_call: At<WordOr<'a, Function<'a>>> = "function_call",
        parallel_tool_calls: At<bool> = "parallel_tool_calls",
        max_tokens: Number<'a> = "max_tokens",
        max_completion_tokens: Number<'a> = "max_completion_tokens",
        temperature: Number<'a> = "temperature",
        top_p: Number<'a> = "top_p",
        /// Not OpenAI's; vLLM, llama.cpp and OpenRouter have it.
        top_k: Number<'a> = "top_k",
        seed: Number<'a> = "seed",
        presence_penalty: Number<'a> = "presence_penalty",
        frequency_penalty: Number<'a> = "frequency_penalty",
        logit_bias: Raw<'a> = "logit_bias",
        logprobs: At<bool> = "logprobs",
        top_logprobs: Number<'a> = "top_logprobs",
        n: Number<'a> = "n",
        stop: Stop<'a> = "stop",
        reasoning_effort: Literal<'a> = "reasoning_effort",
        /// OpenRouter's.
        reasoning: ReasoningOptions<'a> = "reasoning",
        /// z.ai's and DeepSeek's.
        thinking: ThinkingOptions<'a> = "thinking",
        response_format: At<ResponseFormat<'a>> = "response_format",
        user: Literal<'a> = "user",
        safety_identifier: Literal<'a> = "safety_identifier",
        service_tier: Literal<'a> = "service_tier",
        verbosity: Literal<'a> = "verbosity",
        web_search_options: Raw<'a> = "web_search_options",
        modalities: Vec<Literal<'a>> = "modalities",
        audio: Raw<'a> = "audio",
        moderation: Raw<'a> = "moderation",
        prediction: Raw<'a> = "prediction",
        metadata: Raw<'a> = "metadata",
        store: Raw<'a> = "store",
        prompt_cache_key: Raw<'a> = "prompt_cache_key",
        prompt_cache_options: Raw<'a> = "prompt_cache_options",
        prompt_cache_retention: Raw<'a> = "prompt_cache_retention",
        stream: bool = "stream",
        stream_options: StreamOptions<'a> = "stream_options",
        /// OpenRouter's way to ask for token counts, which are always there.
        usage: Raw<'a> = "usage",
        ..unknown
    }
}

json_object! {
    pub(super) struct StreamOptions<'a> {
        include_usage: bool = "include_usage",
        include_obfuscation: Raw<'a> = "include_obfuscation",
        ..ignored
    }
}

json_object! {
    pub(super) struct ReasoningOptions<'a> {
        effort: At<Literal<'a>> = "effort",
        max_tokens: Number<'a> = "max_tokens",
        enabled: At<bool> = "enabled",
        exclude: bool = "exclude",
        ..ignored
    }
}

json_object! {
    pub(super) struct ThinkingOptions<'a> {
        kind: At<Literal<'a>> = "type",
        ..ignored
    }
}

json_object! {
    /// A message of any role.
    pub(super) struct Message<'a> {
        role: Literal<'a> = "role",
        content: Content<'a> = "content",
        name: Literal<'a> = "name",
        refusal: Literal<'a> = "refusal",
        tool_calls: Vec<ToolCall<'a>> = "tool_calls",
        tool_call_id: Literal<'a> = "tool_call_id",
        function_call: Function<'a> = "function_call",
        audio: Raw<'a> = "audio",
        reasoning_content: Literal<'a> = "reasoning_content",
        reasoning: Literal<'a> = "reasoning",
        reasoning_details: Vec<ReasoningDetail<'a>> = "reasoning_details",
        annotations: Raw<'a> = "annotations",
        ..unknown
    }
}

json_object! {
    /// A piece of content, of any type.
    pub(super) struct ContentPart<'a> {
        kind: Literal<'a> = "type",
        text: Literal<'a> = "text",
        refusal: Literal<'a> = "refusal",
        image_url: WordOr<'a, ImageUrl<'a>> = "image_url",
        input_audio: InputAudio<'a> = "input_audio",
        file: File<'a> = "file",
        /// Mistral's thoughts, a list of text parts.
        thinking: Content<'a> = "thinking",
        prompt_cache_breakpoint: Raw<'a> = "prompt_cache_breakpoint",
        /// OpenRouter's.
        cache_control: Raw<'a> = "cache_control",
        ..unknown
    }
}

json_object! {
    pub(super) struct ImageUrl<'a> {
        url: Literal<'a> = "url",
        detail: Literal<'a> = "detail",
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
    pub(super) struct File<'a> {
        file_data: Literal<'a> = "file_data",
        file_id: Literal<'a> = "file_id",
        filename: Literal<'a> = "filename",
        ..ignored
    }
}

json_object! {
    /// A call, in a message or in a delta.
    pub(super) struct ToolCall<'a> {
        index: u64 = "index",
        id: Literal<'a> = "id",
        kind: Literal<'a> = "type",
        function: Function<'a> = "function",
        custom: CustomCall<'a> = "custom",
        extra_content: ExtraContent<'a> = "extra_content",
        ..ignored
    }
}

json_object! {
    /// A function: declared, called, or chosen.
    pub(super) struct Function<'a> {
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        parameters: Raw<'a> = "parameters",
        strict: At<bool> = "strict",
        /// A string; some servers send the object itself.
        arguments: Raw<'a> = "arguments",
        ..unknown
    }
}

json_object! {
    pub(super) struct CustomCall<'a> {
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        format: Raw<'a> = "format",
        input: Literal<'a> = "input",
        ..ignored
    }
}

json_object! {
    pub(super) struct ExtraContent<'a> {
        google: GoogleExtra<'a> = "google",
        ..ignored
    }
}

json_object! {
    pub(super) struct GoogleExtra<'a> {
        thought_signature: Literal<'a> = "thought_signature",
        ..ignored
    }
}

json_object! {
    pub(super) struct ReasoningDetail<'a> {
        kind: Literal<'a> = "type",
        text: Literal<'a> = "text",
        summary: Literal<'a> = "summary",
        data: Literal<'a> = "data",
        signature: Literal<'a> = "signature",
        ..ignored
    }
}

json_object! {
    pub(super) struct Tool<'a> {
        kind: Literal<'a> = "type",
        function: Function<'a> = "function",
        custom: CustomCall<'a> = "custom",
        cache_control: Raw<'a> = "cache_control",
        ..unknown
    }
}

json_object! {
    pub(super) struct ToolChoice<'a> {
        kind: Literal<'a> = "type",
        function: Function<'a> = "function",
        custom: CustomCall<'a> = "custom",
        allowed_tools: AllowedTools<'a> = "allowed_tools",
        ..ignored
    }
}

json_object! {
    pub(super) struct AllowedTools<'a> {
        mode: Literal<'a> = "mode",
        tools: Vec<Tool<'a>> = "tools",
        ..ignored
    }
}

json_object! {
    pub(super) struct ResponseFormat<'a> {
        kind: Literal<'a> = "type",
        json_schema: JsonSchema<'a> = "json_schema",
        ..ignored
    }
}

json_object! {
    pub(super) struct JsonSchema<'a> {
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        schema: Raw<'a> = "schema",
        strict: bool = "strict",
        ..ignored
    }
}

json_object! {
    /// A whole reply, or one chunk of a stream.
    pub(super) struct Reply<'a> {
        id: Literal<'a> = "id",
        object: Literal<'a> = "object",
        model: Literal<'a> = "model",
        choices: Vec<Choice<'a>> = "choices",
        usage: Usage<'a> = "usage",
        error: Raw<'a> = "error",
        ..ignored
    }
}

json_object! {
    pub(super) struct Choice<'a> {
        index: u64 = "index",
        message: Answer<'a> = "message",
        delta: Answer<'a> = "delta",
        finish_reason: Literal<'a> = "finish_reason",
        logprobs: LogProbabilities<'a> = "logprobs",
        /// Moonshot puts token counts here.
        usage: Usage<'a> = "usage",
        ..ignored
    }
}

json_object! {
    pub(super) struct LogProbabilities<'a> {
        content: Raw<'a> = "content",
        ..ignored
    }
}

json_object! {
    /// What a choice says: `message` in a reply, `delta` in a stream.
    pub(super) struct Answer<'a> {
        content: Content<'a> = "content",
        refusal: Literal<'a> = "refusal",
        reasoning_content: Literal<'a> = "reasoning_content",
        reasoning: Literal<'a> = "reasoning",
        reasoning_details: Vec<ReasoningDetail<'a>> = "reasoning_details",
        tool_calls: Vec<ToolCall<'a>> = "tool_calls",
        function_call: Function<'a> = "function_call",
        annotations: Vec<Annotation<'a>> = "annotations",
        /// OpenRouter's.
        images: Vec<GeneratedImage<'a>> = "images",
        ..ignored
    }
}

json_object! {
    pub(super) struct GeneratedImage<'a> {
        image_url: ImageUrl<'a> = "image_url",
        ..ignored
    }
}

json_object! {
    pub(super) struct Annotation<'a> {
        url_citation: UrlCitation<'a> = "url_citation",
        ..ignored
    }
}

json_object! {
    pub(super) struct UrlCitation<'a> {
        url: Literal<'a> = "url",
        title: Literal<'a> = "title",
        start_index: Raw<'a> = "start_index",
        end_index: Raw<'a> = "end_index",
        ..ignored
    }
}

json_object! {
    pub(super) struct Usage<'a> {
        prompt_tokens: u64 = "prompt_tokens",
        completion_tokens: u64 = "completion_tokens",
        total_tokens: u64 = "total_tokens",
        prompt_tokens_details: PromptDetails<'a> = "prompt_tokens_details",
        completion_tokens_details: CompletionDetails<'a> = "completion_tokens_details",
        /// DeepSeek's name for cache reads.
        prompt_cache_hit_tokens: u64 = "prompt_cache_hit_tokens",
        ..ignored
    }
}

json_object! {
    pub(super) struct PromptDetails<'a> {
        cached_tokens: u64 = "cached_tokens",
        cache_write_tokens: u64 = "cache_write_tokens",
        ..ignored
    }
}

json_object! {
    pub(super) struct CompletionDetails<'a> {
        reasoning_tokens: u64 = "reasoning_tokens",
        ..ignored
    }
}

impl Usage<'_> {
    /// In the common convention.
    pub(super) fn read(&self) -> crate::ir::Usage {
        let prompt = self.prompt_tokens.unwrap_or(0);
        let completion = self.completion_tokens.unwrap_or(0);
        let details = self.prompt_tokens_details.as_ref();
        let cached = details.and_then(|details| details.cached_tokens).or(self.prompt_cache_hit_tokens).unwrap_or(0);
        let reasoning =
            self.completion_tokens_details.as_ref().and_then(|details| details.reasoning_tokens).unwrap_or(0);
        // xAI and some relays count reasoning beside the completion, and cached tokens beside the prompt.
        let beside =
            reasoning > completion || (reasoning > 0 && self.total_tokens == Some(prompt + completion + reasoning));
        crate::ir::Usage {
            input_tokens: if cached > prompt { prompt + cached } else { prompt },
            output_tokens: if beside { completion + reasoning } else { completion },
            cache_read_tokens: cached,
            cache_write_tokens: details.and_then(|details| details.cache_write_tokens).unwrap_or(0),
            reasoning_tokens: reasoning,
            estimated: false,
        }
    }
}

/// Why the answer ended, by the words that OpenAI and compatible servers use.
pub(super) fn finish_reason(word: Literal<'_>) -> crate::ir::FinishReason {
    use crate::ir::FinishReason;
    match word.escaped() {
        "length" | "max_tokens" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" | "sensitive" => FinishReason::ContentFilter,
        "model_context_window_exceeded" => FinishReason::ContextFull,
        _ => FinishReason::Stop,
    }
}
