"""Whether a client may use the gateway."""

import pytest

from aiclient.asgi import Request
from aiclient.errors import AuthenticationError
from aiclient.middleware.authentication import ClientKeys
from tests.application import Client, scope

KEYS = ClientKeys(["sk-first", "sk-second"])


def request(query: str = "", *headers: tuple[str, str]) -> Request:
    return Request(scope("POST", f"/{query}", headers), Client().receive)


@pytest.mark.parametrize(
    "offered",
    [
        request("", ("authorization", "Bearer sk-first")),
        request("", ("authorization", "bearer  sk-second")),
        request("", ("x-api-key", "sk-second")),
        request("", ("x-goog-api-key", "sk-first")),
        request("?key=sk-first"),
        request("?alt=sse&k%65y=sk%2Dfirst"),
        # Claude Code may send both; one that is right is enough.
        request("", ("x-api-key", "wrong"), ("authorization", "Bearer sk-first")),
    ],
    ids=lambda offered: f"{offered.headers}{offered.query_string}",
)
def test_a_key_is_found_where_sdks_put_it(offered: Request) -> None:
    KEYS.check(offered)


@pytest.mark.parametrize(
    "offered",
    [
        request(),
        request("", ("authorization", "")),
        request("", ("authorization", "Bearer ")),
        request("", ("authorization", "Basic sk-first")),
        request("", ("authorization", "sk-first")),
        request("", ("x-api-key", "sk-firs")),
        request("", ("x-api-key", "sk-firstx")),
        request("", ("x-api-key", "\xff\xfe")),
        request("?key="),
        request("?keys=sk-first"),
        request("", ("cookie", "key=sk-first")),
    ],
    ids=lambda offered: f"{offered.headers}{offered.query_string}",
)
def test_without_a_key_nothing_is_served(offered: Request) -> None:
    with pytest.raises(AuthenticationError) as raised:
        KEYS.check(offered)
    assert raised.value.status == 401
    assert "sk-" not in raised.value.message


def test_without_any_keys_everybody_is_served() -> None:
    ClientKeys([]).check(request())
