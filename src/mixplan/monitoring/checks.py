"""One check: a figure of today against what it was at times that went as they should."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt

import numpy as np


class Worse(StrEnum):
    """In which direction a figure gets worse."""

    HIGHER = "higher"
    LOWER = "lower"
    EITHER = "either"


@dataclass(frozen=True)
class Figure:
    """A figure of today and what it was at earlier times."""

    name: str
    value: float
    past: Sequence[float]
    worse: Worse


@dataclass(frozen=True)
class Check:
    """A figure, where it should lie, and whether it rings."""

    name: str
    value: float
    lowest: float
    highest: float
    expected: float | None = None
    """Its mean at times that went as they should, where there were some."""

    @property
    def rings(self) -> bool:
        """Whether the figure lies where it should not."""
        return not self.lowest <= self.value <= self.highest


def checks_of(figures: Sequence[Figure], level: float) -> list[Check]:
    """Figures of one kind, each against its past; the level is that any of them rings falsely (Bonferroni)."""
    return [against_past(each.name, each.value, each.past, each.worse, level / len(figures)) for each in figures]


def against_past(name: str, value: float, past: Sequence[float], worse: Worse, level: float) -> Check:
    """A figure against the prediction interval of one more such figure.

    The interval is ``mean ± t · s · sqrt(1 + 1/n)`` with the quantile of Student's t for n - 1 degrees of freedom
    (Hahn and Meeker 1991, Statistical Intervals, section 4.7); where only one direction is worse, it has one side and
    the whole level is on it. Times that overlap count as if they did not, so that it rings rather too often.

    Args:
        name: what the figure is.
        value: the figure of today.
        past: the same of earlier times; of fewer than two nothing can be said, and nothing rings.
        worse: in which direction the figure gets worse.
        level: chance of an alarm if today is as the past was.

    >>> check = against_past("wape", 0.5, [0.2, 0.3, 0.25, 0.25], Worse.HIGHER, 0.05)
    >>> round(check.highest, 4), check.rings
    (0.3574, True)
    """
    from scipy.stats import t

    if len(past) < 2:
        return Check(name, value, -inf, inf, *past)
    sides = 2 if worse is Worse.EITHER else 1
    spread = float(np.std(past, ddof=1)) * sqrt(1 + 1 / len(past))
    reach = float(t.isf(level / sides, len(past) - 1)) * spread
    middle = float(np.mean(past))
    return Check(
        name,
        value,
        -inf if worse is Worse.HIGHER else middle - reach,
        inf if worse is Worse.LOWER else middle + reach,
        middle,
    )
