//! Error bodies of any server, read leniently.
//!
//! Compatible servers answer in whatever envelope they like, whichever dialect was asked: OpenAI's on an Anthropic
//! path, `{"detail": ...}`, `{"error": "text"}`, an array around it, HTML. All are understood wherever they come.

use crate::ir::{Failure, FailureKind};
use crate::json::{Kind, Literal, Number, Raw, json_object, parse};

/// How much of a body that is no JSON is shown.
const SHOWN: usize = 300;

json_object! {
    /// The outer object.
    struct Envelope<'a> {
        error: Raw<'a> = "error",
        message: Raw<'a> = "message",
        detail: Raw<'a> = "detail",
        kind: Raw<'a> = "type",
        code: Raw<'a> = "code",
        object: Raw<'a> = "object",
        ..ignored
    }
}

json_object! {
    /// The inner one.
    struct Inner<'a> {
        message: Raw<'a> = "message",
        kind: Raw<'a> = "type",
        code: Raw<'a> = "code",
        status: Raw<'a> = "status",
        param: Raw<'a> = "param",
        details: Vec<Detail<'a>> = "details",
        ..ignored
    }
}

json_object! {
    /// Gemini's details, of which two matter: why a key was refused, and when to come again.
    struct Detail<'a> {
        reason: Raw<'a> = "reason",
        retry_delay: Raw<'a> = "retryDelay",
        ..ignored
    }
}

/// What an error answer says.
pub(crate) fn read_failure(status: u16, body: &[u8]) -> Failure {
    let text = String::from_utf8_lossy(body);
    read_error_object(&text, Some(status)).unwrap_or_else(|| {
        let shown: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
        let kind = FailureKind::of_status(status);
        Failure::new(
            kind,
            if shown.is_empty() { format!("the upstream answered {status} without a body") } else { shown },
        )
    })
}

/// The failure that a JSON body is about; none if it is about something else.
///
/// Without a status (an error event in a stream, a 200 that is an error) the body must have an `error`.
pub(crate) fn read_error_object(text: &str, status: Option<u16>) -> Option<Failure> {
    let raw: Raw<'_> = parse(text.trim()).ok()?;
    let envelope: Envelope<'_> = match raw.kind() {
        Kind::Array => raw.read::<Vec<Envelope<'_>>>().ok()?.pop()?,
        _ => raw.read().ok()?,
    };
    let inner = match envelope.error.map(|error| (error.kind(), error)) {
        Some((Kind::Object, error)) => error.read::<Inner<'_>>().ok()?,
        Some((Kind::String, error)) => Inner { message: Some(error), code: envelope.code, ..Inner::default() },
        _ => {
            status?;
            Inner {
                message: envelope.message.or(envelope.detail),
                kind: envelope.kind,
                code: envelope.code,
                ..Inner::default()
            }
        }
    };
    Some(failure(&inner, status))
}

fn failure(inner: &Inner<'_>, status: Option<u16>) -> Failure {
    let [kind, code, vendor_status, param] =
        [inner.kind, inner.code, inner.status, inner.param].map(|raw| raw.and_then(plain));
    let reason = inner.details.iter().flatten().find_map(|detail| detail.reason.and_then(plain));
    let message = inner.message.and_then(plain).unwrap_or_else(|| {
        code.clone().or_else(|| kind.clone()).unwrap_or_else(|| "the upstream gave no reason".into())
    });
    let status =
        status.or_else(|| code.as_ref().and_then(|code| code.parse().ok()).filter(|code| (400..=599).contains(code)));
    let words = [code.as_deref(), kind.as_deref(), vendor_status.as_deref(), reason.as_deref()];
    let retry_after = inner.details.iter().flatten().find_map(|detail| retry_seconds(&plain(detail.retry_delay?)?));
    Failure {
        kind: classify(status, &words, &message),
        message,
        code: code.filter(|code| code.parse::<f64>().is_err()),
        param,
        retry_after,
    }
}

/// A string's text, a number's digits, an object's JSON; nothing for null.
fn plain(raw: Raw<'_>) -> Option<String> {
    match raw.kind() {
        Kind::Null => None,
        Kind::String => raw.read::<Literal<'_>>().ok().map(|text| text.decode().into_owned()),
        Kind::Number => raw.read::<Number<'_>>().ok().map(|number| number.text().to_owned()),
        _ => Some(raw.text().to_owned()),
    }
}

/// Seconds of a proto `Duration` ("32s", "1.5s"), rounded up.
fn retry_seconds(duration: &str) -> Option<u64> {
    let seconds: f64 = duration.strip_suffix('s')?.parse().ok()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a day")]
    Some(seconds.ceil().clamp(0.0, 86_400.0) as u64)
}

/// The class of a failure: the vendor's words where they are more telling than the status, else the status.
fn classify(status: Option<u16>, words: &[Option<&str>], message: &str) -> FailureKind {
    let has = |word: &str| words.iter().flatten().any(|said| said.eq_ignore_ascii_case(word));
    let known = KNOWN.iter().find(|(word, _)| has(word)).map(|&(_, kind)| kind);
    if is_context_length(message) && matches!(status, None | Some(400 | 413)) {
        return FailureKind::ContextTooLong;
    }
    // Anthropic says it in words alone, as a wrong request.
    if message.contains("credit balance is too low") {
        return FailureKind::Billing;
    }
    match (status, known) {
        (Some(status), Some(kind)) if is_telling(status, kind) => kind,
        (Some(status), _) => FailureKind::of_status(status),
        (None, known) => known.unwrap_or(FailureKind::Server),
    }
}

