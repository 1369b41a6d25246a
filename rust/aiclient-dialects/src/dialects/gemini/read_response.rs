//! An upstream's whole reply to events.

use super::read_stream::GeminiReader;
use super::wire::Reply;
use crate::failure_body::read_error_object;
use crate::ir::{Event, EventSink};
use crate::json::{Invalid, Kind, parse};

/// Read a reply, or the list of chunks that a stream without `alt=sse` consists of.
pub(super) fn read_response(body: &str, sink: &mut dyn EventSink) -> Result<(), Invalid> {
    let mut reader = GeminiReader::default();
    if body.trim_start().starts_with('[') {
        for mut chunk in parse::<Vec<Reply<'_>>>(body)? {
            if read_error(&chunk, body, sink) {
                return Ok(());
            }
            reader.read_reply(&mut chunk, sink)?;
        }
    } else {
        let mut reply: Reply<'_> = parse(body)?;
        if read_error(&reply, body, sink) {
            return Ok(());
        }
        if reply.candidates.is_none() && reply.prompt_feedback.is_none() && reply.usage_metadata.is_none() {
            return Err(Invalid { place: reply.place.field("candidates"), expected: "an array of candidates" });
        }
        reader.read_reply(&mut reply, sink)?;
    }
    reader.complete(sink);
    Ok(())
}

fn read_error(reply: &Reply<'_>, body: &str, sink: &mut dyn EventSink) -> bool {
    let failed = reply.error.is_some_and(|error| error.kind() != Kind::Null);
    let failure = failed.then(|| read_error_object(body, None)).flatten();
    failure.is_some_and(|failure| {
        sink.event(&Event::Error(failure));
        true
    })
}
