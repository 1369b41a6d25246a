//! Which models think how, by name: the gates that decide how effort, sampling and form are written.
//!
//! A table of data, read from the first line that fits; users put lines of their own in front of it.
//! Sources: the vendors' model pages.

use super::Outgoing;
use crate::ir::Effort;
use crate::json::{Invalid, Literal, Place, Raw, json_object, parse};
use crate::loss::Feature;

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

/// A set of efforts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Efforts(u8);

impl Efforts {
    const fn of(efforts: &[Effort]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < efforts.len() {
            bits |= 1 << efforts[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    pub(super) fn has(self, effort: Effort) -> bool {
        self.0 & (1 << effort as u8) != 0
    }

    /// The effort itself, else the nearest below it, else the least above; switching thought off has no neighbour.
    pub(super) fn nearest(self, asked: Effort) -> Option<Effort> {
        if asked == Effort::None {
            return self.has(asked).then_some(asked);
        }
        let thinking = || Effort::ALL.into_iter().filter(|effort| *effort != Effort::None && self.has(*effort));
        thinking().rfind(|effort| *effort <= asked).or_else(|| thinking().next())
    }
}

/// What is special about a model.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a row of a table, not a state")]
pub struct Traits {
    /// How it is told how much to think.
    pub(super) thinking: Thinking,
    /// The efforts it knows.
    pub(super) efforts: Efforts,
    /// Whether it takes `temperature`, `top_p` and `top_k`.
    pub(super) sampling: bool,
    /// Whether it takes `temperature` together with `top_p`.
    pub(super) temperature_with_top_p: bool,
    /// Whether it takes stop sequences.
    pub(super) stop: bool,
    /// Whether it takes system messages inside the conversation.
    pub(super) mid_system: bool,
    /// Whether it can be held to a JSON Schema.
    pub(super) structured_output: bool,
    /// Whether the output limit is called `max_completion_tokens`, and instructions `developer`.
    pub(super) completion_limit: bool,
    /// Whether it wants its earlier thoughts back as `reasoning_content` on turns with calls.
    pub(super) echo_reasoning: bool,
    /// Most output tokens; none if not known.
    pub(super) output_limit: Option<u64>,
}

use Effort::{High, Low, Max, Medium, Minimal, XHigh};

const COMMON: Traits = Traits {
    thinking: Thinking::Unknown,
    efforts: Efforts::of(&[Minimal, Low, Medium, High, XHigh, Max]),
    sampling: true,
    temperature_with_top_p: true,
    stop: true,
    mid_system: false,
    structured_output: true,
    completion_limit: false,
    echo_reasoning: false,
    output_limit: None,
};

const ECHOES: Traits = Traits { echo_reasoning: true, ..COMMON };
const CLAUDE_3: Traits = Traits { structured_output: false, thinking: Thinking::Never, ..COMMON };
const CLAUDE_4: Traits = Traits { structured_output: false, thinking: Thinking::Budget, ..COMMON };
const CLAUDE_4_5: Traits = Traits {
    thinking: Thinking::Budget,
    efforts: Efforts::of(&[Low, Medium, High]),
    temperature_with_top_p: false,
    output_limit: Some(64_000),
    ..COMMON
};
const CLAUDE_4_6: Traits =
    Traits { thinking: Thinking::Effort, efforts: Efforts::of(&[Low, Medium, High, Max]), ..CLAUDE_4_5 };
const OPUS_4_7: Traits = Traits {
    thinking: Thinking::Effort,
    efforts: Efforts::of(&[Low, Medium, High, XHigh, Max]),
    sampling: false,
    output_limit: Some(128_000),
    ..COMMON
};
const GEMINI_3: Traits =
    Traits { thinking: Thinking::Effort, efforts: Efforts::of(&[Minimal, Low, Medium, High]), ..COMMON };
const OPENAI_REASONS: Traits = Traits {
    thinking: Thinking::Effort,
    efforts: Efforts::of(&[Low, Medium, High]),
    sampling: false,
    stop: false,
    completion_limit: true,
    ..COMMON
};
const GPT_5: Traits = Traits { efforts: Efforts::of(&[Minimal, Low, Medium, High]), ..OPENAI_REASONS };
const GPT_5_1: Traits =
    Traits { efforts: Efforts::of(&[Effort::None, Low, Medium, High, XHigh, Max]), ..OPENAI_REASONS };
const GPT_4: Traits = Traits { thinking: Thinking::Never, ..COMMON };

/// Prefix of the model's name, and what is special about models so called. The first that fits counts.
const TABLE: &[(&str, Traits)] = &[
    ("claude-3-haiku", Traits { output_limit: Some(4_096), ..CLAUDE_3 }),
    ("claude-3-opus", Traits { output_limit: Some(4_096), ..CLAUDE_3 }),
    ("claude-3-5", Traits { output_limit: Some(8_192), ..CLAUDE_3 }),
    ("claude-3-7", Traits { output_limit: Some(64_000), ..CLAUDE_4 }),
    ("claude-opus-4-5", CLAUDE_4_5),
    ("claude-sonnet-4-5", CLAUDE_4_5),
    ("claude-haiku-4-5", CLAUDE_4_5),
    ("claude-opus-4-6", CLAUDE_4_6),
    ("claude-sonnet-4-6", CLAUDE_4_6),
    ("claude-opus-4-7", OPUS_4_7),
    ("claude-opus-4-8", Traits { mid_system: true, ..OPUS_4_7 }),
    ("claude-opus-4-1", Traits { output_limit: Some(32_000), ..CLAUDE_4_5 }),
    ("claude-opus-4", Traits { output_limit: Some(32_000), ..CLAUDE_4 }),
    ("claude-sonnet-4", Traits { output_limit: Some(64_000), ..CLAUDE_4 }),
    ("claude-", OPUS_4_7),
    ("gemini-2.5", Traits { thinking: Thinking::Budget, ..COMMON }),
    ("gemini-2", COMMON),
    ("gemini-1", COMMON),
    ("gemini-", GEMINI_3),
    ("gpt-3", GPT_4),
    ("gpt-4", GPT_4),
    ("deepseek", ECHOES),
    ("kimi", ECHOES),
    ("o1", OPENAI_REASONS),
    ("o3", OPENAI_REASONS),
    ("o4", OPENAI_REASONS),
    ("gpt-5-chat", Traits { completion_limit: true, ..GPT_4 }),
    ("gpt-5.", GPT_5_1),
    ("gpt-5", GPT_5),
    ("gpt-6", GPT_5_1),
];

/// What is known of models: lines of the user's own, then the built-in ones.
#[derive(Clone, Debug, Default)]
pub struct ModelTable {
    own: Vec<(String, Traits)>,
}

impl ModelTable {
    /// Lines of the user's own, from a JSON array of objects: `match` (a name in which `*` stands for anything), `like`
    /// (the model to start from), and what differs.
    pub fn read(json: &str) -> Result<Self, Invalid> {
        let rows: Vec<Row<'_>> = parse(json)?;
        Ok(Self { own: rows.into_iter().map(read_row).collect::<Result<_, _>>()? })
    }

    /// What is special about a model; relays put the vendor in front (`anthropic/claude-...`, `models/gemini-...`).
    pub fn traits(&self, model: &str) -> Traits {
        let name = bare_name(model);
        let own = self.own.iter().find(|(pattern, _)| matches(pattern, model) || matches(pattern, name));
        own.map_or_else(|| built_in(name), |(_, traits)| *traits)
    }
}

/// The effort that a model is asked for; another than the client's is reported.
pub(super) fn nearest_effort(asked: Effort, place: Place, traits: Traits, to: &mut Outgoing<'_>) -> Option<Effort> {
    let nearest = traits.efforts.nearest(asked);
    if nearest != Some(asked) {
        to.losses.report(place, Feature::ReasoningEffort);
    }
    nearest
}

fn bare_name(model: &str) -> &str {
    let name = model.rsplit('/').next().unwrap_or(model);
    name.rsplit_once("anthropic.").map_or(name, |(_, name)| name)
}

fn built_in(name: &str) -> Traits {
    TABLE.iter().find(|(prefix, _)| name.starts_with(prefix)).map_or(COMMON, |(_, traits)| *traits)
}

/// Whether a name fits a pattern in which each `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name
            .strip_prefix(before)
            .is_some_and(|rest| (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(after, &rest[at..]))),
    }
}

json_object! {
    struct Row<'a> {
        pattern: Literal<'a> = "match",
        like: Literal<'a> = "like",
        thinking: Literal<'a> = "thinking",
        efforts: Vec<Literal<'a>> = "efforts",
        sampling: bool = "sampling",
        temperature_with_top_p: bool = "temperature_with_top_p",
        stop: bool = "stop",
        mid_system: bool = "mid_system",
        structured_output: bool = "structured_output",
        completion_limit: bool = "completion_limit",
        echo_reasoning: bool = "echo_reasoning",
        output_limit: Raw<'a> = "output_limit",
        ..unknown
    }
}

