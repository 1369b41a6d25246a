//! What clients do not give back, kept between exchanges.

use std::sync::Arc;

use pyo3::prelude::*;

/// Keeps the reasoning state of calls for Chat clients.
#[pyclass(module = "aiclient._native", frozen)]
pub(crate) struct ReasoningMemory {
    pub(crate) memory: Arc<aiclient_dialects::ReasoningMemory>,
}

#[pymethods]
impl ReasoningMemory {
    #[new]
    #[pyo3(signature = (*, capacity, lifetime))]
    fn new(capacity: usize, lifetime: u64) -> Self {
        Self { memory: Arc::new(aiclient_dialects::ReasoningMemory::new(capacity, lifetime)) }
    }

    /// Bytes that are taken.
    #[getter]
    fn size(&self) -> usize {
        self.memory.size().1
    }

    fn __len__(&self) -> usize {
        self.memory.size().0
    }
}
