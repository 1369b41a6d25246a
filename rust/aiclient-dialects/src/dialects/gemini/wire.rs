//! The JSON objects of the dialect.

use super::super::gemini_probabilities::LogProbabilities;
use crate::json::{At, Cursor, FromJson, Invalid, Kind, Literal, Number, Raw, json_object};

/// A number, or a string that holds one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loose<'a>(pub(super) Number<'a>);

impl<'a> FromJson<'a> for Loose<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        if cursor.kind()? != Kind::String {
            return cursor.number().map(Self);
        }
        let literal = cursor.string()?;
        Number::quoted(literal).map(Self).ok_or(Invalid { place: literal.place(), expected: "a number" })
    }
}

/// A list, or its only element.
#[derive(Debug)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<'a, T: FromJson<'a>> FromJson<'a> for OneOrMany<T> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::Array => Vec::from_json(cursor).map(Self),
            _ => T::from_json(cursor).map(|one| Self(vec![one])),
        }
    }
}

/// A content, or a string that stands for one.
#[derive(Debug)]
pub(super) enum System<'a> {
    Text(Literal<'a>),
    Content(Content<'a>),
}

impl<'a> FromJson<'a> for System<'a> {
    fn from_json(cursor: &mut Cursor<'a>) -> Result<Self, Invalid> {
        match cursor.kind()? {
            Kind::String => cursor.string().map(Self::Text),
            _ => Content::from_json(cursor).map(Self::Content),
        }
    }
}

json_object! {
    /// The body of a request.
    pub(super) struct Request<'a> {
        contents: OneOrMany<Content<'a>> = "contents",
        system_instruction: System<'a> = "systemInstruction" | "system_instruction",
        tools: Vec<Tool<'a>> = "tools",
        tool_config: ToolConfig<'a> = "toolConfig" | "tool_config",
        safety_settings: Raw<'a> = "safetySettings" | "safety_settings",
        generation_config: GenerationConfig<'a> = "generationConfig" | "generation_config",
        cached_content: Raw<'a> = "cachedContent" | "cached_content",
        service_tier: Literal<'a> = "serviceTier" | "service_tier",
        labels: Raw<'a> = "labels",
        store: Raw<'a> = "store",
        /// Some clients repeat the path's model.
        model: Raw<'a> = "model",
        ..unknown
    }
}

json_object! {
    pub(super) struct Content<'a> {
        role: Literal<'a> = "role",
        parts: Vec<Part<'a>> = "parts",
        ..unknown
    }
}

json_object! {
    /// A part, of any kind.
    pub(super) struct Part<'a> {
        text: Literal<'a> = "text",
        thought: bool = "thought",
        thought_signature: Literal<'a> = "thoughtSignature" | "thought_signature",
        inline_data: Blob<'a> = "inlineData" | "inline_data",
        file_data: FileData<'a> = "fileData" | "file_data",
        function_call: FunctionCall<'a> = "functionCall" | "function_call",
        function_response: FunctionResponse<'a> = "functionResponse" | "function_response",
        video_metadata: Raw<'a> = "videoMetadata" | "video_metadata",
        media_resolution: Raw<'a> = "mediaResolution" | "media_resolution",
        ..unknown
    }
}

json_object! {
    pub(super) struct Blob<'a> {
        mime_type: Literal<'a> = "mimeType" | "mime_type",
        data: Literal<'a> = "data",
        display_name: Literal<'a> = "displayName" | "display_name",
        ..ignored
    }
}

json_object! {
    pub(super) struct FileData<'a> {
        mime_type: Literal<'a> = "mimeType" | "mime_type",
        file_uri: Literal<'a> = "fileUri" | "file_uri",
        ..ignored
    }
}

json_object! {
    pub(super) struct FunctionCall<'a> {
        id: Literal<'a> = "id",
        name: Literal<'a> = "name",
        args: Raw<'a> = "args",
        partial_args: Vec<PartialArg<'a>> = "partialArgs" | "partial_args",
        will_continue: bool = "willContinue" | "will_continue",
        ..ignored
    }
}

