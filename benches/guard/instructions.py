"""Instructions that the translator executes for each case: the same on every run, however busy the machine.

Counted by valgrind's callgrind over `rust/aiclient-dialects/benches/instructions.rs`. They depend on the compiler's
version, which therefore belongs to the figures.
"""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

# A rise that is none of the compiler's moods; two runs of one program differ by nothing.
TOLERANCE = 0.02
COUNTED = "instructions::counted"
BUILD = (
    *("cargo", "bench", "--quiet", "--locked", "--package", "aiclient-dialects"),
    *("--bench", "instructions", "--no-run", "--message-format", "json"),
)


def possible() -> bool:
    """Whether this machine has what counts."""
    return shutil.which("valgrind") is not None


def circumstances() -> str:
    """What the counts depend on beside the sources."""
    return subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def measure() -> dict[str, float]:
    """Instructions of each case by its name."""
    program = _built()
    names = subprocess.run([program, "--list"], check=True, capture_output=True, text=True).stdout.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        counts = _counted(program, Path(folder))
    if len(counts) != len(names):
        raise RuntimeError(f"callgrind counted {len(counts)} calls of {COUNTED} for {len(names)} cases")
    return dict(zip(names, counts, strict=True))


def _built() -> Path:
    build = subprocess.run(BUILD, check=True, stdout=subprocess.PIPE, text=True)
    messages = map(json.loads, build.stdout.splitlines())
    return next(Path(message["executable"]) for message in messages if message.get("executable"))


def _counted(program: Path, folder: Path) -> list[float]:
    """The counts of each call: callgrind writes a file for each, numbered in their order."""
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'counts'}"]
    command += [f"--zero-before={COUNTED}", f"--dump-after={COUNTED}", str(program)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"valgrind exited with status {run.returncode}:\n{run.stderr}")
    files = sorted(folder.glob("counts.*"), key=lambda file: int(file.suffix[1:]))
    # The last file is what ran after the last case.
    parts = [file for file in files if f"Trigger: --dump-after={COUNTED}" in file.read_text()]
    return [_total(part) for part in parts]


def _total(part: Path) -> float:
    found = re.search(r"^summary: (\d+)", part.read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"callgrind gave no sum in {part.name}")
    return float(found[1])
