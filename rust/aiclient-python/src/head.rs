//! What routing needs to know of a request.

use pyo3::prelude::*;

use crate::errors::{dialect, exception};

/// What routing needs to know of a request.
#[pyclass(frozen, get_all, module = "aiclient._native")]
pub(crate) struct RequestHead {
    model: Option<String>,
    stream: bool,
    conversation: Option<u64>,
}

#[pymethods]
impl RequestHead {
    fn __repr__(&self) -> String {
        let Self { model, stream, conversation } = self;
        format!("RequestHead(model={model:?}, stream={stream}, conversation={conversation:?})")
    }
}

/// Find model and stream flag of a request, and its conversation, without building anything of the rest.
#[pyfunction]
#[pyo3(signature = (dialect, body, /, *, conversation=false))]
pub(crate) fn read_head(py: Python<'_>, dialect: &str, body: &[u8], conversation: bool) -> PyResult<RequestHead> {
    let dialect = self::dialect(dialect)?;
    match aiclient_dialects::read_head(dialect, body, conversation) {
        Ok(aiclient_dialects::RequestHead { model, stream, conversation }) => {
            Ok(RequestHead { model, stream, conversation })
        }
        Err(error) => Err(exception(py, &error, dialect)),
    }
}
