//! Frames to bytes.

/// How a stream is framed for the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// Server-sent events.
    #[default]
    Sse,
    /// One JSON array whose elements come one by one: Gemini without `alt=sse`.
    JsonArray,
}

/// How lines of a stream end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// OpenAI and Anthropic.
    Lf,
    /// Gemini.
    CrLf,
}

/// Append the beginning of a frame, up to its data. An empty name means no `event:` line.
#[inline]
pub fn open_frame(out: &mut Vec<u8>, name: &str) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
}

/// Append the end of a frame.
#[inline]
pub fn close_frame(out: &mut Vec<u8>, end: LineEnd) {
    out.extend_from_slice(match end {
        LineEnd::Lf => b"\n\n",
        LineEnd::CrLf => b"\r\n\r\n",
    });
}

/// Append a frame with LF line ends whose data is a JSON object.
#[inline]
pub fn write_frame(out: &mut Vec<u8>, name: &str, members: impl FnOnce(&mut crate::json::Object<'_>)) {
    open_frame(out, name);
    crate::json::write_object(out, members);
    close_frame(out, LineEnd::Lf);
}
