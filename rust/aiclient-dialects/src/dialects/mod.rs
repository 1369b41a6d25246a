//! Readers and writers, one folder a dialect, the same files in each.
//!
//! `wire` names the JSON objects, `names` what ids and names may look like, `head` finds model and stream flag,
//! `read_*` turn wire into the neutral form, `write_*` the neutral form into wire, `errors` does both for errors.

mod answer_schema;
pub(crate) mod anthropic;
mod arguments;
mod body_head;
mod custom_tool;
pub(crate) mod gemini;
mod gemini_probabilities;
mod json_schema;
mod media;
mod models;
mod names;
pub(crate) mod openai_chat;
mod openai_errors;
mod openai_members;
pub(crate) mod openai_responses;
mod openai_schema;
mod openapi_schema;
mod partial_args;
mod protocol;
mod recursive_schema;
mod reminders;
mod service_tier;
mod text_form;
mod web_search;

pub(crate) use media::encode_base64;
pub use models::{ModelTable, Traits};
pub use names::NameMap;
pub use protocol::{Head, Outgoing, Protocol, ReplyContext};
