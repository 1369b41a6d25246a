//! What a request asks.

use super::{Message, Tool, ToolChoice, WebSearch};
use crate::dialect::Dialect;
use crate::json::{At, Literal, Number, Place, Raw, Text};

/// A request for an answer.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The dialect it was read from.
    pub dialect: Dialect,
    /// The model as the client calls it; G has it in the path.
    pub model: Option<Literal<'a>>,
    /// The conversation, system messages included.
    pub messages: Vec<Message<'a>>,
    /// Tools the client runs.
    pub tools: Vec<Tool<'a>>,
    /// Which of them may or must be called.
    pub tool_choice: Option<At<ToolChoice<'a>>>,
    /// Whether several calls at once are welcome. (C R A)
    pub parallel_tool_calls: Option<At<bool>>,
    /// Most tokens of the answer. (C R A G)
    pub max_output_tokens: Option<Number<'a>>,
    /// Sampling temperature. (C R A G)
    pub temperature: Option<Number<'a>>,
    /// Nucleus sampling. (C R A G)
    pub top_p: Option<Number<'a>>,
    /// Sampling among the k most likely. (A G)
    pub top_k: Option<Number<'a>>,
    /// Seed. (C G)
    pub seed: Option<Number<'a>>,
    /// Penalty on tokens that are there. (C G)
    pub presence_penalty: Option<Number<'a>>,
    /// Penalty on tokens by how often they are there. (C G)
    pub frequency_penalty: Option<Number<'a>>,
    /// How many answers. (C G)
    pub choices: Option<Number<'a>>,
    /// Texts that end the answer. (C A G)
    pub stop: Vec<Text<'a>>,
    /// Where they stood.
    pub stop_place: Place,
    /// Whether token probabilities are wanted. (C R G)
    pub log_probabilities: Option<At<bool>>,
    /// How many alternatives with them. (C R G)
    pub top_log_probabilities: Option<Number<'a>>,
    /// How much to think, and what to show of it. (C R A G)
    pub reasoning: Reasoning<'a>,
    /// What form the answer must have. (C R A G)
    pub format: Option<At<Format<'a>>>,
    /// Who the end user is, for abuse detection. (C R A)
    pub end_user: Option<Literal<'a>>,
    /// Which tier of service. (C R A G)
    pub service_tier: Option<At<ServiceTier>>,
    /// How wordy. (C R)
    pub verbosity: Option<Literal<'a>>,
    /// Whether the vendor may search the web. (C R A G)
    pub web_search: Option<WebSearch<'a>>,
    /// Members that both of OpenAI's dialects have, by their key: hints that do not change the answer. (C R)
    pub openai: Vec<(&'static str, Raw<'a>)>,
    /// Names of groups of tools; a tool `t` of group `g` is called `g__t`. (R)
    pub namespaces: Vec<String>,
    /// Members of the request that its reply repeats, as JSON without braces. (R)
    pub echo: String,
    /// Whether the client wants token counts in its stream. (C; the others always send them)
    pub stream_usage: bool,
}

impl Request<'_> {
    /// Nothing asked yet.
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            model: None,
            messages: Vec::new(),
            tools: Vec::new(),
            tool_choice: None,
            parallel_tool_calls: None,
            max_output_tokens: None,
            temperature: None,
            top_p: None,
            top_k: None,
            seed: None,
            presence_penalty: None,
            frequency_penalty: None,
            choices: None,
            stop: Vec::new(),
            stop_place: Place::default(),
            log_probabilities: None,
            top_log_probabilities: None,
            reasoning: Reasoning::default(),
            format: None,
            end_user: None,
            service_tier: None,
            verbosity: None,
            web_search: None,
            openai: Vec::new(),
            namespaces: Vec::new(),
            echo: String::new(),
            stream_usage: false,
        }
    }
}

