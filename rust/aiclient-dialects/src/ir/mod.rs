//! The neutral form: what a request asks and what a reply says, in no vendor's words.
//!
//! A field is here when at least two dialects have it. What only one vendor has is settled by that dialect's
//! reader, as a loss. Every variant says which dialects have it: C Chat, R Responses, A Anthropic, G Gemini.

mod citation;
mod envelope;
mod estimate;
mod event;
mod failure;
mod finish;
mod message;
mod reply;
mod request;
mod thoughts;
mod tool;
mod usage;
mod web_search;

pub use citation::Citation;
pub(crate) use citation::range;
pub use envelope::{Opaque, OpaqueKind};
pub(crate) use estimate::input_tokens;
pub use event::{Event, EventSink, PartId, PartKind};
pub use failure::{Failure, FailureKind};
pub use finish::FinishReason;
pub use message::{Document, Media, Message, Part, PartContent, Role, SearchResult, Source, Thought, Turn, turns};
pub use reply::{Choice, Reply, ReplyPart};
pub(crate) use reply::{Fold, append_elements, push_elements};
pub use request::{ANSWER_TOOL, AnswerForm, CacheHint, Effort, Format, Reasoning, Request, ServiceTier, Wrapped};
pub(crate) use thoughts::{PackedThought, ThoughtPack, unpack};
pub use tool::{Arguments, Tool, ToolCall, ToolChoice, ToolInput, ToolResult};
pub use usage::Usage;
pub use web_search::{Location, WebSearch};
