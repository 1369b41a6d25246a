//! What every dialect can do.

use std::sync::Arc;

use super::{NameMap, Traits};
use crate::conversation::Opening;
use crate::error::Refusal;
use crate::foreign_state::Verdict;
use crate::ir::{AnswerForm, EventSink, Failure, FailureKind, Reply, Request};
use crate::json::{At, Invalid, Literal, Node};
use crate::loss::Losses;
use crate::sse::Framing;
use crate::stream::{StreamReader, StreamWriter};

/// What routing needs to know of a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Head<'a> {
    /// The model; G has it in the path.
    pub model: Option<Literal<'a>>,
    /// Whether a stream is asked for; G has it in the path.
    pub stream: Option<At<bool>>,
    /// What tells its conversation from others.
    pub opening: Opening<'a>,
}

/// Where a request goes, and what comes out of writing it beside its bytes.
#[derive(Debug)]
pub struct Outgoing<'o> {
    /// The model as the upstream calls it.
    pub model: &'o str,
    /// What is special about it.
    pub traits: Traits,
    /// Whether the upstream is to stream.
    pub stream: bool,
    /// In what form it was asked for the text of the answer.
    pub answer: AnswerForm,
    /// What could not be carried.
    pub losses: &'o mut Losses,
    /// Tools that had to be renamed.
    pub names: &'o mut NameMap,
}

/// What a writer of replies must know of the exchange.
#[derive(Clone, Debug, Default)]
pub struct ReplyContext {
    /// Distinguishes this exchange; ids of the reply are made from it.
    pub exchange_id: String,
    /// When the exchange began, in seconds since 1970.
    pub created: u64,
    /// Bytes of the request.
    pub asked: usize,
    /// The model as the client calls it; if it did not say, as the upstream does.
    pub model: Option<String>,
    /// Tools that were renamed for the upstream.
    pub names: NameMap,
    /// Tools the client declared with free text as input.
    pub custom_tools: Vec<String>,
    /// In what form the upstream was asked for the text of the answer.
    pub answer: AnswerForm,
    /// Names of groups of tools: `g__t` is tool `t` of group `g`. (R)
    pub namespaces: Vec<String>,
    /// Members of the request that the reply repeats. (R)
    pub echo: String,
    /// Whether a Chat client wants token counts in its stream.
    pub stream_usage: bool,
    /// Whether the client asked not to see thoughts.
    pub hide_reasoning: bool,
}

impl ReplyContext {
    /// An id for a call that came to a Chat client without one.
    pub(crate) fn minted_call_id(&self, index: u64) -> String {
        format!("call_{}_{index}", self.exchange_id)
    }
}

/// A dialect: its readers and writers.
pub trait Protocol: Sync {
    /// Find model and stream flag without looking at the rest.
    fn read_head<'a>(&self, body: &'a str) -> Result<Head<'a>, Invalid>;

    /// Read a client's request. What only this dialect has becomes a loss here.
    fn read_request<'a>(&self, body: &'a str, losses: &mut Losses) -> Result<Request<'a>, Refusal>;

    /// Append a request for an upstream. What this dialect cannot say becomes a loss here.
    fn write_request(&self, request: &Request<'_>, to: &mut Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), Refusal>;

    /// Settle the state of models in an element of a list in a request: see `foreign_state`.
    fn settle_state(&self, element: &mut Node<'_>) -> Verdict;

    /// Read an upstream's whole reply as events, `Error` among them if it says that it failed.
    fn read_response(&self, body: &str, sink: &mut dyn EventSink) -> Result<(), Invalid>;

    /// Append a whole reply for a client.
    fn write_response(&self, reply: &Reply, context: &ReplyContext, losses: &mut Losses, out: &mut Vec<u8>);

    /// A reader for an upstream's stream.
    fn stream_reader(&self) -> Box<dyn StreamReader>;

    /// A writer of a client's stream.
    fn stream_writer(&self, context: Arc<ReplyContext>, framing: Framing) -> Box<dyn StreamWriter>;

    /// Append the body of an error answer.
    fn write_error(&self, failure: &Failure, request_id: Option<&str>, out: &mut Vec<u8>);

    /// The HTTP status this dialect has for a class of failure.
    fn status(&self, kind: FailureKind) -> u16;
}
