//! What a server can do wrong.

use crate::{FIELD_LIMIT, HEAD_LIMIT};

/// Why bytes are no answer. Its text is for people, and has nothing in it that the server chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The bytes are not HTTP/1; says what is wrong with them.
    NotHttp(&'static str),
    /// The body is coded in a way that nobody asked for, or hides where it ends.
    OtherCoding,
    /// More than [`HEAD_LIMIT`] bytes came without a byte of a body.
    TooLong,
    /// More than [`FIELD_LIMIT`] header fields.
    TooManyFields,
    /// The connection ended before the answer; says what is incomplete.
    BrokenOff(&'static str),
}

impl std::fmt::Display for Fault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the upstream's answer ")?;
        match self {
            Self::NotHttp(what) => write!(formatter, "is not HTTP: {what}"),
            Self::OtherCoding => formatter.write_str("has a transfer-encoding other than chunked"),
            Self::TooLong => write!(formatter, "has a head of more than {HEAD_LIMIT} bytes"),
            Self::TooManyFields => write!(formatter, "has a head of more than {FIELD_LIMIT} fields"),
            Self::BrokenOff(what) => write!(formatter, "broke off: the {what} is incomplete"),
        }
    }
}

impl std::error::Error for Fault {}
