//! One answer after the other.

use crate::body::Body;
use crate::fault::Fault;
use crate::framing::Framing;
use crate::head::Head;
use crate::overhead::Overhead;

const FIRST_STATUS: u16 = 100;
const SWITCHING_PROTOCOLS: u16 = 101;
const FIRST_FINAL_STATUS: u16 = 200;

/// Room for pieces that is kept from answer to answer.
const KEPT: usize = 8 << 10;

/// How far an answer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stage {
    /// Its status is not known.
    Head = 0,
    /// More is to come.
    Body = 1,
    /// All of it has come.
    Complete = 2,
    /// It is none, or not a whole one.
    Faulty = 3,
}

/// Reads answers from the bytes of one connection.
#[derive(Debug, Default)]
pub struct ResponseReader {
    state: State,
    head: Head,
    overhead: Overhead,
    /// Whether another request may follow if the answer becomes complete.
    is_kept: bool,
    /// The body that came with the last bytes, if that was in several pieces.
    joined: Vec<u8>,
}

/// ```text
///   +--interim answer--+
///   v                  |
///  Head ---------------+--a body is due--> Body --its end--> Complete --next--> Head
///                      |                                        ^
///                      +--none is due---------------------------+
///
///  Head and Body become Faulty by bytes that are none of theirs, and by the end of the connection.
/// ```
#[derive(Debug, Default)]
enum State {
    #[default]
    Head,
    Body(Body),
    Complete,
    Faulty(Fault),
}

/// Bytes of a body, and what follows them.
type Piece<'d> = (&'d [u8], &'d [u8]);

impl ResponseReader {
    /// How far the answer has come.
    pub fn stage(&self) -> Stage {
        match self.state {
            State::Head => Stage::Head,
            State::Body(_) => Stage::Body,
            State::Complete => Stage::Complete,
            State::Faulty(_) => Stage::Faulty,
        }
    }

    /// 0 until the head is complete.
    pub fn status(&self) -> u16 {
        self.head.status()
    }

    /// Names as they came, and values; none until the head is complete.
    pub fn fields(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.head.fields()
    }

    /// The value of a field; the last one if there are more.
    pub fn field(&self, name: &str) -> Option<&[u8]> {
        self.fields().rfind(|field| field.0.eq_ignore_ascii_case(name.as_bytes())).map(|field| field.1)
    }

    /// Whether a byte of the answer has come.
    pub fn has_begun(&self) -> bool {
        self.status() > 0 || !self.overhead.is_none()
    }

    /// Whether another request may follow; known once the answer is complete.
    pub fn is_reusable(&self) -> bool {
        self.is_kept && matches!(self.state, State::Complete)
    }

    /// What is wrong with the answer.
    pub fn fault(&self) -> Option<Fault> {
        match self.state {
            State::Faulty(fault) => Some(fault),
            _ => None,
        }
    }

    /// Be ready for another answer.
    pub fn next(&mut self) {
        self.state = State::Head;
        self.head.clear();
        self.overhead.reset();
        self.is_kept = false;
        self.joined.clear();
        self.joined.shrink_to(KEPT);
    }

    /// Read on: what there is of the body in these bytes, up to a fault if there is one. A body in one piece is not
    /// copied.
    pub fn feed<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        self.joined.clear();
        let mut body: &[u8] = &[];
        let mut rest = data;
        while !rest.is_empty() {
            match self.read(rest) {
                Ok((piece, following)) => {
                    self.join(&mut body, piece);
                    rest = following;
                }
                Err(fault) => {
                    self.fail(fault);
                    break;
                }
            }
        }
        if self.joined.is_empty() { body } else { &self.joined }
    }

    /// The connection is at its end, which may be that of the answer.
    pub fn feed_eof(&mut self) {
        self.is_kept = false;
        match self.state {
            State::Head => {
                let fault = self.head.check().err();
                self.fail(fault.unwrap_or(Fault::BrokenOff("head")));
            }
            State::Body(Body::UntilClose) => self.state = State::Complete,
            State::Body(_) => self.fail(Fault::BrokenOff("body")),
            State::Complete | State::Faulty(_) => {}
        }
    }

    /// Read up to where something ends.
    fn read<'d>(&mut self, data: &'d [u8]) -> Result<Piece<'d>, Fault> {
        match &mut self.state {
            State::Head => Ok((&[], self.read_head(data)?)),
            State::Body(body) => {
                let piece = body.read(data, &mut self.overhead)?;
                if body.is_complete() {
                    self.state = State::Complete;
                }
                Ok(piece)
            }
            State::Complete => {
                // They belong to no request, and must not become the answer to the next one.
                self.is_kept = false;
                Ok((&[], &[]))
            }
            State::Faulty(_) => Ok((&[], &[])),
        }
    }

    fn read_head<'d>(&mut self, data: &'d [u8]) -> Result<&'d [u8], Fault> {
        let Some(following) = self.head.read(data, &mut self.overhead)? else { return Ok(&[]) };
        let status = self.head.status();
        if status < FIRST_STATUS {
            return Err(Fault::NotHttp("it has no status"));
        }
        if status == SWITCHING_PROTOCOLS {
            return Err(Fault::NotHttp("it switched to another protocol"));
        }
        // An interim answer has no body; but one that contradicts itself is not read over, either.
        let framing = Framing::of(&self.head)?;
        if status < FIRST_FINAL_STATUS {
            self.head.clear();
        } else {
            self.begin_body(framing);
        }
        Ok(following)
    }

    fn begin_body(&mut self, Framing { body, is_kept }: Framing) {
        self.is_kept = is_kept;
        self.state = if body.is_complete() { State::Complete } else { State::Body(body) };
    }

    /// Put a piece behind what there is of the body: the first one as it is, all of them if there are more.
    fn join<'d>(&mut self, body: &mut &'d [u8], piece: &'d [u8]) {
        if body.is_empty() {
            *body = piece;
        } else if !piece.is_empty() {
            if self.joined.is_empty() {
                self.joined.extend_from_slice(body);
            }
            self.joined.extend_from_slice(piece);
        }
    }

    fn fail(&mut self, fault: Fault) {
        if matches!(self.state, State::Head) {
            self.head.clear();
        }
        self.state = State::Faulty(fault);
    }
}
