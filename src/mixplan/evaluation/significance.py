"""Whether one model's lead over another is more than noise, by their losses at the same rolling origins."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Lead(NamedTuple):
    """How much less one model loses than another."""

    gain: float
    """The other's mean loss less one's own, in the unit of the loss: above zero one's own is smaller."""
    margin: float
    """Half the width of the gain's interval; infinite where the origins are too few to tell."""
    p_value: float
    """Chance of a gain of this size or more between two models that are equally good."""


@dataclass(frozen=True)
class OriginTest:
    """The Diebold-Mariano test with the correction of Harvey, Leybourne and Newbold for few origins.

    Diebold and Mariano (1995), Comparing predictive accuracy; Harvey, Leybourne and Newbold (1997), Testing the
    equality of prediction mean squared errors. The long-run variance has Bartlett's weights, so that it is never below
    zero (Newey and West 1987): windows that overlap share what happened in them, and their losses are no independent
    evidence.
    """

    overlap: int
    """Origins, one's own included, until windows no longer overlap: the horizon in steps between origins."""
    level: float
    """Largest chance at which a lead still counts; the gain's interval leaves as much out on either side."""

    def lead(self, own: npt.ArrayLike, other: npt.ArrayLike) -> Lead:
        """The lead of one model over another.

        Args:
            own: mean loss at each origin, oldest first.
            other: the other model's loss at the same origins.

        Raises:
            ValueError: no origins, origins that differ in number, or a loss that is not finite.

        >>> gain, margin, p_value = OriginTest(overlap=2, level=0.1).lead([1, 2, 1, 2, 1, 2], [2, 4, 3, 3, 2, 5])
        >>> round(gain, 3), round(margin, 3), round(p_value, 4)
        (1.667, 0.528, 0.0028)
        """
        from scipy.stats import t

        gains = _gains(own, other)
        gain, count = float(gains.mean()), len(gains)
        error = _standard_error(gains, min(self.overlap, count))
        if not np.isfinite(error):
            return Lead(gain, np.inf, 0.5)
        if error == 0.0:
            return Lead(gain, 0.0, float(0.5 - 0.5 * np.sign(gain)))
        return Lead(gain, float(t.isf(self.level, count - 1) * error), float(t.sf(gain / error, count - 1)))

    def is_better(self, own: npt.ArrayLike, other: npt.ArrayLike) -> bool:
        """Whether one's own losses are smaller by more than noise."""
        return self.lead(own, other).p_value <= self.level


def _gains(own: npt.ArrayLike, other: npt.ArrayLike) -> npt.NDArray[np.float64]:
    losses = [np.asarray(column, dtype=np.float64) for column in (own, other)]
    if losses[0].shape != losses[1].shape or not losses[0].size:
        raise ValueError(f"losses must be of the same origins, not of {losses[0].size} and {losses[1].size}")
    gains = losses[1] - losses[0]
    if not np.isfinite(gains).all():
        raise ValueError("a test does not skip origins: every loss must be finite")
    return gains


def _standard_error(gains: npt.NDArray[np.float64], overlap: int) -> float:
    """Of the mean gain; infinite where all windows overlap, as they are but one piece of evidence."""
    count = len(gains)
    correction = (count + 1 - 2 * overlap + overlap * (overlap - 1) / count) / count
    if correction <= 0.0:
        return float(np.inf)
    centred = gains - gains.mean()
    lags = [float(centred[lag:] @ centred[: count - lag]) / count for lag in range(overlap)]
    variance = lags[0] + 2 * sum((1 - lag / overlap) * lags[lag] for lag in range(1, overlap))
    return float(np.sqrt(variance / count / correction))
