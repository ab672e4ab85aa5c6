"""A forecast that was broken on purpose is not served, each kind of break by its own sentence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixplan.config.promote import PromoteConfig
from mixplan.promotion.acceptance import NotAcceptableError, accepted, answer_ms, faults_of
from mixplan.promotion.decide import Decision

WEEKS = pd.date_range("2024-07-01", periods=3, freq="W-MON")
HISTORY = pd.DataFrame(
    {"A": [10.0, 40.0], "new": [0.0, 0.0]}, index=pd.date_range("2024-06-17", periods=2, freq="W-MON")
)


@pytest.fixture
def config() -> PromoteConfig:
    return PromoteConfig(margin=0.0, owner="us", tolerance=0.1, most_times=3.0, most_model_kb=1.0, most_answer_ms=50.0)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/model.json").write_text("x" * 1000)
    return tmp_path


def sound() -> pd.DataFrame:
    rows = pd.DataFrame([(product, week) for product in ("A", "new") for week in WEEKS], columns=["product", "week"])
    return rows.assign(
        lower_kg=0.0, prediction_kg=np.where(rows["product"] == "A", 120.0, 1e6), upper_kg=2e6, q50_kg=1.0
    )


def test_a_sound_forecast_has_no_fault(config: PromoteConfig, model: Path) -> None:
    """Three times the largest week is just allowed, and a product without a past has no bound."""
    assert faults_of(sound(), HISTORY, 3, model, 50.0, config) == []


def changed(column: str, value: float) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        rows.loc[1, column] = value
        return rows

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changed("prediction_kg", np.nan), "1 rows hold a quantity that is none, or below zero"),
        (changed("q50_kg", np.inf), "1 rows hold a quantity that is none, or below zero"),
        (changed("lower_kg", -1.0), "1 rows hold a quantity that is none, or below zero"),
        (changed("lower_kg", 3e6), "an interval ends below where it begins"),
        (changed("prediction_kg", 120.1), "120 kg of A in the week of 2024-07-08"),
        (lambda rows: rows.drop(index=2), "A has not one row for each of 3 weeks"),
        (lambda rows: rows.assign(week=WEEKS[0]), "A has not one row for each of 3 weeks"),
        (lambda rows: rows.head(0), "there is no row"),
        (lambda rows: rows.drop(columns="upper_kg"), "columns are missing: upper_kg"),
    ],
)
def test_each_break_has_its_sentence(
    config: PromoteConfig, model: Path, change: Callable[[pd.DataFrame], pd.DataFrame], said: str
) -> None:
    (fault,) = faults_of(change(sound()), HISTORY, 3, model, 50.0, config)
    assert said in fault


def test_a_model_that_is_too_large_is_refused(config: PromoteConfig, model: Path) -> None:
    (model / "more").write_text("y")
    assert faults_of(sound(), HISTORY, 3, model, 50.0, config) == ["the model takes 1 kB, above 1"]


def test_a_model_that_answers_too_slowly_is_refused(config: PromoteConfig, model: Path) -> None:
    assert faults_of(sound(), HISTORY, 3, model, 50.6, config) == ["a forecast takes 51 ms, above 50"]


def test_what_an_answer_takes_is_the_median() -> None:
    """Six answers of 10 ms, and one that something else held up for a second."""
    clock, answers = [0.0], []

    def answer() -> None:
        answers.append(1)
        clock[0] += 1.0 if len(answers) == 3 else 0.01

    assert answer_ms(answer, lambda: clock[0]) == pytest.approx(10.0)
    assert len(answers) == 7


def test_a_challenger_with_faults_does_not_replace_a_champion() -> None:
    better, worse = Decision(True, "lightgbm beats ridge"), Decision(False, "ridge stays")
    assert accepted(better, [], "ridge") is better
    assert accepted(worse, ["it is empty"], "ridge") == replace(worse, servable=False)
    refused = accepted(better, ["it is empty", "it is late"], "ridge")
    assert refused == Decision(
        False, "ridge stays: the challenger must not be served: it is empty; it is late", servable=False
    )


def test_a_first_champion_with_faults_is_none() -> None:
    with pytest.raises(NotAcceptableError, match="the demand winner must not be served: it is empty"):
        accepted(Decision(True, "ridge is the first champion"), ["it is empty"], None)
