//! One request and its reply, between two dialects.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use crate::dialect::Dialect;
use crate::dialects::{ModelTable, NameMap, Outgoing, ReplyContext};
use crate::error::{Error, Refusal};
use crate::failure_body;
use crate::ir::{
    AnswerForm, Choice, Failure, FailureKind, FinishReason, Fold, Request, ToolInput, Usage, input_tokens,
};
use crate::json::Literal;
use crate::json::{Invalid, Place, Raw, parse};
use crate::loss::{Feature, Loss, Losses, OnLoss, Side};
use crate::memory::{ReasoningMemory, Recollection};
use crate::sse::Framing;
use crate::stream::{Passthrough, Recorder, Recording, Restore, Restoring, StreamDriver, Tap, Translation};
use crate::{counting, foreign_state, passthrough};

/// Translates one request, then its reply.
pub struct Exchange {
    client: Dialect,
    upstream: Dialect,
    on_loss: OnLoss,
    losses: Vec<Loss>,
    models: Arc<ModelTable>,
    recollection: Option<Recollection>,
    context: Arc<ReplyContext>,
}

/// What a whole reply was, beside its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Token counts, if the upstream sent any.
    pub usage: Option<Usage>,
    /// Why the answer ended.
    pub finish_reason: Option<FinishReason>,
    /// What the upstream says went wrong, in spite of a status of 200; the bytes are an error answer then.
    pub failure: Option<Failure>,
}

impl Exchange {
    /// An exchange between a client and an upstream.
    ///
    /// `id` distinguishes it and goes into ids of the reply; `created` is the time in seconds since 1970.
    pub fn new(client: Dialect, upstream: Dialect, id: impl Into<String>, created: u64, on_loss: OnLoss) -> Self {
        let context = ReplyContext { exchange_id: id.into(), created, ..ReplyContext::default() };
        let models = Arc::default();
        Self { client, upstream, on_loss, losses: Vec::new(), models, recollection: None, context: Arc::new(context) }
    }

    /// The same with lines of the user's own about models.
    #[must_use]
    pub fn with_models(self, models: Arc<ModelTable>) -> Self {
        Self { models, ..self }
    }

    /// The same with a memory of what this client may not give back; `scope` says whose it is.
    ///
    /// Only Chat has no field for reasoning state that stock clients return.
    #[must_use]
    pub fn with_memory(self, memory: Arc<ReasoningMemory>, scope: &[u8]) -> Self {
        let now = self.context.created;
        let forgetful = self.client == Dialect::OpenAiChat && !self.is_passthrough();
        let recollection = forgetful.then(|| Recollection { memory, scope: scope.into(), now });
        Self { recollection, ..self }
    }

    /// Whether both sides speak the same dialect.
    pub fn is_passthrough(&self) -> bool {
        self.client == self.upstream
    }

