//! Anthropic Messages: `POST /v1/messages`.
//!
//! Reference: docs.claude.com/en/api/messages, and the types of the anthropic SDK. Both API versions are read; requests
//! are written for `2023-06-01`, of which the later version is a subset.

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
pub(crate) struct Anthropic;

impl Protocol for Anthropic {
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
        Box::<read_stream::AnthropicReader>::default()
    }

    fn stream_writer(&self, context: Arc<ReplyContext>, _framing: Framing) -> Box<dyn StreamWriter> {
        Box::new(write_stream::AnthropicWriter::new(context))
    }

    fn write_error(&self, failure: &Failure, request_id: Option<&str>, out: &mut Vec<u8>) {
        errors::write_error(failure, request_id, out);
    }

    fn status(&self, kind: FailureKind) -> u16 {
        errors::status(kind)
    }
}
