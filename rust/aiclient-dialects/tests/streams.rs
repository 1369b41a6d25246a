//! However a stream is cut, the client gets the same bytes; and wherever it breaks off, the client is told.

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss, StreamDriver};
use proptest::prelude::*;

/// A stream with text, thoughts, seals and two calls, as the vendor sends it.
fn fixture(upstream: Dialect) -> &'static [u8] {
    match upstream {
        Dialect::Anthropic => include_bytes!("streams/anthropic.sse"),
        Dialect::Gemini => include_bytes!("streams/gemini.sse"),
        Dialect::OpenAiResponses => include_bytes!("streams/openai_responses.sse"),
        Dialect::OpenAiChat => include_bytes!("streams/openai_chat.sse"),
    }
}

fn driver(client: Dialect, upstream: Dialect, framing: Framing) -> StreamDriver {
    Exchange::new(client, upstream, "exchange", 1_760_000_000, OnLoss::Report).stream(framing)
}

/// What the client gets, and whether the stream was complete.
fn translate<'c>(
    client: Dialect,
    upstream: Dialect,
    framing: Framing,
    chunks: impl Iterator<Item = &'c [u8]>,
) -> (String, bool) {
    let mut stream = driver(client, upstream, framing);
    let mut out = Vec::new();
    chunks.for_each(|chunk| stream.feed(chunk, &mut out));
    stream.finish(&mut out);
    assert_ne!(stream.is_complete(), stream.failure().is_some(), "complete or failed, never both");
    (String::from_utf8(out).unwrap_or_default(), stream.is_complete())
}

fn pairs() -> impl Iterator<Item = (Dialect, Dialect)> {
    Dialect::ALL.into_iter().flat_map(|client| Dialect::ALL.into_iter().map(move |upstream| (client, upstream)))
}

#[test]
fn one_byte_at_a_time_gives_the_same_bytes() {
    for (client, upstream) in pairs() {
        let body = fixture(upstream);
        let whole = translate(client, upstream, Framing::Sse, std::iter::once(body));
        assert!(whole.1, "{upstream} to {client}: {}", whole.0);
        assert_eq!(translate(client, upstream, Framing::Sse, body.chunks(1)), whole, "{upstream} to {client}");
    }
}

#[test]
fn line_ends_do_not_matter() {
    for (client, upstream) in pairs().filter(|(client, upstream)| client != upstream) {
        let text = String::from_utf8_lossy(fixture(upstream)).replace("\r\n", "\n");
        let whole = translate(client, upstream, Framing::Sse, std::iter::once(fixture(upstream)));
        for line_end in ["\n", "\r\n", "\r"] {
            let body = text.replace('\n', line_end);
            assert_eq!(
                translate(client, upstream, Framing::Sse, body.as_bytes().chunks(7)),
                whole,
                "{upstream} to {client}, {line_end:?}"
            );
        }
    }
}

/// Where the wire has said that its answer is complete; what follows (counts, `[DONE]`) may be missing.
fn last_word(upstream: Dialect) -> &'static str {
    match upstream {
        Dialect::Anthropic => "\"stop_reason\": \"tool_use\"",
        Dialect::Gemini => "\"finishReason\": \"STOP\"",
        Dialect::OpenAiResponses => "\"type\": \"response.completed\"",
        Dialect::OpenAiChat => "\"finish_reason\": \"tool_calls\"",
    }
}

#[test]
fn wherever_a_stream_breaks_off_the_client_is_told() {
    for (client, upstream) in pairs() {
        let body = fixture(upstream);
        let complete = String::from_utf8_lossy(body).find(last_word(upstream)).unwrap_or(0);
        for end in 0..complete {
            let (out, whole) = translate(client, upstream, Framing::Sse, std::iter::once(&body[..end]));
            assert!(!whole && out.contains("\"error\""), "{upstream} to {client}, cut at {end}: {out}");
        }
    }
}

#[test]
fn a_gemini_client_without_events_gets_one_json_array() {
    for upstream in Dialect::ALL.into_iter().filter(|upstream| *upstream != Dialect::Gemini) {
        let body = fixture(upstream);
        for end in [body.len(), body.len() / 2, 0] {
            let (out, _) = translate(Dialect::Gemini, upstream, Framing::JsonArray, body[..end].chunks(13));
            let chunks: Result<Vec<serde_json::Value>, _> = serde_json::from_str(&out);
            assert!(chunks.is_ok_and(|chunks| !chunks.is_empty()), "{upstream}, cut at {end}: {out}");
        }
    }
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_bytes(pair in 0_usize..16, cuts in prop::collection::vec(1_usize..400, 1..40)) {
        let (client, upstream) = (Dialect::ALL[pair / 4], Dialect::ALL[pair % 4]);
        let body = fixture(upstream);
        let whole = translate(client, upstream, Framing::Sse, std::iter::once(body));
        let mut rest = body;
        let mut sizes = cuts.iter().cycle();
        let chunks = std::iter::from_fn(|| {
            let (chunk, tail) = rest.split_at((*sizes.next()?).min(rest.len()));
            rest = tail;
            (!chunk.is_empty()).then_some(chunk)
        });
        prop_assert_eq!(translate(client, upstream, Framing::Sse, chunks), whole);
    }
}
