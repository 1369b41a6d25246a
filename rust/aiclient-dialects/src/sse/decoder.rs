//! Bytes to frames, however the network cut them.
//!
//! Accepts CR, LF and CRLF, a byte order mark, `data:` with or without a space, several data lines, comments, and a
//! last frame without its empty line. Beyond the specification, lines that begin a JSON value outside any field are
//! handed on as a *bare* frame: servers that fail before or in a stream answer with plain JSON.

use std::ops::ControlFlow;

use memchr::memchr2;

/// The most bytes one frame may have. Gemini sends generated images of several megabytes in one.
const FRAME_LIMIT: usize = 64 << 20;

/// One event of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The `event:` field; empty if there was none.
    pub name: &'a str,
    /// The `data:` field.
    pub data: &'a str,
    /// Whether this was plain JSON between frames.
    pub bare: bool,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadFrame {
    /// Not UTF-8.
    Encoding,
    /// Longer than any sane event.
    TooLong,
}

impl BadFrame {
    /// For a message to people.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Encoding => "the stream is not UTF-8",
            Self::TooLong => "an event of the stream is too long",
        }
    }
}

/// Whoever takes frames; `Break` says that no more are wanted.
pub trait OnFrame: FnMut(Result<Frame<'_>, BadFrame>) -> ControlFlow<()> {}

impl<F: FnMut(Result<Frame<'_>, BadFrame>) -> ControlFlow<()>> OnFrame for F {}

/// Cuts a byte stream into frames.
#[derive(Debug, Default)]
pub struct Decoder {
    /// A line whose end has not come yet.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    content: Content,
    /// The last chunk ended in CR; an LF that follows belongs to it.
    after_cr: bool,
    /// The first line was seen, so a byte order mark can no longer come.
    begun: bool,
}

/// What the frame in progress consists of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Content {
    #[default]
    Nothing,
    Data,
    Bare,
}

impl Decoder {
    /// Take in the next bytes and hand on each frame that is now complete, until `on_frame` breaks off.
    ///
    /// Returns how many bytes of `chunk` lie before or at the end of the last complete frame or comment; a frame that
    /// was broken off at does not count.
    pub fn feed(&mut self, chunk: &[u8], mut on_frame: impl OnFrame) -> usize {
        let mut at = 0;
        let mut boundary = 0;
        if self.after_cr && !chunk.is_empty() {
            self.after_cr = false;
            at = usize::from(chunk[0] == b'\n');
            boundary = if self.is_between_frames() { at } else { 0 };
        }
        while let Some(length) = memchr2(b'\n', b'\r', &chunk[at..]) {
            let end = at + length;
            if self.take_line(&chunk[at..end], &mut on_frame).is_break() {
                return boundary;
            }
            at = end + 1;
            if chunk[end] == b'\r' {
                match chunk.get(at) {
                    Some(b'\n') => at += 1,
                    Some(_) => {}
                    None => self.after_cr = true,
                }
            }
            if self.is_between_frames() {
                boundary = at;
            }
        }
        self.line.extend_from_slice(&chunk[at..]);
        if self.line.len() + self.data.len() > FRAME_LIMIT {
            self.line.clear();
            self.data.clear();
            // Whether the caller goes on makes no difference: the bytes are gone.
            let _over = on_frame(Err(BadFrame::TooLong));
        }
        boundary
    }

    /// The stream is over: hand on what lacks only its last line end or empty line.
    pub fn finish(&mut self, mut on_frame: impl OnFrame) {
        if self.line.is_empty() || self.take_line(&[], &mut on_frame).is_continue() {
            let _over = self.dispatch(&mut on_frame);
        }
    }

    /// Nothing of a next frame was seen.
    pub fn is_between_frames(&self) -> bool {
        self.line.is_empty() && self.content == Content::Nothing && self.name.is_empty()
    }

    /// A line is complete: its last bytes are `tail`, its first ones may wait in `self.line`.
    fn take_line(&mut self, tail: &[u8], on_frame: &mut impl OnFrame) -> ControlFlow<()> {
        if self.line.is_empty() {
            return self.line_complete(tail, on_frame);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(tail);
        let flow = self.line_complete(&line, on_frame);
        line.clear();
        self.line = line;
        flow
    }

    fn line_complete(&mut self, line: &[u8], on_frame: &mut impl OnFrame) -> ControlFlow<()> {
        let line = if self.begun { line } else { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) };
        self.begun = true;
        if line.is_empty() {
            return self.dispatch(on_frame);
        }
        if self.content == Content::Bare || (self.content == Content::Nothing && matches!(line[0], b'{' | b'[')) {
            self.content = Content::Bare;
            self.data.extend_from_slice(line);
            self.data.push(b'\n');
        } else if let Some(value) = field(line, b"data") {
            if self.content == Content::Data {
                self.data.push(b'\n');
            }
            self.content = Content::Data;
            self.data.extend_from_slice(value);
        } else if let Some(value) = field(line, b"event") {
            self.name.clear();
            self.name.extend_from_slice(value);
        }
        // Comments, `id`, `retry` and unknown fields mean nothing to any of the dialects.
        ControlFlow::Continue(())
    }

    fn dispatch(&mut self, on_frame: &mut impl OnFrame) -> ControlFlow<()> {
        let flow = match self.content {
            Content::Nothing => ControlFlow::Continue(()),
            content => on_frame(match (std::str::from_utf8(&self.name), std::str::from_utf8(&self.data)) {
                (Ok(name), Ok(data)) => Ok(Frame { name, data, bare: content == Content::Bare }),
                _ => Err(BadFrame::Encoding),
            }),
        };
        self.name.clear();
        self.data.clear();
        self.content = Content::Nothing;
        flow
    }
}

/// The value of a field line, if the field is called `name`.
fn field<'l>(line: &'l [u8], name: &[u8]) -> Option<&'l [u8]> {
    let rest = line.strip_prefix(name)?;
    match rest.split_first() {
        None => Some(rest),
        Some((b':', value)) => Some(value.strip_prefix(b" ").unwrap_or(value)),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Seen = Vec<(String, String, bool)>;

    fn frames(body: &[u8], step: usize) -> (Seen, usize) {
        let (mut decoder, mut seen, mut forwarded, mut offset) = (Decoder::default(), Seen::new(), 0, 0);
        let mut keep = |frame: Result<Frame<'_>, BadFrame>| {
            if let Ok(frame) = frame {
                seen.push((frame.name.into(), frame.data.into(), frame.bare));
            }
            ControlFlow::Continue(())
        };
        for chunk in body.chunks(step.max(1)) {
            let boundary = decoder.feed(chunk, &mut keep);
            if boundary > 0 {
                forwarded = offset + boundary;
            }
            offset += chunk.len();
        }
        decoder.finish(&mut keep);
        (seen, forwarded)
    }

    #[test]
    fn every_form_the_specification_allows() {
        let one = |data: &str| vec![(String::new(), data.to_string(), false)];
        for (body, expected) in [
            ("data: a\n\n", one("a")),
            ("\u{feff}data:a\r\n\r\n", one("a")),
            (": hello\rdata: a\rid: 4\rretry: 10\rdata: b\r\r", one("a\nb")),
            ("data: a", one("a")),
            ("event: x\ndata: a\n\n", vec![("x".into(), "a".into(), false)]),
            ("event: x\n\ndata\n\n", one("")),
            (
                "{\"error\":\n 1}\n\ndata: a\n\n",
                vec![(String::new(), "{\"error\":\n 1}\n".into(), true), (String::new(), "a".into(), false)],
            ),
            ("<html>\n<p>\n\n", vec![]),
        ] {
            for step in 1..=body.len() {
                assert_eq!(frames(body.as_bytes(), step).0, expected, "{body:?} in chunks of {step}");
            }
        }
    }

    #[test]
    fn the_boundary_is_behind_the_last_complete_frame() {
        let body = b"data: a\r\n\r\n: ping\r\n\r\nevent: b\r\n";
        for step in 1..=body.len() {
            assert_eq!(frames(body, step).1, body.len() - b"event: b\r\n".len(), "chunks of {step}");
        }
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_frames(lines in prop::collection::vec("(data: ?[a-zé]{0,4}|event: x|: c|\\{\"a\":1\\}|)(\r|\n|\r\n)", 0..12), step in 1_usize..9) {
            let body = lines.concat();
            prop_assert_eq!(frames(body.as_bytes(), step).0, frames(body.as_bytes(), body.len()).0);
        }
    }
}
