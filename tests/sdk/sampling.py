"""How each vendor is told the same things about an answer, beyond what the scenarios ask for."""

from tests.backends.exchange import Arrival, Json

TEMPERATURE = 0.7
STOP = "</poem>"

# In the request that the backend gets, whatever the client's spelling was.
ARRIVED: dict[str, Json] = {
    "openai_chat": {"temperature": TEMPERATURE, "stop": [STOP]},
    "anthropic": {"temperature": TEMPERATURE, "stop_sequences": [STOP]},
    "gemini": {"temperature": TEMPERATURE, "stopSequences": [STOP]},
}


def arrived(provider: str, arrival: Arrival) -> Json:
    """Those fields of a request that `ARRIVED` names."""
    fields = arrival.body.get("generationConfig", {}) if provider == "gemini" else arrival.body
    return {name: fields.get(name) for name in ARRIVED[provider]}
