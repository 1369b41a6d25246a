//! Invariant: however a stream is cut, the same frames come out of it.
#![no_main]

use std::ops::ControlFlow;

use aiclient_dialects::sse::{BadFrame, Decoder, Frame};
use libfuzzer_sys::fuzz_target;

fn keep(frame: Result<Frame<'_>, BadFrame>, seen: &mut Vec<(String, String, bool)>) -> ControlFlow<()> {
    seen.extend(frame.map(|frame| (frame.name.into(), frame.data.into(), frame.bare)));
    ControlFlow::Continue(())
}

fn frames(body: &[u8], step: usize) -> Vec<(String, String, bool)> {
    let (mut decoder, mut seen) = (Decoder::default(), Vec::new());
    for chunk in body.chunks(step) {
        let boundary = decoder.feed(chunk, |frame| keep(frame, &mut seen));
        assert!(boundary <= chunk.len());
    }
    decoder.finish(|frame| keep(frame, &mut seen));
    seen
}

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (step, body) = input;
    assert_eq!(frames(&body, usize::from(step).max(1)), frames(&body, body.len().max(1)));
});
