"""What is told of exchanges once they are over: a line in the log, and the counts that `/metrics` shows.

An exchange writes down what happens to it in a `Record`; everything else is done with that, once, at its end.
"""

from aiclient.telemetry.histogram import Histogram
from aiclient.telemetry.log import BufferedLines
from aiclient.telemetry.metrics import Metrics
from aiclient.telemetry.record import AttemptRecord, Record
from aiclient.telemetry.snapshot import Snapshot
from aiclient.telemetry.telemetry import Telemetry

__all__ = ["AttemptRecord", "BufferedLines", "Histogram", "Metrics", "Record", "Snapshot", "Telemetry"]
