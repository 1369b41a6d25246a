//! What is an answer, however the network cuts it.

use aiclient_http::{ResponseReader, Stage};

mod feeding;

use feeding::read_in_every_way;

/// Bytes, status, body, and whether the connection may be used again.
const ANSWERS: &[(&str, u16, &str, bool)] = &[
    ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", 200, "abc", true),
    ("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:\t003 \t\r\n\r\nabc", 200, "abc", true),
    ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, "", true),
    ("HTTP/1.1 404 \r\ncontent-length: 1\r\n\r\na", 404, "a", true),
    ("HTTP/1.1 404\r\ncontent-length: 1\r\n\r\na", 404, "a", true),
    ("HTTP/1.1 200 \u{e9}\r\ncontent-length: 1\r\n\r\na", 200, "a", true),
    ("\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", 200, "a", true),
    // Chunks.
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n02\r\nde\r\n0\r\n\r\n", 200, "abcde", true),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 200, "", true),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        200,
        "a",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA;a=\"b c\";d\r\n0123456789\r\n00;z\r\n\r\n",
        200,
        "0123456789",
        true,
    ),
    (
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-sum: 1\r\ncontent-length:\r\n\r\n",
        200,
        "a",
        true,
    ),
    // What ends with the connection.
    ("HTTP/1.1 200 OK\r\nx: 1\r\n\r\nabc", 200, "abc", false),
    ("HTTP/1.0 200 OK\r\n\r\nabc", 200, "abc", false),
    ("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\nabc", 200, "abc", false),
    // What the server says of the connection.
    ("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na", 200, "a", false),
    ("HTTP/1.1 200 OK\r\nconnection: x , Close\r\ncontent-length: 1\r\n\r\na", 200, "a", false),
    ("HTTP/1.1 200 OK\r\nconnection: close\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n", 200, "", false),
    ("HTTP/1.1 200 OK\r\nconnection: closed\r\ncontent-length: 0\r\n\r\n", 200, "", true),
    ("HTTP/1.1 200 OK\r\nupgrade: h2c\r\nconnection: upgrade\r\ncontent-length: 1\r\n\r\na", 200, "a", true),
    ("HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", 200, "a", false),
    ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na", 200, "a", true),
    ("HTTP/1.0 200 OK\r\nconnection: keep-alive, close\r\ncontent-length: 1\r\n\r\na", 200, "a", false),
    (
        "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        200,
        "a",
        false,
    ),
    // Without a body, whatever the head says.
    ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
    ("HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n", 304, "", true),
    ("HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", 304, "", true),
    // Interim answers.
    (
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nx: 0\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na",
        200,
        "a",
        true,
    ),
    ("HTTP/1.1 103 Early Hints\r\nconnection: close\r\n\r\nHTTP/1.1 204 \r\n\r\n", 204, "", true),
    // Bytes that belong to no request.
    ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab", 200, "a", false),
    ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na\r\n", 200, "a", false),
    ("HTTP/1.1 204 \r\n\r\nHTTP/1.1 204 \r\n\r\n", 204, "", false),
    ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n\0", 200, "", false),
];

#[test]
fn an_answer_is_the_same_however_it_is_cut() {
    for &(data, status, body, is_reusable) in ANSWERS {
        let answer = read_in_every_way(data.as_bytes());
        let expected = (status, body.as_bytes(), is_reusable, None);
        assert_eq!((answer.status, answer.body.as_slice(), answer.is_reusable, answer.fault), expected, "{data:?}");
    }
}

#[test]
fn fields_are_as_they_came() {
    let data =
        b"HTTP/1.1 200 OK\r\nX-Req: \t a b \t \r\nempty:\r\nblank: \r\nx: \xe9\r\nx: 2\r\ncontent-length: 0\r\n\r\n";
    let fields: &[(&[u8], &[u8])] = &[
        (b"X-Req", b"a b"),
        (b"empty", b""),
        (b"blank", b""),
        (b"x", b"\xe9"),
        (b"x", b"2"),
        (b"content-length", b"0"),
    ];
    let answer = read_in_every_way(data);
    assert!(answer.fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).eq(fields.iter().copied()));
    let mut reader = ResponseReader::default();
    reader.feed(data);
    assert_eq!(
        (reader.field("x"), reader.field("x-req"), reader.field("y")),
        (Some(&b"2"[..]), Some(&b"a b"[..]), None)
    );
    assert_eq!(aiclient_http::latin1(b"\xc3\xa9"), "\u{c3}\u{a9}");
}

#[test]
fn a_body_in_one_piece_is_not_copied() {
    let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut reader = ResponseReader::default();
    reader.feed(head);
    let data = b"3\r\nabc\r\n";
    assert_eq!(reader.feed(data).as_ptr(), data[3..].as_ptr());
    assert_eq!(reader.feed(b"1\r\nd\r\n2\r\nef\r\n1\r\ng"), b"defg");
    assert_eq!(reader.stage(), Stage::Body);
}

#[test]
fn an_answer_leaves_nothing_to_the_next_one() {
    let mut reader = ResponseReader::default();
    for &(data, status, body, is_reusable) in ANSWERS {
        assert_eq!((reader.stage(), reader.status(), reader.has_begun()), (Stage::Head, 0, false));
        assert_eq!(reader.fields().count(), 0);
        assert_eq!(reader.feed(data.as_bytes()), body.as_bytes(), "{data:?}");
        assert!(reader.has_begun());
        assert_eq!((reader.status(), reader.is_reusable()), (status, is_reusable), "{data:?}");
        reader.next();
    }
}

#[test]
fn an_answer_has_begun_with_its_first_byte() {
    for data in ["H", "\r", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let mut reader = ResponseReader::default();
        assert!(!reader.has_begun());
        reader.feed(data.as_bytes());
        assert_eq!((reader.has_begun(), reader.status(), reader.stage()), (true, 0, Stage::Head), "{data:?}");
    }
}
