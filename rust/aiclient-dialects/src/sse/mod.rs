//! Server-sent events: bytes to frames and back.
//!
//! Reference: WHATWG HTML, section 9.2 "Server-sent events".

mod decoder;
mod encoder;

pub use decoder::{BadFrame, Decoder, Frame, OnFrame};
pub use encoder::{Framing, LineEnd, close_frame, open_frame, write_frame};
