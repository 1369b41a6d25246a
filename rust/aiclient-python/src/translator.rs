//! One request and its reply.

use std::borrow::Cow;

use aiclient_dialects::{Dialect, Exchange, Framing, Outcome, error_status};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::detached;
use crate::errors::exception;
use crate::factory::TranslatorFactory;
use crate::head::RequestHead;
use crate::memory::ReasoningMemory;
use crate::models::ModelTable;
use crate::stream::StreamTranslator;
use crate::types::{Failure, Loss, Usage};

/// Translates one request, then its reply, between a client's and an upstream's dialect.
#[pyclass(module = "aiclient._native")]
pub(crate) struct Translator {
    client: Dialect,
    exchange: Exchange,
    outcome: Outcome,
}

impl Translator {
    /// The translator of an exchange.
    pub(crate) fn of(client: Dialect, exchange: Exchange) -> Self {
        Self { client, exchange, outcome: Outcome::default() }
    }
}

#[pymethods]
impl Translator {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "all of them are keywords in Python")]
    #[pyo3(signature = (*, client, upstream, exchange_id, created, on_loss="report", models=None, memory=None, scope=None))]
    fn new(
        client: &str,
        upstream: &str,
        exchange_id: String,
        created: u64,
        on_loss: &str,
        models: Option<Py<ModelTable>>,
        memory: Option<Py<ReasoningMemory>>,
        scope: Option<&[u8]>,
    ) -> PyResult<Self> {
        let factory = TranslatorFactory::new(client, upstream, on_loss, models, memory)?;
        Ok(factory.translator(exchange_id, created, scope))
    }

    /// Whether both sides speak the same dialect.
    #[getter]
    fn passthrough(&self) -> bool {
        self.exchange.is_passthrough()
    }

    /// What could not be carried over so far.
    #[getter]
    fn losses(&self) -> Vec<Loss> {
        self.exchange.losses().iter().map(Loss::from).collect()
    }

    /// Token counts of the whole reply.
    #[getter]
    fn usage(&self) -> Option<Usage> {
        self.outcome.usage.map(Usage::from)
    }

    /// Why the whole reply ended.
    #[getter]
    fn finish_reason(&self) -> Option<&'static str> {
        self.outcome.finish_reason.map(aiclient_dialects::ir::FinishReason::name)
    }

    /// What the upstream says went wrong in a whole reply, in spite of its status.
    #[getter]
    fn failure(&self) -> Option<Failure> {
        self.outcome.failure.as_ref().map(|failure| Failure::new(error_status(self.client, failure), failure))
    }

    #[pyo3(signature = (body, /, *, model, stream, head=None))]
    fn request<'py>(
        &mut self,
        py: Python<'py>,
        body: Bound<'py, PyBytes>,
        model: &str,
        stream: bool,
        head: Option<&RequestHead>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = body.as_bytes();
        let head = head.map(|head| &head.head);
        let result = detached(py, bytes.len(), || self.exchange.request_with_head(bytes, model, stream, head));
        match result {
            Ok(out) => Ok(same_or_new(py, &body, out)),
            Err(error) => Err(exception(py, &error, self.client)),
        }
    }

    #[pyo3(signature = (body, /))]
    fn response<'py>(&mut self, py: Python<'py>, body: Bound<'py, PyBytes>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = body.as_bytes();
        let result = detached(py, bytes.len(), || self.exchange.response(bytes));
        match result {
            Ok((out, outcome)) => {
                self.outcome = outcome;
                Ok(same_or_new(py, &body, out))
            }
            Err(error) => Err(exception(py, &error, self.client)),
        }
    }

    #[pyo3(signature = (body, /, *, model))]
    fn count_request<'py>(
        &mut self,
        py: Python<'py>,
        body: &[u8],
        model: &str,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let asked = self.exchange.count_request(body, model).map_err(|error| exception(py, &error, self.client))?;
        Ok(asked.map(|asked| PyBytes::new(py, &asked)))
    }

    #[pyo3(signature = (body, /))]
    fn count_response<'py>(&self, py: Python<'py>, body: &[u8]) -> PyResult<(u64, Bound<'py, PyBytes>)> {
        let counted = self.exchange.count_response(body).map_err(|error| exception(py, &error, self.client))?;
        Ok((counted.0, PyBytes::new(py, &counted.1)))
    }

    #[pyo3(signature = (status, body, /))]
    fn error<'py>(&self, py: Python<'py>, status: u16, body: Bound<'py, PyBytes>) -> Bound<'py, PyBytes> {
        let (_, out) = self.exchange.error(status, body.as_bytes());
        same_or_new(py, &body, out)
    }

    #[pyo3(signature = (status, body, /))]
    fn error_status(&self, status: u16, body: &[u8]) -> u16 {
        self.exchange.error(status, body).0
    }

    #[pyo3(signature = (status, body, /))]
    #[staticmethod]
    fn retry_after(status: u16, body: &[u8]) -> Option<u64> {
        aiclient_dialects::retry_after(status, body)
    }

    #[pyo3(signature = (status, body, /))]
    #[staticmethod]
    fn read_failure(status: u16, body: &[u8]) -> Failure {
        Failure::new(status, &aiclient_dialects::read_failure(status, body))
    }

    #[pyo3(signature = (*, framing="sse"))]
    fn stream(&self, framing: &str) -> PyResult<StreamTranslator> {
        let framing = match framing {
            "sse" => Framing::Sse,
            "json_array" => Framing::JsonArray,
            other => {
                return Err(PyValueError::new_err(format!("unknown framing {other:?}: expected sse or json_array")));
            }
        };
        Ok(StreamTranslator::new(self.client, self.exchange.stream(framing)))
    }
}

/// What went through unchanged is the same object, without a copy.
fn same_or_new<'py>(py: Python<'py>, body: &Bound<'py, PyBytes>, out: Cow<'_, [u8]>) -> Bound<'py, PyBytes> {
    match out {
        Cow::Borrowed(bytes) if bytes.len() == body.as_bytes().len() => body.clone(),
        out => PyBytes::new(py, &out),
    }
}
