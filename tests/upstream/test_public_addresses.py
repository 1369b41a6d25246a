"""Which addresses are everybody's."""

import socket

import pytest

from aiclient.upstream.http.resolver import Address
from aiclient.upstream.public_addresses import NotPublicError, PublicResolver, is_public


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"],
)
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "2001:db8::1",
        "no address",
        "",
    ],
)
def test_not_public(address: str) -> None:
    assert not is_public(address)


async def test_one_private_address_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = PublicResolver()
    found = [Address(socket.AF_INET, ("8.8.8.8", 80)), Address(socket.AF_INET, ("10.0.0.1", 80))]

    async def look_up(_: tuple[str, int]) -> tuple[Address, ...]:
        return tuple(found)

    monkeypatch.setattr(resolver, "_look_up", look_up)
    with pytest.raises(NotPublicError):
        await resolver.addresses("two.example", 80)
    await resolver.close()
