"""When a challenger replaces the champion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.artifacts.champion import Winner
from mixplan.evaluation.significance import OriginTest
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


TEST = OriginTest(overlap=1, level=0.1)


def with_losses(candidate: str, score: float, losses: list[float], first: int = 1) -> Contender:
    return Contender(candidate, "d1", score, {f"2023-0{month}-01": loss for month, loss in enumerate(losses, first)})


@pytest.mark.parametrize(
    ("losses", "promote", "said"),
    [
        ([80.0, 82.0, 81.0, 79.0], True, "lightgbm beats ridge: rmse_6m 9 against 10, p = 0.000"),
        ([1.0, 101.0, 99.0, 103.0], False, "ridge stays: lightgbm may lead by chance, rmse_6m 9 against 10, p = 0.2"),
    ],
)
def test_a_lead_by_chance_replaces_no_champion(losses: list[float], promote: bool, said: str) -> None:
    champion = with_losses("ridge", 10.0, [100.0, 101.0, 100.0, 99.0])
    decision = decide(with_losses("lightgbm", 9.0, losses), champion, "rmse_6m", 0.0, TEST)
    assert decision.promote is promote
    assert decision.reason.startswith(said.removesuffix(", p = 0.000"))


def test_losses_are_paired_by_their_day() -> None:
    champion = with_losses("ridge", 10.0, [100.0, 200.0, 300.0, 400.0])
    losses = {day: loss - 10.0 - number for number, (day, loss) in enumerate(champion.losses.items())}
    turned = Contender("lightgbm", "d1", 9.0, dict(reversed(losses.items())))
    assert decide(turned, champion, "rmse_6m", 0.0, TEST).promote


def test_scores_on_other_windows_are_not_compared() -> None:
    champion = with_losses("ridge", 10.0, [100.0, 101.0])
    decision = decide(with_losses("lightgbm", 99.0, [9.0, 9.0], first=3), champion, "rmse_6m", 0.0, TEST)
    assert decision.promote
    assert decision.reason == "lightgbm won on other windows than ridge did"


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


def with_parts(candidate: str, score: float, **parts: float) -> Contender:
    return Contender(candidate, "d1", score, parts={name.replace("__", "/"): value for name, value in parts.items()})


@pytest.mark.parametrize(
    ("tolerance", "parts", "said"),
    [
        (0.1, {"wape_3m": 0.2, "class_A__wape": 0.109}, "lightgbm beats ridge"),
        (0.1, {"wape_3m": 0.2, "class_A__wape": 0.111}, "in class_A/wape (11.1% against 10.0%), though rmse_6m 9"),
        (0.1, {"wape_3m": 0.5, "class_A__wape": 0.2}, "in wape_3m (50.0% against 20.0%), though rmse_6m 9"),
        (2.0, {"wape_3m": 0.5, "class_A__wape": 0.2}, "lightgbm beats ridge"),
        (0.0, {"class_Z__wape": 9.0}, "lightgbm beats ridge"),
    ],
)
def test_a_better_challenger_is_refused_where_some_part_is_much_worse(
    tolerance: float, parts: dict[str, float], said: str
) -> None:
    champion = with_parts("ridge", 10.0, wape_3m=0.2, class_A__wape=0.1)
    decision = decide(with_parts("lightgbm", 9.0, **parts), champion, "rmse_6m", 0.0, tolerance=tolerance)
    assert said in decision.reason
    assert decision.promote is ("beats" in said)


def test_a_contender_knows_its_horizons_and_classes() -> None:
    scores = {"rmse_6m": 9.0, "wape_3m": 0.2, "class_A/wape": 0.1, "class_A/rmse": 5.0, "product_week/wape": 0.4}
    winner = Winner(candidate="ridge", metrics={}, chosen_by=scores)
    assert Contender.of(winner, "d1", "rmse_6m").parts == {"wape_3m": 0.2, "class_A/wape": 0.1}
