//! Error answers are those of Chat; inside a stream an error is an event.

use crate::ir::{Failure, FailureKind};
use crate::json::Object;

pub(super) use super::super::openai_errors::{status, write_error};

/// Append the members of an `error` event: flat as the SDK's types have it, and nested as it is on the wire.
pub(super) fn write_event(failure: &Failure, sequence: u64, event: &mut Object<'_>) {
    event.field("type", "error");
    event.field("sequence_number", sequence);
    event.field("code", code(failure));
    event.field("message", &failure.message);
    event.field("param", failure.param.as_deref());
    super::super::openai_errors::write_member(failure, event);
}

/// `error.code` of a response that failed.
pub(super) fn code(failure: &Failure) -> &str {
    match (&failure.code, failure.kind) {
        (Some(code), _) => code,
        (None, FailureKind::RateLimit) => "rate_limit_exceeded",
        (None, FailureKind::InvalidRequest) => "invalid_prompt",
        (None, _) => "server_error",
    }
}
