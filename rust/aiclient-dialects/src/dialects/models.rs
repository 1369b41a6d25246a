//! Which models think how, by name: the gates that decide how effort and sampling are written.
//!
//! A table of data, read from the first line that fits. Sources: the vendors' model pages.

/// How a model wants to be told how much to think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thinking {
    /// Nothing is known of it: what the client asked is passed in the dialect's common form.
    Unknown,
    /// Not at all: it does not think.
    Never,
    /// A number of tokens.
    Budget,
    /// A level by name.
    Effort,
}

/// What is special about a model.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table, not a state")]
pub(super) struct Traits {
    /// How it is told how much to think.
    pub(super) thinking: Thinking,
    /// Whether it takes `temperature`, `top_p` and `top_k`.
    pub(super) sampling: bool,
    /// Whether it takes `temperature` together with `top_p`.
    pub(super) temperature_with_top_p: bool,
    /// Whether it takes system messages inside the conversation.
    pub(super) mid_system: bool,
    /// Whether the output limit is called `max_completion_tokens`.
    pub(super) completion_limit: bool,
    /// Whether it wants its earlier thoughts back as `reasoning_content` on turns with calls.
    pub(super) echo_reasoning: bool,
    /// Most output tokens; none if not known.
    pub(super) output_limit: Option<u64>,
}

const COMMON: Traits = Traits {
    thinking: Thinking::Unknown,
    sampling: true,
    temperature_with_top_p: true,
    mid_system: false,
    completion_limit: false,
    echo_reasoning: false,
    output_limit: None,
};

const ECHOES: Traits = Traits { echo_reasoning: true, ..COMMON };
const OPUS_4_7: Traits = Traits { thinking: Thinking::Effort, sampling: false, output_limit: Some(128_000), ..COMMON };
const CLAUDE_4_6: Traits =
    Traits { thinking: Thinking::Effort, temperature_with_top_p: false, output_limit: Some(64_000), ..COMMON };
const CLAUDE_4_5: Traits =
    Traits { thinking: Thinking::Budget, temperature_with_top_p: false, output_limit: Some(64_000), ..COMMON };

/// Prefix of the model's name, and what is special about models so called. The first that fits counts.
const TABLE: &[(&str, Traits)] = &[
    ("claude-3-haiku", Traits { output_limit: Some(4_096), ..COMMON }),
    ("claude-3-opus", Traits { output_limit: Some(4_096), ..COMMON }),
    ("claude-3-5", Traits { output_limit: Some(8_192), ..COMMON }),
    ("claude-3-7", Traits { thinking: Thinking::Budget, output_limit: Some(64_000), ..COMMON }),
    ("claude-opus-4-5", CLAUDE_4_5),
    ("claude-sonnet-4-5", CLAUDE_4_5),
    ("claude-haiku-4-5", CLAUDE_4_5),
    ("claude-opus-4-6", CLAUDE_4_6),
    ("claude-sonnet-4-6", CLAUDE_4_6),
    ("claude-opus-4-7", OPUS_4_7),
    ("claude-opus-4-8", Traits { mid_system: true, ..OPUS_4_7 }),
    (
        "claude-opus-4-1",
        Traits { thinking: Thinking::Budget, temperature_with_top_p: false, output_limit: Some(32_000), ..COMMON },
    ),
    ("claude-opus-4", Traits { thinking: Thinking::Budget, output_limit: Some(32_000), ..COMMON }),
    ("claude-sonnet-4", Traits { thinking: Thinking::Budget, output_limit: Some(64_000), ..COMMON }),
    ("claude-", OPUS_4_7),
    ("gemini-2.5", Traits { thinking: Thinking::Budget, ..COMMON }),
    ("gemini-2", COMMON),
    ("gemini-1", COMMON),
    ("gemini-", Traits { thinking: Thinking::Effort, ..COMMON }),
    ("gpt-3", Traits { thinking: Thinking::Never, ..COMMON }),
    ("gpt-4", Traits { thinking: Thinking::Never, ..COMMON }),
    ("deepseek", ECHOES),
    ("kimi", ECHOES),
    ("o1", Traits { thinking: Thinking::Effort, completion_limit: true, ..COMMON }),
    ("o3", Traits { thinking: Thinking::Effort, completion_limit: true, ..COMMON }),
    ("o4", Traits { thinking: Thinking::Effort, completion_limit: true, ..COMMON }),
    ("gpt-5", Traits { thinking: Thinking::Effort, completion_limit: true, ..COMMON }),
    ("gpt-6", Traits { thinking: Thinking::Effort, completion_limit: true, ..COMMON }),
];

/// What is special about a model; relays put the vendor in front (`anthropic/claude-...`, `models/gemini-...`).
pub(super) fn traits(model: &str) -> Traits {
    let name = model.rsplit('/').next().unwrap_or(model);
    let name = name.rsplit_once("anthropic.").map_or(name, |(_, name)| name);
    TABLE.iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(COMMON, |(_, traits)| *traits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_known_by_the_longest_prefix_in_the_table() {
        assert_eq!(traits("claude-sonnet-4-5-20250929").thinking, Thinking::Budget);
        assert_eq!(traits("us.anthropic.claude-opus-4-8").thinking, Thinking::Effort);
        assert!(traits("anthropic/claude-opus-4-8").mid_system);
        assert!(!traits("claude-opus-4-7").sampling);
        assert_eq!(traits("claude-opus-4-20250514").output_limit, Some(32_000));
        assert_eq!(traits("models/gemini-2.5-flash").thinking, Thinking::Budget);
        assert_eq!(traits("gemini-3-pro-preview").thinking, Thinking::Effort);
        assert!(traits("gpt-5-mini").completion_limit);
        assert_eq!(traits("llama3").thinking, Thinking::Unknown);
    }
}
