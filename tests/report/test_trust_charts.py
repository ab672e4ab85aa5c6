"""Segments and chances say how far they can be trusted."""

from pathlib import Path

import pytest

from mixplan.report.headline import worth_note
from mixplan.report.inputs import Metrics, read_results
from mixplan.report.trust_charts import reliability_chart, reliability_note, segments_chart, segments_note


@pytest.fixture
def metrics(root: Path) -> Metrics:
    return read_results(root).metrics


def test_firm_segments_say_how_often_they_are_found_again(metrics):
    assert segments_note(metrics).startswith("2 kinds of customers. Found anew")
    assert "agree with these by 0.750" in segments_note(metrics)


def test_segments_that_are_not_found_again_are_no_kinds(metrics):
    loose = metrics | {"customers": metrics["customers"] | {"firm": 0.0, "stability_2": 0.41}}
    note = segments_note(loose)
    assert "form no kinds" in note
    assert "cut into 2" in note
    assert "agreement 0.410" in note


def test_every_number_that_was_tried_is_drawn(metrics):
    drawn = segments_chart(metrics)
    assert "2 to 3 segments, 2 of which were taken" in drawn.wide
    assert "stability 0.750, 0.750" in drawn.narrow


def test_reliability_says_what_came(metrics):
    assert "said 40.0%, came 50.0%" in reliability_chart(metrics).wide
    assert "logistic foresaw risk best" in reliability_note(metrics)
    calm = metrics | {"risk": metrics["risk"] | {"reliability": [{"chance": 0.0, "share": 0.0, "n": 9.0}]}}
    assert reliability_note(calm).startswith("No customer was at risk")
    assert reliability_chart(calm).caption == reliability_note(calm)


def test_the_range_of_worth_is_held_against_what_came(metrics):
    assert "for 80.0% of the customers" in worth_note(metrics)
    assert worth_note(metrics).endswith("on 7 days before for 81.0%, and for 72.0% in the latest year.")
    none = {"interval": 0.8, "days": 0.0}
    short = metrics | {"risk": metrics["risk"] | {"worth": {"selection": none, "latest": none}}}
    assert worth_note(short).endswith("The history is too short to try it.")
