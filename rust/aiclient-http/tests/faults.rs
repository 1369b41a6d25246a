//! What is no answer, however the network cuts it; and what came before the fault is not lost.

use aiclient_http::{FIELD_LIMIT, Fault, HEAD_LIMIT, ResponseReader, Stage};

mod feeding;

use feeding::{read, read_in_every_way};

/// Bytes that are no head.
const NO_HEADS: &[&[u8]] = &[
    b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    b"\0\0\x12\x04\0\0\0\0\0",
    b"GET / HTTP/1.1\r\n\r\n",
    b" HTTP/1.1 200 OK\r\n\r\n",
    b"http/1.1 200 OK\r\n\r\n",
    b"HTTP/1.2 200 OK\r\n\r\n",
    b"HTTP/2.0 200 OK\r\n\r\n",
    b"HTTP/1.1  200 OK\r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n",
    b"HTTP/1.1 20 OK\r\n\r\n",
    b"HTTP/1.1 099 OK\r\n\r\n",
    b"HTTP/1.1 OK\r\n\r\n",
    b"HTTP/1.1 200 a\0b\r\n\r\n",
    b"HTTP/1.1 200 a\rb\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    // Lines.
    b"HTTP/1.1 200 OK\ncontent-length: 1\n\na",
    b"HTTP/1.1 200 OK\ncontent-length: 1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\nx: 1\ncontent-length: 1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\na\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\n\r\na",
    b"HTTP/1.1 200 OK\r\nx: a\rcontent-length: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n x: a\r\n\r\n",
    // Fields.
    b"HTTP/1.1 200 OK\r\n: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nabc\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx y: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx\xe9: 1\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx: a\x7fb\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length : 1\r\n\r\na",
    // Lengths.
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nContent-Length: 1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: 1 1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length:\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: 0x1\r\n\r\na",
    b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551616\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 204 No Content\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
];

/// What is said of a coding that is not `chunked`.
const OTHER_CODINGS: &[&str] = &[
    "gzip",
    "gzip, chunked",
    "chunked, identity",
    "xchunked",
    ",chunked",
    "chunked;q=1",
    "",
    "gzip\r\ntransfer-encoding: chunked",
];

/// Chunks that are none, and what comes of the body before.
const NO_CHUNKS: &[(&[u8], &[u8])] = &[
    (b"xyz\r\nabc", b""),
    (b"\r\n", b""),
    (b"-1\r\na", b""),
    (b"0x1\r\na", b""),
    (b" 1\r\na", b""),
    (b"1 \r\na", b""),
    (b"1 ;a\r\na", b""),
    (b"1\na\r\n0\r\n\r\n", b""),
    (b"1\ra", b""),
    (b"1;a\na\r\n", b""),
    (b"1;a\rb\r\na", b""),
    (b"1;a\0\r\na", b""),
    (b"10000000000000000\r\na", b""),
    (b"1\r\nabc\r\n", b"a"),
    (b"1\r\na\n0\r\n\r\n", b"a"),
    (b"1\r\na\r0\r\n\r\n", b"a"),
    (b"1\r\na\r\n2\r\nbc\r\n0\r\nno trailer\r\n\r\n", b"abc"),
    (b"1\r\na\r\n0\r\nx: 1\r\n folded\r\n\r\n", b"a"),
    (b"1\r\na\r\n0\r\nx: 1\n\r\n", b"a"),
    (b"1\r\na\r\n0\r\nx: \0\r\n\r\n", b"a"),
    (b"1\r\na\r\n0\r\n: 1\r\n\r\n", b"a"),
    (b"1\r\na\r\n0\r\n\n", b"a"),
    (b"1\r\na\r\n0\r\n\rx", b"a"),
];

fn chunked(chunks: &[u8]) -> Vec<u8> {
    [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunks].concat()
}

#[test]
fn what_is_no_head() {
    for data in NO_HEADS {
        let answer = read_in_every_way(data);
        let shown = data.escape_ascii().to_string();
        assert!(matches!(answer.fault, Some(Fault::NotHttp(_))), "{shown}: {:?}", answer.fault);
        assert_eq!((answer.status, answer.body.len(), answer.fields.len()), (0, 0, 0), "{shown}");
    }
}

#[test]
fn what_speaks_another_protocol_is_refused_at_once() {
    for data in [&b"\0\0\x12\x04\0\0\0\0\0"[..], b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\n\n"] {
        let mut reader = ResponseReader::default();
        reader.feed(data);
        assert_eq!(reader.stage(), Stage::Faulty, "{}", data.escape_ascii());
        // And it stays so.
        assert_eq!(reader.feed(b"HTTP/1.1 204 \r\n\r\n"), b"");
        assert_eq!(reader.stage(), Stage::Faulty);
    }
}

#[test]
fn a_coding_other_than_chunked() {
    for coding in OTHER_CODINGS {
        for status in [103, 200, 204] {
            let data = format!("HTTP/1.1 {status} OK\r\ntransfer-encoding: {coding}\r\n\r\n0\r\n\r\n");
            assert_eq!(read_in_every_way(data.as_bytes()).fault, Some(Fault::OtherCoding), "{coding}");
        }
    }
}

