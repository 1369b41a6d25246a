//! Error answers of OpenAI's dialects: `{"error":{"message","type","param","code"}}`.

use crate::ir::{Failure, FailureKind};
use crate::json::{Object, write_object};

/// Append the body of an error answer.
pub(super) fn write_error(failure: &Failure, out: &mut Vec<u8>) {
    write_object(out, |body| write_member(failure, body));
}

/// Append the member `error`.
pub(super) fn write_member(failure: &Failure, body: &mut Object<'_>) {
    let (kind, code) = words(failure.kind);
    body.object("error", |error| {
        error.field("message", &failure.message);
        error.field("type", kind);
        error.field("param", failure.param.as_deref());
        error.field("code", failure.code.as_deref().or(code));
    });
}

/// `type` and `code` for a class of failure.
fn words(kind: FailureKind) -> (&'static str, Option<&'static str>) {
    match kind {
        FailureKind::InvalidRequest | FailureKind::MethodNotAllowed | FailureKind::TooLarge => {
            ("invalid_request_error", None)
        }
        FailureKind::ContextTooLong => ("invalid_request_error", Some("context_length_exceeded")),
        FailureKind::Authentication => ("invalid_request_error", Some("invalid_api_key")),
        FailureKind::Permission => ("invalid_request_error", Some("permission_denied")),
        FailureKind::Billing => ("insufficient_quota", Some("insufficient_quota")),
        FailureKind::NotFound => ("invalid_request_error", Some("model_not_found")),
        FailureKind::RateLimit => ("rate_limit_error", Some("rate_limit_exceeded")),
        FailureKind::Overloaded => ("server_error", Some("overloaded")),
        FailureKind::Timeout => ("server_error", Some("timeout")),
        FailureKind::Server | FailureKind::BadGateway => ("server_error", None),
    }
}

/// The HTTP status for a class of failure.
pub(super) fn status(kind: FailureKind) -> u16 {
    match kind {
        FailureKind::InvalidRequest | FailureKind::ContextTooLong => 400,
        FailureKind::Authentication => 401,
        FailureKind::Permission => 403,
        FailureKind::NotFound => 404,
        FailureKind::MethodNotAllowed => 405,
        FailureKind::TooLarge => 413,
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
    fn the_envelope_has_all_four_members() {
        let mut out = Vec::new();
        write_error(
            &Failure { param: Some("/n".into()), ..Failure::new(FailureKind::InvalidRequest, "no \"n\"") },
            &mut out,
        );
        assert_eq!(
            String::from_utf8(out).as_deref(),
            Ok(r#"{"error":{"message":"no \"n\"","type":"invalid_request_error","param":"/n","code":null}}"#)
        );
    }
}
