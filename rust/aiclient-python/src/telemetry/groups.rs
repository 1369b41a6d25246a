//! What is kept of exchanges that ended alike, and of attempts that did.

use super::ended::Ended;
use super::histogram::{Counted, Histogram};
use super::record::{AttemptFacts, ExchangeFacts};
use crate::types::Usage;

/// Exchanges that had the same end.
#[derive(Clone)]
pub(super) struct Exchanges {
    pub(super) count: u64,
    duration: Histogram,
    overhead: Histogram,
    first: Histogram,
}

impl Exchanges {
    /// None yet; with the bounds of their duration, their overhead, and the time to their first output.
    pub(super) fn new(bounds: [Vec<f64>; 3]) -> Self {
        let [duration, overhead, first] = bounds.map(Histogram::new);
        Self { count: 0, duration, overhead, first }
    }

    /// Count one.
    pub(super) fn add(&mut self, ended: &Ended<'_, '_>) {
        let facts = ended.facts;
        self.count += 1;
        self.duration.observe(facts.ended - facts.started);
        if let Some(overhead) = ended.overhead {
            self.overhead.observe(overhead);
            if facts.stream {
                self.first.observe(facts.replied - facts.started);
            }
        }
    }

    /// In the order of `new`.
    pub(super) fn counted(&self) -> [Counted; 3] {
        [&self.duration, &self.overhead, &self.first].map(Histogram::counted)
    }
}

/// Attempts that had the same end.
#[derive(Clone)]
pub(super) struct Attempts {
    pub(super) count: u64,
    duration: Histogram,
    first: Histogram,
    input: Histogram,
    output: Histogram,
    cache_read: Histogram,
    cache_write: Histogram,
    reasoning: Histogram,
}

impl Attempts {
    /// None yet; with the bounds of their duration, of the time to their first output, and of tokens.
    pub(super) fn new(bounds: [Vec<f64>; 3]) -> Self {
        let [duration, first, tokens] = bounds.map(Histogram::new);
        let [input, output, cache_read, cache_write, reasoning] = std::array::from_fn(|_| tokens.clone());
        Self { count: 0, duration, first, input, output, cache_read, cache_write, reasoning }
    }

    /// Count one whose answer nobody got.
    pub(super) fn add(&mut self, attempt: &AttemptFacts) {
        self.count += 1;
        self.duration.observe(attempt.answered - attempt.asked);
    }

    /// Count the one whose answer the client got.
    pub(super) fn add_served(&mut self, attempt: &AttemptFacts, facts: &ExchangeFacts) {
        self.count += 1;
        if facts.stream {
            self.first.observe(attempt.answered - attempt.asked);
            self.duration.observe(facts.ended - attempt.asked);
        } else {
            self.duration.observe(attempt.answered - attempt.asked);
        }
        if let Some(usage) = &facts.usage {
            self.add_usage(usage.get());
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "no answer has 2^53 tokens")]
    fn add_usage(&mut self, usage: &Usage) {
        self.input.observe(usage.input_tokens as f64);
        self.output.observe(usage.output_tokens as f64);
        for (histogram, tokens) in [
            (&mut self.cache_read, usage.cache_read_tokens),
            (&mut self.cache_write, usage.cache_write_tokens),
            (&mut self.reasoning, usage.reasoning_tokens),
        ] {
            if tokens > 0 {
                histogram.observe(tokens as f64);
            }
        }
    }

    /// In the order of `new`; the tokens are input, output, read from a cache, written to one, and reasoning.
    pub(super) fn counted(&self) -> [Counted; 7] {
        let Self { duration, first, input, output, cache_read, cache_write, reasoning, .. } = self;
        [duration, first, input, output, cache_read, cache_write, reasoning].map(Histogram::counted)
    }
}
