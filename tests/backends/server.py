"""A backend on a port of its own, in a thread: a vendor's wire over real HTTP."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Self

from aiohttp import web

from tests.backends.checks import Invalid
from tests.backends.exchange import Answer, Arrival, Fault, Question
from tests.backends.keys import CLIENT_KEY
from tests.backends.scenarios import play
from tests.backends.wire import Wire

MAX_BODY = 64 * 1024 * 1024
STREAM_TYPES = {"sse": "text/event-stream", "json_array": "application/json"}


class Backend:
    """Serves one wire while its `with` block runs, and keeps every request it gets."""

    def __init__(self, wire: Wire, play: Callable[[Question], Answer | Fault] = play) -> None:
        self.wire = wire
        self._play = play
        self.arrivals: list[Arrival] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)

    @property
    def origin(self) -> str:
        """Where it listens, without a path."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError(f"the {self.wire.dialect} backend does not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        application = web.Application(client_max_size=MAX_BODY)
        application.router.add_post(self.wire.route, self._serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrival = Arrival(request.path, dict(request.query), headers, json.loads(await request.read()))
        self.arrivals.append(arrival)
        status = self.wire.error_status(arrival)
        if status is not None:
            return self._refuse(Fault(status, "the key is wrong"))
        try:
            self._check_secrecy(arrival)
            question = self.wire.read(arrival)
            outcome = self._play(question)
        except Invalid as error:
            return self._refuse(Fault(400, str(error)))
        if isinstance(outcome, Fault):
            return self._refuse(outcome)
        if question.stream:
            return await self._stream(request, question, outcome)
        body = json.dumps(self.wire.write_whole(question, outcome), ensure_ascii=False).encode()
        if outcome.cut in {"connection", "body"}:
            return await self._break_off(request, body)
        return web.Response(body=body, content_type="application/json")

    def _check_secrecy(self, arrival: Arrival) -> None:
        """What a client shows to the gateway is not for the backend."""
        shown = [*arrival.headers.values(), *arrival.query.values()]
        if any(CLIENT_KEY in value for value in shown) or "cookie" in arrival.headers:
            raise Invalid("headers", "free of the client's own secrets")

    def _refuse(self, fault: Fault) -> web.Response:
        envelope = self.wire.write_error(fault.status, fault.message, fault.retry_after)
        says_it_in_body = "RetryInfo" in json.dumps(envelope)
        wait = {} if fault.retry_after is None or says_it_in_body else {"retry-after": str(fault.retry_after)}
        return web.json_response(envelope, status=fault.status, headers=wait)

    async def _stream(self, request: web.Request, question: Question, answer: Answer) -> web.StreamResponse:
        frames = self.wire.write_stream(question, answer)
        response = web.StreamResponse(headers={"content-type": STREAM_TYPES[question.framing]})
        response.enable_chunked_encoding()
        await response.prepare(request)
        sent = frames if answer.cut is None else frames[: len(frames) // 2]
        for frame in sent:
            await response.write(frame)
        if answer.cut == "connection":
            await response.write(frames[len(sent)][:20])
            _abort(request)
        elif answer.cut == "error":
            for frame in self.wire.write_break(question, answer, len(sent)):
                await response.write(frame)
        await response.write_eof()
        return response

    async def _break_off(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Send half of a body whose length was announced."""
        response = web.StreamResponse(headers={"content-type": "application/json", "content-length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        _abort(request)
        return response


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        # Not `abort()`: what was written is still to go out.
        request.transport.close()
