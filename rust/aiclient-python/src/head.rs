//! What routing needs to know of a request.

use pyo3::prelude::*;

use crate::errors::{dialect, exception};

/// What routing needs to know of a request.
#[pyclass(frozen, module = "aiclient._native")]
pub(crate) struct RequestHead {
    pub(crate) head: aiclient_dialects::RequestHead,
}

#[pymethods]
impl RequestHead {
    /// As the client calls it.
    #[getter]
    fn model(&self) -> Option<&str> {
        self.head.model.as_deref()
    }

    /// Whether a stream is asked for.
    #[getter]
    fn stream(&self) -> bool {
        self.head.stream
    }

    /// The same for all requests of a conversation, if that is known.
    #[getter]
    fn conversation(&self) -> Option<u64> {
        self.head.conversation
    }

    fn __repr__(&self) -> String {
        let aiclient_dialects::RequestHead { model, stream, conversation, .. } = &self.head;
        format!("RequestHead(model={model:?}, stream={stream}, conversation={conversation:?})")
    }
}

/// Find model and stream flag of a request, and its conversation, without building anything of the rest.
#[pyfunction]
#[pyo3(signature = (dialect, body, /, *, conversation=false))]
pub(crate) fn read_head(py: Python<'_>, dialect: &str, body: &[u8], conversation: bool) -> PyResult<RequestHead> {
    let dialect = self::dialect(dialect)?;
    match aiclient_dialects::read_head(dialect, body, conversation) {
        Ok(head) => Ok(RequestHead { head }),
        Err(error) => Err(exception(py, &error, dialect)),
    }
}