#[test]
fn what_is_no_chunk() {
    for &(chunks, body) in NO_CHUNKS {
        let answer = read_in_every_way(&chunked(chunks));
        let shown = chunks.escape_ascii().to_string();
        assert!(matches!(answer.fault, Some(Fault::NotHttp(_))), "{shown}: {:?}", answer.fault);
        assert_eq!((answer.status, answer.body.as_slice(), answer.is_reusable), (200, body, false), "{shown}");
    }
}

#[test]
fn half_an_answer_is_none() {
    let sized = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc".to_vec();
    for data in [sized, chunked(b"3;a\r\nabc\r\n0\r\nx: 1\r\n\r\n")] {
        for end in 0..data.len() {
            let answer = read([&data[..end]]);
            let broken = Fault::BrokenOff(if answer.status == 0 { "head" } else { "body" });
            assert_eq!((answer.fault, answer.is_reusable), (Some(broken), false), "{}", data[..end].escape_ascii());
        }
    }
}

/// Bytes that are within the limit, and the same with one byte more than that.
fn at_the_limit(before: &[u8], filling: &[u8], after: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let fill = |size: usize| {
        let room = size - before.len() - after.len();
        let filling = filling.iter().copied().cycle().take(room);
        before.iter().copied().chain(filling).chain(after.iter().copied()).collect()
    };
    (fill(HEAD_LIMIT), fill(HEAD_LIMIT + 1))
}

fn read_in_some_ways(data: &[u8]) -> Option<Fault> {
    let whole = read([data]);
    for step in [1, 7, 1000, HEAD_LIMIT] {
        assert_eq!(read(data.chunks(step)), whole, "{step} bytes at a time");
    }
    whole.fault
}

#[test]
fn what_is_no_body_is_limited_to_the_byte() {
    let head = b"HTTP/1.1 200 OK\r\nx: ";
    for (before, filling, after) in [
        (&head[..], &b"a"[..], &b"\r\nconnection: close\r\n\r\n"[..]),
        (b"HTTP/1.1 200 ", b"a", b"\r\nconnection: close\r\n\r\n"),
        (b"", b"\r\n", b"HTTP/1.1 200 OK\r\n\r\n"),
        (b"HTTP/1.1 103 \r\nx: ", b"a", b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"),
        (&chunked(b""), b"0", b"\r\n\r\n"),
        (&chunked(b"0\r\nx: "), b"a", b"\r\n\r\n"),
        (&chunked(b"0;"), b"a", b"\r\n\r\n"),
    ] {
        let (within, beyond) = at_the_limit(before, filling, after);
        let shown = before.escape_ascii().to_string();
        assert_eq!(read_in_some_ways(&within), None, "{shown}");
        assert_eq!(read_in_some_ways(&beyond), Some(Fault::TooLong), "{shown}");
    }
}

#[test]
fn what_never_ends_is_cut_off() {
    for data in [
        [&b"HTTP/1.1 200 OK\r\nx: "[..], &b"a".repeat(2 * HEAD_LIMIT)].concat(),
        b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n".repeat(2000),
        chunked(&[&b"0\r\n"[..], &b"x: 1\r\n".repeat(20_000)].concat()),
        chunked(&[&b"1;"[..], &b"a".repeat(2 * HEAD_LIMIT)].concat()),
    ] {
        assert_eq!(read_in_some_ways(&data), Some(Fault::TooLong));
    }
}

#[test]
fn fields_are_limited() {
    let head = |fields: usize| [&b"HTTP/1.1 204 \r\n"[..], &b"x: 1\r\n".repeat(fields), b"\r\n"].concat();
    assert_eq!(read_in_some_ways(&head(FIELD_LIMIT)), None);
    assert_eq!(read_in_some_ways(&head(FIELD_LIMIT + 1)), Some(Fault::TooManyFields));
}

#[test]
fn a_body_starts_the_count_anew() {
    let mut reader = ResponseReader::default();
    reader.feed(&chunked(b""));
    for _ in 0..100 {
        let chunk = [&b"3;"[..], &b"a".repeat(HEAD_LIMIT / 2), b"\r\nabc\r\n"].concat();
        assert_eq!(reader.feed(&chunk), b"abc");
    }
    reader.feed(b"0\r\n\r\n");
    assert_eq!((reader.stage(), reader.is_reusable()), (Stage::Complete, true));
}

#[test]
fn faults_speak_of_the_upstream() {
    for (fault, text) in [
        (Fault::NotHttp("it has no status"), "the upstream's answer is not HTTP: it has no status"),
        (Fault::OtherCoding, "the upstream's answer has a transfer-encoding other than chunked"),
        (Fault::TooLong, "the upstream's answer has a head of more than 65536 bytes"),
        (Fault::TooManyFields, "the upstream's answer has a head of more than 256 fields"),
        (Fault::BrokenOff("body"), "the upstream's answer broke off: the body is incomplete"),
    ] {
        assert_eq!(fault.to_string(), text);
    }
}
