//! Invariants: no stream makes a translator panic; any chunking gives the same bytes; a stream is complete or failed.
#![no_main]

use aiclient_dialects::{Dialect, Exchange, Framing, OnLoss};
use libfuzzer_sys::fuzz_target;

fn translate(client: Dialect, upstream: Dialect, framing: Framing, body: &[u8], step: usize) -> Vec<u8> {
    let mut stream = Exchange::new(client, upstream, "fuzz", 1, OnLoss::Report).stream(framing);
    let mut out = Vec::new();
    for chunk in body.chunks(step) {
        stream.feed(chunk, &mut out);
    }
    stream.finish(&mut out);
    assert!(stream.is_complete() != stream.failure().is_some() || client == upstream);
    out
}

fuzz_target!(|input: (u8, u8, bool, u8, &[u8])| {
    let (client, upstream, array, step, body) = input;
    let (client, upstream) = (Dialect::ALL[usize::from(client) % 4], Dialect::ALL[usize::from(upstream) % 4]);
    let framing = if array && client == Dialect::Gemini { Framing::JsonArray } else { Framing::Sse };
    let whole = translate(client, upstream, framing, body, body.len().max(1));
    assert_eq!(translate(client, upstream, framing, body, usize::from(step).max(1)), whole);
});
