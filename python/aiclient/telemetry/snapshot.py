"""What a worker has counted, as it is passed on, kept, and added to what others have counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import orjson

from aiclient.telemetry.histogram import Histogram
from aiclient.telemetry.series import GAUGES, HISTOGRAMS

__all__ = ["Labels", "Snapshot"]

Labels = tuple[str, ...]


class Snapshot:
    """Numbers by the name of the metric and the values of its labels."""

    def __init__(self) -> None:
        self.counters: dict[str, dict[Labels, float]] = {}
        self.gauges: dict[str, dict[Labels, float]] = {}
        self.histograms: dict[str, dict[Labels, Histogram]] = {}

    def count(self, name: str, labels: Sequence[str], number: float) -> None:
        """Add to a counter."""
        series = self.counters.setdefault(name, {})
        series[tuple(labels)] = series.get(tuple(labels), 0) + number

    def gauge(self, name: str, labels: Sequence[str], value: float) -> None:
        """Say how a gauge stands in one more worker."""
        series, key = self.gauges.setdefault(name, {}), tuple(labels)
        before = series.get(key)
        series[key] = value if before is None else max(before, value) if GAUGES[name].is_most else before + value

    def histogram(self, name: str, labels: Sequence[str], histogram: Histogram) -> None:
        """Add to a histogram; one without any values is not shown."""
        self.buckets(name, labels, histogram.counts, histogram.sum)

    def buckets(self, name: str, labels: Sequence[str], counts: Sequence[int], total: float) -> None:
        """The same with what a histogram has in its buckets, and the sum of that."""
        if any(counts):
            self._into(name, labels).add(counts, total)

    def _into(self, name: str, labels: Sequence[str]) -> Histogram:
        series, key = self.histograms.setdefault(name, {}), tuple(labels)
        if key not in series:
            series[key] = Histogram(HISTOGRAMS[name].bounds)
        return series[key]

    def add(self, other: Snapshot, *, with_gauges: bool = True) -> None:
        """Add what another worker has counted; one that has ended has no gauges any more."""
        for name, counters in other.counters.items():
            for labels, number in counters.items():
                self.count(name, labels, number)
        for name, histograms in other.histograms.items():
            for labels, histogram in histograms.items():
                self.histogram(name, labels, histogram)
        for name, gauges in other.gauges.items() if with_gauges else ():
            for labels, value in gauges.items():
                self.gauge(name, labels, value)

    def dumped(self) -> bytes:
        """As JSON."""
        histograms = {
            name: [[labels, one.counts, one.sum] for labels, one in series.items()]
            for name, series in self.histograms.items()
        }
        return orjson.dumps(
            {"counters": _listed(self.counters), "gauges": _listed(self.gauges), "histograms": histograms}
        )

    @classmethod
    def loaded(cls, said: Mapping[str, Any]) -> Self:
        """From what `dumped` says, parsed."""
        snapshot = cls()
        snapshot.counters = _unlisted(said["counters"])
        snapshot.gauges = _unlisted(said["gauges"])
        for name, series in said["histograms"].items():
            for labels, counts, total in series:
                snapshot._into(name, labels).add(counts, total)
        return snapshot


def _listed(named: Mapping[str, Mapping[Labels, float]]) -> dict[str, list[tuple[Labels, float]]]:
    return {name: list(series.items()) for name, series in named.items()}


def _unlisted(named: Mapping[str, Iterable[tuple[Sequence[str], float]]]) -> dict[str, dict[Labels, float]]:
    return {name: {tuple(labels): number for labels, number in series} for name, series in named.items()}
