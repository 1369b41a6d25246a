"""From a name to a socket: several addresses, some of which lead nowhere, and answers that grow old."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from aiclient.errors import UpstreamConnectError
from aiclient.upstream.client import Limits
from aiclient.upstream.http import HttpClient, eyeballs, resolver
from aiclient.upstream.http.resolver import Address, Resolver
from tests.process import free_port
from tests.scripted_server import answer
from tests.upstream.http.hostile import post_whole, replying, serving

HAS_IPV6 = socket.has_ipv6


class Fixed(Resolver):
    """Knows the same addresses for every host."""

    def __init__(self, *addresses: Address) -> None:
        super().__init__()
        self._addresses = addresses
        self.forgotten = 0

    async def addresses(self, host: str, port: int) -> Sequence[Address]:
        del host, port
        return self._addresses

    def forget(self, host: str, port: int) -> None:
        del host, port
        self.forgotten += 1


def ipv4(port: int) -> Address:
    return Address(socket.AF_INET, ("127.0.0.1", port))


def ipv6(port: int) -> Address:
    return Address(socket.AF_INET6, ("::1", port, 0, 0))


@pytest.fixture
def black_hole(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Hosts to which a connection never comes about, and those that were tried."""
    tried: set[str] = set()
    connect = eyeballs._connect

    async def stuck(address: Address) -> socket.socket:
        host = str(address.sockaddr[0])
        tried.add(host)
        if host.startswith(("2001:", "203.")):
            await asyncio.get_running_loop().create_future()
        return await connect(address)

    monkeypatch.setattr(eyeballs, "_connect", stuck)
    monkeypatch.setattr(eyeballs, "DELAY", 0.02)
    return tried


async def ask(addresses: Resolver) -> bytes:
    """One request with these addresses."""
    client = HttpClient(resolver=addresses)
    try:
        return await post_whole(client, "http://api.example", Limits(connect=2, first_byte=5, idle=5))
    finally:
        await client.close()


async def test_an_address_that_refuses_is_followed_by_the_next() -> None:
    async with serving(replying(answer(b"one"))) as server:
        refusing = free_port()
        assert await ask(Fixed(ipv4(refusing), ipv6(refusing), ipv4(server.port))) == b"one"


async def test_an_address_that_says_nothing_is_overtaken(black_hole: set[str]) -> None:
    """A second family gets its chance at once, not after the limit of time."""
    async with serving(replying(answer(b"one"))) as server:
        silent = Address(socket.AF_INET6, ("2001:db8::1", 80, 0, 0))
        also_silent = Address(socket.AF_INET6, ("2001:db8::2", 80, 0, 0))
        assert await ask(Fixed(silent, also_silent, ipv4(server.port))) == b"one"
        # The families take turns (RFC 8305, 4).
        assert black_hole == {"2001:db8::1", "127.0.0.1"}


async def test_the_first_that_answers_is_taken_and_the_others_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eyeballs, "DELAY", 0.0)
    async with serving(replying(*[answer(b"one")] * 9)) as server:
        assert await ask(Fixed(*[ipv4(server.port)] * 5)) == b"one"
        await server.emptied()


@pytest.mark.skipif(not HAS_IPV6, reason="this machine has no IPv6")
async def test_ipv6() -> None:
    try:
        async with serving(replying(answer(b"one")), address="::1") as server:
            client = HttpClient()
            assert await post_whole(client, f"http://[::1]:{server.port}") == b"one"
            await client.close()
    except OSError:
        pytest.skip("this machine has no IPv6")


async def test_no_address_answers(black_hole: set[str]) -> None:
    """The first says why; the next request asks the system anew."""
    del black_hole
    addresses = Fixed(ipv4(free_port()), ipv4(free_port()))
    with pytest.raises(UpstreamConnectError, match="no connection to the upstream: Connection refused"):
        await ask(addresses)
    assert addresses.forgotten == 1


async def test_time_is_up_for_all(black_hole: set[str]) -> None:
    client = HttpClient(resolver=Fixed(*(Address(socket.AF_INET, (f"203.0.113.{n}", 80)) for n in range(3))))
    with pytest.raises(UpstreamConnectError, match=r"within 0\.2 s") as raised:
        await post_whole(client, "http://api.example", Limits(connect=0.2, first_byte=5, idle=5))
    assert raised.value.status == 504
    assert len(black_hole) == 3
    await client.close()


class Asking(Resolver):
    """A resolver whose system answers from a list."""

    def __init__(self, *hosts: str | Exception) -> None:
        super().__init__()
        self.hosts = list(hosts)
        self.asked = 0

    async def _look_up(self, key: tuple[str, int]) -> tuple[Address, ...]:
        self.asked += 1
        await asyncio.sleep(0.01)
        found = self.hosts.pop(0) if len(self.hosts) > 1 else self.hosts[0]
        if isinstance(found, Exception):
            raise found
        return (Address(socket.AF_INET, (found, key[1])),)


async def test_a_crowd_asks_once() -> None:
    asking = Asking("10.0.0.1")
    crowd = await asyncio.gather(*(asking.addresses("api.example", 80) for _ in range(50)))
    assert {addresses[0].sockaddr for addresses in crowd} == {("10.0.0.1", 80)}
    assert asking.asked == 1


async def test_who_leaves_does_not_take_the_answer_along() -> None:
    asking = Asking("10.0.0.1")
    first, second = (asyncio.create_task(asking.addresses("api.example", 80)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second)[0].sockaddr == ("10.0.0.1", 80)


async def test_answers_grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that moves is found again."""
    monkeypatch.setattr(resolver, "TTL", 0.05)
    asking = Asking("10.0.0.1", "10.0.0.2")
    assert [(await asking.addresses("api.example", 80))[0].sockaddr[0] for _ in range(3)] == ["10.0.0.1"] * 3
    await asyncio.sleep(0.06)
    assert (await asking.addresses("api.example", 80))[0].sockaddr[0] == "10.0.0.2"


async def test_an_address_of_no_use_is_forgotten() -> None:
    asking = Asking("10.0.0.1", "10.0.0.2")
    await asking.addresses("api.example", 80)
    asking.forget("api.example", 80)
    assert (await asking.addresses("api.example", 80))[0].sockaddr[0] == "10.0.0.2"


async def test_a_failure_is_not_remembered() -> None:
    asking = Asking(socket.gaierror(socket.EAI_AGAIN, "for now"), "10.0.0.1")
    with pytest.raises(socket.gaierror):
        await asking.addresses("api.example", 80)
    assert (await asking.addresses("api.example", 80))[0].sockaddr[0] == "10.0.0.1"


async def test_a_name_that_nobody_knows() -> None:
    with pytest.raises(UpstreamConnectError, match="its name cannot be resolved"):
        await ask(Asking(socket.gaierror(socket.EAI_NONAME, "api.example is not known")))


async def test_the_system_is_asked() -> None:
    found = await Resolver().addresses("localhost", 80)
    assert {address.sockaddr[0] for address in found} & {"127.0.0.1", "::1"}
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_number_needs_no_system(host: str) -> None:
    assert (await Asking(OSError()).addresses(host, 80))[0].sockaddr[:2] == (host, 80)
