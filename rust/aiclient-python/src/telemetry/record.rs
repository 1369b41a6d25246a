//! What becomes known of an exchange while it goes on.
//!
//! It is native so that to begin an exchange, and to look at it once it is over, costs little. What the attributes mean
//! is said in `_native.pyi`.

use std::ops::Deref;

use aiclient_dialects::json::ToJson;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};

use crate::types::Usage;

/// An exchange; Python's `Record` adds what looks at the clock.
#[pyclass(get_all, set_all, subclass, module = "aiclient._native")]
pub(crate) struct ExchangeFacts {
    pub(super) request_id: Text,
    pub(super) method: Text,
    pub(super) path: Text,
    pub(super) started: f64,
    pub(super) read: f64,
    pub(super) replied: f64,
    pub(super) ended: f64,
    pub(super) paused: f64,
    pub(super) dialect: Option<Text>,
    pub(super) operation: Text,
    pub(super) model: Option<Text>,
    pub(super) route: Option<Text>,
    pub(super) target: Option<Text>,
    pub(super) attempts: Py<PyList>,
    pub(super) served: Option<Py<AttemptFacts>>,
    pub(super) prompt: Py<PyBytes>,
    pub(super) stream: bool,
    pub(super) status: u64,
    pub(super) upstream_status: Option<u64>,
    pub(super) outcome: Text,
    pub(super) finish_reason: Option<Text>,
    pub(super) usage: Option<Py<Usage>>,
    pub(super) losses: Py<PyAny>,
    pub(super) stream_losses: Py<PyAny>,
    pub(super) span: Option<Py<PyAny>>,
}

/// One upstream that was asked; Python's `AttemptRecord` adds what looks at the clock.
#[pyclass(get_all, set_all, subclass, module = "aiclient._native")]
pub(crate) struct AttemptFacts {
    pub(super) provider: Text,
    pub(super) model: Text,
    pub(super) credential: Text,
    pub(super) asked: f64,
    pub(super) answered: f64,
    pub(super) outcome: Text,
    pub(super) span: Option<Py<PyAny>>,
}

#[pymethods]
impl ExchangeFacts {
    #[new]
    #[pyo3(signature = (request_id, method, path, started = 0.0))]
    fn new(py: Python<'_>, request_id: Text, method: Text, path: Text, started: f64) -> PyResult<Self> {
        Ok(Self {
            request_id,
            method,
            path,
            started,
            read: 0.0,
            replied: 0.0,
            ended: 0.0,
            paused: 0.0,
            dialect: None,
            operation: Text::of(intern!(py, ""))?,
            model: None,
            route: None,
            target: None,
            attempts: PyList::empty(py).unbind(),
            served: None,
            prompt: PyBytes::new(py, b"").unbind(),
            stream: false,
            status: 0,
            upstream_status: None,
            outcome: Text::of(intern!(py, "ok"))?,
            finish_reason: None,
            usage: None,
            losses: PyTuple::empty(py).into_any().unbind(),
            stream_losses: PyTuple::empty(py).into_any().unbind(),
            span: None,
        })
    }
}

#[pymethods]
impl AttemptFacts {
    #[new]
    #[pyo3(signature = (provider, model, credential, asked))]
    fn new(py: Python<'_>, provider: Text, model: Text, credential: Text, asked: f64) -> PyResult<Self> {
        let outcome = Text::of(intern!(py, "ok"))?;
        Ok(Self { provider, model, credential, asked, answered: 0.0, outcome, span: None })
    }
}

/// A text of Python's. What is no Unicode, as a path may be, is shown as well as can be.
pub(super) struct Text(PyBackedStr);

impl Text {
    fn of(text: &Bound<'_, PyString>) -> PyResult<Self> {
        Ok(Self(text.clone().try_into()?))
    }
}

impl<'a, 'py> FromPyObject<'a, 'py> for Text {
    type Error = PyErr;

    fn extract(text: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let lossy = |_| PyString::new(text.py(), &text.cast::<PyString>()?.to_string_lossy()).try_into();
        text.extract().or_else(lossy).map(Self)
    }
}

impl<'py> IntoPyObject<'py> for &Text {
    type Target = PyString;
    type Output = Bound<'py, PyString>;
    type Error = std::convert::Infallible;

    fn into_pyobject(self, py: Python<'py>) -> Result<Self::Output, Self::Error> {
        (&self.0).into_pyobject(py)
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl ToJson for Text {
    fn write_json(&self, out: &mut Vec<u8>) {
        (**self).write_json(out);
    }
}
