"""Which schemas Gemini takes: its own kind, after OpenAPI, and a part of JSON Schema."""

from tests.backends.checks import an_object, one_of, words
from tests.backends.exchange import JsonValue

SCHEMA = words(
    """
    type format title description nullable enum items minItems maxItems minimum maximum anyOf properties required
    propertyOrdering minLength maxLength minProperties maxProperties pattern default example
    """
)
TYPES = words("STRING NUMBER INTEGER BOOLEAN ARRAY OBJECT NULL")
JSON_SCHEMA = words(
    """
    $schema $id $defs $ref $anchor type format title description enum items prefixItems minItems maxItems minimum
    maximum anyOf oneOf properties additionalProperties required propertyOrdering
    """
)


def check_schema(schema: JsonValue, where: str) -> None:
    """Refuse what the field of Gemini's own kind does not know."""
    an_object(schema, where, SCHEMA)
    # Its names are upper-case; Google reads them in any case, and LangChain writes JSON Schema's.
    one_of(schema.get("type", "STRING").upper(), f"{where}/type", TYPES)
    for name, inner in schema.get("properties", {}).items():
        check_schema(inner, f"{where}/properties/{name}")
    if "items" in schema:
        check_schema(schema["items"], f"{where}/items")
    for index, choice in enumerate(schema.get("anyOf", [])):
        check_schema(choice, f"{where}/anyOf/{index}")


def check_json_schema(schema: JsonValue, where: str) -> None:
    """Refuse what the field for JSON Schema does not know."""
    an_object(schema, where, JSON_SCHEMA)
    if "$ref" in schema:
        an_object(schema, where, [name for name in JSON_SCHEMA if name.startswith("$")])
    for name in ("properties", "$defs"):
        for key, inner in schema.get(name, {}).items():
            check_json_schema(inner, f"{where}/{name}/{key}")
    for name in ("anyOf", "oneOf", "prefixItems"):
        for index, inner in enumerate(schema.get(name, [])):
            check_json_schema(inner, f"{where}/{name}/{index}")
    if isinstance(schema.get("items"), dict):
        check_json_schema(schema["items"], f"{where}/items")
