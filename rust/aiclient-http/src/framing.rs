//! What the head says of the body's end, and of the connection (RFC 9112, sections 6.3 and 9.3).

use crate::body::Body;
use crate::chunked::Chunked;
use crate::fault::Fault;
use crate::head::Head;

const NO_CONTENT: u16 = 204;
const NOT_MODIFIED: u16 = 304;

/// How an answer goes on after its head, and what may follow it.
#[derive(Debug)]
pub(crate) struct Framing {
    /// What is to come.
    pub(crate) body: Body,
    /// Whether the server keeps the connection.
    pub(crate) is_kept: bool,
}

impl Framing {
    /// By the head of an answer to a request that is not HEAD or CONNECT.
    pub(crate) fn of(head: &Head) -> Result<Self, Fault> {
        let said = Said::by(head)?;
        let body = said.body(head.status());
        // HTTP/1.0 has no chunks: whoever put them there may have left its other fields as they were.
        let is_persistent = !head.is_http_1_0() || (said.keep_alive && !said.chunked);
        Ok(Self { is_kept: is_persistent && !said.close && !matches!(body, Body::UntilClose), body })
    }
}

/// The fields that matter here.
#[derive(Default)]
struct Said {
    length: Option<u64>,
    chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Said {
    fn by(head: &Head) -> Result<Self, Fault> {
        let mut said = Self::default();
        for (name, value) in head.fields() {
            said.note(name, value)?;
        }
        if said.chunked && said.length.is_some() {
            return Err(Fault::NotHttp("it has both a content-length and a transfer-encoding"));
        }
        Ok(said)
    }

    fn note(&mut self, name: &[u8], value: &[u8]) -> Result<(), Fault> {
        if name.eq_ignore_ascii_case(b"content-length") {
            if self.length.is_some() {
                return Err(Fault::NotHttp("it has more than one content-length"));
            }
            self.length = Some(length(value)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            // Some servers say it twice and mean it once.
            if !value.eq_ignore_ascii_case(b"chunked") {
                return Err(Fault::OtherCoding);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"connection") {
            self.note_options(value);
        }
        Ok(())
    }

    fn note_options(&mut self, value: &[u8]) {
        for option in value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    fn body(&self, status: u16) -> Body {
        match self.length {
            // These have none, whatever their fields say.
            _ if matches!(status, NO_CONTENT | NOT_MODIFIED) => Body::Sized { left: 0 },
            Some(left) => Body::Sized { left },
            None if self.chunked => Body::Chunked(Chunked::Size),
            None => Body::UntilClose,
        }
    }
}

/// Digits and nothing else: neither a sign nor a list of the same length twice.
fn length(value: &[u8]) -> Result<u64, Fault> {
    let digits = value.iter().all(u8::is_ascii_digit).then_some(value);
    let length = digits.and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
    length.ok_or(Fault::NotHttp("its content-length is no length"))
}