/// Whether the vendor's word for a class says more than the status, which may stand for several.
fn is_telling(status: u16, kind: FailureKind) -> bool {
    match status {
        200..=299 | 400 | 500 => true,
        // Some vendors give whatever they refuse or fail at one general type.
        403 | 429 | 503 => !matches!(kind, FailureKind::InvalidRequest | FailureKind::Server),
        _ => false,
    }
}

/// Words in `code`, `type`, `status` and `reason`, most telling first.
const KNOWN: &[(&str, FailureKind)] = &[
    ("API_KEY_INVALID", FailureKind::Authentication),
    ("context_length_exceeded", FailureKind::ContextTooLong),
    ("exceed_context_size_error", FailureKind::ContextTooLong),
    ("insufficient_quota", FailureKind::Billing),
    ("billing_error", FailureKind::Billing),
    ("model_not_found", FailureKind::NotFound),
    ("rate_limit_exceeded", FailureKind::RateLimit),
    ("overloaded_error", FailureKind::Overloaded),
    ("server_is_overloaded", FailureKind::Overloaded),
    ("slow_down", FailureKind::Overloaded),
    ("rate_limit_error", FailureKind::RateLimit),
    ("authentication_error", FailureKind::Authentication),
    ("invalid_api_key", FailureKind::Authentication),
    ("permission_error", FailureKind::Permission),
    ("not_found_error", FailureKind::NotFound),
    ("request_too_large", FailureKind::TooLarge),
    ("timeout_error", FailureKind::Timeout),
    ("invalid_request_error", FailureKind::InvalidRequest),
    ("api_error", FailureKind::Server),
    ("server_error", FailureKind::Server),
    ("UNAUTHENTICATED", FailureKind::Authentication),
    ("PERMISSION_DENIED", FailureKind::Permission),
    ("NOT_FOUND", FailureKind::NotFound),
    ("RESOURCE_EXHAUSTED", FailureKind::RateLimit),
    ("UNAVAILABLE", FailureKind::Overloaded),
    ("DEADLINE_EXCEEDED", FailureKind::Timeout),
    ("INVALID_ARGUMENT", FailureKind::InvalidRequest),
    ("FAILED_PRECONDITION", FailureKind::InvalidRequest),
    ("INTERNAL", FailureKind::Server),
];

/// Vendors' phrases for a prompt that does not fit.
fn is_context_length(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    [
        "prompt is too long",
        "input is too long",
        "maximum context length",
        "maximum prompt length",
        "exceeds the context",
        "exceed context limit",
        "exceeds the available context",
        "context window",
        "input token count",
    ]
    .iter()
    .any(|phrase| message.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_envelope_that_was_seen() {
        let cases: &[(u16, &str, FailureKind, &str)] = &[
            (
                429,
                r#"{"error":{"message":"slow","type":"requests","code":"rate_limit_exceeded"}}"#,
                FailureKind::RateLimit,
                "slow",
            ),
            (
                429,
                r#"{"error":{"message":"pay","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                FailureKind::Billing,
                "pay",
            ),
            (
                529,
                r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
                FailureKind::Overloaded,
                "Overloaded",
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"bad key","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}"#,
                FailureKind::Authentication,
                "bad key",
            ),
            (404, r#"[{"error":{"code":404,"message":"no","status":"NOT_FOUND"}}]"#, FailureKind::NotFound, "no"),
            (422, r#"{"detail":"missing"}"#, FailureKind::InvalidRequest, "missing"),
            (
                400,
                r#"{"code":"Client specified an invalid argument","error":"wrong"}"#,
                FailureKind::InvalidRequest,
                "wrong",
            ),
            (401, r#"{"error":{"code":401,"message":"who"}}"#, FailureKind::Authentication, "who"),
            (
                400,
                r#"{"error":{"message":"prompt is too long: 9 tokens > 8 maximum","type":"invalid_request_error"}}"#,
                FailureKind::ContextTooLong,
                "prompt is too long: 9 tokens > 8 maximum",
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#,
                FailureKind::Billing,
                "Your credit balance is too low to access the API.",
            ),
            (
                400,
                r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
                FailureKind::ContextTooLong,
                "the request exceeds the available context size",
            ),
            (403, r#"{"error":{"message":"no","type":"invalid_request_error"}}"#, FailureKind::Permission, "no"),
            (503, r#"{"error":{"message":"later","type":"server_error"}}"#, FailureKind::Overloaded, "later"),
            (429, r#"{"error":{"message":"slow","type":"api_error"}}"#, FailureKind::RateLimit, "slow"),
            (502, "<html>\n<h1>Bad Gateway</h1>", FailureKind::BadGateway, "<html> <h1>Bad Gateway</h1>"),
            (500, "", FailureKind::Server, "the upstream answered 500 without a body"),
        ];
        for (status, body, kind, message) in cases {
            let failure = read_failure(*status, body.as_bytes());
            assert_eq!((failure.kind, failure.message.as_str()), (*kind, *message), "{body}");
        }
    }

    #[test]
    fn a_reply_is_no_error() {
        assert_eq!(read_error_object(r#"{"choices":[],"error":null}"#, None), None);
        assert!(read_error_object(r#"{"error":{"message":"x"}}"#, None).is_some());
    }

    #[test]
    fn gemini_says_when_to_come_again() {
        let body = br#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"q","details":[{"@type":"t","retryDelay":"31.5s"}]}}"#;
        assert_eq!(read_failure(429, body).retry_after, Some(32));
    }
}
