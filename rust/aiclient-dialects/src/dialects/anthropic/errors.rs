//! Error answers: `{"type":"error","error":{"type","message"},"request_id"}`.
//!
//! Reference: docs.claude.com/en/api/errors.

use crate::ir::{Failure, FailureKind};
use crate::json::{Object, write_object};

/// Append the body of an error answer.
pub(super) fn write_error(failure: &Failure, request_id: Option<&str>, out: &mut Vec<u8>) {
    write_object(out, |body| {
        write_members(failure, body);
        body.optional("request_id", request_id);
    });
}

/// Append the members `type` and `error`, which an `error` event has too.
pub(super) fn write_members(failure: &Failure, body: &mut Object<'_>) {
    body.field("type", "error");
    body.object("error", |error| {
        error.field("type", word(failure.kind));
        error.field("message", message(failure));
    });
}

/// The words, so that clients know them: Claude Code compacts a conversation when it reads "prompt is too long".
fn message(failure: &Failure) -> String {
    let known = failure.message.to_ascii_lowercase().starts_with("prompt is too long");
    if failure.kind == FailureKind::ContextTooLong && !known {
        format!("prompt is too long: {}", failure.message)
    } else {
        failure.message.clone()
    }
}

/// `error.type` for a class of failure.
fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::InvalidRequest | FailureKind::ContextTooLong | FailureKind::MethodNotAllowed => {
            "invalid_request_error"
        }
        FailureKind::Authentication => "authentication_error",
        FailureKind::Billing => "billing_error",
        FailureKind::Permission => "permission_error",
        FailureKind::NotFound => "not_found_error",
        FailureKind::TooLarge => "request_too_large",
        FailureKind::RateLimit => "rate_limit_error",
        FailureKind::Overloaded => "overloaded_error",
        FailureKind::Timeout => "timeout_error",
        FailureKind::Server | FailureKind::BadGateway => "api_error",
    }
}

/// The HTTP status for a class of failure.
pub(super) fn status(kind: FailureKind) -> u16 {
    match kind {
        FailureKind::InvalidRequest | FailureKind::ContextTooLong => 400,
        FailureKind::Authentication => 401,
        FailureKind::Billing => 402,
        FailureKind::Permission => 403,
        FailureKind::NotFound => 404,
        FailureKind::MethodNotAllowed => 405,
        FailureKind::TooLarge => 413,
        FailureKind::RateLimit => 429,
        FailureKind::Server => 500,
        FailureKind::BadGateway => 502,
        FailureKind::Timeout => 504,
        FailureKind::Overloaded => 529,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_names_the_request() {
        let mut out = Vec::new();
        write_error(&Failure::new(FailureKind::ContextTooLong, "9 > 8"), Some("req_1"), &mut out);
        assert_eq!(
            String::from_utf8(out).as_deref(),
            Ok(
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 8"},"request_id":"req_1"}"#
            )
        );
    }
}
