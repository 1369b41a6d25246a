//! Chunks (RFC 9112, section 7.1).
//!
//! Extensions and trailers are read for their end only: nobody here knows a meaning for them, and a trailer may not
//! change what the head said.

use crate::body::take;
use crate::fault::Fault;
use crate::overhead::Overhead;
use crate::text::{is_text, is_token};

/// Where in the chunks the next byte is.
///
/// ```text
///   +---------------------------------- DataEnd <-- DataReturn <-- Data
///   v                                                                ^
///  Size --> Digits --+---------------+--> SizeEnd --size > 0---------+
///                    +--> Extension--+       |
///                                            +--size 0--> Line --CR--> LastEnd --> Complete
///                                                         ^  |
///                               LineEnd <-- Value <-- Name --+
///                                  +----------------------+
/// ```
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chunked {
    /// The first digit of a size is due.
    Size,
    /// More digits, or the end of them.
    Digits { size: u64 },
    /// In what follows the size.
    Extension { size: u64 },
    /// The line feed after a size is due.
    SizeEnd { size: u64 },
    /// In a chunk.
    Data { left: u64 },
    /// The carriage return after a chunk is due.
    DataReturn,
    /// The line feed after a chunk is due.
    DataEnd,
    /// At the start of a trailer, or of the empty line that ends them.
    Line,
    /// In a trailer's name.
    Name,
    /// In a trailer's value.
    Value,
    /// The line feed after a trailer is due.
    LineEnd,
    /// The last line feed is due.
    LastEnd,
    /// All of it has come.
    Complete,
}

impl Chunked {
    /// Read up to the end of a piece or of the body: the piece, and what follows it.
    pub(crate) fn read<'d>(&mut self, data: &'d [u8], overhead: &mut Overhead) -> Result<(&'d [u8], &'d [u8]), Fault> {
        let mut rest = data;
        while let Some((&byte, after)) = rest.split_first() {
            match self {
                Self::Complete => break,
                Self::Data { left } => {
                    let pieces = take(left, rest);
                    if *left == 0 {
                        *self = Self::DataReturn;
                    }
                    overhead.reset();
                    return Ok(pieces);
                }
                _ => {
                    overhead.add(1)?;
                    *self = self.after(byte)?;
                    rest = after;
                }
            }
        }
        Ok((&[], rest))
    }

    /// The state after a byte that is no data.
    fn after(self, byte: u8) -> Result<Self, Fault> {
        Ok(match (self, byte) {
            (Self::Digits { size } | Self::Extension { size }, b'\r') => Self::SizeEnd { size },
            (Self::Digits { size }, b';') => Self::Extension { size },
            (Self::Size, _) => Self::Digits { size: with_digit(0, byte)? },
            (Self::Digits { size }, _) => Self::Digits { size: with_digit(size, byte)? },
            (Self::Extension { .. }, _) if is_text(byte) => self,
            (Self::SizeEnd { size: 0 } | Self::LineEnd, b'\n') => Self::Line,
            (Self::SizeEnd { size }, b'\n') => Self::Data { left: size },
            (Self::DataReturn, b'\r') => Self::DataEnd,
            (Self::DataEnd, b'\n') => Self::Size,
            (Self::Line, b'\r') => Self::LastEnd,
            (Self::Line | Self::Name, _) if is_token(byte) => Self::Name,
            (Self::Name, b':') => Self::Value,
            (Self::Value, b'\r') => Self::LineEnd,
            (Self::Value, _) if is_text(byte) => Self::Value,
            (Self::LastEnd, b'\n') => Self::Complete,
            _ => return Err(self.fault()),
        })
    }

    /// What is wrong if another byte comes than those that are allowed.
    fn fault(self) -> Fault {
        Fault::NotHttp(match self {
            Self::DataReturn | Self::DataEnd => "a chunk is longer than its size",
            Self::Line | Self::Name | Self::Value | Self::LineEnd | Self::LastEnd => "a trailer cannot be read",
            _ => "the line before a chunk cannot be read",
        })
    }
}

fn with_digit(size: u64, byte: u8) -> Result<u64, Fault> {
    let digit = char::from(byte).to_digit(16).map(u64::from);
    let grown = digit.and_then(|digit| size.checked_mul(16)?.checked_add(digit));
    grown.ok_or(Fault::NotHttp("the size of a chunk is no size"))
}
