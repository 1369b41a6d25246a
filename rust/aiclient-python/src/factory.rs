//! Translators that differ in nothing but the exchange.

use std::sync::Arc;

use aiclient_dialects::{Dialect, Exchange, OnLoss};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::dialect;
use crate::memory::ReasoningMemory;
use crate::models::ModelTable;
use crate::translator::Translator;

/// Makes translators between a client's and an upstream's dialect; what they have in common is worked out once.
#[pyclass(frozen, module = "aiclient._native")]
pub(crate) struct TranslatorFactory {
    client: Dialect,
    upstream: Dialect,
    on_loss: OnLoss,
    models: Option<Py<ModelTable>>,
    memory: Option<Py<ReasoningMemory>>,
}

#[pymethods]
impl TranslatorFactory {
    #[new]
    #[pyo3(signature = (*, client, upstream, on_loss="report", models=None, memory=None))]
    pub(crate) fn new(
        client: &str,
        upstream: &str,
        on_loss: &str,
        models: Option<Py<ModelTable>>,
        memory: Option<Py<ReasoningMemory>>,
    ) -> PyResult<Self> {
        let on_loss = match on_loss {
            "report" => OnLoss::Report,
            "reject" => OnLoss::Reject,
            other => {
                return Err(PyValueError::new_err(format!("unknown on_loss {other:?}: expected report or reject")));
            }
        };
        Ok(Self { client: dialect(client)?, upstream: dialect(upstream)?, on_loss, models, memory })
    }

    /// Whether the scope of an exchange matters.
    #[getter]
    fn remembers(&self) -> bool {
        self.memory.is_some()
    }

    #[pyo3(signature = (exchange_id, created, scope=None, /))]
    pub(crate) fn translator(&self, exchange_id: String, created: u64, scope: Option<&[u8]>) -> Translator {
        let mut exchange = Exchange::new(self.client, self.upstream, exchange_id, created, self.on_loss);
        if let Some(models) = &self.models {
            exchange = exchange.with_models(Arc::clone(&models.get().table));
        }
        if let Some(memory) = &self.memory {
            exchange = exchange.with_memory(Arc::clone(&memory.get().memory), scope.unwrap_or_default());
        }
        Translator::of(self.client, exchange)
    }
}
