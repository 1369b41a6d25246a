"""The house's laws, as tests: who may know what, and what no committed file may say.

Each law stands in ARCHITECTURE.md. A law that only a reviewer can see is broken within a month.
"""

import ast
import importlib
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "python" / "aiclient"
RUST = ROOT / "rust"
DIALECTS = RUST / "aiclient-dialects" / "src" / "dialects"

# A character class in each pattern keeps this file from breaking its own law.
FORBIDDEN_TEXT = {
    "a path of one machine": r"(?<![\w.:-])/(?:hom[e]/\w|roo[t]/|User[s]/\w|wor[k]/)|\.\./share[d]\b",
    "a registry's host": (
        r"\b(?:pypi\.or[g]|pythonhosted\.or[g]|crates\.i[o](?!-index)|registry\.npmj[s]|proxy\.golang\.or[g]"
        r"|deb\.debian\.or[g]|repo1?\.maven\b|repo\.maven\.apach[e])"
    ),
    "the number of a ticket": r"\bissu[e] #?\d",
    "a leftover": r"\b(?:TOD[O]|FIXM[E]|XX[X])\b",
}

# The modules that open connections. granian listens for us, and is not among them.
NETWORK_MODULES = {
    "aiohttp",
    "http.client",
    "httpx",
    "requests",
    "socket",
    "ssl",
    "urllib.request",
    "urllib3",
}

# What knows neither Python nor the network.
PURE_CRATES = ("aiclient-dialects", "aiclient-http")

# What these would need for input and output, a clock, or randomness.
RUST_IMPURITIES = r"\bstd::(?:env|fs|net|process|thread|time)\b|\bprintln!|\beprintln!|\bdbg!"

# What every dialect has; a file beyond these is one that every dialect has, too.
DIALECT_FILES = {
    "errors.rs",
    "mod.rs",
    "read_request.rs",
    "read_stream.rs",
    "write_request.rs",
    "write_stream.rs",
}


def committed_files() -> list[Path]:
    """Every file that git has or would add."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    paths = (ROOT / name for name in listing.stdout.decode().split("\0") if name)
    return sorted({path for path in paths if path.is_file()})


def texts(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """The files that are text, with what they say; fixtures may hold any bytes."""
    for path in paths:
        try:
            yield path, path.read_text("utf-8")
        except UnicodeDecodeError:
            continue


def imported_modules(path: Path) -> set[str]:
    """The modules that a source file names, wherever in it: `import a.b` and `from a.b import c` are both a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def rust_code(path: Path) -> str:
    """A Rust source without its line comments and without its tests, which may do what the code may not."""
    code = re.sub(r"//.*", "", path.read_text("utf-8"))
    return code.split("#[cfg(test)]", 1)[0]


def dependencies(manifest: Path) -> set[str]:
    """The crates that a Cargo manifest names, for building or for tests."""
    table = tomllib.loads(manifest.read_text("utf-8"))
    sections = ("dependencies", "dev-dependencies", "build-dependencies")
    return {name for section in sections for name in table.get(section, {})}


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_no_committed_file_says(what: str) -> None:
    """The repository reads the same on every machine and names no registry: a mirror must do as well."""
    pattern = re.compile(FORBIDDEN_TEXT[what])
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path, text in texts(committed_files())
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


def test_python_locks_hold_hashes_and_no_address() -> None:
    """A pinned requirement is a name, a version and hashes; where it comes from is the installer's business."""
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text("utf-8")
        assert "://" not in text, lock.name
        pins = re.findall(r"^[\w.\[\]-]+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[^\s#]", text, re.MULTILINE)) > 0, lock.name


def test_every_requirements_file_is_locked() -> None:
    """`make lock` was run for each of them."""
    sources = {path.stem for path in (ROOT / "requirements").glob("*.in")}
    assert sources == {path.stem for path in (ROOT / "requirements").glob("*.txt")}


def test_cargo_lock_knows_the_default_registry_only() -> None:
    """No git dependency, no mirror's address: cargo's own name for its registry and nothing else."""
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text("utf-8"))["package"]
    sources = {package["source"] for package in packages if "source" in package}
    assert sources <= {"registry+https://github.com/rust-lang/crates.io-index"}


@pytest.mark.parametrize("folder", [ROOT / "tests" / "node", ROOT / "tests" / "agents"], ids=lambda path: path.name)
def test_npm_lock_holds_hashes_and_no_address(folder: Path) -> None:
    """The same for what npm installs: a package is a version and a hash."""
    packages = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    manifest = json.loads((folder / "package.json").read_text("utf-8"))
    kinds = ("dependencies", "optionalDependencies")
    locked = packages.pop("")
    assert {kind: locked.get(kind) for kind in kinds} == {kind: manifest.get(kind) for kind in kinds}
    wanted = {**manifest["dependencies"], **manifest.get("optionalDependencies", {})}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in wanted} == wanted
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_every_make_target_is_documented() -> None:
    """`make help` is the list of commands: what it does not show, nobody runs."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    declared = set(re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE))
    documented = set(re.findall(r"^([a-z-]+):[^=\n]*## \S", makefile, re.MULTILINE))
    assert documented == declared


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_upstream_opens_connections(path: Path) -> None:
    """One folder can be read to know every connection that the gateway makes."""
    if PACKAGE / "upstream" not in path.parents:
        assert imported_modules(path) & NETWORK_MODULES == set()


def test_only_the_binding_knows_python() -> None:
    """The translator can be embedded in a Rust program as it is."""
    manifests = [path for path in RUST.glob("*/Cargo.toml") if "pyo3" in dependencies(path)]
    assert manifests == [RUST / "aiclient-python" / "Cargo.toml"]


@pytest.mark.parametrize("crate", PURE_CRATES)
def test_what_reads_bytes_forbids_unsafe_code(crate: str) -> None:
    """Bytes from the network reach it first."""
    assert "#![forbid(unsafe_code)]" in (RUST / crate / "src" / "lib.rs").read_text("utf-8")


@pytest.mark.parametrize("crate", PURE_CRATES)
def test_what_reads_bytes_is_sans_io(crate: str) -> None:
    """No file, socket, clock, environment or log line: the same input always gives the same bytes."""
    sources = (RUST / crate / "src").rglob("*.rs")
    assert [path.name for path in sources if re.search(RUST_IMPURITIES, rust_code(path))] == []


def test_dialects_have_the_same_files() -> None:
    """Who knows one dialect's folder knows them all."""
    folders = {path.name: {file.name for file in path.iterdir()} for path in DIALECTS.iterdir() if path.is_dir()}
    assert folders.keys() >= {"anthropic", "gemini", "openai_chat"}
    assert folders == dict.fromkeys(folders, folders["anthropic"] | DIALECT_FILES)


def test_the_package_exports_what_it_says() -> None:
    """`from aiclient import *` is the public interface: complete, sorted, and all of it there."""
    package = importlib.import_module("aiclient")
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    imported = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
        for alias in node.names
    }
    public = {name for name in imported if not name.startswith("_")}
    assert public <= set(package.__all__)
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert len(package.__all__) == len(set(package.__all__))
