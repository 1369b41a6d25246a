//! Who broke which contract.

use crate::json::{Invalid, Place};
use crate::loss::Feature;

/// Why a body could not be translated. Its text names the field, in words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The client sent bytes that are not its dialect.
    Malformed {
        /// JSON Pointer of the field.
        pointer: String,
        /// What should have stood there.
        expected: String,
    },
    /// The upstream's dialect has no way to say this.
    Unsupported {
        /// JSON Pointer of the field.
        pointer: String,
        /// What it asks for.
        feature: Feature,
        /// Who cannot say it.
        upstream: &'static str,
    },
    /// The upstream answered 200 with bytes that are not its dialect, or with an error.
    Upstream(crate::ir::Failure),
}

/// An error while reading or writing a request, before its place has been turned into a pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not the client's dialect.
    Malformed(Invalid),
    /// No faithful translation.
    Unsupported(Place, Feature),
}

impl Refusal {
    /// A field that should be there, or be something else.
    pub fn malformed(place: Place, expected: &'static str) -> Self {
        Self::Malformed(Invalid { place, expected })
    }

    /// Name the place in the body that was read.
    pub fn locate(self, body: &str, upstream: &'static str) -> Error {
        match self {
            Self::Malformed(invalid) => {
                Error::Malformed { pointer: invalid.place.pointer(body), expected: invalid.expected.into() }
            }
            Self::Unsupported(place, feature) => Error::Unsupported { pointer: place.pointer(body), feature, upstream },
        }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Malformed(invalid)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed { pointer, expected } if pointer.is_empty() => write!(formatter, "expected {expected}"),
            Self::Malformed { pointer, expected } => write!(formatter, "{pointer}: expected {expected}"),
            Self::Unsupported { pointer, feature, upstream } => {
                write!(
                    formatter,
                    "{pointer}: {} cannot be translated to {upstream}: {}",
                    feature.name(),
                    feature.meaning()
                )
            }
            Self::Upstream(failure) => formatter.write_str(&failure.message),
        }
    }
}

impl std::error::Error for Error {}
