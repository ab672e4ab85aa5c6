"""Which candidate forecasts demand: the best, or the simplest that it does not beat by more than noise."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from mixplan.config.demand import DemandConfig
from mixplan.demand.scores import by_month
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.evaluation.metrics import SQUARED
from mixplan.evaluation.significance import OriginTest

Scores = Mapping[str, Mapping[str, float]]
"""By candidate and name."""


class Selection(NamedTuple):
    """The outcome of a comparison."""

    board: list[Entry]
    """Candidates in their order; the first is the winner."""
    losses: dict[str, float]
    """The winner's loss by the day of each origin, see ``losses_by_origin``."""
    against_winner: dict[str, dict[str, float]]
    """By each other candidate, see ``against_winner``."""

    @property
    def winner(self) -> str:
        """The candidate that won."""
        return self.board[0].candidate

    def metrics(self) -> dict[str, Any]:
        """The outcome as metrics keep it: ``winner``, ``leaderboard`` and ``against_winner``."""
        leaderboard = [{"candidate": entry.candidate, **entry.metrics} for entry in self.board]
        return {"winner": self.winner, "leaderboard": leaderboard, "against_winner": self.against_winner}

    def in_words(self) -> list[str]:
        """Who won, and how sure that is, a line each."""
        days = list(self.losses)
        return [f"{self.winner} wins on {len(days)} origins to {days[-1]}"] + [
            f"{name}: loss {lead['excess']:+.0%} on the winner's, p = {lead['p_value']:.3f}"
            for name, lead in self.against_winner.items()
        ]


def select(scores: Scores, predictions: Mapping[str, pd.DataFrame], config: DemandConfig, overlap: int) -> Selection:
    """Rank candidates by their scores up to six months ahead, and test their leads over origins.

    Args:
        scores: by candidate, from ``score``.
        predictions: by candidate, from ``backtest``, all of the same rows.
        config: the metric that decides, what counts as a tie or as noise, and which candidate is simpler.
        overlap: origins until the windows of forecasts no longer overlap.
    """
    rule = config.select
    losses, test = losses_by_origin(predictions, rule.metric), OriginTest(overlap, rule.level)
    entries = [Entry(name, own, config.simplicity.index(name)) for name, own in scores.items()]

    def is_better(best: str, other: str) -> bool:
        return test.is_better(losses[best], losses[other])

    board = rank(entries, f"{rule.metric}_6m", rule.tie_margin, is_better)
    winner = board[0].candidate
    days = losses.index.astype(str)
    by_day = dict(zip(days, losses[winner].tolist(), strict=True))
    return Selection(board, by_day, against_winner(losses, winner, test))


def losses_by_origin(predictions: Mapping[str, pd.DataFrame], metric: str) -> pd.DataFrame:
    """Losses at product x month, for all months of the horizon, by the errors that a metric is made of.

    Args:
        predictions: by candidate, from ``backtest``.
        metric: ``rmse``, ``r2``, ``mae`` or ``wape``.

    Returns:
        One row an origin, oldest first, one column a candidate: squared errors in kg² or absolute ones in kg, scaled so
        that the mean over origins is the mean over all rows.

    Raises:
        ValueError: candidates forecast different rows, or the same rows with other actuals.
    """
    keys = ["origin", "product", "month"]
    months = {name: by_month(rows).set_index(keys) for name, rows in predictions.items()}
    actual = next(iter(months.values()))["actual_kg"]
    odd = [name for name, rows in months.items() if not _is_same(rows["actual_kg"], actual)]
    if odd:
        raise ValueError(f"{', '.join(odd)}: forecasts of other rows than the rest's cannot be compared with them")
    errors = pd.DataFrame({name: rows["prediction_kg"] - actual for name, rows in months.items()})
    sums = (errors**2 if metric in SQUARED else errors.abs()).groupby("origin").sum()
    return sums * (len(sums) / len(errors))


def _is_same(actual: pd.Series, other: pd.Series) -> bool:
    return actual.index.equals(other.index) and np.allclose(actual, other)


def against_winner(losses: pd.DataFrame, winner: str, test: OriginTest) -> dict[str, dict[str, float]]:
    """By how much every other candidate loses more than the winner, and whether that is noise.

    Args:
        losses: from ``losses_by_origin``.
        winner: the winner's column.
        test: the test that chose it.

    Returns:
        By candidate: ``excess``, its mean loss above the winner's as a share of the winner's; ``excess_lower`` and
        ``excess_upper``, the ends of the excess's interval, absent where the origins are too few to tell; and
        ``p_value``, the chance of such an excess or a larger one between equally good models.
    """
    own = float(losses[winner].mean())
    found = {}
    for name in losses.columns.drop(winner):
        gain, margin, p_value = test.lead(losses[winner], losses[name])
        ends = {"excess_lower": (gain - margin) / own, "excess_upper": (gain + margin) / own}
        found[str(name)] = {"excess": gain / own, **(ends if margin < float("inf") else {}), "p_value": p_value}
    return found
