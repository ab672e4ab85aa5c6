"""When a challenger replaces the champion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.promotion.decide import Contender, decide

SCORES = st.floats(0.01, 1e6)


def contenders(challenger: float, champion: float) -> tuple[Contender, Contender]:
    return Contender("lightgbm", "d1", challenger), Contender("ridge", "d1", champion)


CASES = [
    # metric, challenger, champion, margin, promote
    ("rmse_6m", 99.0, 100.0, 0.0, True),
    ("rmse_6m", 100.0, 100.0, 0.0, False),
    ("rmse_6m", 101.0, 100.0, 0.0, False),
    ("rmse_6m", 98.9, 100.0, 0.01, True),
    ("rmse_6m", 99.0, 100.0, 0.01, False),
    ("rmse_6m", 99.5, 100.0, 0.01, False),
    ("wape_3m", 0.1, 0.2, 0.4, True),
    ("mae", 0.2, 0.1, 0.0, False),
    ("r2_6m", 0.91, 0.9, 0.0, True),
    ("r2_6m", 0.9, 0.91, 0.0, False),
    ("r2", 0.95, 0.9, 0.05, True),
    ("r2", 0.94, 0.9, 0.05, False),
    ("r2", -0.5, -1.0, 0.4, True),
    ("r2", -0.7, -1.0, 0.4, False),
]


@pytest.mark.parametrize(("metric", "challenger", "champion", "margin", "promote"), CASES)
def test_on_the_same_data_only_a_better_score_wins(
    metric: str, challenger: float, champion: float, margin: float, promote: bool
) -> None:
    decision = decide(*contenders(challenger, champion), metric, margin)
    assert decision.promote is promote
    assert decision.reason.startswith("lightgbm beats ridge" if promote else "ridge stays")
    assert f"{metric} {challenger:.4g} against {champion:.4g}" in decision.reason


@pytest.mark.parametrize("margin", [0.0, 0.5])
def test_the_first_winner_is_the_champion(margin: float) -> None:
    decision = decide(Contender("ridge", "d1", 1e9), None, "rmse", margin)
    assert decision.promote
    assert decision.reason == "ridge is the first champion"


@pytest.mark.parametrize("score", [1.0, 100.0, 1e9])
def test_new_data_bring_their_own_champion(score: float) -> None:
    """Scores of two data versions are of other rows, so they are not compared."""
    decision = decide(Contender("ridge", "d2", score), Contender("ridge", "d1", 100.0), "rmse", 0.1)
    assert decision.promote
    assert "new data (d2)" in decision.reason


@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_the_champion_itself_is_promoted_again(margin: float) -> None:
    """Its files may have changed, as in a longer forecast, while its score has not."""
    same = Contender("ridge", "d1", 100.0)
    decision = decide(same, Contender("ridge", "d1", 100.0), "rmse", margin)
    assert decision.promote
    assert decision.reason.startswith("ridge stays champion")


@pytest.mark.parametrize(("score", "promote"), [(90.0, True), (110.0, False)])
def test_the_champion_with_other_parameters_must_be_better(score: float, promote: bool) -> None:
    new, old = Contender("ridge", "d1", score), Contender("ridge", "d1", 100.0)
    assert decide(new, old, "rmse", 0.0).promote is promote


@given(SCORES, SCORES, st.floats(0.0, 0.9), st.sampled_from(["rmse_6m", "r2"]))
def test_two_models_never_replace_each_other_in_turn(one: float, other: float, margin: float, metric: str) -> None:
    there, back = contenders(one, other), contenders(other, one)
    assert not (decide(*there, metric, margin).promote and decide(*back, metric, margin).promote)


def test_a_metric_without_a_direction_decides_nothing() -> None:
    with pytest.raises(KeyError):
        decide(*contenders(1.0, 2.0), "bias", 0.0)
