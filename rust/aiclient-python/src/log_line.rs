//! The line that an exchange leaves in the log.
//!
//! Reads the attributes of `aiclient.telemetry.Record` by itself: a dict of them in Python costs ten times as much, on
//! every request. Which members there are, and what they mean, is in `docs/monitoring.md`.

use aiclient_dialects::json::{Object, ToJson, write_object};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyString};

use crate::types::{Loss, Usage};

/// Losses that are named in a line.
const MOST_DROPPED: usize = 20;
/// Most lines are shorter.
const USUAL_LENGTH: usize = 768;
const MICROSECONDS: f64 = 1e6;

/// One line of JSON for an exchange that ended at `time`, in seconds since the epoch.
#[pyfunction]
#[pyo3(signature = (record, time, /))]
pub(crate) fn log_line<'py>(record: &Bound<'py, PyAny>, time: f64) -> PyResult<Bound<'py, PyBytes>> {
    let py = record.py();
    let mut out = Vec::with_capacity(USUAL_LENGTH);
    let mut written = Ok(());
    write_object(&mut out, |line| written = write_members(record, time, line));
    written?;
    out.push(b'\n');
    Ok(PyBytes::new(py, &out))
}

/// Append members by the names of attributes.
macro_rules! members {
    ($record:ident, $line:ident, $($name:literal),+) => {
        $($line.field($name, Value($record.getattr(intern!($record.py(), $name))?));)+
    };
}

fn write_members(record: &Bound<'_, PyAny>, time: f64, line: &mut Object<'_>) -> PyResult<()> {
    let py = record.py();
    line.field("time", Moment(time));
    members!(record, line, "request_id", "method", "path", "status", "outcome");
    let started: f64 = record.getattr(intern!(py, "started"))?.extract()?;
    let ended: f64 = record.getattr(intern!(py, "ended"))?.extract()?;
    line.field("seconds", Seconds(ended - started));
    if !record.getattr(intern!(py, "model"))?.is_none() {
        members!(record, line, "model", "route", "target", "stream", "upstream_status", "finish_reason");
    }
    if let Some(overhead) = record.getattr(intern!(py, "overhead"))?.extract::<Option<f64>>()? {
        let replied: f64 = record.getattr(intern!(py, "replied"))?.extract()?;
        line.field("first_byte_seconds", Seconds(replied - started));
        line.field("overhead_seconds", Seconds(overhead));
    }
    write_attempts(&record.getattr(intern!(py, "attempts"))?.cast_into::<PyList>()?, line)?;
    write_usage(&record.getattr(intern!(py, "usage"))?, line)?;
    write_dropped(record, line)?;
    let span = record.getattr(intern!(py, "span"))?;
    if !span.is_none() {
        line.field("trace_id", Value(span.getattr(intern!(py, "trace_id"))?));
    }
    Ok(())
}

fn write_attempts(attempts: &Bound<'_, PyList>, line: &mut Object<'_>) -> PyResult<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    let out = line.key("attempts");
    out.push(b'[');
    for (place, attempt) in attempts.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let mut written = Ok(());
        write_object(out, |members| written = write_attempt(&attempt, members));
        written?;
    }
    out.push(b']');
    Ok(())
}

fn write_attempt(attempt: &Bound<'_, PyAny>, line: &mut Object<'_>) -> PyResult<()> {
    let py = attempt.py();
    members!(attempt, line, "target", "credential", "outcome");
    let asked: f64 = attempt.getattr(intern!(py, "asked"))?.extract()?;
    let answered: f64 = attempt.getattr(intern!(py, "answered"))?.extract()?;
    line.field("seconds", Seconds(answered - asked));
    Ok(())
}

