"""For those who come with an admin key: reload the configuration, see how all workers stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from aiclient.asgi import Answer, Request, Send
from aiclient.configuration import ConfigError
from aiclient.errors import AuthenticationError
from aiclient.middleware.authentication import ClientKeys
from aiclient.middleware.request_id import request_id
from aiclient.peers import standings

if TYPE_CHECKING:
    from aiclient.reloading import ReloadableGateway

__all__ = ["PATHS", "RELOAD_PATH", "STATUS_PATH", "answer"]

RELOAD_PATH = "/admin/reload"
STATUS_PATH = "/admin/status"
PATHS = frozenset({RELOAD_PATH, STATUS_PATH})

_METHODS = {RELOAD_PATH: "POST", STATUS_PATH: "GET"}
_JSON = [(b"content-type", b"application/json")]


async def answer(gateway: ReloadableGateway, request: Request, send: Send) -> None:
    """Do what an administrator asks."""
    told = Answer(send, request_id(request))
    method = _METHODS[request.path]
    try:
        ClientKeys(gateway.admin_keys).check(request)
    except AuthenticationError as error:
        await told.whole(error.status, _said("refused", error.message), _JSON)
        return
    if request.method != method:
        await told.whole(405, _said("refused", f"expected {method}"), [*_JSON, (b"allow", method.encode())])
    elif request.path == STATUS_PATH:
        await told.whole(200, await _status(gateway), _JSON)
    else:
        await _reload(gateway, told)


async def _reload(gateway: ReloadableGateway, told: Answer) -> None:
    try:
        gateway.reload_all()
    except ConfigError as error:
        await told.whole(422, _said("refused", *str(error).splitlines()), _JSON)
        return
    await told.whole(200, _said("reloaded"), _JSON)


async def _status(gateway: ReloadableGateway) -> bytes:
    return orjson.dumps({"workers": standings(await gateway.reports())})


def _said(status: str, *problems: str) -> bytes:
    return orjson.dumps({"status": status, "problems": problems} if problems else {"status": status})