    /// What could not be carried so far.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// The request for the upstream; borrowed if not one byte had to change.
    pub fn request<'b>(&mut self, body: &'b [u8], model: &str, stream: bool) -> Result<Cow<'b, [u8]>, Error> {
        self.request_with_head(body, model, stream, None)
    }

    /// The same where the head of the body is known: it need not be looked for again.
    pub fn request_with_head<'b>(
        &mut self,
        body: &'b [u8],
        model: &str,
        stream: bool,
        head: Option<&RequestHead>,
    ) -> Result<Cow<'b, [u8]>, Error> {
        if self.is_passthrough() {
            return self.pass_request(body, model, head);
        }
        let text = as_json_text(body)?;
        self.translate_request(text, model, stream).map(Cow::Owned)
    }

    fn pass_request<'b>(
        &mut self,
        body: &'b [u8],
        model: &str,
        head: Option<&RequestHead>,
    ) -> Result<Cow<'b, [u8]>, Error> {
        let is_settled = !foreign_state::has_envelopes(body);
        // What has been read once needs no second look.
        if is_settled && let Some((named, at)) = head.and_then(|head| head.model_in(body)) {
            return Ok(self.forward_known(body, named, at, model));
        }
        let text = as_json_text(body)?;
        match if is_settled { None } else { foreign_state::settle(text, self.client) } {
            None => self.forward_request(text, model),
            Some((settled, losses)) => {
                self.losses = losses;
                self.forward_request(&settled, model).map(|out| Cow::Owned(out.into_owned()))
            }
        }
    }

    fn forward_request<'b>(&mut self, text: &'b str, model: &str) -> Result<Cow<'b, [u8]>, Error> {
        let head = self.client.protocol().read_head(text).map_err(|invalid| malformed(text, invalid))?;
        match head.model {
            Some(named) => Ok(self.forward_known(text.as_bytes(), named.decode().into_owned(), span(named), model)),
            None => {
                self.context = Arc::new(ReplyContext { model: None, ..(*self.context).clone() });
                Ok(Cow::Borrowed(text.as_bytes()))
            }
        }
    }

    /// Forward a request whose model, as the client calls it, stands somewhere.
    fn forward_known<'b>(&mut self, body: &'b [u8], named: String, at: Range<usize>, model: &str) -> Cow<'b, [u8]> {
        let is_same = named == model;
        self.context = Arc::new(ReplyContext { model: Some(named), ..(*self.context).clone() });
        if is_same { Cow::Borrowed(body) } else { Cow::Owned(passthrough::with_model(body, at, model)) }
    }

    fn translate_request(&mut self, text: &str, model: &str, stream: bool) -> Result<Vec<u8>, Error> {
        let mut losses = Losses::default();
        let mut names = NameMap::default();
        // A translation is rarely much longer than what it was made from.
        let mut out = Vec::with_capacity(text.len() + text.len() / 4 + 512);
        let upstream = self.upstream.name();
        let mut request =
            self.client.protocol().read_request(text, &mut losses).map_err(|refusal| refusal.locate(text, upstream))?;
        if let Some(recollection) = &self.recollection {
            recollection.restore(&mut request, self.upstream);
        }
        refuse_forced_hosted(&request, &losses).map_err(|refusal| refusal.locate(text, upstream))?;
        let traits = self.models.traits(model);
        let answer = AnswerForm::default();
        let mut to = Outgoing { model, traits, stream, answer, losses: &mut losses, names: &mut names };
        self.upstream
            .protocol()
            .write_request(&request, &mut to, &mut out)
            .map_err(|refusal| refusal.locate(text, upstream))?;
        let answer = to.answer;
        if let (OnLoss::Reject, Some(refusal)) = (self.on_loss, losses.first()) {
            return Err(refusal.locate(text, upstream));
        }
        self.losses = losses.locate(text, Side::Request);
        self.context = Arc::new(ReplyContext { answer, asked: text.len(), ..context(&self.context, &request, names) });
        Ok(out)
    }

    /// The request that asks the upstream to count the tokens of a client's request to count; none if it cannot.
    pub fn count_request(&mut self, body: &[u8], model: &str) -> Result<Option<Vec<u8>>, Error> {
        let text = as_json_text(body)?;
        if self.is_passthrough() {
            return self.forward_request(text, model).map(|out| Some(out.into_owned()));
        }
        if !counting::can_count(self.upstream) {
            return Ok(None);
        }
        let asked = counting::counted(self.client, text).map_err(|invalid| malformed(text, invalid))?;
        let written = self.translate_request(asked, model, false)?;
        let written = std::str::from_utf8(&written).unwrap_or_default();
        Ok(Some(counting::shape(self.upstream, model, written)))
    }

    /// The upstream's count, as an answer for the client.
    pub fn count_response(&self, body: &[u8]) -> Result<(u64, Vec<u8>), Error> {
        let text = simdutf8::basic::from_utf8(body).unwrap_or_default();
        let tokens = counting::read(text).map_err(|invalid| Error::Upstream(unreadable(text, invalid)))?;
        Ok((tokens, counting::write_count(self.client, tokens)))
    }

    /// The reply for the client; borrowed if it goes through as it is.
    ///
    /// Some servers answer 200 with an error: the bytes are then an error answer, and the outcome says so.
    pub fn response<'b>(&mut self, body: &'b [u8]) -> Result<(Cow<'b, [u8]>, Outcome), Error> {
        let text = simdutf8::basic::from_utf8(body)
            .map_err(|_| Error::Upstream(Failure::protocol("the upstream's answer is not UTF-8")))?;
        if self.is_passthrough() { self.forward_response(text) } else { self.translate_response(text) }
    }

    fn forward_response<'b>(&self, text: &'b str) -> Result<(Cow<'b, [u8]>, Outcome), Error> {
        let mut tap = Tap::default();
        if let Err(invalid) = self.upstream.protocol().read_response(text, &mut tap) {
            // What only we do not understand is the client's to judge; what is not JSON is nobody's.
            parse::<Raw<'_>>(text).map_err(|_| Error::Upstream(unreadable(text, invalid)))?;
        }
        let outcome =
            Outcome { usage: tap.usage, finish_reason: tap.finish_reason(), failure: tap.failure.map(as_the_clients) };
        Ok((Cow::Borrowed(text.as_bytes()), outcome))
    }

    fn translate_response<'b>(&mut self, text: &str) -> Result<(Cow<'b, [u8]>, Outcome), Error> {
        let mut fold = Fold::default();
        let mut recording = Recording { recorder: self.recorder(), sink: &mut fold };
        let mut sink = Restoring { restore: Restore::of(&self.context), sink: &mut recording };
        self.upstream
            .protocol()
            .read_response(text, &mut sink)
            .map_err(|invalid| Error::Upstream(unreadable(text, invalid)))?;
        let mut reply = fold.into_reply();
        let mut out = Vec::with_capacity(text.len() + 512);
        if let Some(failure) = reply.failure.take().map(as_the_clients) {
            self.client.protocol().write_error(&failure, Some(&self.context.exchange_id), &mut out);
            return Ok((Cow::Owned(out), Outcome { failure: Some(failure), ..Outcome::default() }));
        }
        if reply.usage.is_none() {
            reply.usage = Some(Usage::estimate(self.context.asked, reply.size()));
        }
        let mut losses = Losses::default();
        reply.losses.iter().for_each(|&feature| losses.report(Place::default(), feature));
        self.client.protocol().write_response(&reply, &self.context, &mut losses, &mut out);
        self.losses.extend(losses.locate(text, Side::Response));
        let finish_reason = reply.first().map(Choice::reason);
        Ok((Cow::Owned(out), Outcome { usage: reply.usage, finish_reason, failure: None }))
    }

    /// The status and body of an error answer for the client.
    pub fn error<'b>(&self, status: u16, body: &'b [u8]) -> (u16, Cow<'b, [u8]>) {
        let failure = as_the_clients(read_failure(status, body));
        let protocol = self.client.protocol();
        let answer = protocol.status(failure.kind);
        if self.is_passthrough() && failure.kind != FailureKind::BadGateway && passthrough::is_error_envelope(body) {
            return (status, Cow::Borrowed(body));
        }
        let mut out = Vec::new();
        protocol.write_error(&failure, Some(&self.context.exchange_id), &mut out);
        (answer, Cow::Owned(out))
    }

    fn recorder(&self) -> Option<Recorder> {
        self.recollection.clone().map(|recollection| Recorder::new(recollection, &self.context))
    }

    /// The stream for the client.
    pub fn stream(&self, framing: Framing) -> StreamDriver {
        let reader = self.upstream.protocol().stream_reader();
        let writer = self.client.protocol().stream_writer(Arc::clone(&self.context), framing);
        match (self.is_passthrough(), framing) {
            (false, _) => {
                StreamDriver::Translated(Translation::new(reader, writer, &self.context).recorded_by(self.recorder()))
            }
            (true, Framing::Sse) => StreamDriver::Passthrough(Passthrough::sse(reader, writer)),
            (true, Framing::JsonArray) => StreamDriver::Passthrough(Passthrough::json_array(reader, writer)),
        }
    }
}

