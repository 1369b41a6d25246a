"""The dashboard and the alert rules ask for what there is."""

import json
import re
from pathlib import Path

import pytest
import yaml

from aiclient.telemetry.series import COUNTERS, GAUGES, HISTOGRAMS

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"
_METRIC = re.compile(r"\b(?:aiclient|gen_ai_client)_[a-z_]+")
_SELECTED = re.compile(r"(?P<name>\w+)\{(?P<matchers>[^}]*)\}")
_GROUPED = re.compile(r"by \((?P<labels>[^)]*)\)")
_LABELS = {name: set(metric.labels) for family in (COUNTERS, GAUGES, HISTOGRAMS) for name, metric in family.items()}


def queries() -> list[str]:
    """What is asked of Prometheus."""
    dashboard = json.loads((FOLDER / "grafana-dashboard.json").read_text("utf-8"))
    rules = yaml.safe_load((FOLDER / "alerts.yaml").read_text("utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return shown + [rule["expr"] for group in rules["groups"] for rule in group["rules"]]


def shown(name: str) -> str:
    """The metric that a name of one of its series belongs to."""
    return name if name in _LABELS else re.sub(r"_(?:bucket|sum|count)$", "", name)


def metrics_in(query: str) -> set[str]:
    """The metrics that a query names; labels have names like that, too."""
    bare = _GROUPED.sub("", re.sub(r"\{[^}]*\}", "", query))
    return {shown(name) for name in _METRIC.findall(bare)}


@pytest.mark.parametrize("query", queries())
def test_a_query_names_metrics_and_labels_that_exist(query: str) -> None:
    metrics = metrics_in(query)
    assert metrics
    assert metrics <= _LABELS.keys()
    for selected in _SELECTED.finditer(query):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selected["matchers"]))
        assert labels <= _LABELS[shown(selected["name"])]
    labels = {label.strip() for grouped in _GROUPED.finditer(query) for label in grouped["labels"].split(",")}
    assert labels - {"le", ""} <= set().union(*(_LABELS[metric] for metric in metrics))


def test_every_metric_is_looked_at() -> None:
    """What nobody looks at need not be counted; what only says who runs is there for joins."""
    asked = set().union(*map(metrics_in, queries()))
    unseen = {"aiclient_info", "gen_ai_client_operation_time_to_first_chunk_seconds"}
    assert _LABELS.keys() - asked == unseen
