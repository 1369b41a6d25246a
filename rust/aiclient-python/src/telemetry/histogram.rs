//! Counts of values by size.

use std::sync::Arc;

/// How many values each bucket has, and the sum of all.
pub(super) type Counted = (Vec<u64>, f64);

/// How many values lie between bounds, and their sum.
#[derive(Clone)]
pub(super) struct Histogram {
    bounds: Arc<[f64]>,
    counts: Vec<u64>,
    sum: f64,
}

impl Histogram {
    /// `bounds`: the largest value of each bucket, in order; one more bucket has whatever is beyond.
    pub(super) fn new(bounds: Vec<f64>) -> Self {
        Self { counts: vec![0; bounds.len() + 1], bounds: bounds.into(), sum: 0.0 }
    }

    /// Count a value.
    pub(super) fn observe(&mut self, value: f64) {
        let bucket = self.bounds.partition_point(|&bound| bound < value);
        self.counts[bucket] += 1;
        self.sum += value;
    }

    /// What it has counted.
    pub(super) fn counted(&self) -> Counted {
        (self.counts.clone(), self.sum)
    }
}
