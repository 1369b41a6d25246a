"""Names of models, and where they lead."""

import pytest

from aiclient.errors import UnknownModelError
from aiclient.routing import Router, Rule, Target

PROVIDERS = dict.fromkeys(["openai", "anthropic", "gemini"])
MODELS = {
    name: Rule.to(*targets)
    for name, targets in {
        "fast": ("openai/gpt-5-mini", "anthropic/claude-haiku-4-5"),
        "openai/special": ("gemini/gemini-3-pro",),
        "claude-*": ("anthropic/claude-*",),
        "claude-opus-*": ("anthropic/claude-opus-*-latest",),
        "*-from-*": ("openai/*.*",),
        "meta/*": ("openai/meta-llama/*",),
    }.items()
}


@pytest.mark.parametrize(
    ("model", "targets"),
    [
        ("fast", ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5"]),
        # An exact name comes before the provider that it seems to name.
        ("openai/special", ["gemini/gemini-3-pro"]),
        ("openai/fast", ["openai/fast"]),
        ("openai/org/model:free", ["openai/org/model:free"]),
        # A provider comes before a pattern, and of the patterns the longest.
        ("anthropic/claude-x", ["anthropic/claude-x"]),
        ("claude-sonnet-4-5", ["anthropic/claude-sonnet-4-5"]),
        ("claude-opus-4", ["anthropic/claude-opus-4-latest"]),
        ("a-from-b", ["openai/a.b"]),
        ("meta/llama-4", ["openai/meta-llama/llama-4"]),
        # What a * matches may hold a * itself.
        ("*-from-x", ["openai/*.x"]),
    ],
)
def test_a_name_leads_to_targets(model: str, targets: list[str]) -> None:
    assert [str(target) for target in Router(MODELS, PROVIDERS, None).resolve(model)] == targets


def test_any_other_name_leads_to_the_default_provider() -> None:
    router = Router(MODELS, PROVIDERS, "gemini")
    assert router.resolve("unheard-of") == (Target("gemini", "unheard-of"),)
    assert router.resolve("unheard/of") == (Target("gemini", "unheard/of"),)


@pytest.mark.parametrize("model", ["fast", "openai/fast", "unheard-of"])
def test_a_provider_in_the_path_takes_every_model(model: str) -> None:
    """The name is then the provider's own, even if it is ours, too."""
    assert Router(MODELS, PROVIDERS, None).resolve(model, provider="openai") == (
        Target("openai", model.removeprefix("openai/")),
    )


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("fasst", "did you mean fast"),
        ("claud", "did you mean claude-*?"),
        ("clade-sonnet-4-5-20250929", "did you mean claude-*?"),
        ("claude-", "did you mean claude-opus-* or claude-*?"),
        ("meta/", "did you mean meta/*?"),
        ("gpt", "there are fast, openai/special and openai/..., anthropic/..., gemini/..."),
    ],
)
def test_an_unknown_name_is_told_the_known_ones(model: str, hint: str) -> None:
    with pytest.raises(UnknownModelError) as raised:
        Router(MODELS, PROVIDERS, None).resolve(model)
    assert raised.value.status == 404
    assert raised.value.pointer == "/model"
    assert f"'{model}'" in raised.value.message
    assert hint in raised.value.message


@pytest.mark.parametrize("model", ["old-", "-from-", "a-from-", "-from-b"])
def test_a_star_is_at_least_a_character(model: str) -> None:
    router = Router({"old-*": Rule.to("openai/*"), "*-from-*": Rule.to("openai/*.*")}, PROVIDERS, None)
    assert router.resolve("old-x") == (Target("openai", "x"),)
    with pytest.raises(UnknownModelError):
        router.resolve(model)


def test_a_pattern_is_no_regular_expression() -> None:
    router = Router({"gpt-5.1*": Rule.to("openai/gpt-5.1*")}, PROVIDERS, None)
    assert router.resolve("gpt-5.1-mini") == (Target("openai", "gpt-5.1-mini"),)
    with pytest.raises(UnknownModelError):
        router.resolve("gpt-5x1-mini")
