//! Plain values that come out of a translation.

use aiclient_dialects::{Side, ir};
use pyo3::prelude::*;

/// Something that could not be carried over.
#[pyclass(frozen, get_all, eq, hash, module = "aiclient._native")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Loss {
    /// JSON Pointer into the body that had it.
    pub(crate) pointer: String,
    /// What it was.
    pub(crate) feature: &'static str,
    /// `request` or `response`.
    pub(crate) side: &'static str,
}

/// Token counts in one convention: input includes cached tokens, output includes reasoning.
#[pyclass(frozen, get_all, eq, hash, module = "aiclient._native")]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Usage {
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) cache_read_tokens: u64,
    pub(crate) cache_write_tokens: u64,
    pub(crate) reasoning_tokens: u64,
    pub(crate) estimated: bool,
}

/// Why a stream failed.
#[pyclass(frozen, get_all, eq, hash, module = "aiclient._native")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Failure {
    /// The HTTP status to answer with while none was sent.
    status: u16,
    /// What happened.
    message: String,
    /// Its class, whatever the vendor calls it.
    kind: &'static str,
    /// Seconds to wait before trying again, if the body says so.
    retry_after: Option<u64>,
}

impl Failure {
    /// A failure, and the status that a client of a dialect is told.
    pub(crate) fn new(status: u16, failure: &ir::Failure) -> Self {
        let ir::Failure { kind, message, retry_after, .. } = failure;
        Self { status, message: message.clone(), kind: kind.name(), retry_after: *retry_after }
    }
}

impl From<&aiclient_dialects::Loss> for Loss {
    fn from(loss: &aiclient_dialects::Loss) -> Self {
        let side = match loss.side {
            Side::Request => "request",
            Side::Response => "response",
        };
        Self { pointer: loss.pointer.clone(), feature: loss.feature.name(), side }
    }
}

impl From<ir::Usage> for Usage {
    fn from(usage: ir::Usage) -> Self {
        let ir::Usage {
            input_tokens,
            output_tokens,
            cache_read_tokens,
            cache_write_tokens,
            reasoning_tokens,
            estimated,
        } = usage;
        Self { input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, estimated }
    }
}

#[pymethods]
impl Loss {
    fn __repr__(&self) -> String {
        format!("Loss(pointer={:?}, feature={:?}, side={:?})", self.pointer, self.feature, self.side)
    }
}

#[pymethods]
impl Usage {
    fn __repr__(&self) -> String {
        format!(
            "Usage(input_tokens={}, output_tokens={}, cache_read_tokens={}, cache_write_tokens={}, reasoning_tokens={})",
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_write_tokens,
            self.reasoning_tokens
        )
    }
}

#[pymethods]
impl Failure {
    fn __repr__(&self) -> String {
        format!("Failure(status={}, message={:?})", self.status, self.message)
    }
}