json_object! {
    /// A piece of an argument, as Vertex streams them.
    pub(super) struct PartialArg<'a> {
        json_path: Literal<'a> = "jsonPath" | "json_path",
        string_value: Literal<'a> = "stringValue" | "string_value",
        number_value: Number<'a> = "numberValue" | "number_value",
        bool_value: bool = "boolValue" | "bool_value",
        ..ignored
    }
}

json_object! {
    pub(super) struct FunctionResponse<'a> {
        id: Literal<'a> = "id",
        name: Literal<'a> = "name",
        response: Raw<'a> = "response",
        parts: Vec<Part<'a>> = "parts",
        ..ignored
    }
}

json_object! {
    pub(super) struct Tool<'a> {
        function_declarations: Vec<FunctionDeclaration<'a>> = "functionDeclarations" | "function_declarations",
        google_search: Raw<'a> = "googleSearch" | "google_search" | "googleSearchRetrieval" | "google_search_retrieval",
        ..unknown
    }
}

json_object! {
    /// The schema of an answer that is one of several texts.
    pub(super) struct TextEnum<'a> {
        one_of: Raw<'a> = "enum",
        ..ignored
    }
}

json_object! {
    pub(super) struct FunctionDeclaration<'a> {
        name: Literal<'a> = "name",
        description: Literal<'a> = "description",
        parameters: Raw<'a> = "parameters",
        parameters_json_schema: Raw<'a> = "parametersJsonSchema" | "parameters_json_schema",
        ..unknown
    }
}

json_object! {
    pub(super) struct ToolConfig<'a> {
        function_calling_config: FunctionCallingConfig<'a> = "functionCallingConfig" | "function_calling_config",
        ..unknown
    }
}

json_object! {
    pub(super) struct FunctionCallingConfig<'a> {
        mode: Literal<'a> = "mode",
        allowed_function_names: Vec<Literal<'a>> = "allowedFunctionNames" | "allowed_function_names",
        ..ignored
    }
}

json_object! {
    pub(super) struct GenerationConfig<'a> {
        temperature: Loose<'a> = "temperature",
        top_p: Loose<'a> = "topP" | "top_p",
        top_k: Loose<'a> = "topK" | "top_k",
        candidate_count: Loose<'a> = "candidateCount" | "candidate_count",
        max_output_tokens: Loose<'a> = "maxOutputTokens" | "max_output_tokens",
        stop_sequences: At<Vec<Literal<'a>>> = "stopSequences" | "stop_sequences",
        seed: Loose<'a> = "seed",
        presence_penalty: Loose<'a> = "presencePenalty" | "presence_penalty",
        frequency_penalty: Loose<'a> = "frequencyPenalty" | "frequency_penalty",
        response_logprobs: At<bool> = "responseLogprobs" | "response_logprobs",
        logprobs: Loose<'a> = "logprobs",
        response_mime_type: Literal<'a> = "responseMimeType" | "response_mime_type",
        response_schema: Raw<'a> = "responseSchema" | "response_schema",
        response_json_schema: Raw<'a> = "responseJsonSchema" | "response_json_schema" | "_responseJsonSchema",
        response_modalities: Vec<Literal<'a>> = "responseModalities" | "response_modalities",
        speech_config: Raw<'a> = "speechConfig" | "speech_config",
        media_resolution: Raw<'a> = "mediaResolution" | "media_resolution",
        thinking_config: ThinkingConfig<'a> = "thinkingConfig" | "thinking_config",
        ..unknown
    }
}

json_object! {
    pub(super) struct ThinkingConfig<'a> {
        include_thoughts: bool = "includeThoughts" | "include_thoughts",
        thinking_budget: Loose<'a> = "thinkingBudget" | "thinking_budget",
        thinking_level: Literal<'a> = "thinkingLevel" | "thinking_level",
        ..ignored
    }
}

