//! What went wrong upstream, in no vendor's words.

/// The class of a failure; each dialect has its own names and statuses for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The request is wrong.
    InvalidRequest,
    /// The prompt is longer than the model's context.
    ContextTooLong,
    /// The client's key is missing or wrong.
    Authentication,
    /// The key may not do this.
    Permission,
    /// Nothing is left to pay with.
    Billing,
    /// No such model or path.
    NotFound,
    /// The path does not take this method.
    MethodNotAllowed,
    /// The body is too large.
    TooLarge,
    /// Too many requests or tokens.
    RateLimit,
    /// The service is overloaded or down for now.
    Overloaded,
    /// It took too long.
    Timeout,
    /// The server failed.
    Server,
    /// What stands behind this gateway failed: unreachable, unreadable, or it refused the gateway's own key.
    BadGateway,
}

/// A failure of the upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its class.
    pub kind: FailureKind,
    /// The upstream's words.
    pub message: String,
    /// The vendor's code, where there is one (`model_not_found`, `insufficient_quota`...).
    pub code: Option<String>,
    /// The field that is to blame, in the vendor's notation.
    pub param: Option<String>,
    /// Seconds to wait before trying again, where the body says so (Gemini `RetryInfo`).
    pub retry_after: Option<u64>,
}

impl FailureKind {
    /// The class of an HTTP status of 400 and up.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::Permission,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            408 | 504 => Self::Timeout,
            413 => Self::TooLarge,
            429 => Self::RateLimit,
            502 => Self::BadGateway,
            503 | 529 => Self::Overloaded,
            400..=499 => Self::InvalidRequest,
            _ => Self::Server,
        }
    }
}

impl FailureKind {
    /// Its name, for those who do not know the type.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::ContextTooLong => "context_too_long",
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::Billing => "billing",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TooLarge => "too_large",
            Self::RateLimit => "rate_limit",
            Self::Overloaded => "overloaded",
            Self::Timeout => "timeout",
            Self::Server => "server",
            Self::BadGateway => "bad_gateway",
        }
    }
}

impl Failure {
    /// A failure with nothing but its class and words.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None, param: None, retry_after: None }
    }

    /// The upstream broke its own dialect.
    pub fn protocol(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadGateway, message)
    }
}
