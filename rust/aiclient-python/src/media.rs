//! Media by address.

use std::collections::BTreeMap;

use aiclient_dialects::Fetched;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::dialect;

#[pyfunction]
#[pyo3(signature = (client, upstream, body, /))]
pub(crate) fn remote_media(client: &str, upstream: &str, body: &[u8]) -> PyResult<Vec<(String, String)>> {
    let (client, upstream) = (dialect(client)?, dialect(upstream)?);
    let text = std::str::from_utf8(body).unwrap_or_default();
    let found = aiclient_dialects::remote_media(client, upstream, text);
    Ok(found.into_iter().map(|medium| (medium.pointer, medium.url)).collect())
}

#[pyfunction]
#[pyo3(signature = (client, body, fetched, /))]
pub(crate) fn with_media<'py>(
    py: Python<'py>,
    client: &str,
    body: &[u8],
    fetched: BTreeMap<String, (String, String)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let fetched: Fetched = fetched;
    let text = std::str::from_utf8(body).unwrap_or_default();
    Ok(PyBytes::new(py, aiclient_dialects::with_media(dialect(client)?, text, &fetched).as_bytes()))
}
