//! Members laid over a request that is written already.

use aiclient_dialects::{Precedence, overlaid};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Lay the members of one JSON object over another.
#[pyfunction]
#[pyo3(signature = (body, members, /, *, default))]
pub(crate) fn overlay<'py>(
    py: Python<'py>,
    body: &[u8],
    members: &str,
    default: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let precedence = if default { Precedence::Body } else { Precedence::Overlay };
    let out = std::str::from_utf8(body)
        .ok()
        .and_then(|body| overlaid(body, members, precedence).ok())
        .ok_or_else(|| PyValueError::new_err("expected two JSON objects"))?;
    Ok(PyBytes::new(py, &out))
}
