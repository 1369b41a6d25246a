//! Error answers: `{"error":{"code","message","status","details"}}`.
//!
//! Reference: google.rpc.Status, ErrorInfo, BadRequest and RetryInfo.

use crate::ir::{Failure, FailureKind};
use crate::json::{Object, write_object};

/// Append the body of an error answer.
pub(super) fn write_error(failure: &Failure, out: &mut Vec<u8>) {
    write_object(out, |body| {
        body.object("error", |error| {
            error.field("code", u64::from(status(failure.kind)));
            error.field("message", &failure.message);
            error.field("status", word(failure.kind));
            write_details(failure, error);
        });
    });
}

fn write_details(failure: &Failure, error: &mut Object<'_>) {
    if let Some(seconds) = failure.retry_after {
        error.array("details", |details| {
            details.object(|info| {
                info.field("@type", "type.googleapis.com/google.rpc.RetryInfo");
                info.field("retryDelay", format!("{seconds}s"));
            });
        });
    } else if let Some(field) = &failure.param {
        error.array("details", |details| {
            details.object(|info| {
                info.field("@type", "type.googleapis.com/google.rpc.BadRequest");
                info.array("fieldViolations", |violations| {
                    violations.object(|violation| {
                        violation.field("field", field);
                        violation.field("description", &failure.message);
                    });
                });
            });
        });
    }
}

/// `status` for a class of failure.
fn word(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::InvalidRequest | FailureKind::ContextTooLong | FailureKind::TooLarge => "INVALID_ARGUMENT",
        FailureKind::Authentication => "UNAUTHENTICATED",
        FailureKind::Permission => "PERMISSION_DENIED",
        FailureKind::NotFound => "NOT_FOUND",
        FailureKind::MethodNotAllowed => "UNIMPLEMENTED",
        FailureKind::RateLimit | FailureKind::Billing => "RESOURCE_EXHAUSTED",
        FailureKind::Overloaded | FailureKind::BadGateway => "UNAVAILABLE",
        FailureKind::Timeout => "DEADLINE_EXCEEDED",
        FailureKind::Server => "INTERNAL",
    }
}

/// The HTTP status for a class of failure.
pub(super) fn status(kind: FailureKind) -> u16 {
    match kind {
        // The vendor has no status of its own for a body that is too large.
        FailureKind::InvalidRequest | FailureKind::ContextTooLong | FailureKind::TooLarge => 400,
        FailureKind::Authentication => 401,
        FailureKind::Permission => 403,
        FailureKind::NotFound => 404,
        FailureKind::MethodNotAllowed => 405,
        FailureKind::RateLimit | FailureKind::Billing => 429,
        FailureKind::Server => 500,
        FailureKind::BadGateway => 502,
        FailureKind::Overloaded => 503,
        FailureKind::Timeout => 504,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_names_the_field_or_the_delay() {
        let mut out = Vec::new();
        write_error(&Failure { retry_after: Some(7), ..Failure::new(FailureKind::RateLimit, "slow") }, &mut out);
        assert_eq!(
            String::from_utf8(out).as_deref(),
            Ok(
                r#"{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"7s"}]}}"#
            )
        );
    }
}
