//! Upstreams' answers in HTTP/1.1, from the bytes of their connections (RFC 9112).
//!
//! Sans-IO: bytes come in as arguments, the bytes of bodies go out as return values. Strict: a length that contradicts
//! another, or a chunk that is none, is a fault, because two readers that disagree on where an answer ends can be played
//! off against each other. Start at [`ResponseReader`].
#![forbid(unsafe_code)]

mod body;
mod chunked;
mod fault;
mod framing;
mod head;
mod overhead;
mod reader;
mod text;

pub use fault::Fault;
pub use head::FIELD_LIMIT;
pub use overhead::HEAD_LIMIT;
pub use reader::{ResponseReader, Stage};
pub use text::latin1;
