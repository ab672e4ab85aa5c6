"""Whether a challenger replaces the champion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
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
    parts: Mapping[str, float] = field(default_factory=dict)
    """Its WAPE by horizon and by class of product; empty where the task knows none."""

    @classmethod
    def of(cls, winner: Winner, data_version: str, metric: str) -> Self:
        """A winner by one metric."""
        parts = {name: value for name, value in winner.chosen_by.items() if _is_part(name)}
        return cls(winner.candidate, data_version, winner.chosen_by[metric], winner.losses, parts)


def _is_part(name: str) -> bool:
    return name.startswith("wape_") or (name.startswith("class_") and name.endswith("/wape"))


@dataclass(frozen=True)
class Decision:
    """The outcome, and why in one sentence."""

    promote: bool
    reason: str
    servable: bool = True
    """Whether a challenger that is not promoted may answer a share of the traffic."""


def decide(
    challenger: Contender,
    champion: Contender | None,
    metric: str,
    margin: float,
    test: OriginTest | None = None,
    tolerance: float = inf,
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
        tolerance: how much worse, relatively, the challenger may be at a horizon or in a class of products.

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
    return _on_the_same_rows(challenger, champion, metric, margin, test, tolerance)


def _on_the_same_rows(
    challenger: Contender,
    champion: Contender,
    metric: str,
    margin: float,
    test: OriginTest | None,
    tolerance: float,
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
    if worse := _regressions(challenger, champion, tolerance):
        return Decision(
            False,
            f"{champion.candidate} stays: {challenger.candidate} is worse by more than {tolerance:.0%} in {worse[0]}, "
            f"though {scores}",
        )
    return Decision(True, f"{challenger.candidate} beats {champion.candidate}: {scores}")


def _regressions(challenger: Contender, champion: Contender, tolerance: float) -> list[str]:
    """Horizons and classes in which the challenger is worse by more than is allowed, the worst first."""
    both = {name: (challenger.parts[name], own) for name, own in champion.parts.items() if name in challenger.parts}
    excess = {name: new - (1 + tolerance) * old for name, (new, old) in both.items()}
    worse = sorted((name for name, value in excess.items() if value > 0), key=excess.__getitem__, reverse=True)
    return [f"{name} ({both[name][0]:.1%} against {both[name][1]:.1%})" for name in worse]


def _p_value(challenger: Contender, champion: Contender, test: OriginTest) -> float:
    days = sorted(challenger.losses)
    own, other = ([contender.losses[day] for day in days] for contender in (challenger, champion))
    return test.lead(own, other).p_value
