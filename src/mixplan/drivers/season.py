"""The course of the year, and how far values stray from it at each time of the year."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.drivers import Frequency
from mixplan.drivers.interface import Values

STEPS_PER_YEAR = {"D": 365.25, "MS": 12.0}
"""Length of the season in steps."""
_SLOTS = {"D": 366, "MS": 12}
_NEARBY = {"D": 30, "MS": 6}
"""Steps on either side of a time of the year whose errors make its interval: all months, as a year has few."""


def slots(dates: pd.DatetimeIndex, frequency: Frequency) -> npt.NDArray[np.int64]:
    """Position in the year: 0 is 1 January or January."""
    return np.asarray((dates.dayofyear if frequency == "D" else dates.month) - 1, dtype=np.int64)


def errors_by_slot(errors: pd.Series, frequency: Frequency) -> list[Values]:
    """The sorted errors at each position in the year and near it."""
    at, count, values = slots(pd.DatetimeIndex(errors.index), frequency), _SLOTS[frequency], errors.to_numpy()
    apart = (np.abs(at - slot) for slot in range(count))
    return [np.sort(values[np.minimum(steps, count - steps) <= _NEARBY[frequency]]) for steps in apart]


def year_angle(dates: pd.DatetimeIndex, frequency: Frequency) -> Values:
    """Time of the year as an angle in radians.

    >>> year_angle(pd.to_datetime(["2024-01-01", "2024-07-01"]), "MS").round(4).tolist()
    [0.0, 3.1416]
    """
    return slots(dates, frequency).astype(np.float64) * (2 * np.pi / STEPS_PER_YEAR[frequency])


def fourier(dates: pd.DatetimeIndex, frequency: Frequency, harmonics: int) -> Values:
    """A column of ones, then sine and cosine of each harmonic of the year: (date, 1 + 2 harmonics).

    >>> fourier(pd.to_datetime(["2024-04-01"]), "MS", harmonics=1).round(4).tolist()
    [[1.0, 1.0, 0.0]]
    """
    angle = year_angle(dates, frequency)
    waves = [wave(k * angle) for k in range(1, harmonics + 1) for wave in (np.sin, np.cos)]
    return np.column_stack([np.ones(len(dates)), *waves])


def _mean(dates: pd.DatetimeIndex, frequency: Frequency, coefficients: Values) -> Values:
    waves = fourier(dates, frequency, harmonics=len(coefficients) // 2)
    return np.asarray(waves @ coefficients, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Season:
    """Mean by time of the year as a Fourier series, and quantiles of the errors about it."""

    frequency: Frequency
    coefficients: Values
    """Of ``fourier``'s columns."""
    lower: Values
    """Lower quantile of the errors, by position in the year."""
    upper: Values
    """Upper quantile of the errors, by position in the year."""

    @classmethod
    def about(cls, history: pd.Series, frequency: Frequency, coefficients: Values, interval: float) -> "Season":
        """The season with given coefficients; ``interval`` is the share of errors between the quantiles.

        Errors on the fitted values are too small for new ones by the root of (n + k) / (n - k), with n values and k
        coefficients (the final prediction error of Akaike 1969, doi:10.1007/BF02532251).
        """
        n, k = len(history), len(coefficients)
        errors = history - _mean(pd.DatetimeIndex(history.index), frequency, coefficients)
        tails = [(1 - interval) / 2, (1 + interval) / 2]
        quantiles = np.array([np.quantile(near, tails) for near in errors_by_slot(errors, frequency)])
        lower, upper = quantiles.T * np.sqrt((n + k) / (n - k))
        return cls(frequency, coefficients, lower, upper)

    @classmethod
    def fit(cls, history: pd.Series, frequency: Frequency, harmonics: int, interval: float) -> "Season":
        """The season whose coefficients are the least-squares fit to ``history``."""
        design = fourier(pd.DatetimeIndex(history.index), frequency, harmonics)
        coefficients = np.linalg.lstsq(design, history.to_numpy(dtype=np.float64), rcond=None)[0]
        return cls.about(history, frequency, coefficients, interval)

    def mean(self, dates: pd.DatetimeIndex) -> Values:
        """Usual value at each date."""
        return _mean(dates, self.frequency, self.coefficients)

    def departures(self, history: pd.Series) -> pd.Series:
        """How far each value lies above its usual one."""
        return history - self.mean(pd.DatetimeIndex(history.index))

    def error_quantiles(self, dates: pd.DatetimeIndex) -> tuple[Values, Values]:
        """Lower and upper quantile of the errors at each date."""
        at = slots(dates, self.frequency)
        return self.lower[at], self.upper[at]
