//! Invariants: no request makes a translator panic; what comes out is JSON; every loss has a pointer into the body.
#![no_main]

use aiclient_dialects::json::{Raw, parse};
use aiclient_dialects::{Dialect, Exchange, OnLoss, read_head};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, u8, bool, &[u8])| {
    let (client, upstream, stream, body) = input;
    let (client, upstream) = (Dialect::ALL[usize::from(client) % 4], Dialect::ALL[usize::from(upstream) % 4]);
    let _head = read_head(client, body, true);
    let mut exchange = Exchange::new(client, upstream, "fuzz", 1, OnLoss::Report);
    if let Ok(out) = exchange.request(body, "model", stream) {
        let text = std::str::from_utf8(&out).expect("a request is text");
        parse::<Raw<'_>>(text).expect("a request is JSON");
        assert!(exchange.losses().iter().all(|loss| loss.pointer.is_empty() || loss.pointer.starts_with('/')));
    }
});
