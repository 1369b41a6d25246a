//! The line that an exchange leaves in the log.
//!
//! Which members there are, and what they mean, is in `docs/monitoring.md`.

use aiclient_dialects::json::{ToJson, push_escaped, write_array};
use pyo3::Py;

use super::ended::Ended;
use super::record::{AttemptFacts, ExchangeFacts};
use crate::types::Usage;

/// Losses that are named in a line.
const MOST_DROPPED: usize = 20;
const MICROSECONDS: f64 = 1e6;

/// Append members of an object, each after another.
macro_rules! members {
    ($out:ident, $($name:literal: $value:expr),+ $(,)?) => {
        $(
            $out.extend_from_slice(concat!(",\"", $name, "\":").as_bytes());
            $value.write_json($out);
        )+
    };
}

/// Append one line of JSON for an exchange that ended at `time`, in seconds since the epoch.
pub(super) fn write_line(out: &mut Vec<u8>, ended: &Ended<'_, '_>, time: f64) {
    let facts = ended.facts;
    out.extend_from_slice(b"{\"time\":");
    Moment(time).write_json(out);
    write_request(out, facts);
    if let Some(overhead) = ended.overhead {
        members!(out,
            "first_byte_seconds": Seconds(facts.replied - facts.started),
            "overhead_seconds": Seconds(overhead),
        );
    }
    if !ended.attempts.is_empty() {
        out.extend_from_slice(b",\"attempts\":");
        write_array(out, |all| ended.attempts.iter().for_each(|attempt| all.element(&**attempt)));
    }
    if let Some(usage) = &facts.usage {
        write_usage(out, usage.get());
    }
    write_dropped(out, ended);
    if let Some(trace_id) = &ended.trace_id {
        members!(out, "trace_id": trace_id);
    }
    out.extend_from_slice(b"}\n");
}

fn write_request(out: &mut Vec<u8>, facts: &ExchangeFacts) {
    members!(out,
        "request_id": facts.request_id,
        "method": facts.method,
        "path": facts.path,
        "status": facts.status,
        "outcome": facts.outcome,
        "seconds": Seconds(facts.ended - facts.started),
    );
    if facts.model.is_some() {
        members!(out,
            "model": facts.model,
            "route": facts.route,
            "target": facts.target,
            "stream": facts.stream,
            "upstream_status": facts.upstream_status,
            "finish_reason": facts.finish_reason,
        );
    }
}

fn write_usage(out: &mut Vec<u8>, usage: &Usage) {
    members!(out,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
    );
    if usage.estimated {
        members!(out, "usage": "estimated");
    }
}

fn write_dropped(out: &mut Vec<u8>, ended: &Ended<'_, '_>) {
    if ended.losses.is_empty() && ended.stream_losses.is_empty() {
        return;
    }
    let asked = ended.losses.iter().map(Py::get).map(|loss| format!("{} {}", loss.feature, loss.pointer));
    let streamed = ended.stream_losses.iter().map(|feature| feature.to_string());
    let dropped = asked.chain(streamed).take(MOST_DROPPED);
    out.extend_from_slice(b",\"dropped\":");
    write_array(out, |all| dropped.for_each(|one| all.element(one)));
}

impl ToJson for AttemptFacts {
    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"target\":\"");
        push_escaped(out, &self.provider);
        out.push(b'/');
        push_escaped(out, &self.model);
        out.push(b'"');
        members!(out,
            "credential": self.credential,
            "outcome": self.outcome,
            "seconds": Seconds(self.answered - self.asked),
        );
        out.push(b'}');
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
        push_digits::<6>(out, microseconds);
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
        push_digits::<4>(out, year);
        for (before, number) in
            [(b'-', month), (b'-', day), (b'T', seconds / 3_600 % 24), (b':', seconds / 60 % 60), (b':', seconds % 60)]
        {
            out.push(before);
            push_digits::<2>(out, number);
        }
        out.push(b'.');
        push_digits::<6>(out, microseconds);
        out.extend_from_slice(b"Z\"");
    }
}

/// Append the last digits of a number.
fn push_digits<const DIGITS: usize>(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit += (number % 10) as u8;
        number /= 10;
    }
    out.extend_from_slice(&digits);
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
