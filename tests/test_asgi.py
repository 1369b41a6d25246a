"""Reading a body, writing headers, and noticing that a client has left."""

import pytest

from aiclient import asgi
from aiclient.asgi import ClientGoneError, Request, header_value
from aiclient.errors import MalformedError, RequestError
from tests.application import Client, scope

LIMIT = 10


def request(client: Client, *headers: tuple[str, str]) -> Request:
    return Request(scope("POST", "/", headers), client.receive)


@pytest.mark.parametrize("chunks", [[], [b""], [b"whole"], [b"in ", b"two"], [b"x" * LIMIT]])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_is_read_whole(chunks: list[bytes], announced: bool) -> None:
    body = b"".join(chunks)
    headers = [("content-length", str(len(body)))] if announced else []
    assert await request(Client(*chunks), *headers).body(LIMIT) == body


async def test_the_message_that_says_only_that_a_body_is_over_is_not_waited_for() -> None:
    """Each message is a thread hop under granian."""
    client = Client(b"whole")
    await request(client, ("content-length", "5")).body(LIMIT)
    assert await client.receive() == {"type": "http.request", "body": b"", "more_body": False}


@pytest.mark.parametrize(
    "headers",
    [[("content-length", "11")], [("content-length", "3")], []],
    ids=["announced", "announced-less", "not-announced"],
)
async def test_a_body_too_large(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(RequestError, match="10") as raised:
        await request(Client(b"x" * 6, b"x" * 5), *headers).body(LIMIT)
    assert raised.value.status == 413


@pytest.mark.parametrize("length", ["", "ten", "-1", "1.5", "1e3"])
async def test_a_length_that_is_no_number(length: str) -> None:
    with pytest.raises(MalformedError, match="content-length"):
        await request(Client(b"x"), ("content-length", length)).body(LIMIT)


async def test_a_client_that_leaves_while_it_sends() -> None:
    async def receive() -> asgi.Message:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGoneError):
        await Request(scope("POST", "/", [("content-length", "9")]), receive).body(LIMIT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", b"plain"),
        ("a\r\nset-cookie: b", b"a??set-cookie: b"),
        ("é", b"\xe9"),
        ("模型", b"??"),
        ("\x00\x7f", b"??"),
    ],
)
def test_a_header_stays_on_its_line(text: str, value: bytes) -> None:
    assert header_value(text) == value
