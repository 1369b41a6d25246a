"""Runs llama.cpp's HTTP server, which `xllamacpp` carries in its wheel, until SIGTERM.

python -m tests.real.llama_server model.gguf 8080
"""

import signal
import sys
from pathlib import Path

import xllamacpp

MODEL = "markov"
CONTEXT_TOKENS = 32768
ERRORS_ONLY = 1


def run(model: Path, port: int) -> None:
    """Serve a model; returns when SIGTERM comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    server = xllamacpp.Server(_parameters(model, port))
    signal.sigwait({signal.SIGTERM})
    del server


def _parameters(model: Path, port: int) -> xllamacpp.CommonParams:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.model_alias = {MODEL}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.n_ctx = CONTEXT_TOKENS
    parameters.n_parallel = 2
    # One thread is plenty for a model of one layer.
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.sampling.temp = 0.0
    parameters.use_jinja = True
    parameters.verbosity = ERRORS_ONLY
    return parameters


if __name__ == "__main__":
    run(Path(sys.argv[1]), int(sys.argv[2]))