fn read_row(row: Row<'_>) -> Result<(String, Traits), Invalid> {
    let invalid = |place, expected| Invalid { place, expected };
    let pattern = row.pattern.ok_or_else(|| invalid(row.place.field("match"), "the name of a model, or a pattern"))?;
    if let Some(unknown) = row.unknown.first() {
        return Err(invalid(unknown.place(), "a key that is known: match, like or a trait"));
    }
    let like = row.like.map_or(COMMON, |like| built_in(bare_name(&like.decode())));
    let traits = Traits {
        thinking: row.thinking.map_or(Ok(like.thinking), read_thinking)?,
        efforts: row.efforts.map_or(Ok(like.efforts), |efforts| read_efforts(&efforts))?,
        sampling: row.sampling.unwrap_or(like.sampling),
        temperature_with_top_p: row.temperature_with_top_p.unwrap_or(like.temperature_with_top_p),
        stop: row.stop.unwrap_or(like.stop),
        mid_system: row.mid_system.unwrap_or(like.mid_system),
        structured_output: row.structured_output.unwrap_or(like.structured_output),
        completion_limit: row.completion_limit.unwrap_or(like.completion_limit),
        echo_reasoning: row.echo_reasoning.unwrap_or(like.echo_reasoning),
        output_limit: row.output_limit.map_or(Ok(like.output_limit), |limit| limit.read::<u64>().map(Some))?,
    };
    Ok((pattern.decode().into_owned(), traits))
}

