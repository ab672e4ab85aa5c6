"""Whether a challenger replaces the champion."""

from dataclasses import dataclass

from mixplan.evaluation.metrics import GREATER_IS_BETTER


@dataclass(frozen=True)
class Contender:
    """A winner with its score on the windows of one data version that choose winners."""

    candidate: str
    data_version: str
    score: float


@dataclass(frozen=True)
class Decision:
    """The outcome, and why in one sentence."""

    promote: bool
    reason: str


def decide(challenger: Contender, champion: Contender | None, metric: str, margin: float) -> Decision:
    """Compare on the same rows: the selection windows of one data version; the last window decides nothing.

    New data has other rows, and a champion that has not seen it would forecast from old history: its own winner
    replaces the champion.

    Args:
        challenger: the winner of this run.
        champion: what is served now, if anything.
        metric: the metric of both scores; it may end in its horizon, as in ``rmse_6m``.
        margin: relative improvement that the challenger must bring.

    >>> old, new = Contender("ridge", "d1", 100.0), Contender("lightgbm", "d1", 98.5)
    >>> decide(new, old, "rmse", 0.01).promote, decide(new, old, "rmse", 0.02).promote
    (True, False)
    """
    if champion is None:
        return Decision(True, f"{challenger.candidate} is the first champion")
    if champion.data_version != challenger.data_version:
        return Decision(True, f"{challenger.candidate} won on new data ({challenger.data_version})")
    gain = (
        challenger.score - champion.score
        if GREATER_IS_BETTER[metric.partition("_")[0]]
        else champion.score - challenger.score
    )
    scores = f"{metric} {challenger.score:.4g} against {champion.score:.4g}"
    needed = margin * abs(champion.score)
    if gain > needed:
        return Decision(True, f"{challenger.candidate} beats {champion.candidate}: {scores}")
    if gain == 0 and challenger == champion:
        return Decision(True, f"{challenger.candidate} stays champion: {scores}")
    return Decision(
        False, f"{champion.candidate} stays: {challenger.candidate} is not better by {margin:.1%}, {scores}"
    )
