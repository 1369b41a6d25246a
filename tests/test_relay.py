"""A stream on its way: what waits, what is joined, how it ends."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from aiclient import StreamTranslator, Translator, relay
from aiclient.asgi import Answer, Message
from aiclient.dialect import Dialect
from aiclient.errors import UpstreamError, UpstreamProtocolError, UpstreamStatusError, UpstreamTimeoutError
from aiclient.relay import StreamRelay
from aiclient.telemetry import Histogram
from aiclient.upstream.client import PushingResponse, Sink
from tests.application import Reply

HEAD = [(b"content-type", b"text/event-stream")]


def frame(content: str, finish: str = "null") -> bytes:
    return (
        b'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
        b'"delta":{"role":"assistant","content":"%s"},"finish_reason":%s}]}\n\n'
    ) % (content.encode(), finish.encode())


STREAM = [frame("Hel"), frame("lo"), frame("", '"stop"'), b"data: [DONE]\n\n"]
OVERLOADED = b'data: {"error":{"message":"overloaded","type":"server_error","code":503}}\n\n'


class Upstream:
    """Sends chunks, waits for seconds, raises errors."""

    status = 200
    headers: Mapping[str, str] = {}
    pushing = None

    def __init__(self, *steps: bytes | float | Exception) -> None:
        self._steps = list(steps)

    async def chunk(self) -> bytes:
        while self._steps:
            step = self._steps.pop(0)
            if isinstance(step, bytes):
                return step
            if isinstance(step, Exception):
                raise step
            await asyncio.sleep(step)
        return b""

    def read_at_once(self) -> None:
        """It is a stream."""

    async def read(self, limit: int) -> bytes:
        raise NotImplementedError

    def close(self) -> None:
        pass


def stream(client: Dialect = "openai_chat") -> StreamTranslator:
    translator = Translator(client=client, upstream="openai_chat", exchange_id="x" * 16, created=1)
    translator.request(_REQUESTS[client], model="m", stream=True)
    return translator.stream()


_REQUESTS: dict[Dialect, bytes] = {
    "openai_chat": b'{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}',
    "anthropic": b'{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
    "gemini": b'{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
}


async def relayed(
    steps: Sequence[bytes | float | Exception],
    translator: StreamTranslator | None = None,
    *,
    data_only: bool = False,
) -> Reply:
    reply = Reply()
    answer = Answer(reply.send, "request-id")
    upstream, translator = Upstream(*steps), translator or stream()
    carried = StreamRelay(upstream, translator, data_only=data_only)
    await carried.begin()
    if translator.failure is not None:
        raise UpstreamStatusError(translator.failure.message, status=translator.failure.status)
    await carried.run(answer, list(HEAD), Histogram([]))
    return reply


async def test_every_read_is_sent_once() -> None:
    """In the same dialect the bytes are the upstream's."""
    reply = await relayed([STREAM[0] + STREAM[1], STREAM[2] + STREAM[3]])
    assert (reply.status, reply.complete) == (200, True)
    assert [chunk for chunk in reply.chunks if chunk] == [STREAM[0] + STREAM[1], STREAM[2] + STREAM[3]]


@pytest.mark.parametrize("client", ["openai_chat", "anthropic", "gemini"])
async def test_a_failure_before_the_first_output_is_a_status(client: Dialect) -> None:
    """The head has not gone out, so the client's SDK may still retry."""
    with pytest.raises(UpstreamStatusError, match="overloaded") as raised:
        await relayed([OVERLOADED], stream(client))
    assert raised.value.status >= 500


@pytest.mark.parametrize("steps", [[], [b": comment\n\n"], [UpstreamProtocolError("broke off")]], ids=str)
async def test_an_end_before_the_first_output_is_a_status(steps: list[bytes | float | Exception]) -> None:
    with pytest.raises(UpstreamError) as raised:
        await relayed(steps, stream("anthropic"))
    assert raised.value.status == 502


CUTS: dict[str, list[bytes | float | Exception]] = {
    "end": [],
    "reset": [UpstreamProtocolError("broke off")],
    "error": [OVERLOADED],
    "error-and-more": [OVERLOADED, *STREAM],
    "half-a-frame": [STREAM[1][:-9]],
    "silence": [UpstreamTimeoutError("the upstream said nothing for 2 s")],
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize(
    ("client", "error", "stops"),
    [
        ("openai_chat", b'"error":', [b"[DONE]"]),
        ("anthropic", b"event: error", [b"message_stop", b"message_delta"]),
        ("gemini", b'"error":', [b"finishReason"]),
    ],
)
async def test_a_cut_is_an_error_and_no_stop(cut: str, client: Dialect, error: bytes, stops: list[bytes]) -> None:
    """An SDK that sees the stream just end would take half an answer for a whole one."""
    translator = stream(client)
    reply = await relayed([STREAM[0], *CUTS[cut]], translator)
    assert (reply.status, reply.complete) == (200, True)
    assert reply.body.count(error) == 1
    assert reply.body.index(b"Hel") < reply.body.index(error)
    assert not [stop for stop in stops if stop in reply.body]
    assert translator.failure is not None


@pytest.mark.parametrize("cut", CUTS)
async def test_a_client_that_skips_errors_gets_an_end_that_it_cannot_read(cut: str) -> None:
    reply = await relayed([*STREAM[:1], *CUTS[cut]], stream("gemini"), data_only=True)
    assert reply.body.endswith(b"broken off")


async def test_a_whole_answer_has_no_such_end() -> None:
    reply = await relayed(STREAM, stream("gemini"), data_only=True)
    assert b"broken off" not in reply.body


@pytest.fixture
def _frequent_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "PING_EVERY", 0.05)


