//! Invariant: however a stream is cut, the same frames come out of it.
#![no_main]

use aiclient_dialects::sse::Decoder;
use libfuzzer_sys::fuzz_target;

fn frames(body: &[u8], step: usize) -> Vec<(String, String, bool)> {
    let (mut decoder, mut seen) = (Decoder::default(), Vec::new());
    for chunk in body.chunks(step) {
        let boundary = decoder.feed(chunk, |frame| seen.extend(frame.map(|frame| (frame.name.into(), frame.data.into(), frame.bare))));
        assert!(boundary <= chunk.len());
    }
    decoder.finish(|frame| seen.extend(frame.map(|frame| (frame.name.into(), frame.data.into(), frame.bare))));
    seen
}

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (step, body) = input;
    assert_eq!(frames(&body, usize::from(step).max(1)), frames(&body, body.len().max(1)));
});
