"""Names of fields: protocol buffers as JSON take `camelCase` and `snake_case`, and the SDK sends a mixture."""

import re

from tests.backends.exchange import JsonValue

# What is inside belongs to the user, not to the protocol.
FOREIGN = frozenset({"args", "response", "parametersJsonSchema", "responseJsonSchema"})


def in_camel_case(value: JsonValue) -> JsonValue:
    """The value with the protocol's names as the documentation spells them."""
    if isinstance(value, list):
        return [in_camel_case(item) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {_camel(name): inner for name, inner in value.items()}
    return {name: _inner(name, inner) for name, inner in renamed.items()}


def _inner(name: str, value: JsonValue) -> JsonValue:
    if name in FOREIGN:
        return value
    if name == "properties":
        # The user names them; what stands behind the names is the protocol's again.
        return {key: in_camel_case(schema) for key, schema in value.items()}
    return in_camel_case(value)


def _camel(name: str) -> str:
    return re.sub(r"(?<=[a-z])_([a-z])", lambda match: match[1].upper(), name)
