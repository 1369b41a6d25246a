//! A stream, one call for each read from the network.

use aiclient_dialects::ir::{self, FailureKind};
use aiclient_dialects::{Dialect, StreamDriver, error_status};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::types::{Failure, Usage};

/// Translates a stream chunk by chunk.
#[pyclass(module = "aiclient._native")]
pub(crate) struct StreamTranslator {
    client: Dialect,
    driver: StreamDriver,
    /// Reused from call to call.
    out: Vec<u8>,
}

impl StreamTranslator {
    pub(crate) fn new(client: Dialect, driver: StreamDriver) -> Self {
        Self { client, driver, out: Vec::new() }
    }

    fn take<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let bytes = PyBytes::new(py, &self.out);
        self.out.clear();
        bytes
    }
}

#[pymethods]
impl StreamTranslator {
    #[pyo3(signature = (chunk, /))]
    fn feed<'py>(&mut self, py: Python<'py>, chunk: Bound<'py, PyBytes>) -> Bound<'py, PyBytes> {
        self.driver.feed(chunk.as_bytes(), &mut self.out);
        if self.out == chunk.as_bytes() {
            // Went through unchanged: the same object, without a copy.
            self.out.clear();
            return chunk;
        }
        self.take(py)
    }

    fn finish<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.driver.finish(&mut self.out);
        self.take(py)
    }

    #[pyo3(signature = (message, /))]
    fn fail<'py>(&mut self, py: Python<'py>, message: String) -> Bound<'py, PyBytes> {
        self.driver.fail(ir::Failure::new(FailureKind::BadGateway, message), &mut self.out);
        self.take(py)
    }

    fn ping<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.driver.ping(&mut self.out);
        self.take(py)
    }

    /// Whether the upstream has said anything of its answer.
    #[getter]
    fn begun(&self) -> bool {
        self.driver.has_begun()
    }

    /// Whether the wire itself ended the stream.
    #[getter]
    fn complete(&self) -> bool {
        self.driver.is_complete()
    }

    /// Whether more is to come.
    #[getter]
    fn open(&self) -> bool {
        !self.driver.is_complete() && self.driver.failure().is_none()
    }

    /// Why the answer ended.
    #[getter]
    fn finish_reason(&self) -> Option<&'static str> {
        self.driver.finish_reason().map(ir::FinishReason::name)
    }

    /// Token counts so far.
    #[getter]
    fn usage(&self) -> Option<Usage> {
        self.driver.usage().map(Usage::from)
    }

    /// What went wrong, if anything did.
    #[getter]
    fn failure(&self) -> Option<Failure> {
        self.driver.failure().map(|failure| Failure::new(error_status(self.client, failure), failure))
    }

    /// Names of features of the reply that could not be written.
    #[getter]
    fn losses(&self) -> Vec<&'static str> {
        self.driver.losses().iter().map(|feature| feature.name()).collect()
    }
}