/// How much to think.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reasoning<'a> {
    /// By name. (C R, A adaptive, G 3)
    pub effort: Option<At<Effort>>,
    /// By tokens; 0 is off, -1 as the model likes. (A enabled, G 2.5)
    pub budget: Option<Number<'a>>,
    /// On or off, without a measure. (A adaptive or disabled)
    pub enabled: Option<At<bool>>,
    /// Whether the client wants to see the thoughts; none means what its dialect does by itself.
    pub visible: Option<bool>,
}

/// How much to think, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the vendors'")]
pub enum Effort {
    None,
    Minimal,
    Low,
    Medium,
    High,
    XHigh,
    Max,
}

impl Effort {
    /// All of them, least first.
    pub const ALL: [Self; 7] = [Self::None, Self::Minimal, Self::Low, Self::Medium, Self::High, Self::XHigh, Self::Max];

    /// Its name in C, R and A, and in lower case in G.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// By its name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effort| effort.name().eq_ignore_ascii_case(name))
    }

    /// Tokens that stand for it where a budget is wanted.
    pub fn budget(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Minimal => 1024,
            Self::Low => 2048,
            Self::Medium => 8192,
            Self::High => 16384,
            Self::XHigh | Self::Max => 32768,
        }
    }

    /// The name that stands for a budget.
    pub fn of_budget(tokens: u64) -> Self {
        match tokens {
            0 => Self::None,
            1..=1024 => Self::Minimal,
            1025..=4096 => Self::Low,
            4097..=12288 => Self::Medium,
            12289..=24576 => Self::High,
            _ => Self::XHigh,
        }
    }
}

impl Reasoning<'_> {
    /// How much to think, by name, however it was asked; none if it was not asked or left to the model.
    pub fn as_effort(&self) -> Option<Effort> {
        let budget = self.budget.and_then(Number::as_u64).map(Effort::of_budget);
        let off = self.enabled.filter(|enabled| !enabled.value).map(|_| Effort::None);
        off.or(self.effort.map(|effort| effort.value)).or(budget)
    }

    /// Where it was asked.
    pub fn place(&self) -> Option<Place> {
        self.effort.map(|at| at.place).or(self.budget.map(Number::place)).or(self.enabled.map(|at| at.place))
    }
}

/// What form the answer must have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format<'a> {
    /// Some JSON object. (C R G)
    JsonObject,
    /// JSON by a schema.
    JsonSchema {
        /// The schema. (C R A, G `responseJsonSchema`)
        schema: Raw<'a>,
        /// Its name. (C R)
        name: Option<Literal<'a>>,
        /// What it is for. (C R)
        description: Option<Literal<'a>>,
        /// Whether it must be followed to the letter. (C R)
        strict: Option<bool>,
    },
    /// JSON by Gemini's own `Schema`. (G `responseSchema`)
    OpenApiSchema(Raw<'a>),
    /// One of these texts, and nothing else: an array of strings. (G `text/x.enum`)
    OneOf(Raw<'a>),
}

/// In what form an upstream was asked for the text of the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerForm {
    /// It is the input of a call of [`ANSWER_TOOL`], which the model has to make: it cannot be held to a schema otherwise.
    pub call: bool,
    /// It is member `value` of a JSON object: some schemas must describe an object, and the client asked for less.
    pub wrapped: Option<Wrapped>,
}

/// What of an object's member `value` is the text of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapped {
    /// The text of the string.
    Text,
    /// The JSON of the value.
    Json,
}

/// The tool whose input is the answer.
pub const ANSWER_TOOL: &str = "json_response";

/// Which tier of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceTier {
    /// What the vendor decides. (C R A)
    Auto,
    /// The normal one. (C R `default`, A `standard_only`, G `STANDARD`)
    Standard,
    /// Cheaper and slower. (C R G)
    Flex,
    /// Ahead of others. (C R G)
    Priority,
    /// A faster model. (C R `fast`, A `speed: fast`)
    Fast,
}

/// Where a prompt may be cached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheHint<'a> {
    /// The hint as its dialect writes it.
    pub raw: Raw<'a>,
}