@pytest.mark.usefixtures("_frequent_pings")
@pytest.mark.parametrize(
    ("client", "ping"), [("openai_chat", b":"), ("anthropic", b"event: ping"), ("gemini", b"\r\n")]
)
async def test_silence_is_bridged_after_the_head(client: Dialect, ping: bytes) -> None:
    """Nothing goes out before the first output; what goes out then is no part of the answer."""
    quiet = await relayed([0.15, *STREAM], stream(client))
    bridged = await relayed([STREAM[0], 0.15, *STREAM[1:]], stream(client))
    added = [chunk for chunk in bridged.chunks if chunk not in quiet.chunks]
    assert added
    assert all(chunk.startswith(ping) for chunk in added)
    assert b"".join(chunk for chunk in bridged.chunks if chunk not in added) == quiet.body


@pytest.mark.usefixtures("_frequent_pings")
async def test_a_frame_in_the_middle_is_not_torn_by_a_ping() -> None:
    """A read may end anywhere in a frame, and the bytes of a frame belong together."""
    half = len(STREAM[1]) // 2
    reply = await relayed([STREAM[0], STREAM[1][:half], 0.15, STREAM[1][half:], *STREAM[2:]])
    assert STREAM[1] in reply.body


@pytest.mark.usefixtures("_frequent_pings")
async def test_some_clients_take_no_pings() -> None:
    reply = await relayed([STREAM[0], 0.15, *STREAM[1:]], data_only=True)
    assert reply.body == b"".join(STREAM)


@pytest.mark.parametrize("client", ["openai_chat", "anthropic", "gemini"])
async def test_an_upstream_that_stays_open_after_its_answer_is_not_waited_for(
    client: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LINGER", 0.01)
    async with asyncio.timeout(5):
        reply = await relayed([*STREAM, 60.0], stream(client))
    assert reply.status == 200
    assert b"error" not in reply.body


class SlowClient(Reply):
    """Takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.sends = 0

    async def send(self, message: Message) -> None:
        self.sends += 1
        if self.status:
            await self.gate.wait()
        await super().send(message)


class Pushed(Upstream):
    """Brings everything at once when it is asked to."""

    def __init__(self, *steps: bytes) -> None:
        super().__init__(STREAM[0])
        self.rest = list(steps)
        self.held: list[bool] = []
        self.sink: Sink | None = None

    @property
    def pushing(self) -> PushingResponse:  # type: ignore[override]
        return self

    def push_to(self, sink: Sink) -> None:
        self.sink = sink
        asyncio.get_running_loop().call_soon(self.bring)

    def bring(self) -> None:
        assert self.sink is not None
        for step in self.rest:
            self.sink.arrived(step)
        self.sink.ended(None)

    def hold(self) -> None:
        self.held.append(True)

    def go_on(self) -> None:
        self.held.append(False)


async def test_a_slow_client_holds_its_upstream_and_gets_everything_in_order() -> None:
    reply, upstream = SlowClient(), Pushed(*STREAM[1:])
    carried = StreamRelay(upstream, stream(), data_only=False)
    await carried.begin()
    running = asyncio.create_task(carried.run(Answer(reply.send, "request-id"), list(HEAD), Histogram([])))
    await asyncio.sleep(0.02)
    assert not running.done()
    assert reply.body == b""
    reply.gate.set()
    await asyncio.wait_for(running, 5)
    assert reply.body == b"".join(STREAM)
    assert reply.complete


async def test_a_client_that_becomes_slow_is_waited_for() -> None:
    reply, upstream = SlowClient(), Pushed(*STREAM[1:])
    reply.gate.set()
    carried = StreamRelay(upstream, stream("anthropic"), data_only=False)
    await carried.begin()
    upstream.push_to = lambda sink: setattr(upstream, "sink", sink)  # type: ignore[method-assign]
    running = asyncio.create_task(carried.run(Answer(reply.send, "request-id"), list(HEAD), Histogram([])))
    await asyncio.sleep(0.02)
    reply.gate.clear()
    upstream.bring()
    sends = reply.sends
    await asyncio.sleep(0.02)
    assert upstream.held == [True]
    assert reply.sends == sends
    reply.gate.set()
    await asyncio.wait_for(running, 5)
    assert upstream.held == [True, False]
    assert reply.body.count(b"event: message_stop") == 1


async def test_a_fault_where_bytes_arrive_is_raised_where_the_exchange_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever brings the bytes has no use for it, and the exchange would sleep for good."""
    upstream = Pushed(*STREAM[1:])
    carried = StreamRelay(upstream, stream(), data_only=False)
    await carried.begin()
    monkeypatch.setattr(StreamRelay, "_send", None)
    with pytest.raises(TypeError):
        await asyncio.wait_for(carried.run(Answer(Reply().send, "id"), list(HEAD), Histogram([])), 5)


@pytest.mark.usefixtures("_frequent_pings")
async def test_the_gaps_of_a_stream_that_never_pauses_are_not_kept_one_by_one() -> None:
    """Nobody else may look at them for as long as it goes on."""
    gaps = Histogram([1.0])
    steps: list[bytes | float] = [step for _ in range(12) for step in (STREAM[0], 0.02)]
    upstream = Upstream(*steps, *STREAM[1:])
    carried = StreamRelay(upstream, stream(), data_only=False)
    await carried.begin()
    await carried.run(Answer(Reply().send, "id"), list(HEAD), gaps)
    waiting = len(gaps._new)
    assert waiting < sum(gaps.counts)