fn read_thinking(word: Literal<'_>) -> Result<Thinking, Invalid> {
    match word.escaped() {
        "unknown" => Ok(Thinking::Unknown),
        "never" => Ok(Thinking::Never),
        "budget" => Ok(Thinking::Budget),
        "effort" => Ok(Thinking::Effort),
        _ => Err(Invalid { place: word.place(), expected: "unknown, never, budget or effort" }),
    }
}

fn read_efforts(words: &[Literal<'_>]) -> Result<Efforts, Invalid> {
    let expected = "none, minimal, low, medium, high, xhigh or max";
    let named = |word: &Literal<'_>| Effort::named(&word.decode()).ok_or(Invalid { place: word.place(), expected });
    let efforts = words.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    Ok(Efforts::of(&efforts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(model: &str) -> Traits {
        ModelTable::default().traits(model)
    }

    #[test]
    fn models_are_known_by_the_first_prefix_in_the_table() {
        assert_eq!(traits("claude-sonnet-4-5-20250929").thinking, Thinking::Budget);
        assert_eq!(traits("us.anthropic.claude-opus-4-8").thinking, Thinking::Effort);
        assert!(traits("anthropic/claude-opus-4-8").mid_system);
        assert!(!traits("claude-opus-4-7").sampling);
        assert_eq!(traits("claude-opus-4-20250514").output_limit, Some(32_000));
        assert_eq!(traits("models/gemini-2.5-flash").thinking, Thinking::Budget);
        assert_eq!(traits("gemini-3-pro-preview").thinking, Thinking::Effort);
        assert!(traits("gpt-5-mini").completion_limit);
        assert!(traits("gpt-5-chat-latest").sampling);
        assert_eq!(traits("llama3").thinking, Thinking::Unknown);
    }

    #[test]
    fn an_effort_that_a_model_does_not_know_becomes_the_nearest() {
        assert_eq!(traits("claude-opus-4-6").efforts.nearest(XHigh), Some(High));
        assert_eq!(traits("claude-opus-4-7").efforts.nearest(Minimal), Some(Low));
        assert_eq!(traits("gpt-5").efforts.nearest(Effort::None), None);
        assert_eq!(traits("gpt-5.1").efforts.nearest(Effort::None), Some(Effort::None));
    }

    #[test]
    fn a_users_lines_come_first() -> Result<(), Invalid> {
        let table = ModelTable::read(
            r#"[{"match":"our-*-model","like":"claude-sonnet-4-5","sampling":false,"output_limit":9},{"match":"*","echo_reasoning":true}]"#,
        )?;
        let ours = table.traits("vendor/our-big-model");
        assert_eq!((ours.thinking, ours.sampling, ours.output_limit), (Thinking::Budget, false, Some(9)));
        assert!(table.traits("gpt-5").echo_reasoning);
        for wrong in [r#"[{"like":"x"}]"#, r#"[{"match":"x","samplng":true}]"#, r#"[{"match":"x","thinking":"some"}]"#]
        {
            assert!(ModelTable::read(wrong).is_err(), "{wrong}");
        }
        Ok(())
    }
}
