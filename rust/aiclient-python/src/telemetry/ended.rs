//! An exchange that is over, with all that its record only refers to.

use pyo3::intern;
use pyo3::prelude::*;

use super::record::{AttemptFacts, ExchangeFacts, Text};
use crate::types::Loss;

/// An exchange that is over.
pub(super) struct Ended<'a, 'py> {
    pub(super) facts: &'a ExchangeFacts,
    pub(super) attempts: Vec<PyRef<'py, AttemptFacts>>,
    /// Seconds that the gateway itself took until the reply went out; none without a reply.
    pub(super) overhead: Option<f64>,
    pub(super) losses: Vec<Py<Loss>>,
    pub(super) stream_losses: Vec<Text>,
    pub(super) trace_id: Option<Text>,
}

impl<'a, 'py> Ended<'a, 'py> {
    pub(super) fn new(py: Python<'py>, facts: &'a ExchangeFacts) -> PyResult<Self> {
        let attempts =
            facts.attempts.bind(py).iter().map(|attempt| Ok(attempt.cast_into::<AttemptFacts>()?.try_borrow()?));
        let attempts = attempts.collect::<PyResult<Vec<_>>>()?;
        Ok(Self {
            overhead: overhead(facts, &attempts),
            losses: all(facts.losses.bind(py))?,
            stream_losses: all(facts.stream_losses.bind(py))?,
            trace_id: facts
                .span
                .as_ref()
                .map(|span| span.bind(py).getattr(intern!(py, "trace_id"))?.extract())
                .transpose()?,
            facts,
            attempts,
        })
    }

    /// Whether the client got the answer of an attempt.
    pub(super) fn is_served(&self, attempt: &PyRef<'_, AttemptFacts>) -> bool {
        self.facts.served.as_ref().is_some_and(|served| served.as_ptr() == attempt.as_ptr())
    }
}

/// The elements of a sequence; most have none, and Python's iterators are dear.
fn all<'py, T>(sequence: &Bound<'py, PyAny>) -> PyResult<Vec<T>>
where
    Vec<T>: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    if sequence.len()? == 0 { Ok(Vec::new()) } else { sequence.extract() }
}

fn overhead(facts: &ExchangeFacts, attempts: &[PyRef<'_, AttemptFacts>]) -> Option<f64> {
    let is_answered = facts.read > 0.0 && facts.replied > 0.0;
    is_answered.then(|| (facts.replied - facts.read - facts.paused - waited(attempts)).max(0.0))
}

/// Seconds in which any upstream was waited for; attempts may run beside each other.
fn waited(attempts: &[PyRef<'_, AttemptFacts>]) -> f64 {
    let mut spans: Vec<_> = attempts.iter().map(|attempt| (attempt.asked, attempt.answered)).collect();
    spans.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut seconds, mut until) = (0.0, 0.0_f64);
    for (asked, answered) in spans {
        seconds += (answered - asked.max(until)).max(0.0);
        until = until.max(answered);
    }
    seconds
}
