//! Upstreams' answers, one call for each read from the network.

use std::borrow::Cow;

use aiclient_http::latin1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

/// Reads answers from the bytes of one connection.
#[pyclass(module = "aiclient._native")]
pub(crate) struct ResponseReader {
    reader: aiclient_http::ResponseReader,
    /// What was asked for of the answer that is being read.
    headers: Option<Py<PyDict>>,
    /// The names that were asked for last: a server mostly sends the same ones in the same order.
    names: Vec<Py<PyString>>,
}

impl ResponseReader {
    fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        self.reader.field(name).map(latin1)
    }

    fn read_headers<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let headers = PyDict::new(py);
        for (at, (name, value)) in self.reader.fields().enumerate() {
            headers.set_item(lower_case(py, &mut self.names, at, name)?, latin1(value))?;
        }
        Ok(headers)
    }
}

/// A name in lower case; the one that was at its place before, if it is that.
fn lower_case<'py>(
    py: Python<'py>,
    names: &mut Vec<Py<PyString>>,
    at: usize,
    name: &[u8],
) -> PyResult<Bound<'py, PyString>> {
    if let Some(known) = names.get(at).map(|known| known.bind(py))
        && known.to_str()?.as_bytes().eq_ignore_ascii_case(name)
    {
        return Ok(known.clone());
    }
    let new = PyString::new(py, &latin1(&name.to_ascii_lowercase()));
    names.truncate(at);
    names.push(new.clone().unbind());
    Ok(new)
}

#[pymethods]
impl ResponseReader {
    #[new]
    fn new() -> Self {
        Self { reader: aiclient_http::ResponseReader::default(), headers: None, names: Vec::new() }
    }

    /// How far the answer has come.
    #[getter]
    fn state(&self) -> u8 {
        self.reader.stage() as u8
    }

    /// 0 until the head is complete.
    #[getter]
    fn status(&self) -> u16 {
        self.reader.status()
    }

    /// The last value of each name, in lower case.
    #[getter]
    fn headers<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        if let Some(headers) = &self.headers {
            return Ok(headers.bind(py).clone());
        }
        let headers = self.read_headers(py)?;
        if self.reader.status() > 0 {
            self.headers = Some(headers.clone().unbind());
        }
        Ok(headers)
    }

    /// What the server says of how long it keeps the connection.
    #[getter]
    fn keep_alive(&self) -> Option<Cow<'_, str>> {
        self.value("keep-alive")
    }

    /// How the body is compressed.
    #[getter]
    fn content_encoding(&self) -> Option<Cow<'_, str>> {
        self.value("content-encoding")
    }

    /// Whether a byte of the answer has come.
    #[getter]
    fn begun(&self) -> bool {
        self.reader.has_begun()
    }

    /// Whether another request may follow.
    #[getter]
    fn reusable(&self) -> bool {
        self.reader.is_reusable()
    }

    /// What is wrong with the answer.
    #[getter]
    fn fault(&self) -> Option<String> {
        self.reader.fault().map(|fault| fault.to_string())
    }

    fn next(&mut self) {
        self.reader.next();
        self.headers = None;
    }

    #[pyo3(signature = (data, /))]
    fn feed<'py>(&mut self, py: Python<'py>, data: Bound<'py, PyBytes>) -> Bound<'py, PyBytes> {
        let bytes = data.as_bytes();
        let body = self.reader.feed(bytes);
        if body.len() == bytes.len() {
            // All of it is body: the same object, without a copy.
            return data;
        }
        PyBytes::new(py, body)
    }

    fn feed_eof(&mut self) {
        self.reader.feed_eof();
    }
}
