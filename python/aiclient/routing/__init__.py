"""From the name that a client gives a model to the targets that serve it, and the order in which they are asked."""

from aiclient.routing.conversation import session_of
from aiclient.routing.order import ordered
from aiclient.routing.route import HedgeBudget, Policy, Route
from aiclient.routing.router import Router, Rule
from aiclient.routing.target import Overrides, Target

__all__ = ["HedgeBudget", "Overrides", "Policy", "Route", "Router", "Rule", "Target", "ordered", "session_of"]
