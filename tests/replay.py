"""Recorded traffic of vendors, served to the running gateway and read back in every client's dialect.

    python -m tests.replay --recorded FOLDER --oracle FOLDER [--from DIALECT] [--to DIALECT] [--show N]

`--recorded` holds `manifest.jsonl` and the bodies, `--oracle` the modules `oracle` (what a reply says) and `samples`
(what can be judged). Three cases: a reply as it was; an error as it was (status 400 and up), which must come in the
client's own envelope; and a stream that ends at 60 %, of which every client must be told. Exits 1 if anything failed.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import importlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2 as httpx

from tests.backends.keys import CLIENT_KEY
from tests.gateway import running_gateway
from tests.process import free_port
from tests.scripted_server import answer, chunk, chunked_head

DIALECTS = ("openai_chat", "openai_responses", "anthropic", "gemini")
PATHS = {"openai_chat": "/v1/chat/completions", "openai_responses": "/v1/responses", "anthropic": "/v1/messages"}
# What each client asks; thoughts are to be shown, so that all of a reply can be judged.
ASKED: dict[str, dict[str, Any]] = {
    "openai_chat": {"messages": [{"role": "user", "content": "Q"}], "stream_options": {"include_usage": True}},
    "openai_responses": {"input": "Q", "reasoning": {"summary": "auto"}, "include": ["reasoning.encrypted_content"]},
    "anthropic": {
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": "Q"}],
        "thinking": {"type": "adaptive"},
    },
    "gemini": {
        "contents": [{"role": "user", "parts": [{"text": "Q"}]}],
        "generationConfig": {"thinkingConfig": {"includeThoughts": True}},
    },
}
AT_ONCE = 8
_NUMBER = re.compile(rb"sample-(\d+)-")


@dataclass(frozen=True)
class Case:
    """A recorded body, and how it is served."""

    name: str
    dialect: str
    stream: bool
    status: int
    served: bytes
    whole: bytes
    is_cut: bool = False

    @property
    def kind(self) -> str:
        """Which of the three cases it is."""
        return "error" if self.status >= 400 else "cut" if self.is_cut else "reply"


def cases(folder: Path, samples: ModuleType) -> Iterator[Case]:
    """Every recorded reply that can be judged across dialects, and each stream again without its end."""
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        body = (folder / entry["dialect"] / entry["file"]).read_bytes()
        stream = entry["kind"] == "sse"
        if not samples.generates(entry["url"]) or samples.odd(entry["dialect"], entry["kind"], entry["status"], body):
            continue
        case = Case(entry["name"], entry["dialect"], stream, entry["status"], body, body)
        yield case
        if case.kind == "reply" and stream:
            yield Case(case.name, case.dialect, stream, case.status, body[: len(body) * 6 // 10], body, is_cut=True)


async def serve(served: list[Case], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """An upstream that answers with the sample whose number the model's name has."""
    while not reader.at_eof():
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            break
        length = re.search(rb"(?i)content-length: *(\d+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        number = _NUMBER.search(head) or _NUMBER.search(body)
        assert number is not None
        case = served[int(number[1])]
        if case.stream and case.status < 400:
            writer.write(chunked_head("content-type: text/event-stream"))
            writer.writelines(chunk(case.served[at : at + 1500]) for at in range(0, len(case.served), 1500))
            writer.write(chunk(b""))
        else:
            writer.write(answer(case.served, "content-type: application/json", status=f"{case.status} X"))
        await writer.drain()
    writer.close()


async def ask(http: httpx.AsyncClient, case: Case, number: int, client: str) -> httpx.Response:
    """The gateway's answer in a client's dialect."""
    model = f"sample-{number}-"
    body = dict(ASKED[client])
    if client == "gemini":
        verb = "streamGenerateContent?alt=sse" if case.stream else "generateContent"
        path = f"/v1beta/models/{model}:{verb}"
    else:
        path = PATHS[client]
        body |= {"model": model, "stream": case.stream}
    if client == "openai_chat" and not case.stream:
        del body["stream_options"]
    return await http.post(f"/{case.dialect}{path}", json=body)


def has_envelope(client: str, body: bytes) -> bool:
    """Whether a client finds its error."""
    try:
        error = json.loads(body)["error"]
        fields = {"anthropic": ("type", "message"), "gemini": ("code", "message", "status")}.get(client, ("message",))
        return all(error[field] for field in fields) and (client != "anthropic" or json.loads(body)["type"] == "error")
    except (ValueError, KeyError, TypeError):
        return False


class Judge:
    """Says what is wrong with an answer."""

    def __init__(self, oracle: ModuleType, samples: ModuleType) -> None:
        self._oracle = oracle
        self._samples = samples

    def faults(self, case: Case, client: str, response: httpx.Response) -> list[str]:
        """Why the answer is not right; nothing if it is."""
        if case.status >= 400:
            told = response.status_code >= 400 and has_envelope(client, response.content)
            return [] if told else [f"status {response.status_code}, no envelope of {client}"]
        kind = "sse" if case.stream else "json"
        want = self._oracle.read(case.dialect, kind, self._samples.without_done(case.dialect, case.whole.decode()))
        if response.status_code >= 400:
            told = case.is_cut or bool(want.error)
            return [] if told and has_envelope(client, response.content) else [f"status {response.status_code}"]
        text = self._samples.without_done(client, response.text)
        got = self._oracle.read(client, kind, text)
        if case.is_cut:
            served = case.served.decode(errors="ignore")
            over = self._oracle.read(case.dialect, kind, self._samples.without_done(case.dialect, served)).finish
            return [] if got.error or over else ["the end that is missing is not told"]
        if want.error or got.error:
            return [] if want.error and got.error else ["an error on one side only"]
        grammar = self._oracle.grammar(client, text) if case.stream and client != case.dialect else []
        differences = self._oracle.differences(want, got)
        return grammar + list(self._samples.forgive(case.dialect, case.whole, client, want, got, differences))


async def replay(chosen: list[Case], clients: list[str], judge: Judge, origin: str, show: int) -> int:
    """Ask for every sample in every dialect, and print what came of it."""
    tally: collections.Counter[tuple[str, str, str, bool]] = collections.Counter()
    shown = 0
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(http: httpx.AsyncClient, number: int, client: str) -> None:
        nonlocal shown
        case = chosen[number]
        async with gate:
            response = await ask(http, case, number, client)
        faults = judge.faults(case, client, response)
        tally[case.dialect, client, case.kind, not faults] += 1
        if faults and shown < show:
            shown += 1
            print(f"{case.dialect} -> {client} {case.kind} {case.name}: {'; '.join(faults)[:300]}")

    headers = {"authorization": f"Bearer {CLIENT_KEY}"}
    async with httpx.AsyncClient(base_url=origin, headers=headers, timeout=60, trust_env=False) as http:
        await asyncio.gather(*(one(http, number, client) for number in range(len(chosen)) for client in clients))
    for kind in ("reply", "cut", "error"):
        for dialect in DIALECTS:
            row = [
                f"{client} {good}/{good + tally[dialect, client, kind, False]}"
                for client in clients
                if (good := tally[dialect, client, kind, True]) + tally[dialect, client, kind, False]
            ]
            if row:
                print(f"{kind} from {dialect}: {', '.join(row)}")
    failed = sum(count for (*_, good), count in tally.items() if not good)
    print(f"{tally.total() - failed} passed, {failed} failed")
    return 1 if failed or not tally else 0


async def run(arguments: argparse.Namespace) -> int:
    """Start the upstream and the gateway, and replay."""
    sys.path.insert(0, str(arguments.oracle))
    oracle, samples = importlib.import_module("oracle"), importlib.import_module("samples")
    chosen = [case for case in cases(arguments.recorded, samples) if arguments.upstream in {None, case.dialect}]
    port = free_port()
    server = await asyncio.start_server(lambda reader, writer: serve(chosen, reader, writer), "127.0.0.1", port)
    origin = f"http://127.0.0.1:{port}"
    providers = {
        dialect: {
            "dialect": dialect,
            "base_url": origin + ("/v1" if dialect.startswith("openai") else ""),
            "api_keys": ["upstream"],
        }
        for dialect in DIALECTS
    }
    clients = [arguments.client] if arguments.client else list(DIALECTS)
    judge = Judge(oracle, samples)

    def against_a_gateway() -> int:
        with tempfile.TemporaryDirectory() as folder, running_gateway(Path(folder), providers) as gateway:
            return asyncio.run(replay(chosen, clients, judge, gateway.origin, arguments.show))

    async with server:
        return await asyncio.to_thread(against_a_gateway)


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description="Replay recorded traffic through the running gateway.")
    parser.add_argument("--recorded", type=Path, required=True, help="folder with manifest.jsonl and the bodies")
    parser.add_argument("--oracle", type=Path, required=True, help="folder with the modules oracle and samples")
    parser.add_argument("--from", dest="upstream", choices=DIALECTS)
    parser.add_argument("--to", dest="client", choices=DIALECTS)
    parser.add_argument("--show", type=int, default=15, help="failures to print")
    return asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
