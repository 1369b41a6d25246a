//! The four wire formats, and the only list of them.

use std::fmt;
use std::str::FromStr;

use crate::dialects::{self, Protocol};

/// A wire format of an LLM API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `POST /v1/chat/completions`.
    OpenAiChat,
    /// `POST /v1/responses`.
    OpenAiResponses,
    /// `POST /v1/messages`.
    Anthropic,
    /// `POST /v1beta/models/{model}:generateContent`.
    Gemini,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::OpenAiChat, Self::OpenAiResponses, Self::Anthropic, Self::Gemini];

    /// Its readers and writers.
    pub(crate) fn protocol(self) -> &'static dyn Protocol {
        match self {
            Self::OpenAiChat => &dialects::openai_chat::OpenAiChat,
            Self::OpenAiResponses => &dialects::openai_responses::OpenAiResponses,
            Self::Anthropic => &dialects::anthropic::Anthropic,
            Self::Gemini => &dialects::gemini::Gemini,
        }
    }

    /// Its name in configuration and in the Python interface.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai_chat",
            Self::OpenAiResponses => "openai_responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Dialect {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name).ok_or_else(|| {
            format!("unknown dialect {name:?}: expected openai_chat, openai_responses, anthropic or gemini")
        })
    }
}
