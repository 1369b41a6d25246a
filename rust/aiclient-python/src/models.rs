//! What the user knows of models.

use std::sync::Arc;

use aiclient_dialects::dialects::ModelTable as Table;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Lines of the user's own about models, in front of the built-in ones.
#[pyclass(module = "aiclient._native", frozen)]
pub(crate) struct ModelTable {
    pub(crate) table: Arc<Table>,
}

#[pymethods]
impl ModelTable {
    #[new]
    #[pyo3(signature = (rows, /))]
    fn new(rows: &str) -> PyResult<Self> {
        let table = Table::read(rows).map_err(|invalid| {
            PyValueError::new_err(format!("{}: expected {}", invalid.place.pointer(rows), invalid.expected))
        })?;
        Ok(Self { table: Arc::new(table) })
    }
}
