//! The body of an answer, by whatever it ends.

use crate::chunked::Chunked;
use crate::fault::Fault;
use crate::overhead::Overhead;

/// What is still to come of a body.
#[derive(Debug)]
pub(crate) enum Body {
    /// So many bytes.
    Sized { left: u64 },
    /// Chunks.
    Chunked(Chunked),
    /// Everything up to the end of the connection.
    UntilClose,
}

impl Body {
    /// Whether nothing more is to come.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self, Self::Sized { left: 0 } | Self::Chunked(Chunked::Complete))
    }

    /// Read up to the end of a piece or of the body: the piece, and what follows it.
    pub(crate) fn read<'d>(&mut self, data: &'d [u8], overhead: &mut Overhead) -> Result<(&'d [u8], &'d [u8]), Fault> {
        match self {
            Self::Sized { left } => Ok(take(left, data)),
            Self::Chunked(chunked) => chunked.read(data, overhead),
            Self::UntilClose => Ok((data, &[])),
        }
    }
}

/// Those of the bytes that are among the ones left, and the rest.
pub(crate) fn take<'d>(left: &mut u64, data: &'d [u8]) -> (&'d [u8], &'d [u8]) {
    let size = usize::try_from(*left).map_or(data.len(), |left| left.min(data.len()));
    *left -= size as u64;
    data.split_at(size)
}
