//! How much a server may send that is no body.

use crate::fault::Fault;

/// Most bytes of a head, or of anything else that comes without a byte of a body: interim answers, sizes of chunks and
/// their extensions, trailers. Some gateways send long headers, such as the policies of a whole site.
pub const HEAD_LIMIT: usize = 64 << 10;

/// Counts the bytes since the last byte of a body.
#[derive(Debug, Default)]
pub(crate) struct Overhead(usize);

impl Overhead {
    /// Whether there were none.
    pub(crate) fn is_none(&self) -> bool {
        self.0 == 0
    }

    /// How many more there may be.
    pub(crate) fn left(&self) -> usize {
        HEAD_LIMIT - self.0
    }

    /// So many more have come.
    pub(crate) fn add(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > self.left() {
            return Err(Fault::TooLong);
        }
        self.0 += bytes;
        Ok(())
    }

    /// A byte of a body has come.
    pub(crate) fn reset(&mut self) {
        self.0 = 0;
    }
}
