//! Errors as exceptions of `aiclient.errors`, and as bodies of answers.

use aiclient_dialects::ir::{Failure, FailureKind};
use aiclient_dialects::{Dialect, Error};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyType};

/// A class of `aiclient.errors`, imported once.
fn class<'py>(py: Python<'py>, cell: &'static PyOnceLock<Py<PyType>>, name: &str) -> PyResult<Bound<'py, PyType>> {
    cell.import(py, "aiclient.errors", name).cloned()
}

/// The exception for an error of the translator.
pub(crate) fn exception(py: Python<'_>, error: &Error, client: Dialect) -> PyErr {
    static MALFORMED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static UNSUPPORTED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static PROTOCOL: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static STATUS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let message = error.to_string();
    let raised = match error {
        Error::Malformed { pointer, .. } => {
            class(py, &MALFORMED, "MalformedError").and_then(|class| located(&class, &message, pointer))
        }
        Error::Unsupported { pointer, .. } => {
            class(py, &UNSUPPORTED, "UnsupportedError").and_then(|class| located(&class, &message, pointer))
        }
        Error::Upstream(failure) if failure.kind == FailureKind::BadGateway => {
            class(py, &PROTOCOL, "UpstreamProtocolError").and_then(|class| class.call1((message,)))
        }
        Error::Upstream(failure) => class(py, &STATUS, "UpstreamStatusError").and_then(|class| {
            let keywords = PyDict::new(py);
            keywords.set_item("status", aiclient_dialects::error_status(client, failure))?;
            class.call((message,), Some(&keywords))
        }),
        _ => Err(PyValueError::new_err(message)),
    };
    raised.map_or_else(|error| error, PyErr::from_value)
}

fn located<'py>(class: &Bound<'py, PyType>, message: &str, pointer: &str) -> PyResult<Bound<'py, PyAny>> {
    let keywords = PyDict::new(class.py());
    keywords.set_item("pointer", pointer)?;
    class.call((message,), Some(&keywords))
}

/// A dialect by its name; `ValueError` for any other word.
pub(crate) fn dialect(name: &str) -> PyResult<Dialect> {
    name.parse().map_err(PyValueError::new_err)
}

/// The body of an error answer that is the gateway's own, in the dialect of the caller.
#[pyfunction]
#[pyo3(signature = (dialect, status, message, /, *, pointer=None, code=None, request_id=None))]
pub(crate) fn write_error<'py>(
    py: Python<'py>,
    dialect: &str,
    status: u16,
    message: String,
    pointer: Option<String>,
    code: Option<String>,
    request_id: Option<&str>,
) -> PyResult<Bound<'py, PyBytes>> {
    let failure = Failure { param: pointer, code, ..Failure::new(FailureKind::of_status(status), message) };
    let body = aiclient_dialects::write_error(self::dialect(dialect)?, &failure, request_id);
    Ok(PyBytes::new(py, &body))
}

/// The status with which a dialect answers an error that has this one in HTTP.
#[pyfunction]
#[pyo3(signature = (dialect, status, /))]
pub(crate) fn error_status(dialect: &str, status: u16) -> PyResult<u16> {
    let client = self::dialect(dialect)?;
    Ok(match FailureKind::of_status(status) {
        // Theirs to understand by the number alone.
        FailureKind::Authentication | FailureKind::InvalidRequest => status,
        kind => aiclient_dialects::error_status(client, &Failure::new(kind, "")),
    })
}
