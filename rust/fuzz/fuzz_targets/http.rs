//! Invariants: no bytes make the reader panic; however an answer is cut, it is the same one, or has the same fault.
#![no_main]

use aiclient_http::{Fault, ResponseReader};
use libfuzzer_sys::fuzz_target;

#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    fields: Vec<(Vec<u8>, Vec<u8>)>,
    body: Vec<u8>,
    is_reusable: bool,
    fault: Option<Fault>,
}

fn read(reader: &mut ResponseReader, data: &[u8], step: usize) -> Answer {
    let mut body = Vec::new();
    for piece in data.chunks(step) {
        body.extend_from_slice(reader.feed(piece));
    }
    let is_reusable = reader.is_reusable();
    reader.feed_eof();
    let fields = reader.fields().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    Answer { status: reader.status(), fields, body, is_reusable, fault: reader.fault() }
}

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (step, data) = input;
    let mut reader = ResponseReader::default();
    let whole = read(&mut reader, &data, data.len().max(1));
    assert!(whole.body.len() <= data.len() && !(whole.is_reusable && whole.fault.is_some()));
    // What came before leaves nothing behind.
    reader.next();
    assert_eq!(read(&mut reader, &data, usize::from(step).max(1)), whole);
});
