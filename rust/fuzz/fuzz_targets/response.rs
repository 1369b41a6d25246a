//! Invariants: no reply or error makes a translator panic; what comes out is JSON.
#![no_main]

use aiclient_dialects::json::{Raw, parse};
use aiclient_dialects::{Dialect, Exchange, OnLoss};
use libfuzzer_sys::fuzz_target;

fn is_json(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| parse::<Raw<'_>>(text).is_ok())
}

fuzz_target!(|input: (u8, u8, u16, &[u8])| {
    let (client, upstream, status, body) = input;
    let (client, upstream) = (Dialect::ALL[usize::from(client) % 4], Dialect::ALL[usize::from(upstream) % 4]);
    let mut exchange = Exchange::new(client, upstream, "fuzz", 1, OnLoss::Report);
    if let Ok((out, _)) = exchange.response(body) {
        assert!(is_json(&out));
    }
    let (answer, out) = exchange.error(status, body);
    assert!(is_json(&out) && (answer >= 400 || client == upstream));
});
