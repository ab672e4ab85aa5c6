"""Whether a challenger replaces the champion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from mixplan.artifacts.champion import Winner
from mixplan.evaluation.metrics import GREATER_IS_BETTER
from mixplan.evaluation.significance import OriginTest


@dataclass(frozen=True)
class Contender:
    """A winner with its score on the windows of one data version that choose winners."""

    candidate: str
    data_version: str
    score: float
    losses: Mapping[str, float] = field(default_factory=dict)
    """Its loss in each of these windows, by the day of its origin; empty where there is but one."""

    @classmethod
    def of(cls, winner: Winner, data_version: str, metric: str) -> Self:
        """A winner by one metric."""
        return cls(winner.candidate, data_version, winner.chosen_by[metric], winner.losses)


@dataclass(frozen=True)
class Decision:
    """The outcome, and why in one sentence."""

    promote: bool
    reason: str


def decide(
    challenger: Contender, champion: Contender | None, metric: str, margin: float, test: OriginTest | None = None
) -> Decision:
    """Compare on the same rows: the selection windows of one data version; the last window decides nothing.

    New data has other rows, and a champion that has not seen it would forecast from old history: its own winner
    replaces the champion. So it does where the windows are others, as scores on them say nothing about the champion's.

    Args:
        challenger: the winner of this run.
        champion: what is served now, if anything.
        metric: the metric of both scores; it may end in its horizon, as in ``rmse_6m``.
        margin: relative improvement that the challenger must bring.
        test: what tells a lead from noise, by the losses of both at each origin; none where one window was scored.

    >>> old, new = Contender("ridge", "d1", 100.0), Contender("lightgbm", "d1", 98.5)
    >>> decide(new, old, "rmse", 0.01).promote, decide(new, old, "rmse", 0.02).promote
    (True, False)
    """
    if champion is None:
        return Decision(True, f"{challenger.candidate} is the first champion")
    if champion.data_version != challenger.data_version:
        return Decision(True, f"{challenger.candidate} won on new data ({challenger.data_version})")
    if champion.losses.keys() != challenger.losses.keys():
        return Decision(True, f"{challenger.candidate} won on other windows than {champion.candidate} did")
    return _on_the_same_rows(challenger, champion, metric, margin, test)


def _on_the_same_rows(
    challenger: Contender, champion: Contender, metric: str, margin: float, test: OriginTest | None
) -> Decision:
    gain = challenger.score - champion.score
    if not GREATER_IS_BETTER[metric.partition("_")[0]]:
        gain = -gain
    scores = f"{metric} {challenger.score:.4g} against {champion.score:.4g}"
    if gain == 0 and challenger == champion:
        return Decision(True, f"{challenger.candidate} stays champion: {scores}")
    if gain <= margin * abs(champion.score):
        return Decision(
            False, f"{champion.candidate} stays: {challenger.candidate} is not better by {margin:.1%}, {scores}"
        )
    if test and (p_value := _p_value(challenger, champion, test)) > test.level:
        return Decision(
            False, f"{champion.candidate} stays: {challenger.candidate} may lead by chance, {scores}, p = {p_value:.3f}"
        )
    return Decision(True, f"{challenger.candidate} beats {champion.candidate}: {scores}")


def _p_value(challenger: Contender, champion: Contender, test: OriginTest) -> float:
    days = sorted(challenger.losses)
    own, other = ([contender.losses[day] for day in days] for contender in (challenger, champion))
    return test.lead(own, other).p_value
