"""What goes out: request lines and headers, byte by byte."""

import pytest

from aiclient.upstream.http.request import request_head
from aiclient.upstream.http.target import target_of

KEY = ("authorization", "Bearer k")


@pytest.mark.parametrize(
    ("url", "line", "host"),
    [
        ("http://a.example", "POST / HTTP/1.1", "a.example"),
        ("http://a.example:80/x", "POST /x HTTP/1.1", "a.example"),
        ("https://a.example:443/x", "POST /x HTTP/1.1", "a.example"),
        ("http://A.Example:8080/x?a=b&c", "POST /x?a=b&c HTTP/1.1", "a.example:8080"),
        ("http://[::1]:8080/x", "POST /x HTTP/1.1", "[::1]:8080"),
        ("https://[2001:db8::1]/", "POST / HTTP/1.1", "[2001:db8::1]"),
        ("http://a/models/m%2Fn:generate@1", "POST /models/m%2Fn:generate@1 HTTP/1.1", "a"),
        ("http://a/x y?b=c d", "POST /x%20y?b=c%20d HTTP/1.1", "a"),
        ("http://a/\u4f60?b=\xe9", "POST /%E4%BD%A0?b=%C3%A9 HTTP/1.1", "a"),
        ("http://b\xfccher.example/", "POST / HTTP/1.1", "xn--bcher-kva.example"),
        ("http://a/x#fragment", "POST /x HTTP/1.1", "a"),
    ],
)
def test_address(url: str, line: str, host: str) -> None:
    expected = f"{line}\r\nhost: {host}\r\nauthorization: Bearer k\r\ncontent-length: "
    assert request_head("POST", target_of(url), [KEY]) == expected.encode()


def test_a_host_of_ones_own() -> None:
    head = request_head("POST", target_of("http://10.0.0.1/"), [KEY, ("Host", "a.example")])
    assert head == b"POST / HTTP/1.1\r\nauthorization: Bearer k\r\nhost: a.example\r\ncontent-length: "


@pytest.mark.parametrize(
    "header",
    [
        ("x", "a\r\nx-key: b"),
        ("x", "a\nb"),
        ("x", "a\x00"),
        ("x", "\u4f60"),
        ("x y", "a"),
        ("x:", "a"),
        ("", "a"),
        ("x\r\n", "a"),
        ("Content-Length", "1"),
        ("transfer-encoding", "chunked"),
    ],
)
def test_a_header_cannot_be_more_than_one(header: tuple[str, str]) -> None:
    """And what it says is not shown, since it may be a key."""
    with pytest.raises(ValueError, match="header") as raised:
        request_head("POST", target_of("http://a/"), [KEY, header])
    assert "x-key" not in str(raised.value)


@pytest.mark.parametrize("method", ["HEAD", "CONNECT", "GET /", "G\r\n", ""])
def test_a_method_that_is_none(method: str) -> None:
    with pytest.raises(ValueError, match="a request cannot be"):
        request_head(method, target_of("http://a/"), [])
