"""The hypothesis profile of `make test-slow`: the same properties, tried with fifty times as many examples."""

from hypothesis import HealthCheck, settings

settings.register_profile("thorough", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
