"""How a running gateway stands, for people: `aiclient status`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain

from aiclient import meeting, peers
from aiclient.peers import WorkerStanding
from aiclient.standing import CircuitStanding, CredentialStanding, PauseStanding, ProviderStanding, Standing

__all__ = ["circuit_words", "merged", "pause_words", "standings", "told"]

_REASONS = {
    "refused": "refused by the provider",
    "asked": "as the provider asks",
    "guessed": "by guess",
}

# From the one that lets all through to the one that lets nothing through.
_STATES = ("closed", "half-open", "open")


def standings(port: int) -> list[WorkerStanding]:
    """How each worker stands that serves on a port of this machine."""
    return asyncio.run(_standings(port))


async def _standings(port: int) -> list[WorkerStanding]:
    said = await asyncio.gather(*(peers.reports(folder) for folder in meeting.find(port)))
    return [one for reports in said for one in peers.standings(reports)]


def told(workers: Sequence[WorkerStanding]) -> str:
    """The same for people."""
    return "\n".join(_lines(workers))


def merged(workers: Iterable[Standing]) -> dict[str, ProviderStanding]:
    """The providers, as all workers together see them: what one of them knows is worth knowing.

    But a provider that one of them can reach is up.
    """
    providers: dict[str, ProviderStanding] = {}
    for worker in workers:
        for name, seen in worker["providers"].items():
            into = providers.setdefault(
                name,
                ProviderStanding(
                    dialect=seen["dialect"], up=False, obstacle=seen["obstacle"], credentials=[], circuits=[]
                ),
            )
            into["up"] = into["up"] or seen["up"]
            into["obstacle"] = into["obstacle"] and seen["obstacle"]
            _merge_credentials(into["credentials"], seen["credentials"])
            into["circuits"] = _worst(into["circuits"], seen["circuits"])
    return providers


def _merge_credentials(into: list[CredentialStanding], seen: Iterable[CredentialStanding]) -> None:
    known = {credential["name"]: credential for credential in into}
    for credential in seen:
        same = known.get(credential["name"])
        if same is None:
            into.append(credential.copy())
            continue
        same["in_flight"] += credential["in_flight"]
        same["pauses"] = _longest(same["pauses"], credential["pauses"])


def _worst(*seen: Iterable[CircuitStanding]) -> list[CircuitStanding]:
    """Of each model the circuit that lets least through for longest."""
    ranked = sorted(chain(*seen), key=lambda one: (_STATES.index(one["state"]), one["seconds"]))
    return list({circuit["model"]: circuit for circuit in ranked}.values())


def _longest(*seen: Iterable[PauseStanding]) -> list[PauseStanding]:
    """Of each model the pause that lasts longest."""
    return list({pause["model"]: pause for pause in sorted(chain(*seen), key=lambda one: one["seconds"])}.values())


def _lines(workers: Sequence[WorkerStanding]) -> Iterator[str]:
    oldest = min(worker["started"] for worker in workers)
    up = timedelta(seconds=int(time.time() - oldest))
    opened, queued = sum(worker["open"] for worker in workers), sum(worker["queued"] for worker in workers)
    pids = ", ".join(str(worker["pid"]) for worker in workers)
    yield f"{len(workers)} worker(s) for {up}: {opened} request(s) open, {queued} waiting (pid {pids})"
    for name, provider in merged(workers).items():
        yield ""
        yield f"{name} ({provider['dialect']}){'' if provider['up'] else ': cannot be reached'}"
        for credential in provider["credentials"]:
            yield f"  key {credential['name']}: {credential['in_flight']} under way"
            yield from (f"    {words}" for words in map(pause_words, credential["pauses"]))
        yield from (f"  {words}" for words in map(circuit_words, provider["circuits"]))


def pause_words(pause: PauseStanding) -> str:
    """A pause, for people."""
    model = "all models" if pause["model"] == "*" else pause["model"]
    return f"not used for {model} for {pause['seconds']:.0f} s, {_REASONS[pause['reason']]}"


def circuit_words(circuit: CircuitStanding) -> str:
    """A circuit, for people."""
    if circuit["state"] == "open":
        return f"{circuit['model']} fails: others go first for {circuit['seconds']:.0f} s"
    if circuit["state"] == "half-open":
        return f"{circuit['model']} has failed: the next request tries it, or one does already"
    return f"{circuit['model']} has failed, and not often enough to be passed over"
