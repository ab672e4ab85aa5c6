"""How far ahead: days that are scored together and get one winner."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from mixplan.config.drivers import Frequency, SeriesConfig


class Band(NamedTuple):
    """Days ahead, both ends included; day 1 is the origin itself."""

    first: int
    last: int

    @property
    def label(self) -> str:
        """What names and headings say.

        >>> Band(1, 1).label, Band(2, 7).label
        ('1d', '2-7d')
        """
        return f"{self.first}d" if self.first == self.last else f"{self.first}-{self.last}d"


def split_horizon(ends: Sequence[int], horizon_days: int) -> list[Band]:
    """The horizon in bands that end at ``ends``; the last one takes the rest.

    >>> [band.label for band in split_horizon([1, 7, 30], 182)]
    ['1d', '2-7d', '8-30d', '31-182d']
    >>> [band.label for band in split_horizon([1, 7, 30], 14)]
    ['1d', '2-7d', '8-14d']
    """
    lasts = [*(end for end in ends if end < horizon_days), horizon_days]
    firsts = [1, *(last + 1 for last in lasts[:-1])]
    return [Band(first, last) for first, last in zip(firsts, lasts, strict=True)]


def bands_by_driver(
    series: Mapping[str, SeriesConfig], ends: Mapping[Frequency, Sequence[int]], horizon_days: int
) -> dict[str, list[Band]]:
    """Each driver's bands, which depend on its frequency."""
    return {driver: split_horizon(ends[facts.frequency], horizon_days) for driver, facts in series.items()}
