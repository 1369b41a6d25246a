//! Why an answer ended.

/// Why the model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    /// The model was done. (C R A G)
    Stop,
    /// A stop sequence came. Only A tells it from `Stop`.
    StopSequence,
    /// The model calls tools. (C A; R and G say so by content)
    ToolCalls,
    /// The limit on output was reached. (C R A G)
    Length,
    /// The context window is full. (A)
    ContextFull,
    /// The vendor withheld or cut the answer. (C R A G)
    ContentFilter,
    /// The turn is to be continued by the client. (A)
    Paused,
    /// The model's call was unusable. (G)
    FailedCall,
}

impl FinishReason {
    /// Its name in the Python interface, in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stop | Self::StopSequence | Self::Paused => "stop",
            Self::ToolCalls => "tool_calls",
            Self::Length | Self::ContextFull => "length",
            Self::ContentFilter => "content_filter",
            Self::FailedCall => "error",
        }
    }

    /// The reason as content tells it: a turn with calls asks for their results, whatever the upstream called it.
    ///
    /// Ollama and Gemini say "stop" after calls; a limit or a filter is still the more important news.
    #[must_use]
    pub fn with_tool_calls(self, present: bool) -> Self {
        match self {
            Self::Stop | Self::StopSequence if present => Self::ToolCalls,
            Self::ToolCalls if !present => Self::Stop,
            other => other,
        }
    }
}
