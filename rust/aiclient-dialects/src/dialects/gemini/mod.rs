//! stub
use super::{Head, Outgoing, Protocol, ReplyContext};
use crate::error::Refusal;
use crate::ir::{EventSink, Failure, FailureKind, Reply, Request};
use crate::json::Invalid;
use crate::loss::Losses;
use crate::sse::Framing;
use crate::stream::{StreamReader, StreamWriter};
use std::sync::Arc;
pub(crate) struct Gemini;
impl Protocol for Gemini {
    fn read_head<'a>(&self, _body: &'a str) -> Result<Head<'a>, Invalid> {
        unimplemented!()
    }
    fn read_request<'a>(&self, _body: &'a str, _losses: &mut Losses) -> Result<Request<'a>, Refusal> {
        unimplemented!()
    }
    fn write_request(&self, _request: &Request<'_>, _to: &mut Outgoing<'_>, _out: &mut Vec<u8>) -> Result<(), Refusal> {
        unimplemented!()
    }
    fn read_response(&self, _body: &str, _sink: &mut dyn EventSink) -> Result<(), Invalid> {
        unimplemented!()
    }
    fn write_response(&self, _reply: &Reply, _context: &ReplyContext, _losses: &mut Losses, _out: &mut Vec<u8>) {
        unimplemented!()
    }
    fn stream_reader(&self) -> Box<dyn StreamReader> {
        unimplemented!()
    }
    fn stream_writer(&self, _context: Arc<ReplyContext>, _framing: Framing) -> Box<dyn StreamWriter> {
        unimplemented!()
    }
    fn write_error(&self, _failure: &Failure, _request_id: Option<&str>, _out: &mut Vec<u8>) {
        unimplemented!()
    }
    fn status(&self, _kind: FailureKind) -> u16 {
        unimplemented!()
    }
}
