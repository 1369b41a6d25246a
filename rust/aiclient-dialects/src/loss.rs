//! What a translation could not carry.
//!
//! Three grades, by what is lost (TRANSLATION policy D, d and E): *reported* when a preference is weakened, a *hint*
//! when the content of the answer cannot change, *refused* when dropping it would change the contract of the answer
//! or lose the user's content.

use crate::error::Refusal;
use crate::json::Place;

/// Which side of an exchange lost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client's request.
    Request,
    /// The upstream's reply.
    Response,
}

/// One thing that was not carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// JSON Pointer (RFC 6901) into the body that had it.
    pub pointer: String,
    /// What it was.
    pub feature: Feature,
    /// Whose body it was.
    pub side: Side,
}

/// What to do with a loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnLoss {
    /// Go on, and say so.
    #[default]
    Report,
    /// Refuse the request, naming the field.
    Reject,
}

/// Losses of one body, collected while it is read and written.
#[derive(Debug, Default)]
pub struct Losses {
    entries: Vec<(Place, Feature)>,
    hints: u32,
}

impl Losses {
    /// Something was weakened or left out; the caller is told.
    pub fn report(&mut self, place: Place, feature: Feature) {
        if !self.entries.contains(&(place, feature)) {
            self.entries.push((place, feature));
        }
    }

    /// A hint without effect on the content of the answer was left out.
    pub fn hint(&mut self) {
        self.hints += 1;
    }

    /// Something cannot be said and must not be left out.
    pub fn refuse<T>(&self, place: Place, feature: Feature) -> Result<T, Refusal> {
        Err(Refusal::Unsupported(place, feature))
    }

    /// The first loss, as a refusal.
    pub fn first(&self) -> Option<Refusal> {
        self.entries.first().map(|&(place, feature)| Refusal::Unsupported(place, feature))
    }

    /// Whether a loss of this kind was reported.
    pub fn has(&self, feature: Feature) -> bool {
        self.entries.iter().any(|&(_, reported)| reported == feature)
    }

    /// How many hints were left out.
    pub fn hints(&self) -> u32 {
        self.hints
    }

    /// Name the places in the body that was read.
    pub fn locate(&self, body: &str, side: Side) -> Vec<Loss> {
        self.entries.iter().map(|&(place, feature)| Loss { pointer: place.pointer(body), feature, side }).collect()
    }
}

macro_rules! features {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// What a body asked for or said that another dialect may not be able to say.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Feature {
            $(#[doc = $meaning] $variant,)*
        }

        impl Feature {
            /// All of them, for the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in headers, logs and metrics.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it is, for a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

features! {
    AllowedTools "allowed_tools" "a choice among some of the tools",
    Audio "audio" "sound as input",
    AudioOutput "audio_output" "sound as output",
    CachedContent "cached_content" "content that is stored at the vendor",
    Choices "choices" "more than one answer to a request",
    Citations "citations" "references from the answer to its sources",
    CodeExecution "code_execution" "code that the vendor runs",
    ContextManagement "context_management" "the vendor's own shortening of the conversation",
    CustomTool "custom_tool" "a tool with free text as input",
    Document "document" "a document in this place or form",
    DocumentOptions "document_options" "a document's context or citation settings",
    FailedCall "failed_call" "a call the model could not finish",
    FileReference "file_reference" "a file that is stored at the vendor",
    ForcedToolWithThinking "forced_tool_with_thinking" "thinking together with a forced tool",
    GeneratedMedia "generated_media" "an image or sound in the answer",
    HostedTool "hosted_tool" "a tool that the vendor runs",
    ImageDetail "image_detail" "how closely to look at an image",
    ImageFormat "image_format" "an image of this type",
    InvalidArguments "invalid_arguments" "arguments that are no JSON object",
    JsonMode "json_mode" "JSON output without a schema",
    LeadingAssistant "leading_assistant" "a conversation that the assistant begins",
    LogitBias "logit_bias" "weights on tokens",
    LogProbabilities "log_probabilities" "probabilities of tokens",
    MediaOptions "media_options" "how to read a medium",
    MidConversationSystem "mid_conversation_system" "a system message inside the conversation",
    Moderation "moderation" "the vendor's own moderation settings",
    NativeBlock "native_block" "a kind of content that only its vendor has",
    OutputLimit "output_limit" "a limit on the length of the answer",
    ParallelToolCalls "parallel_tool_calls" "switching parallel tool calls off",
    Penalties "penalties" "penalties on repetition",
    PausedTurn "paused_turn" "a turn that is to be continued",
    Prefill "prefill" "the beginning of the answer",
    PromptCache "prompt_cache" "where a prompt may be cached",
    ReasoningEffort "reasoning_effort" "how much to think",
    ReasoningHistory "reasoning_history" "earlier thoughts",
    ReasoningSignature "reasoning_signature" "the seal on earlier thoughts",
    RemoteMedia "remote_media" "a medium by its address",
    SafetySettings "safety_settings" "the vendor's own safety settings",
    Sampling "sampling" "a sampling setting in this range or for this model",
    SchemaConstraint "schema_constraint" "a constraint in a JSON Schema",
    Seed "seed" "a seed",
    ServiceTier "service_tier" "a service tier",
    Speed "speed" "a faster or slower mode",
    StopSequences "stop_sequences" "this many or such stop sequences",
    StrictSchema "strict_schema" "strict adherence to a schema",
    StructuredOutput "structured_output" "a JSON Schema for the answer, together with tools or thinking",
    ToolErrorFlag "tool_error_flag" "marking a tool result as an error",
    ToolOptions "tool_options" "an option of a tool definition",
    ToolResultMedia "tool_result_media" "media inside a tool result",
    TokenInput "token_input" "tokens in place of text",
    TopK "top_k" "sampling among the k most likely tokens",
    UnknownField "unknown_field" "a field that is not known here",
    UnmatchedToolResult "unmatched_tool_result" "a tool result without its call",
    Verbosity "verbosity" "how wordy the answer should be",
    Video "video" "video as input",
    WebSearch "web_search" "search by the vendor",
}
