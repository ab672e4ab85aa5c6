"""The order of a leaderboard."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.evaluation.leaderboard import Entry, rank

SCORES = st.lists(st.floats(0.01, 100.0), min_size=1, max_size=8)


def entries(scores: list[float], metric: str = "rmse_6m") -> list[Entry]:
    return [Entry(f"c{number}", {metric: score, "bias": 0.0}, number) for number, score in enumerate(scores)]


def names(board: list[Entry]) -> list[str]:
    return [entry.candidate for entry in board]


@pytest.mark.parametrize(
    ("metric", "best"),
    [("rmse", "low"), ("rmse_6m", "low"), ("wape_3m", "low"), ("mae_6m", "low"), ("r2", "high"), ("r2_6m", "high")],
)
def test_direction_is_that_of_the_metric_with_or_without_its_horizon(metric: str, best: str) -> None:
    board = rank([Entry("low", {metric: 0.2}, 1), Entry("high", {metric: 0.9}, 0)], metric)
    assert board[0].candidate == best


@given(SCORES)
def test_without_a_margin_the_order_is_that_of_the_scores(scores: list[float]) -> None:
    board = rank(entries(scores), "rmse_6m")
    assert [entry.metrics["rmse_6m"] for entry in board] == sorted(scores)


@given(SCORES, st.floats(0.0, 0.5), st.sampled_from(["rmse_6m", "r2_6m"]))
def test_winner_is_the_simplest_within_the_margin_of_the_best(scores: list[float], margin: float, metric: str) -> None:
    best = max(scores) if metric == "r2_6m" else min(scores)
    tied = [number for number, score in enumerate(scores) if abs(score - best) <= margin * abs(best) * (1 + 1e-12)]
    sure = [number for number, score in enumerate(scores) if abs(score - best) <= margin * abs(best) * (1 - 1e-12)]
    winner = int(names(rank(entries(scores, metric), metric, margin))[0][1:])
    assert min(tied) <= winner <= min(sure, default=winner)


@given(SCORES, st.floats(0.0, 0.5), st.sets(st.integers(0, 7)))
def test_winner_is_the_simplest_that_the_best_is_not_better_than(
    scores: list[float], margin: float, noise: set[int]
) -> None:
    """Each candidate whose number is in ``noise`` differs from the best by luck."""
    asked = set()

    def is_better(best: str, other: str) -> bool:
        asked.add(best)
        return int(other[1:]) not in noise

    board = rank(entries(scores), "rmse_6m", margin, is_better)
    assert asked <= {f"c{scores.index(min(scores))}"}
    tied: list[int] = []
    for score, number in sorted((score, number) for number, score in enumerate(scores)):
        if score > min(scores) * (1 + margin) and number not in noise:
            break
        tied.append(number)
    assert [entry.complexity for entry in board[: len(tied)]] == sorted(tied)
    beaten = [entry.metrics["rmse_6m"] for entry in board[len(tied) :]]
    assert beaten == sorted(beaten)


def test_noise_does_not_lift_a_candidate_over_a_better_one_that_is_beaten() -> None:
    """A wild forecast that may be as good as the best, but scores worse than a steady one that is not."""
    board = [Entry("wild", {"rmse": 30.0}, 0), Entry("steady", {"rmse": 20.0}, 1), Entry("best", {"rmse": 10.0}, 2)]
    order = rank(board, "rmse", is_better=lambda _, other: other == "steady")
    assert names(order) == ["best", "steady", "wild"]


@given(SCORES, st.floats(0.0, 0.5), st.randoms())
def test_order_of_the_entries_does_not_matter(scores: list[float], margin: float, random: object) -> None:
    board = entries(scores)
    shuffled = board.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank(shuffled, "rmse_6m", margin) == rank(board, "rmse_6m", margin)


def test_scores_below_zero_tie_by_their_size() -> None:
    """R2 may be negative: one per cent of -2 is 0.02."""
    board = [Entry("rich", {"r2": -2.0}, 1), Entry("simple", {"r2": -2.019}, 0), Entry("worse", {"r2": -2.03}, 0)]
    assert names(rank(board, "r2", 0.01)) == ["simple", "rich", "worse"]


def test_equal_scores_and_complexity_go_by_name() -> None:
    assert names(rank([Entry("b", {"mae": 1.0}, 0), Entry("a", {"mae": 1.0}, 0)], "mae")) == ["a", "b"]


def test_a_missing_score_is_an_error() -> None:
    with pytest.raises(ValueError, match="no rmse_6m for late, never"):
        rank([Entry("here", {"rmse_6m": 1.0}, 0), Entry("late", {"rmse_3m": 1.0}, 1), Entry("never", {}, 2)], "rmse_6m")


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_number_does_not_win(score: float) -> None:
    with pytest.raises(ValueError, match="no rmse for odd"):
        rank([Entry("odd", {"rmse": score}, 0), Entry("even", {"rmse": 1.0}, 1)], "rmse")


def test_no_candidates_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least one candidate"):
        rank([], "rmse")


def test_a_metric_without_a_direction_picks_no_winner() -> None:
    with pytest.raises(KeyError):
        rank([Entry("a", {"bias": 0.1}, 0)], "bias")
