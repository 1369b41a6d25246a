"""The exceptions: which tree, which status, and what they carry."""

import pytest

import aiclient
from aiclient import errors
from aiclient.errors import AIClientError, RequestError, UpstreamError


@pytest.mark.parametrize(
    ("name", "parent", "status"),
    [
        ("MalformedError", RequestError, 400),
        ("UnsupportedError", RequestError, 400),
        ("AuthenticationError", RequestError, 401),
        ("UnknownModelError", RequestError, 404),
        ("UpstreamConnectError", UpstreamError, 502),
        ("UpstreamTimeoutError", UpstreamError, 504),
        ("UpstreamStatusError", UpstreamError, 502),
        ("UpstreamProtocolError", UpstreamError, 502),
    ],
)
def test_each_has_its_status(name: str, parent: type[AIClientError], status: int) -> None:
    error = getattr(errors, name)("what happened", pointer="/model")
    assert isinstance(error, parent)
    assert isinstance(error, AIClientError)
    assert (error.status, error.message, error.pointer, str(error)) == (
        status,
        "what happened",
        "/model",
        "what happened",
    )


def test_an_upstream_status_can_be_given() -> None:
    error = errors.UpstreamStatusError("slow down", status=429)
    assert (error.status, errors.UpstreamStatusError.status, error.pointer) == (429, 502, None)


def test_all_are_errors_of_the_gateway() -> None:
    public = [getattr(errors, name) for name in errors.__all__]
    assert all(issubclass(error, AIClientError) for error in public if isinstance(error, type))


def test_the_native_module_raises_them() -> None:
    translator = aiclient.Translator(client="openai_chat", upstream="anthropic", exchange_id="x", created=0)
    with pytest.raises(errors.MalformedError, match="/messages") as caught:
        translator.request(b'{"model": "m", "messages": 3}', model="m", stream=False)
    assert caught.value.pointer == "/messages"
