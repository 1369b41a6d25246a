"""What a worker is as a process: the signals that it heeds, and what becomes of its memory."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable

__all__ = [
    "give_memory_back",
    "hold_signals_until_served",
    "let_starting_workers_stop",
    "reload_on_signal",
    "spare_the_collector",
]

# Seconds after which a worker that has loaded the application surely serves it.
SETTLE_SECONDS = 0.1
# New objects until the collector looks at them, and how many such looks until it looks at older ones.
COLLECTOR_THRESHOLDS = (20_000, 20, 50)
# Bytes from which a buffer is returned to the system; malloc.h.
LARGE = 128 << 10
M_MMAP_THRESHOLD = -3

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM})


def let_starting_workers_stop() -> None:
    """See to it that a worker heeds a SIGTERM while it loads the application.

    A forked worker has its parent's handlers until granian sets its own. They would swallow the signal, and the parent
    would wait for the worker in vain. So signals wait while a worker is forked, and are then as by default; Ctrl-C,
    which goes to all processes, is the parent's business.
    """
    if not hasattr(os, "register_at_fork"):
        return

    def reset() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    held = _SIGNALS | {signal.SIGHUP}
    # SIGHUP stays held in the worker until it can heed it: see `reload_on_signal`.
    os.register_at_fork(
        before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, held),
        after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, held),
        after_in_child=reset,
    )


def hold_signals_until_served() -> None:
    """See to it that a worker heeds a SIGTERM between loading the application and serving it.

    granian forgets a signal that comes after it has set its handler and before it serves. Until then the kernel keeps
    it: the loop runs for longer than `SETTLE_SECONDS` only to serve, since the application starts at once.
    """
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        loop = asyncio.get_event_loop()
        loop.call_later(SETTLE_SECONDS, signal.pthread_sigmask, signal.SIG_UNBLOCK, _SIGNALS)


def reload_on_signal(reload: Callable[[], None]) -> None:
    """Heed SIGHUP, also one that came while this worker was starting."""
    if hasattr(signal, "SIGHUP"):
        loop = asyncio.get_event_loop()
        loop.add_signal_handler(signal.SIGHUP, reload)
        # uvloop forgets a signal that comes while it does not run, until the next one comes; and granian has it run
        # once for the start of the application, and once more to serve.
        loop.call_later(SETTLE_SECONDS, signal.pthread_sigmask, signal.SIG_UNBLOCK, {signal.SIGHUP})


def give_memory_back() -> None:
    """See to it that large buffers return to the system when they are freed.

    The C library of GNU raises the size from which it does that whenever one is freed, up to 32 MiB; what a few large
    answers took together would then be kept for good.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)


def spare_the_collector() -> None:
    """See to it that the garbage collector does not look at what stays for good, and looks at the rest less often.

    Hardly anything here is a cycle; each look goes through all young objects of all open exchanges.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)