json_object! {
    /// A whole reply, or one chunk of a stream.
    pub(super) struct Reply<'a> {
        candidates: Vec<Candidate<'a>> = "candidates",
        prompt_feedback: PromptFeedback<'a> = "promptFeedback",
        usage_metadata: UsageMetadata<'a> = "usageMetadata",
        model_version: Literal<'a> = "modelVersion",
        response_id: Literal<'a> = "responseId",
        error: Raw<'a> = "error",
        ..ignored
    }
}

json_object! {
    pub(super) struct PromptFeedback<'a> {
        block_reason: Literal<'a> = "blockReason",
        block_reason_message: Literal<'a> = "blockReasonMessage",
        ..ignored
    }
}

json_object! {
    pub(super) struct Candidate<'a> {
        index: u64 = "index",
        content: Content<'a> = "content",
        finish_reason: Literal<'a> = "finishReason",
        finish_message: Literal<'a> = "finishMessage",
        grounding_metadata: GroundingMetadata<'a> = "groundingMetadata",
        citation_metadata: CitationMetadata<'a> = "citationMetadata",
        logprobs_result: LogProbabilities<'a> = "logprobsResult",
        ..ignored
    }
}

json_object! {
    pub(super) struct GroundingMetadata<'a> {
        grounding_chunks: Vec<GroundingChunk<'a>> = "groundingChunks",
        grounding_supports: Vec<GroundingSupport<'a>> = "groundingSupports",
        ..ignored
    }
}

json_object! {
    pub(super) struct GroundingSupport<'a> {
        segment: Segment<'a> = "segment",
        grounding_chunk_indices: Vec<u64> = "groundingChunkIndices",
        ..ignored
    }
}

json_object! {
    /// A stretch of the text, in bytes.
    pub(super) struct Segment<'a> {
        part_index: Loose<'a> = "partIndex",
        start_index: Loose<'a> = "startIndex",
        end_index: Loose<'a> = "endIndex",
        ..ignored
    }
}

json_object! {
    pub(super) struct GroundingChunk<'a> {
        web: WebSource<'a> = "web",
        ..ignored
    }
}

json_object! {
    pub(super) struct WebSource<'a> {
        uri: Literal<'a> = "uri",
        title: Literal<'a> = "title",
        ..ignored
    }
}

json_object! {
    pub(super) struct CitationMetadata<'a> {
        sources: Vec<WebSource<'a>> = "citationSources" | "citations",
        ..ignored
    }
}

json_object! {
    pub(super) struct UsageMetadata<'a> {
        prompt: Loose<'a> = "promptTokenCount",
        cached: Loose<'a> = "cachedContentTokenCount",
        candidates: Loose<'a> = "candidatesTokenCount",
        thoughts: Loose<'a> = "thoughtsTokenCount",
        tool_use_prompt: Loose<'a> = "toolUsePromptTokenCount",
        ..ignored
    }
}

impl UsageMetadata<'_> {
    /// In the common convention: the prompt includes what a server-side tool added, the output includes thoughts.
    pub(super) fn read(&self) -> crate::ir::Usage {
        let count = |number: &Option<Loose<'_>>| number.as_ref().and_then(|number| number.0.as_u64()).unwrap_or(0);
        crate::ir::Usage {
            input_tokens: count(&self.prompt) + count(&self.tool_use_prompt),
            output_tokens: count(&self.candidates) + count(&self.thoughts),
            cache_read_tokens: count(&self.cached),
            cache_write_tokens: 0,
            reasoning_tokens: count(&self.thoughts),
            estimated: false,
        }
    }
}

/// Why the answer ended.
pub(super) fn finish_reason(word: Literal<'_>) -> crate::ir::FinishReason {
    use crate::ir::FinishReason;
    match word.escaped() {
        "STOP" | "FINISH_REASON_UNSPECIFIED" | "CONTINUATION" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE"
        | "OTHER" => FinishReason::FailedCall,
        // SAFETY, RECITATION, LANGUAGE, BLOCKLIST, PROHIBITED_CONTENT, SPII, IMAGE_*, NO_IMAGE, ESCALATION, MODEL_ARMOR
        _ => FinishReason::ContentFilter,
    }
}
