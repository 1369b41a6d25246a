//! Counting tokens without an upstream.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::{dialect, exception};

#[pyfunction]
#[pyo3(signature = (dialect_name, body, /), text_signature = "(dialect, body, /)")]
pub(crate) fn estimate_tokens(py: Python<'_>, dialect_name: &str, body: &[u8]) -> PyResult<u64> {
    let client = dialect(dialect_name)?;
    aiclient_dialects::estimate_tokens(client, body).map_err(|error| exception(py, &error, client))
}

#[pyfunction]
#[pyo3(signature = (dialect_name, tokens, /), text_signature = "(dialect, tokens, /)")]
pub(crate) fn write_count<'py>(py: Python<'py>, dialect_name: &str, tokens: u64) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, &aiclient_dialects::write_count(dialect(dialect_name)?, tokens)))
}