/// Status and body of an error that is the gateway's own, in a client's dialect.
pub fn write_error(client: Dialect, failure: &Failure, request_id: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    client.protocol().write_error(failure, request_id, &mut out);
    out
}

/// The status with which a failure is answered in a client's dialect.
pub fn error_status(client: Dialect, failure: &Failure) -> u16 {
    client.protocol().status(as_the_clients(failure.clone()).kind)
}

/// Seconds after which an error answer's body says to come again (Gemini's `RetryInfo`).
pub fn retry_after(status: u16, body: &[u8]) -> Option<u64> {
    read_failure(status, body).retry_after
}

/// About how many tokens a client's request to count has.
pub fn estimate_tokens(client: Dialect, body: &[u8]) -> Result<u64, Error> {
    let text = as_json_text(body)?;
    let asked = counting::counted(client, text).map_err(|invalid| malformed(text, invalid))?;
    let request = client.protocol().read_request(asked, &mut Losses::default());
    request.map(|request| input_tokens(&request)).map_err(|refusal| refusal.locate(asked, client.name()))
}

/// What an error answer says, whoever it is from.
pub fn read_failure(status: u16, body: &[u8]) -> Failure {
    failure_body::read_failure(status, body)
}

/// What routing needs to know of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The model as the client calls it.
    pub model: Option<String>,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// The same number for every request of a conversation, as far as can be told.
    pub conversation: Option<u64>,
    /// Where the model stands in the body, quotes included, and how long the body is.
    model_at: Option<(Range<usize>, usize)>,
}

