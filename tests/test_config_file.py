"""Reading a configuration file: variables, and errors that say where they are."""

from pathlib import Path

import pytest
import trustme

from aiclient.config import Config, ModelTarget
from aiclient.configuration import ConfigError, load

ENVIRON = {"KEY": "sk-secret", "PORT": "4000", "EMPTY": "", "OPENAI_API_KEY": "sk-other"}

LOCAL = """\
providers:
  local:
    dialect: openai_chat
    base_url: http://localhost/v1
"""


def read(folder: Path, text: str) -> Config:
    """The configuration that a file with this text says."""
    path = folder / "aiclient.yaml"
    path.write_text(text, "utf-8")
    return load(path, ENVIRON)


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with the text, without the name of the file."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    assert all(problem.source == str(folder / "aiclient.yaml") for problem in caught.value.problems)
    return [str(problem).removeprefix(f"{problem.source}:") for problem in caught.value.problems]


def test_a_file(tmp_path: Path) -> None:
    config = read(tmp_path, LOCAL + 'models: {"l-*": {targets: ["local/*"]}}\ndefault_provider: local\n')
    assert config.providers["local"].base_url == "http://localhost/v1"
    assert config.models["l-*"].targets == (ModelTarget(target="local/*"),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${KEY}", "sk-secret"),
        ("a${KEY}b${PORT}", "ask-secretb4000"),
        ("${NOT_SET:-otherwise}", "otherwise"),
        ("${EMPTY:-otherwise}", "otherwise"),
        ("${NOT_SET:-}x", "x"),
        ("$${KEY}", "${KEY}"),
        ("$KEY", "$KEY"),
    ],
)
def test_variables(tmp_path: Path, written: str, meant: str) -> None:
    config = read(tmp_path, f'{LOCAL}    api_keys: ["{written}"]\n')
    assert [entry.key.get_secret_value() for entry in config.providers["local"].api_keys] == [meant]


def test_a_variable_can_be_a_number(tmp_path: Path) -> None:
    assert read(tmp_path, LOCAL + "server: {port: '${PORT}'}").server.port == 4000


def test_an_alias_and_a_merge(tmp_path: Path) -> None:
    text = LOCAL.replace("local:", "local: &local") + "  other: {<<: *local, dialect: gemini}\n"
    other = read(tmp_path, text).providers["other"]
    assert (other.dialect, other.base_url) == ("gemini", "http://localhost/v1")


def test_a_byte_order_mark(tmp_path: Path) -> None:
    assert "local" in read(tmp_path, "\ufeff" + LOCAL).providers


