"""What one worker tells of its exchanges, for as long as it lives: configurations come and go."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from aiclient.telemetry.log import Lines, LoggedLines, line_of
from aiclient.telemetry.metrics import Metrics
from aiclient.telemetry.record import Record
from aiclient.telemetry.snapshot import Snapshot

if TYPE_CHECKING:
    from aiclient.asgi import Request
    from aiclient.config import Config
    from aiclient.config import Tracing as TracingConfig
    from aiclient.peers import Peers, Report
    from aiclient.telemetry.tracing import Tracing

__all__ = ["Telemetry"]


class Telemetry:
    """Counts, logs, and traces."""

    def __init__(self, lines: Lines | None = None) -> None:
        """`lines`: where the log goes; by default to the logger `aiclient.access`."""
        self.metrics = Metrics()
        self.lines: Lines = LoggedLines() if lines is None else lines
        self.tracing: Tracing | None = None
        self.peers: Peers | None = None
        """The other workers of the gateway, if there may be some."""
        self._traced: TracingConfig | None = None
        self.logs = True
        """Whether lines are written at all."""

    def apply(self, config: Config) -> None:
        """Do as a configuration says."""
        self.logs = config.log.exchanges
        if config.tracing == self._traced:
            return
        if self.tracing is not None:
            # What is still to be sent may take a while.
            threading.Thread(target=self.tracing.close, daemon=True).start()
        self.tracing, self._traced = _tracing(config.tracing), config.tracing

    def begin(self, request_id: str, request: Request) -> Record:
        """The record of an exchange that begins."""
        record = Record(request_id, request.method, request.path)
        if self.tracing is not None:
            record.span = self.tracing.begin(request)
        return record

    def done(self, record: Record) -> None:
        """An exchange is over."""
        record.end()
        self.metrics.observe(record)
        if self.logs:
            self.lines.write(line_of(record))
        if record.span is not None:
            record.span.end(record)

    def snapshot(self) -> Snapshot:
        """Everything that was counted."""
        snapshot = self.metrics.snapshot()
        snapshot.count("aiclient_log_lines_dropped_total", (), self.lines.dropped)
        return snapshot

    async def others(self) -> list[Report]:
        """What the other workers say."""
        return [] if self.peers is None else await self.peers.others()

    def close(self) -> None:
        """Let go of what has not been written yet."""
        self.lines.flush()
        if self.tracing is not None:
            self.tracing.close()


def _tracing(said: TracingConfig) -> Tracing | None:
    if not said.enabled:
        return None
    from aiclient.telemetry.tracing import Tracing, exporting  # noqa: PLC0415  # an extra

    return Tracing(exporting(said.endpoint), said.sample)