fn write_usage(usage: &Bound<'_, PyAny>, line: &mut Object<'_>) -> PyResult<()> {
    if usage.is_none() {
        return Ok(());
    }
    let usage = usage.cast::<Usage>()?.get();
    line.field("input_tokens", usage.input_tokens);
    line.field("output_tokens", usage.output_tokens);
    line.field("cache_read_tokens", usage.cache_read_tokens);
    line.field("cache_write_tokens", usage.cache_write_tokens);
    line.field("reasoning_tokens", usage.reasoning_tokens);
    if usage.estimated {
        line.field("usage", "estimated");
    }
    Ok(())
}

fn write_dropped(record: &Bound<'_, PyAny>, line: &mut Object<'_>) -> PyResult<()> {
    let py = record.py();
    let losses = record.getattr(intern!(py, "losses"))?;
    let streamed = record.getattr(intern!(py, "stream_losses"))?;
    if losses.len()? + streamed.len()? == 0 {
        return Ok(());
    }
    let mut dropped: Vec<String> = Vec::new();
    for loss in losses.try_iter()? {
        let loss = loss?;
        let loss = loss.cast::<Loss>()?.get();
        dropped.push(format!("{} {}", loss.feature, loss.pointer));
    }
    for feature in streamed.try_iter()? {
        dropped.push(feature?.extract()?);
    }
    dropped.truncate(MOST_DROPPED);
    let out = line.key("dropped");
    out.push(b'[');
    for (place, one) in dropped.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        one.as_str().write_json(out);
    }
    out.push(b']');
    Ok(())
}

/// A value of an attribute: text, a number, a flag, or none.
struct Value<'py>(Bound<'py, PyAny>);

impl ToJson for Value<'_> {
    fn write_json(&self, out: &mut Vec<u8>) {
        if let Ok(text) = self.0.cast::<PyString>() {
            // A text that is no Unicode, as a path may be, is shown as well as can be.
            text.to_string_lossy().as_ref().write_json(out);
        } else if let Ok(flag) = self.0.cast::<PyBool>() {
            out.extend_from_slice(if flag.is_true() { b"true" } else { b"false" });
        } else if let Some(number) = self.0.cast::<PyInt>().ok().and_then(|number| number.extract::<u64>().ok()) {
            number.write_json(out);
        } else if let Ok(number) = self.0.cast::<PyFloat>() {
            Seconds(number.value()).write_json(out);
        } else {
            out.extend_from_slice(b"null");
        }
    }
}

/// Seconds, as far as whole microseconds.
struct Seconds(f64);

impl ToJson for Seconds {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; clocks are short of 2^63 µs")]
    fn write_json(&self, out: &mut Vec<u8>) {
        let microseconds = (self.0.max(0.0) * MICROSECONDS) as u64;
        (microseconds / 1_000_000).write_json(out);
        out.push(b'.');
        push_digits(out, microseconds % 1_000_000, 6);
    }
}

/// A moment, in seconds since the epoch, as RFC 3339 writes it.
struct Moment(f64);

impl ToJson for Moment {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; clocks are short of 2^63 µs")]
    fn write_json(&self, out: &mut Vec<u8>) {
        let microseconds = (self.0.max(0.0) * MICROSECONDS) as u64;
        let seconds = microseconds / 1_000_000;
        let (year, month, day) = date(seconds / 86_400);
        out.push(b'"');
        push_digits(out, year, 4);
        for (before, number) in
            [(b'-', month), (b'-', day), (b'T', seconds / 3_600 % 24), (b':', seconds / 60 % 60), (b':', seconds % 60)]
        {
            out.push(before);
            push_digits(out, number, 2);
        }
        out.push(b'.');
        push_digits(out, microseconds % 1_000_000, 6);
        out.extend_from_slice(b"Z\"");
    }
}

/// Append a number in so many digits.
fn push_digits(out: &mut Vec<u8>, number: u64, digits: u32) {
    for place in (0..digits).rev() {
        out.push(b'0' + u8::try_from(number / 10_u64.pow(place) % 10).unwrap_or(0));
    }
}

/// Year, month and day of a number of days since the epoch, in the Gregorian calendar.
///
/// Reference: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`. A year begins in March
/// here, so that the odd day of a leap year comes last.
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}
