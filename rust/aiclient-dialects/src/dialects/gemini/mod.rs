//! Gemini: `POST /v1beta/models/{model}:generateContent`.
//!
//! Reference: ai.google.dev/api/generate-content (v1beta). The wire is proto JSON: camelCase and snake_case are the same
//! field, and 64-bit integers may be strings.

mod citations;
mod errors;
mod head;
mod names;
mod read_content;
mod read_request;
mod read_response;
mod read_stream;
mod schema;
mod wire;
mod write_content;
mod write_request;
mod write_response;
mod write_stream;

use std::sync::Arc;

use super::{Head, Outgoing, Protocol, ReplyContext};
use crate::error::Refusal;
use crate::foreign_state::Verdict;
use crate::ir::{EventSink, Failure, FailureKind, Reply, Request};
use crate::json::{Invalid, Node};
use crate::loss::Losses;
use crate::sse::Framing;
use crate::stream::{StreamReader, StreamWriter};

/// The dialect.
pub(crate) struct Gemini;

impl Protocol for Gemini {
    fn read_head<'a>(&self, body: &'a str) -> Result<Head<'a>, Invalid> {
        head::read_head(body)
    }

    fn read_request<'a>(&self, body: &'a str, losses: &mut Losses) -> Result<Request<'a>, Refusal> {
        read_request::read_request(body, losses)
    }

    fn write_request(&self, request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        write_request::write_request(request, to, out)
    }

    fn settle_state(&self, element: &mut Node<'_>) -> Verdict {
        names::settle_state(element)
    }

    fn read_response(&self, body: &str, sink: &mut dyn EventSink) -> Result<(), Invalid> {
        read_response::read_response(body, sink)
    }

    fn write_response(&self, reply: &Reply, context: &ReplyContext, losses: &mut Losses, out: &mut Vec<u8>) {
        write_response::write_response(reply, context, losses, out);
    }

    fn stream_reader(&self) -> Box<dyn StreamReader> {
        Box::<read_stream::GeminiReader>::default()
    }

    fn stream_writer(&self, context: Arc<ReplyContext>, framing: Framing) -> Box<dyn StreamWriter> {
        Box::new(write_stream::GeminiWriter::new(context, framing))
    }

    fn write_error(&self, failure: &Failure, _request_id: Option<&str>, out: &mut Vec<u8>) {
        errors::write_error(failure, out);
    }

    fn status(&self, kind: FailureKind) -> u16 {
        errors::status(kind)
    }
}
