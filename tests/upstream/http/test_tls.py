"""TLS: who is believed, what is shown, and what an end without a farewell means."""

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from aiclient.errors import UpstreamConnectError, UpstreamProtocolError
from aiclient.upstream.http import HttpClient, Tls, TlsError
from aiclient.upstream.http.tls import check_authorities, check_certificate
from tests.scripted_server import answer, chunk, chunked_head
from tests.upstream.http.hostile import Peer, post, post_whole, replying, serving


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    """The authority's certificate in a file."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path / "ca.pem"


@pytest.fixture
def identity(authority: trustme.CA, tmp_path: Path) -> Tls:
    """A client's certificate and key, with the authority to believe."""
    issued = authority.issue_cert("gateway.example")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    for part in issued.cert_chain_pems:
        part.write_to_path(tmp_path / "certificate.pem", append=True)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return Tls(tmp_path / "ca.pem", tmp_path / "certificate.pem", tmp_path / "key.pem")


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
async def test_an_authority_of_ones_own(authority: trustme.CA, ca: Path, name: str) -> None:
    """The connection speaks HTTP/1.1 although the server would rather not, and serves again."""
    spoken = []

    async def handle(peer: Peer) -> None:
        spoken.append(peer.writer.get_extra_info("ssl_object").selected_alpn_protocol())
        await replying(answer(b"one"), answer(b"two"))(peer)

    client = HttpClient(tls=Tls(ca=ca))
    async with serving(handle, tls=server_context(authority, name), name=name) as server:
        assert [await post_whole(client, server.origin), await post_whole(client, server.origin)] == [b"one", b"two"]
        assert spoken == ["http/1.1"]
        await client.close()


@pytest.mark.parametrize(
    ("names", "is_known"), [(["127.0.0.1"], False), (["elsewhere.example"], True)], ids=["authority", "name"]
)
async def test_a_server_that_is_not_believed(authority: trustme.CA, ca: Path, names: list[str], is_known: bool) -> None:
    """The request, and the key in it, go to nobody who only claims to be the upstream."""
    received = b""

    async def handle(peer: Peer) -> None:
        nonlocal received
        received += await peer.reader.read()

    client = HttpClient(tls=Tls(ca=ca) if is_known else Tls())
    async with serving(handle, tls=server_context(authority, *names)) as server:
        with pytest.raises(UpstreamConnectError, match="certificate was not accepted") as raised:
            await post(client, server.origin)
        assert raised.value.status == 502
    assert received == b""
    await client.close()


async def test_a_server_that_speaks_no_tls(client: HttpClient) -> None:
    async def handle(peer: Peer) -> None:
        await peer.reader.read(1)
        await peer.send(answer(b"plain"))

    async with serving(handle) as server:
        with pytest.raises(UpstreamConnectError, match="no connection"):
            await post(client, server.origin.replace("http:", "https:"))


async def test_a_certificate_to_show(authority: trustme.CA, identity: Tls) -> None:
    """A server may ask for one, and turns away whoever has none."""
    context = server_context(authority, "127.0.0.1")
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    async with serving(replying(answer(b"known")), tls=context) as server:
        client = HttpClient(tls=identity)
        assert await post_whole(client, server.origin) == b"known"
        await client.close()
        stranger = HttpClient(tls=Tls(ca=identity.ca))
        # TLS 1.3 tells the client only after the handshake.
        with pytest.raises((UpstreamConnectError, UpstreamProtocolError)):
            await post_whole(stranger, server.origin)
        await stranger.close()


async def test_large_bodies(authority: trustme.CA, ca: Path) -> None:
    """Both ways, in pieces of any size."""
    body = bytes(range(256)) * 20_000

    async def handle(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        received = await peer.reader.readexactly(len(body))
        await peer.send(answer(received))

    client = HttpClient(tls=Tls(ca=ca))
    async with serving(handle, tls=server_context(authority, "127.0.0.1")) as server:
        assert await post_whole(client, server.origin, body=body) == body
        await client.close()


@pytest.mark.parametrize("head", [chunked_head() + chunk(b"half"), b"HTTP/1.1 200 OK\r\n\r\nhalf"])
async def test_an_end_without_farewell(authority: trustme.CA, ca: Path, head: bytes) -> None:
    """Whoever sits on the wire can end a connection; only the server can say that an answer ends with it."""

    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(head)
        await asyncio.sleep(0.02)
        peer.reset()

    client = HttpClient(tls=Tls(ca=ca))
    async with serving(handle, tls=server_context(authority, "127.0.0.1")) as server:
        with pytest.raises(UpstreamProtocolError, match="broke off"):
            await post_whole(client, server.origin)
        await client.close()


async def test_an_end_with_farewell(authority: trustme.CA, ca: Path) -> None:
    client = HttpClient(tls=Tls(ca=ca))
    context = server_context(authority, "127.0.0.1")
    async with serving(replying(b"HTTP/1.1 200 OK\r\n\r\nwhole"), tls=context) as server:
        assert await post_whole(client, server.origin) == b"whole"
        await client.close()


async def test_an_unfinished_answer_is_closed_at_once(authority: trustme.CA, ca: Path) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.send(chunked_head() + chunk(b"first"))
        await peer.gone()

    client = HttpClient(tls=Tls(ca=ca))
    async with serving(handle, tls=server_context(authority, "127.0.0.1")) as server:
        response = await post(client, server.origin)
        assert await response.chunk() == b"first"
        response.close()
        await server.emptied()
        await client.close()


def test_files_that_cannot_be_used(identity: Tls, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("nothing")
    assert identity.certificate is not None
    check_certificate(identity.certificate, identity.key)
    for wrong, message in ((tmp_path / "none.pem", "can be read: No such file"), (tmp_path / "text.pem", "PEM format")):
        with pytest.raises(TlsError, match=message):
            check_authorities(wrong)
        with pytest.raises(TlsError, match=message):
            check_certificate(wrong, None)
        with pytest.raises(TlsError, match=message):
            check_certificate(identity.certificate, wrong)


async def test_files_that_are_gone(tmp_path: Path) -> None:
    """They are checked with the configuration, and may go afterwards."""
    client = HttpClient(tls=Tls(ca=tmp_path / "none.pem"))
    with pytest.raises(UpstreamConnectError, match="TLS settings"):
        await post(client, "https://127.0.0.1:1")
    await client.close()


def test_an_encrypted_key_is_not_asked_for(identity: Tls, tmp_path: Path) -> None:
    """Nobody sits at the gateway's terminal."""
    key = tmp_path / "encrypted.pem"
    key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    assert identity.certificate is not None
    with pytest.raises(TlsError, match="unencrypted key"):
        check_certificate(identity.certificate, key)
