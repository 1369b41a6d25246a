//! The same dialect on both sides: the bytes go through, but for the model.

use std::ops::Range;

use crate::json::{Kind, Raw, ToJson, json_object, parse};

/// The body with another model in the place of the one that stands at `at`, quotes included.
pub(crate) fn with_model(body: &[u8], at: Range<usize>, model: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + model.len());
    out.extend_from_slice(&body[..at.start]);
    model.write_json(&mut out);
    out.extend_from_slice(&body[at.end..]);
    out
}

json_object! {
    /// What all error bodies have in common.
    struct ErrorEnvelope<'a> {
        error: Raw<'a> = "error",
        ..ignored
    }
}

/// Whether a client of the vendor's SDK would find its error in this body.
pub(crate) fn is_error_envelope(body: &[u8]) -> bool {
    std::str::from_utf8(body)
        .ok()
        .and_then(|text| parse::<ErrorEnvelope<'_>>(text).ok())
        .and_then(|envelope| envelope.error)
        .is_some_and(|error| error.kind() == Kind::Object)
}
