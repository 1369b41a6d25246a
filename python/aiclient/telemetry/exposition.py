"""What was counted, in the words of Prometheus or OpenMetrics.

Its library knows how to spell them; what is counted is ours, since counting happens on every request.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from aiclient.telemetry.histogram import Histogram
from aiclient.telemetry.series import COUNTERS, GAUGES, HISTOGRAMS
from aiclient.telemetry.snapshot import Snapshot

__all__ = ["expose"]


def expose(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """The text, and its content type; `accept` is the header of whoever asks."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(snapshot))
    encoder, kind = choose_encoder(accept)
    return encoder(registry), kind


class _Collected(Collector):
    """A snapshot, as the library reads it. Metrics without any values are there, too, so that queries find them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        """All metrics."""
        for name, counter in COUNTERS.items():
            counted = CounterMetricFamily(name, counter.text, labels=counter.labels)
            for labels, number in self._snapshot.counters.get(name, {}).items():
                counted.add_metric(labels, number)
            yield counted
        for name, gauge in GAUGES.items():
            measured = GaugeMetricFamily(name, gauge.text, labels=gauge.labels)
            for labels, value in self._snapshot.gauges.get(name, {}).items():
                measured.add_metric(labels, value)
            yield measured
        for name, kind in HISTOGRAMS.items():
            observed = HistogramMetricFamily(name, kind.text, labels=kind.labels)
            for labels, histogram in self._snapshot.histograms.get(name, {}).items():
                observed.add_metric(labels, buckets=list(_buckets(histogram)), sum_value=histogram.sum)
            yield observed


def _buckets(histogram: Histogram) -> Iterator[tuple[str, float]]:
    """The upper bounds, and how many values are below each."""
    total = 0
    for bound, count in zip((*histogram.bounds, float("inf")), histogram.counts, strict=True):
        total += count
        yield "+Inf" if bound == float("inf") else repr(float(bound)), total
