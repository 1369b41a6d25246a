"""How each vendor is told the temperature, beyond what the scenarios ask for."""

from tests.backends.exchange import Arrival, JsonValue

TEMPERATURE = 0.7


def temperature_of(provider: str, arrival: Arrival) -> JsonValue:
    """The temperature in a request that a backend got."""
    fields = arrival.body.get("generationConfig", {}) if provider == "gemini" else arrival.body
    return fields.get("temperature")
