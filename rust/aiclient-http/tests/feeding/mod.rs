//! Bytes to answers, however they are cut.

use aiclient_http::{Fault, ResponseReader};

/// What a reader says when the connection has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) is_reusable: bool,
    pub(crate) fault: Option<Fault>,
}

/// What has been read when the connection ends after these pieces.
pub(crate) fn read<'d>(pieces: impl IntoIterator<Item = &'d [u8]>) -> Answer {
    let mut reader = ResponseReader::default();
    let body = pieces.into_iter().flat_map(|piece| reader.feed(piece).to_vec()).collect();
    let is_reusable = reader.is_reusable();
    reader.feed_eof();
    let fields = reader.fields().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
    Answer { status: reader.status(), fields, body, is_reusable, fault: reader.fault() }
}

/// The answer, which is the same for the bytes as a whole, byte by byte, and cut at any place.
pub(crate) fn read_in_every_way(data: &[u8]) -> Answer {
    let whole = read([data]);
    assert_eq!(read(data.chunks(1)), whole, "byte by byte: {:?}", data.escape_ascii().to_string());
    for at in 0..data.len().min(1000) {
        let (first, second) = data.split_at(at);
        assert_eq!(read([first, second]), whole, "cut at {at}: {:?}", data.escape_ascii().to_string());
    }
    whole
}