WRONG = {
    "nothing": ("", ["1: expected at least `providers`, found nothing"]),
    "a list": ("[1]", ["1: expected a mapping, found a list"]),
    "not YAML": ("a: b: c", ["1: expected YAML: mapping values are not allowed here"]),
    "not text": ("a: \x01", ["1: expected YAML, found the character U+0001"]),
    "two documents": (LOCAL + "---\n", ["5: expected YAML: but found another document"]),
    "foreign tag": (LOCAL + "on_loss: !!python/name:os.system x", ["5: on_loss: expected plain YAML, found "]),
    "impossible date": (LOCAL + "on_loss: 2020-99-99", ["5: on_loss: expected plain YAML, found !!timestamp"]),
    "key that is a list": (LOCAL + "? [a]\n: b\n", ["5: expected text as key, found a list or a mapping"]),
    "no providers": ("providers: {}", ["1: providers: expected at least one entry, found none"]),
    "missing": ("on_loss: report", ["1: providers: is missing"]),
    "missing inside": ("providers:\n  x: {dialect: gemini}", ["2: providers.x.base_url: is missing"]),
    "unknown key": (LOCAL + "on_lost: report", ["5: on_lost: is not known; did you mean on_loss?"]),
    "unknown key inside": (
        LOCAL + "    api_key: sk-secret",
        ["5: providers.local.api_key: is not known; did you mean api_keys?"],
    ),
    "unknown key, none near": (
        LOCAL + "    timeouts: {q: 1}",
        ["5: providers.local.timeouts.q: is not known; there are connect, first_byte, idle"],
    ),
    "unknown dialect": (
        "providers:\n  x:\n    base_url: http://h\n    dialect: openai",
        ["4: providers.x.dialect: expected 'openai_chat', 'openai_responses', 'anthropic' or 'gemini', found 'openai'"],
    ),
    "twice": (LOCAL + LOCAL, ["5: providers: expected once, found again; the first is in line 1"]),
    "unset variable": (
        LOCAL + "    api_keys:\n      - ${KEY}\n      - ${OPENAI_API_KEYS}\n",
        [
            (
                "7: providers.local.api_keys[1]: expected the environment variable OPENAI_API_KEYS, which is not set; "
                "did you mean OPENAI_API_KEY?"
            )
        ],
    ),
    "empty variable": (
        LOCAL + "    api_keys: ['${EMPTY}']",
        ["5: providers.local.api_keys[0]: expected the environment variable EMPTY, which is empty"],
    ),
    "no variable": (
        LOCAL + "    api_keys: ['${KEY-x}']",
        ["5: providers.local.api_keys[0]: expected ${NAME} or ${NAME:-default}"],
    ),
    "number": (LOCAL + "server: {port: http}", ["5: server.port: expected a whole number, found 'http'"]),
    "number too large": (LOCAL + "server: {port: 70000}", ["5: server.port: expected at most 65535, found 70000"]),
    "boolean as number": (LOCAL + "server: {workers: yes}", ["5: server.workers: expected a number, found true"]),
    "fraction": (LOCAL + "server: {workers: 1.5}", ["5: server.workers: expected a whole number, found 1.5"]),
    "no time": (
        LOCAL + "    timeouts: {connect: 0, idle: .inf, first_byte: soon}",
        [
            "5: providers.local.timeouts.connect: expected more than 0, found 0",
            "5: providers.local.timeouts.first_byte: expected a number, found 'soon'",
            "5: providers.local.timeouts.idle: expected a number, found inf",
        ],
    ),
    "no connections": (
        LOCAL + "    connections: {max: 0, queue: -1}",
        [
            "5: providers.local.connections.max: expected at least 1, found 0",
            "5: providers.local.connections.queue: expected at least 0, found -1",
        ],
    ),
    "no such files": (
        LOCAL + "    tls: {ca: nowhere.pem, certificate: nowhere.pem}",
        [
            "5: providers.local.tls.ca: expected a file that can be read: No such file or directory, found 'nowhere.",
            "5: providers.local.tls.certificate: expected a file that can be read: No such file or directory, found ",
        ],
    ),
    "no path": (LOCAL + "    tls: {ca: [a]}", ["5: providers.local.tls.ca: expected the path of a file, found a list"]),
    "a key without its certificate": (
        LOCAL + "    tls: {key: key.pem}",
        ["5: providers.local.tls.certificate: expected a certificate with the key, found nothing"],
    ),
    "a header of the frame": (
        LOCAL + "    headers: {Content-Length: '1'}",
        ["5: providers.local.headers: expected headers of your own; Content-Length is the connection's business"],
    ),
    "one of two words": (LOCAL + "on_loss: ignore", ["5: on_loss: expected 'report' or 'reject', found 'ignore'"]),
    "no list": (LOCAL + "    api_keys: sk-secret", ["5: providers.local.api_keys: expected a list, found text"]),
    "key with a blank": (
        LOCAL + "    api_keys: ['sk-secret ']",
        ["5: providers.local.api_keys[0]: expected a key of visible ASCII characters, and not an empty one, found t"],
    ),
    "header's name": (
        LOCAL + "    headers: {'a b': sk-secret}",
        ["5: providers.local.headers: expected names of headers; 'a b' is none"],
    ),
    "header's value": (
        LOCAL + '    headers: {x-key: "sk-secret\\r\\n"}',
        ["5: providers.local.headers: expected printable ASCII as value of x-key"],
    ),
    "provider's name": (
        LOCAL.replace("local:", "a/b:"),
        ["2: providers.a/b: expected a name of letters, digits, dots, dashes and underscores, found 'a/b'"],
    ),
    "reserved name": (
        LOCAL.replace("local:", "v1:"),
        ["2: providers.v1: expected another name: paths of the gateway begin with this one, found 'v1'"],
    ),
    "no targets": (
        LOCAL + "models: {fast: {targets: []}}",
        ["5: models.fast.targets: expected at least one entry, found none"],
    ),
    "unknown providers": (
        LOCAL + "default_provider: locla\nmodels:\n  fast:\n    targets:\n      - local/a\n      - nowhere/b\n",
        [
            "5: default_provider: expected the name of a provider, found 'locla'; did you mean local?",
            "10: models.fast.targets[1]: expected the name of a provider, found 'nowhere'; there are local",
        ],
    ),
    "target without a model": (
        LOCAL + "models: {fast: {targets: [local]}}",
        ["5: models.fast.targets[0]: expected provider/model, found 'local'"],
    ),
    "target with a * too many": (
        LOCAL + "models: {fast: {targets: ['local/*']}}",
        ["5: models.fast.targets[0]: expected no more * than there are in 'fast', found 'local/*'"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_errors_are_located(tmp_path: Path, text: str, expected: list[str]) -> None:
    """Line, key path, what was expected, what was found, the nearest valid name; and never a key."""
    found = problems(tmp_path, text)
    assert len(found) == len(expected), found
    assert [message for message, start in zip(found, expected, strict=True) if not message.startswith(start)] == []
    assert "sk-secret" not in "".join(found)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8080",
        "ftp://host",
        "http://",
        "http://[::1",
        "http://host:99999",
        "http://host:0",
        "http://a b",
        "https://host?a=b",
        "https://host#top",
        "https://user:sk-secret@host",
    ],
)
def test_addresses(tmp_path: Path, url: str) -> None:
    [problem] = problems(tmp_path, LOCAL.replace("http://localhost/v1", f"'{url}'"))
    assert problem.startswith("4: providers.local.base_url: expected an address")
    assert "sk-secret" not in problem


def test_all_errors_are_reported_at_once(tmp_path: Path) -> None:
    """Of YAML, variables, the schema and references; in the order of the file."""
    text = """\
server: {prot: 3000, workers: 0}
auth: {keys: ["${NOT_SET}"]}
providers:
  openai: {dialect: openai_chat}
  openai: {dialect: openai_chat, base_url: "demo:"}
models:
  fast: {targets: [opnai/gpt, 3]}
default_provider: opena
"""
    assert [problem.partition(": ")[2].partition(": ")[0] for problem in problems(tmp_path, text)] == [
        "server.prot",
        "server.workers",
        "auth.keys[0]",
        "providers.openai",
        "models.fast.targets[0]",
        "models.fast.targets[1]",
        "default_provider",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5_000,
        "a: " + "[" * 40 + "]" * 40,
        "providers: &a\n  x: *a\n",
        "a: &a [x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
    ],
    ids=["deep", "too deep", "in itself", "many times itself"],
)
def test_a_file_cannot_use_up_the_machine(tmp_path: Path, text: str) -> None:
    [problem] = problems(tmp_path, text)
    assert "expected at most 32 levels" in problem


def test_files_of_tls(tmp_path: Path) -> None:
    """They are read with the configuration, so that a wrong one is found at start."""
    authority = trustme.CA()
    issued = authority.issue_cert("gateway.example")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    (tmp_path / "text.pem").write_text("no certificate", "utf-8")
    right = f"    tls: {{ca: {tmp_path}/ca.pem, certificate: {tmp_path}/both.pem}}"
    assert read(tmp_path, LOCAL + right).providers["local"].tls.certificate == tmp_path / "both.pem"
    [problem] = problems(tmp_path, LOCAL + right.replace("both", "ca"))
    assert problem.startswith(
        "5: providers.local.tls.certificate: expected a certificate and its unencrypted key in PEM"
    )
    [problem] = problems(tmp_path, LOCAL + right.replace("ca.pem", "text.pem"))
    assert problem.startswith("5: providers.local.tls.ca: expected certificates in PEM format, found ")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "nowhere.yaml", {})
    with pytest.raises(ConfigError, match="directory"):
        load(tmp_path, {})
    (tmp_path / "latin.yaml").write_bytes(b"a: \xe9\n")
    with pytest.raises(ConfigError, match="expected UTF-8, found byte 0xe9 at offset 3"):
        load(tmp_path / "latin.yaml", {})
