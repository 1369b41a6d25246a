//! The counts of one worker, and the lines of its exchanges.
//!
//! What is written on every request is kept in as few places as can be: one for each kind of exchange, one for each kind
//! of attempt. What `/metrics` shows is worked out from these in Python, when somebody looks.

use std::ops::Deref;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::ended::Ended;
use super::groups::{Attempts, Exchanges};
use super::histogram::Counted;
use super::kinds::{Kinds, Labels, Names};
use super::log_line::write_line;
use super::record::ExchangeFacts;

/// Counts exchanges, and writes their lines.
#[pyclass(module = "aiclient._native")]
pub(crate) struct Counts {
    exchanges: Kinds<Exchanges>,
    attempts: Kinds<Attempts>,
    retries: Kinds<u64>,
    losses: Kinds<u64>,
    pauses: Kinds<u64>,
    models: Names,
    features: Names,
    /// Where a line is written. It is kept, as lines are about the same in length.
    line: Vec<u8>,
}

#[pymethods]
impl Counts {
    #[new]
    #[pyo3(signature = (most_names, exchanges, attempts, /))]
    fn new(most_names: usize, exchanges: [Vec<f64>; 3], attempts: [Vec<f64>; 3]) -> Self {
        Self {
            exchanges: Kinds::new(Exchanges::new(exchanges)),
            attempts: Kinds::new(Attempts::new(attempts)),
            retries: Kinds::new(0),
            losses: Kinds::new(0),
            pauses: Kinds::new(0),
            models: Names::new(most_names),
            features: Names::new(most_names),
            line: Vec::new(),
        }
    }

    /// Count an exchange that is over; its line, if a time is given.
    #[pyo3(signature = (record, time, /))]
    fn finish<'py>(
        &mut self,
        py: Python<'py>,
        record: &ExchangeFacts,
        time: Option<f64>,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let ended = Ended::new(py, record)?;
        self.count(&ended);
        Ok(time.map(|time| {
            self.line.clear();
            write_line(&mut self.line, &ended, time);
            PyBytes::new(py, &self.line)
        }))
    }

    /// Count a pause.
    #[pyo3(signature = (provider, model, credential, reason, /))]
    fn paused(&mut self, provider: &str, model: &str, credential: &str, reason: &str) {
        *self.pauses.of(&[provider, self.models.known(model), credential, reason]) += 1;
    }

    /// The name by which a model is counted.
    #[pyo3(signature = (name, /))]
    fn model<'a>(&mut self, name: &'a str) -> &'a str {
        self.models.known(name)
    }

    /// All kinds of exchanges.
    fn exchanges(&self) -> Vec<(Labels, u64, [Counted; 3])> {
        self.exchanges.iter().map(|(labels, one)| (labels, one.count, one.counted())).collect()
    }

    /// All kinds of attempts.
    fn attempts(&self) -> Vec<(Labels, u64, [Counted; 7])> {
        self.attempts.iter().map(|(labels, one)| (labels, one.count, one.counted())).collect()
    }

    /// Attempts beyond the first of an exchange.
    fn retries(&self) -> Vec<(Labels, u64)> {
        self.retries.iter().map(|(labels, &count)| (labels, count)).collect()
    }

    /// Features that could not be carried.
    fn losses(&self) -> Vec<(Labels, u64)> {
        self.losses.iter().map(|(labels, &count)| (labels, count)).collect()
    }

    /// Pauses that credentials and models were given.
    fn pauses(&self) -> Vec<(Labels, u64)> {
        self.pauses.iter().map(|(labels, &count)| (labels, count)).collect()
    }
}

impl Counts {
    fn count(&mut self, ended: &Ended<'_, '_>) {
        let facts = ended.facts;
        let (dialect, route) = (facts.dialect.as_deref().unwrap_or(""), facts.route.as_deref().unwrap_or(""));
        let stream = if facts.stream { "true" } else { "false" };
        let kind = [dialect, &facts.operation, route, stream, &facts.status.to_string(), &facts.outcome];
        self.exchanges.of(&kind).add(ended);
        self.count_attempts(ended);
        if ended.attempts.len() > 1 {
            *self.retries.of(&[route]) += ended.attempts.len() as u64 - 1;
        }
        self.count_losses(ended, dialect);
    }

    fn count_attempts(&mut self, ended: &Ended<'_, '_>) {
        let facts = ended.facts;
        for attempt in &ended.attempts {
            let model = self.models.known(&attempt.model);
            let kind = [&facts.operation, &attempt.provider, model, &attempt.credential, &attempt.outcome];
            let same = self.attempts.of(&kind);
            if ended.is_served(attempt) { same.add_served(attempt, facts) } else { same.add(attempt) }
        }
    }

    fn count_losses(&mut self, ended: &Ended<'_, '_>, dialect: &str) {
        let provider = ended.attempts.iter().find(|one| ended.is_served(one)).map_or("", |one| &one.provider);
        let losses = ended.losses.iter().map(|loss| loss.get().feature);
        let streamed = ended.stream_losses.iter().map(Deref::deref);
        for feature in losses.chain(streamed) {
            *self.losses.of(&[dialect, provider, self.features.known(feature)]) += 1;
        }
    }
}
