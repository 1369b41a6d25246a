//! Readers and writers of the wire formats of LLM APIs, over one neutral form.
//!
//! Sans-IO: bytes and ids come in as arguments, bytes go out as return values, and the same input always gives the
//! same output. Start at [`Exchange`], which translates one request and its reply.
#![forbid(unsafe_code)]

mod conversation;
mod counting;
mod dialect;
pub mod dialects;
mod embeddings;
mod error;
mod exchange;
mod failure_body;
mod foreign_state;
pub mod ir;
pub mod json;
mod loss;
mod memory;
mod overlay;
mod passthrough;
mod remote_media;
pub mod sse;
pub mod stream;

pub use conversation::Opening;
pub use counting::{can_count, write_count};
pub use dialect::Dialect;
pub use embeddings::{EmbeddingExchange, EmbeddingForm};
pub use error::{Error, Refusal};
pub use exchange::{
    Exchange, Outcome, RequestHead, error_status, estimate_tokens, read_failure, read_head, retry_after, write_error,
};
pub use loss::{Feature, Loss, Losses, OnLoss, Side};
pub use memory::{ReasoningMemory, Recollection, Remembered};
pub use overlay::{Precedence, overlaid};
pub use remote_media::{Fetched, RemoteMedium, remote_media, with_media};
pub use sse::Framing;
pub use stream::StreamDriver;
