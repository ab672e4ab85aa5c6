"""The leaderboard of a task and the rule that picks its winner."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mixplan.evaluation.metrics import GREATER_IS_BETTER


@dataclass(frozen=True)
class Entry:
    """One candidate's scores on the rows that every candidate of its task was scored on."""

    candidate: str
    metrics: Mapping[str, float]
    complexity: int
    """Rank of simplicity, 0 the simplest: ties go to the lower one."""


def rank(entries: Sequence[Entry], metric: str, tie_margin: float = 0.0) -> list[Entry]:
    """Order entries best first; those within ``tie_margin`` of the best are ordered by simplicity.

    Args:
        entries: all candidates of one task.
        metric: the name of the metric that decides; it may end in its horizon, as in ``rmse_6m``.
        tie_margin: relative difference to the best score that does not count as better (0.01 is one per cent).

    Raises:
        ValueError: no entries, or an entry without a finite value of the deciding metric.

    >>> simple, rich = Entry("mean", {"rmse": 10.05}, 0), Entry("forest", {"rmse": 10.0}, 5)
    >>> [entry.candidate for entry in rank([rich, simple], "rmse")]
    ['forest', 'mean']
    >>> [entry.candidate for entry in rank([rich, simple], "rmse", tie_margin=0.01)]
    ['mean', 'forest']
    """
    if not entries:
        raise ValueError("a leaderboard needs at least one candidate")
    without = [entry.candidate for entry in entries if not math.isfinite(entry.metrics.get(metric, math.nan))]
    if without:
        raise ValueError(f"no {metric} for {', '.join(without)}: a candidate without a score cannot be compared")
    known = metric if metric in GREATER_IS_BETTER else metric.partition("_")[0]
    sign = -1.0 if GREATER_IS_BETTER[known] else 1.0
    best = min(sign * entry.metrics[metric] for entry in entries)
    allowed = best + tie_margin * abs(best)

    def order(entry: Entry) -> tuple[bool, float, float, str]:
        loss = sign * entry.metrics[metric]
        tied = loss <= allowed
        return (not tied, entry.complexity if tied else loss, loss, entry.candidate)

    return sorted(entries, key=order)
