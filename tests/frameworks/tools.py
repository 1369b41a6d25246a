"""The tools of the scenarios as Python functions, of which the frameworks make schemas."""

from typing import Literal

from tests.backends import scenarios as played


def get_weather(city: str, days: int) -> str:
    """The weather in a city."""
    assert {"city": city, "days": days} == played.WEATHER_CALL.arguments
    return played.RESULTS["get_weather"]


def get_time(zone: Literal["Asia/Tokyo", "Europe/Oslo"]) -> str:
    """The time in a zone."""
    assert {"zone": zone} == played.TIME_CALL.arguments
    return played.RESULTS["get_time"]
