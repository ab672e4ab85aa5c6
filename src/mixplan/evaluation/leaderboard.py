"""The leaderboard of a task and the rule that picks its winner."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from mixplan.evaluation.metrics import GREATER_IS_BETTER


@dataclass(frozen=True)
class Entry:
    """One candidate's scores on the rows that every candidate of its task was scored on."""

    candidate: str
    metrics: Mapping[str, float]
    complexity: int
    """Rank of simplicity, 0 the simplest: ties go to the lower one."""


def any_lead(_best: str, _other: str) -> bool:
    """Every difference counts: the rule of a task that is scored at one time only."""
    return True


def rank(
    entries: Sequence[Entry], metric: str, tie_margin: float = 0.0, is_better: Callable[[str, str], bool] = any_lead
) -> list[Entry]:
    """Order entries best first; those that tie with the best come before the others, ordered by simplicity.

    A tie is a score within ``tie_margin`` of the best one, or a lead of the best that ``is_better`` takes for noise; a
    candidate that scores worse than one that does not tie does not tie either. So every candidate that is simpler than
    the winner scores worse than it, and worse than the best by more than the margin and noise, or behind one that does.

    Args:
        entries: all candidates of one task.
        metric: the name of the metric that decides; it may end in its horizon, as in ``rmse_6m``.
        tie_margin: relative difference to the best score that does not count as better (0.01 is one per cent).
        is_better: whether the first candidate's lead over the second is more than noise.

    Raises:
        ValueError: no entries, or an entry without a finite value of the deciding metric.

    >>> simple, rich = Entry("mean", {"rmse": 10.05}, 0), Entry("forest", {"rmse": 10.0}, 5)
    >>> [entry.candidate for entry in rank([rich, simple], "rmse")]
    ['forest', 'mean']
    >>> [entry.candidate for entry in rank([rich, simple], "rmse", tie_margin=0.01)]
    ['mean', 'forest']
    >>> [entry.candidate for entry in rank([rich, simple], "rmse", is_better=lambda best, other: False)]
    ['mean', 'forest']
    """
    if not entries:
        raise ValueError("a leaderboard needs at least one candidate")
    without = [entry.candidate for entry in entries if not math.isfinite(entry.metrics.get(metric, math.nan))]
    if without:
        raise ValueError(f"no {metric} for {', '.join(without)}: a candidate without a score cannot be compared")
    known = metric if metric in GREATER_IS_BETTER else metric.partition("_")[0]
    sign = -1.0 if GREATER_IS_BETTER[known] else 1.0
    by_score = sorted(entries, key=lambda entry: (sign * entry.metrics[metric], entry.complexity, entry.candidate))
    best = by_score[0]
    lowest = sign * best.metrics[metric]
    allowed = lowest + tie_margin * abs(lowest)

    def ties(entry: Entry) -> bool:
        return sign * entry.metrics[metric] <= allowed or not is_better(best.candidate, entry.candidate)

    tied = [best, *takewhile(ties, by_score[1:])]
    return sorted(tied, key=lambda entry: entry.complexity) + by_score[len(tied) :]
