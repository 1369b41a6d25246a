"""Against a real server: what nginx does with connections is what most upstreams' front doors do."""

import asyncio
import contextlib
import gzip
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiclient.upstream.http import HttpClient
from tests.process import free_port
from tests.upstream.http.hostile import HEADERS, LIMITS, post, post_whole

NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
PAGE = b"data: {}\n\n" * 10_000
CONFIGURATION = """\
{user} worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off; client_max_body_size 1m; gzip on; gzip_min_length 1; gzip_types *; gzip_proxied any;
  {paths}
  keepalive_requests 5;
  server {{
    listen 127.0.0.1:{port};
    location /moved {{ return 307 http://127.0.0.1:1/; }}
    location /hints {{ add_header x-many "{long}"; return 200 "ok"; }}
    location /pages/ {{ alias {folder}/pages/; index page; error_page 405 =200 $uri; }}
  }}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running nginx."""
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "pages").mkdir()
    (folder / "pages" / "page").write_bytes(PAGE)
    port = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    # Started by root it would read its pages as somebody else, who may not.
    user = "user root;" if os.geteuid() == 0 else ""
    text = CONFIGURATION.format(user=user, folder=folder, port=port, paths=paths, long="x" * 3000)
    (folder / "nginx.conf").write_text(text)
    with subprocess.Popen([str(NGINX), "-c", str(folder / "nginx.conf")]) as process:
        try:
            _wait_for(port, folder)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int, folder: Path) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.02)
    raise AssertionError((folder / "error.log").read_text())


async def ask(client: HttpClient, url: str) -> tuple[int, bytes]:
    """Status and body of what stands there."""
    response = await client.open("GET", url, [("accept-encoding", "identity")], b"", LIMITS)
    try:
        return response.status, await response.read(1 << 20)
    finally:
        response.close()


async def test_a_connection_that_serves_five_requests(client: HttpClient, origin: str) -> None:
    """And is then closed: nobody notices."""
    assert [await ask(client, f"{origin}/hints") for _ in range(23)] == [(200, b"ok")] * 23


async def test_a_crowd(client: HttpClient, origin: str) -> None:
    answers = await asyncio.gather(*(ask(client, f"{origin}/pages/page") for _ in range(40)))
    assert answers == [(200, PAGE)] * 40


async def test_compressed_all_the_same(client: HttpClient, origin: str) -> None:
    response = await client.open("GET", f"{origin}/pages/page", [("accept-encoding", "gzip")], b"", LIMITS)
    assert response.headers["content-encoding"] == "gzip"
    assert len(gzip.compress(PAGE)) < len(await response.read(1 << 20)) == len(PAGE)


async def test_a_body_that_is_refused(client: HttpClient, origin: str) -> None:
    """The server answers before it has read it, and closes."""
    response = await post(client, origin, body=b"x" * (8 << 20))
    assert response.status == 413
    response.close()
    assert (await ask(client, f"{origin}/hints"))[0] == 200


async def test_a_redirect(client: HttpClient, origin: str) -> None:
    response = await client.open("POST", f"{origin}/moved", HEADERS, b"{}", LIMITS)
    assert (response.status, response.headers["location"]) == (307, "http://127.0.0.1:1/")
    response.close()


async def test_half_an_answer(client: HttpClient, origin: str) -> None:
    response = await client.open("GET", f"{origin}/pages/page", HEADERS, b"", LIMITS)
    assert await response.chunk()
    response.close()
    assert b"404" in await post_whole(client, origin)