impl RequestHead {
    /// The model and where it stands in a body, if that is the one whose head this is, as far as can be seen.
    fn model_in(&self, body: &[u8]) -> Option<(String, Range<usize>)> {
        let (at, length) = self.model_at.clone()?;
        let model = self.model.as_ref()?;
        let stands = body.get(at.start + 1..at.end - 1)? == model.as_bytes();
        // A name with escapes is looked for again.
        (stands && length == body.len()).then(|| (model.clone(), at))
    }
}

/// Where a literal stands, quotes included.
fn span(literal: Literal<'_>) -> Range<usize> {
    let start = literal.place().offset();
    start..start + literal.escaped().len() + 2
}

/// Model, stream flag and, if `conversation` is wanted, its fingerprint.
pub fn read_head(dialect: Dialect, body: &[u8], conversation: bool) -> Result<RequestHead, Error> {
    let text = as_json_text(body)?;
    let head = dialect.protocol().read_head(text).map_err(|invalid| malformed(text, invalid))?;
    Ok(RequestHead {
        model_at: head.model.map(|model| (span(model), body.len())),
        model: head.model.map(|model| model.decode().into_owned()),
        stream: head.stream.is_some_and(|stream| stream.value),
        conversation: if conversation { head.opening.fingerprint(body.len()) } else { None },
    })
}

/// What the client must not mistake for a fault of its own key: the gateway's key was refused.
fn as_the_clients(failure: Failure) -> Failure {
    if failure.kind == FailureKind::Authentication {
        let message = format!("the upstream refused the gateway's credentials: {}", failure.message);
        return Failure { kind: FailureKind::BadGateway, message, code: None, ..failure };
    }
    failure
}

/// A call that must be made, of tools that are all the vendor's own.
fn refuse_forced_hosted(request: &Request<'_>, losses: &Losses) -> Result<(), Refusal> {
    let nothing_left = request.tools.is_empty() && request.web_search.is_none();
    let hosted = losses.has(Feature::HostedTool) || losses.has(Feature::CodeExecution);
    match &request.tool_choice {
        Some(choice) if nothing_left && hosted && choice.value.is_forced() => {
            losses.refuse(choice.place, Feature::HostedTool)
        }
        _ => Ok(()),
    }
}

fn context(before: &ReplyContext, request: &Request<'_>, names: NameMap) -> ReplyContext {
    let custom = request.tools.iter().filter(|tool| matches!(tool.input, ToolInput::Custom { .. }));
    ReplyContext {
        model: request.model.map(|model| model.decode().into_owned()),
        names,
        custom_tools: custom.map(|tool| tool.name.decode().into_owned()).collect(),
        namespaces: request.namespaces.clone(),
        echo: request.echo.clone(),
        stream_usage: request.stream_usage,
        hide_reasoning: request.reasoning.visible == Some(false),
        ..before.clone()
    }
}

pub(crate) fn as_json_text(body: &[u8]) -> Result<&str, Error> {
    let text = simdutf8::basic::from_utf8(body)
        .map_err(|_| Error::Malformed { pointer: String::new(), expected: "UTF-8".into() })?;
    // RFC 8259, 8.1: a parser may ignore a byte order mark.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn malformed(text: &str, invalid: Invalid) -> Error {
    Refusal::from(invalid).locate(text, "")
}

pub(crate) fn unreadable(text: &str, invalid: Invalid) -> Failure {
    let pointer = invalid.place.pointer(text);
    let at = if pointer.is_empty() { String::new() } else { format!(" at {pointer}") };
    Failure::protocol(format!("the upstream's answer cannot be read: expected {}{at}", invalid.expected))
}
