//! Tools, their calls and results.

use super::{CacheHint, Opaque, Part};
use crate::json::{At, Place, Raw, Text};

/// A tool that the client runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// What it does.
    pub description: Option<Text<'a>>,
    /// What it takes.
    pub input: ToolInput<'a>,
    /// Whether calls must follow the schema. (C R A)
    pub strict: Option<At<bool>>,
    /// Whether the prompt up to here should be cached. (A)
    pub cache: Option<CacheHint<'a>>,
    /// Where it stood.
    pub place: Place,
}

/// What a tool takes.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolInput<'a> {
    /// An object, by JSON Schema; none means an empty one. (C R A, G `parametersJsonSchema`)
    JsonSchema(Option<Raw<'a>>),
    /// An object, by Gemini's own `Schema`, a subset of OpenAPI 3.0. (G)
    OpenApiSchema(Raw<'a>),
    /// Free text, with the grammar it may have to follow. (C R)
    Custom {
        /// The `format` object.
        format: Option<Raw<'a>>,
    },
}

/// Which tools the model may or must call.
#[derive(Clone, Debug, PartialEq)]
pub enum ToolChoice<'a> {
    /// As it likes. (C R A G)
    Auto,
    /// None. (C R A G)
    None,
    /// At least one. (C R A G)
    Required,
    /// This one. (C R A G)
    Named(Text<'a>),
    /// Only some of them. (C R G)
    Allowed {
        /// Whether one must be called.
        required: bool,
        /// Their names.
        names: Vec<Text<'a>>,
    },
}

impl ToolChoice<'_> {
    /// Whether the model must call something.
    pub fn is_forced(&self) -> bool {
        matches!(self, Self::Required | Self::Named(_) | Self::Allowed { required: true, .. })
    }
}

/// A call the model made.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall<'a> {
    /// Its id; G may have none.
    pub id: Option<Text<'a>>,
    /// The tool.
    pub name: Text<'a>,
    /// What it was called with.
    pub arguments: Arguments<'a>,
    /// State that must come back with it. (G)
    pub signature: Option<Opaque<'a>>,
}

/// What a tool was called with.
#[derive(Clone, Debug, PartialEq)]
pub enum Arguments<'a> {
    /// JSON text inside a JSON string; what a model wrote, so it may not be JSON at all. (C R)
    Encoded(Text<'a>),
    /// A JSON value. (A G)
    Value(Raw<'a>),
    /// Free text of a custom tool. (C R)
    Custom(Text<'a>),
}

/// The result of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolResult<'a> {
    /// Which call it answers; G may have none, and matches by order and name.
    pub call_id: Option<Text<'a>>,
    /// The tool, where the dialect says it. (G; C function role)
    pub name: Option<Text<'a>>,
    /// What the tool gave back.
    pub parts: Vec<Part<'a>>,
    /// Whether the tool failed. (A, G by convention)
    pub is_error: bool,
}
