//! The same dialect on both sides: the bytes go through, but for the model.

use std::borrow::Cow;

use crate::json::{Kind, Literal, Raw, ToJson, json_object, parse};

/// The body with another model; borrowed if it has that model already, or none (Gemini).
pub(crate) fn with_model<'b>(body: &'b str, named: Option<Literal<'_>>, model: &str) -> Cow<'b, [u8]> {
    let Some(named) = named.filter(|named| *named != *model) else {
        return Cow::Borrowed(body.as_bytes());
    };
    let start = named.place().offset();
    let end = start + named.escaped().len() + 2;
    let mut out = Vec::with_capacity(body.len() + model.len());
    out.extend_from_slice(&body.as_bytes()[..start]);
    model.write_json(&mut out);
    out.extend_from_slice(&body.as_bytes()[end..]);
    Cow::Owned(out)
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
