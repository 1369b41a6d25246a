//! Requests for embeddings.

use aiclient_dialects::{EmbeddingExchange, EmbeddingForm, OnLoss};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::exception;
use crate::types::Loss;

/// Translates one request for embeddings, then its reply.
#[pyclass(module = "aiclient._native")]
pub(crate) struct EmbeddingTranslator {
    client: EmbeddingForm,
    exchange: EmbeddingExchange,
}

#[pymethods]
impl EmbeddingTranslator {
    #[new]
    #[pyo3(signature = (*, client, upstream, on_loss="report"))]
    fn new(client: &str, upstream: &str, on_loss: &str) -> PyResult<Self> {
        let on_loss = if on_loss == "reject" { OnLoss::Reject } else { OnLoss::Report };
        let (client, upstream) = (form(client)?, form(upstream)?);
        Ok(Self { client, exchange: EmbeddingExchange::new(client, upstream, on_loss) })
    }

    #[getter]
    fn losses(&self) -> Vec<Loss> {
        self.exchange.losses().iter().map(Loss::from).collect()
    }

    #[pyo3(signature = (body, /, *, model))]
    fn request<'py>(&mut self, py: Python<'py>, body: &[u8], model: &str) -> PyResult<Bound<'py, PyBytes>> {
        match self.exchange.request(body, model) {
            Ok(out) => Ok(PyBytes::new(py, &out)),
            Err(error) => Err(exception(py, &error, self.client.dialect())),
        }
    }

    #[pyo3(signature = (body, /))]
    fn response<'py>(&self, py: Python<'py>, body: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        match self.exchange.response(body) {
            Ok(out) => Ok(PyBytes::new(py, &out)),
            Err(error) => Err(exception(py, &error, self.client.dialect())),
        }
    }
}

fn form(name: &str) -> PyResult<EmbeddingForm> {
    match name {
        "openai" => Ok(EmbeddingForm::OpenAi),
        "gemini_one" => Ok(EmbeddingForm::GeminiOne),
        "gemini_batch" => Ok(EmbeddingForm::GeminiBatch),
        other => {
            Err(PyValueError::new_err(format!("unknown form {other:?}: expected openai, gemini_one or gemini_batch")))
        }
    }
}
