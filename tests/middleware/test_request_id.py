"""Names of exchanges."""

import re

import pytest

from aiclient.asgi import Request
from aiclient.middleware.request_id import request_id
from tests.application import Client, scope


def named(*headers: tuple[str, str]) -> str:
    return request_id(Request(scope("GET", "/", headers), Client().receive))


def test_a_sane_name_is_kept() -> None:
    assert named(("x-request-id", "Req_1.2-3x")) == "Req_1.2-3x"


@pytest.mark.parametrize("given", [None, "", "short", "x" * 65, "has a space", "a\tb45678", "12345678\n", "ñññññññññ"])
def test_any_other_is_replaced(given: str | None) -> None:
    """It stands in headers, logs and ids of replies."""
    headers = [] if given is None else [("x-request-id", given)]
    made = named(*headers)
    assert re.fullmatch(r"[0-9a-f]{32}", made)
    assert made != named(*headers)
