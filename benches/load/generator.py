"""The load generator, in a process of its own: reads a job from its input, says when it is warm, then what it found.

    python -m benches.load.generator < job

Prints a line when it is warm and waits for one, so that whoever started it can read the server's clocks; then the
findings as JSON.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict
from http import HTTPStatus
from typing import cast

import httptools
import uvloop

from benches.load.job import Expectation, Findings, Job

# Of each kind of time, as many are kept as a percentile needs.
KEPT = 20_000
# An answer that takes longer is an error.
PATIENCE = 60.0


class Client(asyncio.Protocol):
    """One connection of the closed loop."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._asking = False
        self._sent = self._last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        """Send the next request, if one is left."""
        if self._transport.is_closing() or not self._run.take(self):
            return
        self._asking, self._body, self._last = True, [], 0.0
        self._sent = time.perf_counter()
        self._transport.write(self._run.request)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._run.fail("not HTTP")
            self._transport.abort()

    def on_body(self, body: bytes) -> None:
        now = time.perf_counter()
        if self._last:
            self._run.record("gaps", now - self._last)
        else:
            self._run.record("first_bytes", now - self._sent)
        self._last = now
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._run.record("latencies", time.perf_counter() - self._sent)
        self._asking = False
        self._run.answered(self._parser.get_status_code(), b"".join(self._body))
        # The parser must not be fed while it calls.
        again = self.ask if self._parser.should_keep_alive() else self._transport.close
        asyncio.get_running_loop().call_soon(again)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        self._run.lost(self, unanswered=self._asking)


class Run:
    """All connections, through the warm-up and the measurement.

    A phase has requests to send; it is over when all of them were sent and answered, so that no work of the server is
    left out of its findings.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.request = job.request.encode()
        self.findings = Findings()
        self._word = job.expect.word.encode()
        self._terminal = job.expect.terminal.encode()
        self._idle: set[Client] = set()
        self._left = self._under_way = 0
        self._over = asyncio.Event()
        self._reopening: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """Open every connection."""
        for _ in range(self.job.connections):
            await self._open_one()

    async def phase(self, answers: int, seconds: float) -> Findings:
        """Send requests until there were so many, or the time is over; what was found."""
        self.findings = Findings()
        self._left = answers or sys.maxsize
        self._over.clear()
        began = time.perf_counter()
        waiting, self._idle = self._idle, set()
        for client in waiting:
            client.ask()
        await self._wait(seconds or PATIENCE)
        self._left = 0
        if self._under_way and not await self._wait(PATIENCE):
            self.fail("no answer")
        self.findings.seconds = time.perf_counter() - began
        return self.findings

    async def _wait(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self._over.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def take(self, client: Client) -> bool:
        """Whether the client is to send a request; one that is not waits for the next phase."""
        if self._left == 0:
            self._idle.add(client)
            return False
        self._left -= 1
        self._under_way += 1
        return True

    def record(self, kind: str, seconds: float) -> None:
        """Keep a time."""
        times: list[float] = getattr(self.findings, kind)
        if len(times) < KEPT:
            times.append(round(seconds * 1e6, 1))

    def answered(self, status: int, body: bytes) -> None:
        """Count an answer by whether it is good."""
        if problem := self._problem(status, body):
            self.fail(problem)
        else:
            self.findings.answers += 1
            self.findings.events += body.count(b"data:")
        self._settle()

    def _problem(self, status: int, body: bytes) -> str | None:
        if status != HTTPStatus.OK:
            return f"status {status}"
        words = body.count(self._word)
        if words < self.job.expect.words:
            return f"{words} of {self.job.expect.words} words"
        return None if self._terminal in body else "no end of the stream"

    def fail(self, what: str) -> None:
        """Count what went wrong."""
        self.findings.errors[what] = self.findings.errors.get(what, 0) + 1

    def lost(self, client: Client, *, unanswered: bool) -> None:
        """A connection was closed: another one takes its place."""
        self._idle.discard(client)
        if unanswered:
            self.fail("connection lost")
            self._settle()
        task = asyncio.get_running_loop().create_task(self._open_one())
        self._reopening.add(task)
        task.add_done_callback(self._reopening.discard)

    def _settle(self) -> None:
        self._under_way -= 1
        if self._under_way == 0 and self._left == 0:
            self._over.set()

    async def _open_one(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: Client(self), "127.0.0.1", self.job.port)
        except OSError:
            self.fail("no connection")


async def main() -> None:
    """Do the job that stands in the first line of the input."""
    given = json.loads(sys.stdin.readline())
    job = Job(**{**given, "expect": Expectation(**given["expect"])})
    run = Run(job)
    await run.connect()
    warm = await run.phase(job.warm_up, 0)
    print(json.dumps({"warm": warm.errors}), flush=True)
    sys.stdin.readline()
    findings = await run.phase(job.answers, job.seconds)
    print(json.dumps(asdict(findings)), flush=True)


if __name__ == "__main__":
    uvloop.run(main())
