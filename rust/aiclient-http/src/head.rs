//! The head of an answer: status line and header fields (RFC 9112, sections 4 and 5).
//!
//! Owns: its bytes as they came, and where among them each field is.
//! Must not know: what a field means.

use std::mem::MaybeUninit;
use std::ops::Range;

use httparse::{ParserConfig, Response, Status};
use memchr::memmem;

use crate::fault::Fault;
use crate::overhead::Overhead;

/// Most fields of a head.
pub const FIELD_LIMIT: usize = 256;

/// Room for bytes that is kept from answer to answer; an idle connection should not hold what one long head took.
const KEPT: usize = 8 << 10;

const END: &[u8] = b"\r\n\r\n";
const BARE_LINE_FEED: Fault = Fault::NotHttp("a line of its head does not end in CR LF");

/// A head, of which any part may have come.
#[derive(Debug, Default)]
pub(crate) struct Head {
    bytes: Vec<u8>,
    /// How many bytes there were when the beginning of a head was last checked.
    checked: usize,
    fields: Vec<Field>,
    status: u16,
    is_http_1_0: bool,
}

/// Where a field is among the bytes.
#[derive(Debug)]
struct Field {
    name: Range<usize>,
    value: Range<usize>,
}

impl Head {
    /// 0 until the head is complete.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Whether the server speaks the version that closes connections unless it says that it does not.
    pub(crate) fn is_http_1_0(&self) -> bool {
        self.is_http_1_0
    }

    /// Names as they came, and values without the blanks around them.
    pub(crate) fn fields(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.fields.iter().map(|Field { name, value }| (&self.bytes[name.clone()], &self.bytes[value.clone()]))
    }

    /// Forget it, for another.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT);
        self.fields.clear();
        (self.checked, self.status) = (0, 0);
    }

    /// Take what belongs to the head. When it is complete, what follows is returned.
    pub(crate) fn read<'d>(&mut self, data: &'d [u8], overhead: &mut Overhead) -> Result<Option<&'d [u8]>, Fault> {
        let data = if self.bytes.is_empty() { without_blank_lines(data, overhead)? } else { data };
        let end = self.end_in(data);
        let wanted = end.unwrap_or(data.len());
        let taken = wanted.min(overhead.left());
        self.bytes.extend_from_slice(&data[..taken]);
        overhead.add(taken)?;
        if taken < wanted {
            self.check()?;
            return Err(Fault::TooLong);
        }
        if end.is_some() {
            self.parse()?;
            return Ok(Some(&data[taken..]));
        }
        // Not for every byte of a head that drips: all of the checks together take as long as a few whole ones.
        if self.bytes.len() >= 2 * self.checked {
            self.check()?;
        }
        Ok(None)
    }

    /// Whether what has come can be the beginning of a head. Who speaks something else may never send the end of one.
    pub(crate) fn check(&mut self) -> Result<(), Fault> {
        self.checked = self.bytes.len();
        let mut fields = [const { MaybeUninit::uninit() }; FIELD_LIMIT];
        let mut response = Response::new(&mut []);
        match ParserConfig::default().parse_response_with_uninit_headers(&mut response, &self.bytes, &mut fields) {
            Ok(Status::Partial) => Ok(()),
            // It is complete for the parser, which takes a line feed for the end of a line.
            Ok(Status::Complete(_)) => Err(BARE_LINE_FEED),
            Err(error) => Err(fault(error)),
        }
    }

    /// How many of these bytes belong to the head, if its end is among them.
    fn end_in(&self, data: &[u8]) -> Option<usize> {
        let is_cut_after = |before: &usize| {
            let (before, after) = END.split_at(*before);
            self.bytes.ends_with(before) && data.starts_with(after)
        };
        match (1..END.len()).rev().find(is_cut_after) {
            Some(before) => Some(END.len() - before),
            None => memmem::find(data, END).map(|at| at + END.len()),
        }
    }

    fn parse(&mut self) -> Result<(), Fault> {
        let bytes = self.bytes.as_slice();
        let mut fields = [const { MaybeUninit::uninit() }; FIELD_LIMIT];
        let mut response = Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, &mut fields);
        if parsed.map_err(fault)? != Status::Complete(bytes.len()) {
            return Err(BARE_LINE_FEED);
        }
        self.is_http_1_0 = response.version == Some(0);
        self.status = response.code.unwrap_or_default();
        self.fields.extend(
            response.headers.iter().map(|field| Field {
                name: range_of(field.name.as_bytes(), bytes),
                value: range_of(field.value, bytes),
            }),
        );
        // The parser also takes a line feed alone for the end of a line.
        let is_bare = |field: &Field| !bytes[..field.name.start].ends_with(b"\r\n");
        if self.fields.iter().any(is_bare) { Err(BARE_LINE_FEED) } else { Ok(()) }
    }
}

/// Some servers send a line end too many after a body; it is no part of the next answer.
fn without_blank_lines<'d>(data: &'d [u8], overhead: &mut Overhead) -> Result<&'d [u8], Fault> {
    let blank = data.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    overhead.add(blank)?;
    Ok(&data[blank..])
}

/// Where a part that the parser borrowed is among the bytes.
fn range_of(part: &[u8], bytes: &[u8]) -> Range<usize> {
    let start = part.as_ptr() as usize - bytes.as_ptr() as usize;
    start..start + part.len()
}

fn fault(error: httparse::Error) -> Fault {
    Fault::NotHttp(match error {
        httparse::Error::TooManyHeaders => return Fault::TooManyFields,
        httparse::Error::Version => "its version is not HTTP/1.1",
        httparse::Error::Status | httparse::Error::Token => "its status line cannot be read",
        httparse::Error::HeaderName => "the name of a header cannot be read",
        httparse::Error::HeaderValue => "the value of a header cannot be read",
        httparse::Error::NewLine => return BARE_LINE_FEED,
    })
}
