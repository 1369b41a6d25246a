"""The names, labels and bounds of all metrics: one place for those who write, merge and show them.

Names are those of OpenTelemetry's conventions for generative AI where there is one, as Prometheus spells them:
github.com/open-telemetry/semantic-conventions-genai, "Semantic conventions for generative AI metrics". The bounds of
those are the conventions', too.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["COUNTERS", "GAUGES", "HISTOGRAMS", "Counter", "Gauge", "Kind"]

_MODEL = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model")
_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_FIRST = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_BETWEEN = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
_TOKENS = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
_OWN = (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class Kind(NamedTuple):
    """A histogram."""

    text: str
    labels: tuple[str, ...]
    bounds: tuple[float, ...]


class Counter(NamedTuple):
    """What only grows."""

    text: str
    labels: tuple[str, ...]


class Gauge(NamedTuple):
    """What is so at the moment; `merged` says what becomes of the values of several workers."""

    text: str
    labels: tuple[str, ...]
    is_most: bool = False
    """Whether the greatest of the workers' values is shown, and not their sum."""


HISTOGRAMS: dict[str, Kind] = {
    "aiclient_request_duration_seconds": Kind(
        "Seconds from the arrival of a request to the last byte of its answer.",
        ("dialect", "route", "stream"),
        _SECONDS,
    ),
    "aiclient_time_to_first_token_seconds": Kind(
        "Seconds from the arrival of a request to the first output of a stream.", ("dialect", "route"), _FIRST
    ),
    "aiclient_overhead_seconds": Kind(
        "Seconds that the gateway itself took until the reply went out, without all waiting for upstreams.",
        ("dialect", "route", "stream"),
        _OWN,
    ),
    "gen_ai_client_operation_duration_seconds": Kind(
        "Seconds of an attempt, from asking the upstream to the last byte of its answer.",
        (*_MODEL, "error_type"),
        _SECONDS,
    ),
    "gen_ai_client_operation_time_to_first_chunk_seconds": Kind(
        "Seconds from asking the upstream to the first output of its stream.", _MODEL, _FIRST
    ),
    "gen_ai_client_operation_time_per_output_chunk_seconds": Kind(
        "Seconds between two reads of an upstream's stream.", _MODEL, _BETWEEN
    ),
    "gen_ai_client_token_usage": Kind(
        "Tokens of an answered request. `input` holds those read from and written to a cache, `output` the reasoning.",
        (*_MODEL, "gen_ai_token_type"),
        _TOKENS,
    ),
}

COUNTERS: dict[str, Counter] = {
    "aiclient_requests_total": Counter(
        "Requests that are over.", ("dialect", "operation", "route", "stream", "status", "outcome")
    ),
    "aiclient_attempts_total": Counter("Requests to upstreams.", ("provider", "model", "credential", "outcome")),
    "aiclient_retries_total": Counter("Attempts beyond the first of a request.", ("route",)),
    "aiclient_losses_total": Counter("Features that could not be carried.", ("dialect", "provider", "feature")),
    "aiclient_pauses_total": Counter(
        "Pauses that credentials and models were given.", ("provider", "model", "credential", "reason")
    ),
    "aiclient_reloads_total": Counter("Times that the configuration was read again.", ("outcome",)),
    "aiclient_log_lines_dropped_total": Counter("Lines that the log could not take.", ()),
}

GAUGES: dict[str, Gauge] = {
    "aiclient_open_requests": Gauge("Requests that are worked on.", ()),
    "aiclient_open_streams": Gauge("Streams that are relayed.", ()),
    "aiclient_queued_requests": Gauge("Requests that wait for their turn.", ()),
    "aiclient_upstream_requests": Gauge("Requests that a credential has under way.", ("provider", "credential")),
    "aiclient_credential_paused": Gauge(
        "Whether a credential is paused for a model, or for all (`*`).",
        ("provider", "credential", "model"),
        is_most=True,
    ),
    "aiclient_credential_refused": Gauge(
        "Whether the provider refuses a credential.", ("provider", "credential", "model"), is_most=True
    ),
    "aiclient_circuit_state": Gauge(
        "The circuit of a model: 0 closed, 1 half open, 2 open.", ("provider", "model"), is_most=True
    ),
    "aiclient_provider_up": Gauge("Whether a provider was found to be reachable.", ("provider",), is_most=True),
    "aiclient_workers": Gauge("Processes that serve.", ()),
    "aiclient_info": Gauge("The version that runs.", ("version",), is_most=True),
}
