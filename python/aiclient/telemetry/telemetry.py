"""What one worker tells of its exchanges, for as long as it lives: configurations come and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiclient.telemetry.log import Lines, LoggedLines
from aiclient.telemetry.metrics import Metrics
from aiclient.telemetry.record import Record
from aiclient.telemetry.snapshot import Snapshot

if TYPE_CHECKING:
    from aiclient.asgi import Request
    from aiclient.config import Config
    from aiclient.config import Tracing as TracingConfig
    from aiclient.peers import Peers, Report
    from aiclient.prompts import PromptLog
    from aiclient.telemetry.tracing import Tracing

__all__ = ["Telemetry"]

# Characters from which the value of a header may be a secret.
SECRET_LENGTH = 8


class Telemetry:
    """Counts, logs, and traces."""

    def __init__(self, lines: Lines | None = None) -> None:
        """`lines`: where the log goes; by default to the logger `aiclient.access`."""
        self.metrics = Metrics()
        self.lines: Lines = LoggedLines() if lines is None else lines
        self.tracing: Tracing | None = None
        self.prompts: PromptLog | None = None
        """Who writes down what is asked and answered, if that is wanted."""
        self.peers: Peers | None = None
        """The other workers of the gateway, if there may be some."""
        self._traced: TracingConfig | None = None
        self.logs = True
        """Whether lines are written at all."""

    def apply(self, config: Config) -> None:
        """Do as a configuration says."""
        self.logs = config.log.exchanges
        self._log_prompts(config)
        if config.tracing == self._traced:
            return
        if self.tracing is not None:
            # What is still to be sent may take a while.
            threading.Thread(target=self.tracing.close, daemon=True).start()
        self.tracing, self._traced = _tracing(config.tracing), config.tracing

    def _log_prompts(self, config: Config) -> None:
        """Also when it is as before: the keys that must not be written down may be others."""
        if self.prompts is not None:
            threading.Thread(target=self.prompts.close, daemon=True).start()
        self.prompts = _prompt_log(config)

    def begin(self, request_id: str, request: Request) -> Record:
        """The record of an exchange that begins."""
        record = Record(request_id, request.method, request.path, time.perf_counter())
        if self.tracing is not None:
            record.span = self.tracing.begin(request)
        return record

    def done(self, record: Record) -> None:
        """An exchange is over."""
        record.ended = time.perf_counter()
        line = self.metrics.finish(record, time.time() if self.logs else None)
        if line is not None:
            self.lines.write(line)
        if record.span is not None:
            record.span.end(record)

    def snapshot(self) -> Snapshot:
        """Everything that was counted."""
        snapshot = self.metrics.snapshot()
        missed = 0 if self.prompts is None else self.prompts.dropped
        snapshot.count("aiclient_log_lines_dropped_total", (), self.lines.dropped + missed)
        return snapshot

    async def others(self) -> list[Report]:
        """What the other workers say."""
        return [] if self.peers is None else await self.peers.others()

    def close(self) -> None:
        """Let go of what has not been written yet."""
        self.lines.flush()
        if self.prompts is not None:
            self.prompts.close()
        if self.tracing is not None:
            self.tracing.close()


def _tracing(said: TracingConfig) -> Tracing | None:
    if not said.enabled:
        return None
    from aiclient.telemetry.tracing import Tracing, exporting  # noqa: PLC0415  # an extra

    return Tracing(exporting(said.endpoint), said.sample)


def _prompt_log(config: Config) -> PromptLog | None:
    said = config.prompt_log
    if said.to == "none":
        return None
    from aiclient.prompts import PromptLog, Redaction  # noqa: PLC0415  # most gateways have none
    from aiclient.prompts.log import Console, RotatingFile  # noqa: PLC0415

    sink = Console() if said.to == "console" else RotatingFile(said.file, said.max_mb << 20, said.keep)
    return PromptLog(sink, Redaction(_secrets(config)))


def _secrets(config: Config) -> Iterator[str]:
    """Every key that the configuration holds, also where it stands in headers."""
    for key in (*config.auth.keys, *config.auth.admin_keys):
        yield key.get_secret_value()
    headers = [target.headers for model in config.models.values() for target in model.targets]
    for provider in config.providers.values():
        yield from (key.key.get_secret_value() for key in provider.api_keys)
        headers.append(provider.headers)
    # A short value of a header is no secret, and stands everywhere.
    yield from (value for named in headers for value in named.values() if len(value) >= SECRET_LENGTH)
