"""The servers under load, each started in a process group of its own and ended again; all on 127.0.0.1."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benches.samples import DIALECTS, Dialect

START_SECONDS = 60.0
STOP_SECONDS = 15.0

Pair = tuple[Dialect, Dialect]


@dataclass(frozen=True)
class Server:
    """A server that listens."""

    name: str
    port: int
    # The process whose tree is measured; none: there is nobody between client and upstream.
    pid: int | None
    pairs: tuple[Pair, ...]
    # What clients call the model of each upstream.
    models: Mapping[Dialect, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    # Beside the path of the dialect, for servers that have it elsewhere.
    prefix: str = ""
    workers: int = 1


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def process(command: Sequence[str | Path], port: int, folder: Path, **environment: str) -> Iterator[int]:
    """Start a server and wait until it listens; its process id."""
    log = folder / f"{port}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=folder, env={**os.environ, **environment}
        )
    try:
        _wait(child, port, log)
        yield child.pid
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{child.args!r} does not listen on port {port}:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def mock(folder: Path) -> Iterator[Server]:
    """The upstream; asked directly, it is what every latency is compared with."""
    port = free_port()
    root = str(Path(__file__).parents[2])
    with process([sys.executable, "-m", "benches.load.mock", str(port)], port, folder, PYTHONPATH=root):
        yield Server("direct", port, None, tuple((dialect, dialect) for dialect in DIALECTS))


@contextlib.contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Server | None]:
    """A plain proxy, which reads no JSON: the floor. None if it is not installed."""
    executable = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if executable is None:
        yield None
        return
    port = free_port()
    (folder / "nginx.conf").write_text(_NGINX.replace("FOLDER", str(folder)) % {"port": port, "upstream": upstream})
    with process([executable, "-c", folder / "nginx.conf"], port, folder) as pid:
        yield Server("nginx", port, pid, tuple((dialect, dialect) for dialect in DIALECTS))


_NGINX = """\
daemon off; worker_processes 1; pid FOLDER/nginx.pid; error_log FOLDER/nginx.log warn;
events { worker_connections 8192; }
http {
  access_log off; tcp_nodelay on; keepalive_requests 100000000; client_body_buffer_size 128k;
  client_body_temp_path FOLDER; proxy_temp_path FOLDER; fastcgi_temp_path FOLDER;
  uwsgi_temp_path FOLDER; scgi_temp_path FOLDER;
  upstream mock { server 127.0.0.1:%(upstream)d; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:%(port)d backlog=2048;
    location / { proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}
"""


@contextlib.contextmanager
def gateway(folder: Path, upstream: int, pairs: Sequence[Pair], workers: int) -> Iterator[Server]:
    """aiclient, with a provider of each dialect."""
    port = free_port()
    origin = f"http://127.0.0.1:{upstream}"
    bases = {"openai_chat": f"{origin}/v1", "openai_responses": f"{origin}/v1"}
    configuration = {
        "server": {"host": "127.0.0.1", "port": port, "workers": workers},
        "providers": {
            dialect: {"dialect": dialect, "base_url": bases.get(dialect, origin), "api_keys": ["k"]}
            for dialect in DIALECTS
        },
        "models": {f"to-{dialect}": {"targets": [f"{dialect}/m"]} for dialect in DIALECTS},
    }
    # JSON is YAML.
    path = folder / f"aiclient-{workers}.yaml"
    path.write_text(json.dumps(configuration))
    executable = Path(sys.executable).with_name("aiclient")
    name = "aiclient" if workers == 1 else f"aiclient x {workers}"
    with process([executable, "serve", "--config", path], port, folder) as pid:
        models: dict[Dialect, str] = {dialect: f"to-{dialect}" for dialect in DIALECTS}
        yield Server(name, port, pid, tuple(pairs), models, workers=workers)
