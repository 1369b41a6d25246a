"""What OpenAI keeps of its replies: items and whole responses, found again by their ids."""

import hashlib
import json

from tests.backends.exchange import Json

_items: dict[str, Json] = {}
_conversations: dict[str, list[Json]] = {}


def identify(prefix: str, content: object) -> str:
    """An id of the vendor's form that is always the same for the same content."""
    digest = hashlib.sha384(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return f"{prefix}{digest[:48]}"


def keep(response_id: str, asked: list[Json], output: list[Json]) -> None:
    """Remember a response: its items by their own ids, and the conversation so far by the response's."""
    _items.update({item["id"]: item for item in output})
    _conversations[response_id] = [*asked, *output]


def kept_item(identifier: str) -> Json | None:
    """The item of this id, if it was kept."""
    return _items.get(identifier)


def kept_conversation(response_id: str) -> list[Json] | None:
    """All items up to the end of this response, if it was kept."""
    return _conversations.get(response_id)
