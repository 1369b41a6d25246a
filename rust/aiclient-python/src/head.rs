//! What routing needs to know of a request.

use pyo3::prelude::*;

use crate::errors::{dialect, exception};

/// Model and stream flag of a request.
#[pyclass(frozen, get_all, module = "aiclient._native")]
pub(crate) struct RequestHead {
    model: Option<String>,
    stream: bool,
}

#[pymethods]
impl RequestHead {
    fn __repr__(&self) -> String {
        format!("RequestHead(model={:?}, stream={})", self.model, self.stream)
    }
}

/// Find model and stream flag of a request without building anything of the rest.
#[pyfunction]
#[pyo3(signature = (dialect, body, /))]
pub(crate) fn read_head(py: Python<'_>, dialect: &str, body: &[u8]) -> PyResult<RequestHead> {
    let dialect = self::dialect(dialect)?;
    match aiclient_dialects::read_head(dialect, body) {
        Ok((model, stream)) => Ok(RequestHead { model, stream }),
        Err(error) => Err(exception(py, &error, dialect)),
    }
}
