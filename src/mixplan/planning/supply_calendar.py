"""When orders go out and when they come: the plant's working days, and those of each material's supplier."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.planning import OpenDays, SuppliersConfig
from mixplan.planning.calendar import public_holidays
from mixplan.planning.policies.interface import REVIEW_DAYS
from mixplan.planning.tables import Integers

_YEARS = 3
"""Public holidays are known for so many years before and after the days that are planned."""


@dataclass(frozen=True)
class Window:
    """What a review's orders can reach; M materials, days count from the review."""

    sent: Integers
    """(M): when an order goes out."""
    arrives: Integers
    """(M): when it comes."""
    next_arrives: Integers
    """(M): when the next review's order comes: until then this one must do. The same day where closed days lie between,
    and then there is nothing to be gained by this one."""


@dataclass(frozen=True)
class SupplyCalendar:
    """Working days of M materials' suppliers; days count from the first one, 0.

    An order goes out on a day on which both the plant and the supplier work. It takes its lead time in calendar days,
    and comes on the next day on which the supplier works.
    """

    first: np.datetime64
    plant: np.busdaycalendar
    sending: tuple[np.busdaycalendar, ...]
    """By material, when both work."""
    delivering: tuple[np.busdaycalendar, ...]
    """By material, when the supplier works."""

    def reviews(self, weekday: int, length: int) -> list[tuple[int, int]]:
        """Every review before day ``length``, and the one after it.

        A review is on ``weekday``, or on the plant's next working day.
        """
        start = (weekday - pd.Timestamp(self.first).weekday()) % REVIEW_DAYS
        planned = self.first + np.arange(start, length + 10 * REVIEW_DAYS, REVIEW_DAYS)
        days = np.unique((_rolled(planned, self.plant, "forward") - self.first).astype("int64")).tolist()
        return [(today, later) for today, later in pairwise(days) if today < length]

    def windows(self, weekday: int, length: int, lead_days: npt.ArrayLike) -> dict[int, Window]:
        """What the orders of each review before day ``length`` can reach, by its day; see ``window``."""
        days = np.asarray(lead_days, dtype="int64")
        return {today: self.window(today, later, days) for today, later in self.reviews(weekday, length)}

    def window(self, today: int, later: int, lead_days: Integers) -> Window:
        """What the orders of a review can reach.

        Args:
            today: day of the review.
            later: day of the next one.
            lead_days: (M), to plan with.
        """
        arrives, next_arrives = (self.arrives(np.array(day), lead_days) - today for day in (today, later))
        return Window(self._sent(np.array(today)) - today, arrives, next_arrives)

    def arrives(self, day: Integers, lead_days: Integers) -> Integers:
        """When an order of a review on ``day`` comes.

        Args:
            day: any shape that fits (..., M).
            lead_days: (..., M).
        """
        return self._each(self._sent(day) + lead_days, self.delivering, "forward")

    def last_call(self, needed: Integers, lead_days: Integers) -> Integers:
        """(M): the last day on which an order can go out, to come by ``needed``; below 0 where that is over."""
        return self._each(self._each(needed, self.delivering, "backward") - lead_days, self.sending, "backward")

    def _sent(self, day: Integers) -> Integers:
        """(..., M): when an order of a review on ``day`` goes out."""
        shape = np.broadcast_shapes(day.shape, (len(self.sending),))
        return self._each(np.broadcast_to(day, shape), self.sending, "forward")

    def _each(
        self, day: Integers, calendars: Sequence[np.busdaycalendar], roll: Literal["forward", "backward"]
    ) -> Integers:
        """Each material's days moved to a working day of its calendar."""
        moved = [_rolled(self.first + day[..., each], own, roll) for each, own in enumerate(calendars)]
        days: Integers = (np.stack(moved, axis=-1) - self.first).astype("int64")
        return days


def supply_calendar(
    supplier_codes: Iterable[str], first: pd.Timestamp, plant: OpenDays, suppliers: SuppliersConfig
) -> SupplyCalendar:
    """The calendar of materials that are delivered by these suppliers, one each.

    Raises:
        PlanningError: a country's holidays are not known.

    Two days to deliver from Friday, 7 June 2024, are a Sunday; from Tuesday the 4th they are a public holiday.

    >>> plant = OpenDays(country="KR", weekdays=(True,) * 5 + (False,) * 2)
    >>> suppliers = SuppliersConfig(usual=plant)
    >>> calendar = supply_calendar(["S"], pd.Timestamp("2024-06-03"), plant, suppliers)
    >>> calendar.arrives(np.array([[4], [1]]), np.array([2])).ravel().tolist()
    [7, 4]
    >>> calendar.last_call(np.array([6]), np.array([2])).tolist()
    [2]
    """
    years = first.year - _YEARS, first.year + _YEARS
    open_days = [suppliers.others.get(code, suppliers.usual) for code in supplier_codes]
    return SupplyCalendar(
        first=np.datetime64(first, "D"),
        plant=_calendar((plant,), *years),
        sending=tuple(_calendar((plant, each), *years) for each in open_days),
        delivering=tuple(_calendar((each,), *years) for each in open_days),
    )


def first_arrival(windows: Mapping[int, Window], length: int) -> Integers:
    """(M): the day on which the first review's orders come; ``length`` where there is no review."""
    first = min(windows, default=None)
    return np.array(length) if first is None else first + windows[first].arrives


def next_open(days: pd.Series, supplier_codes: pd.Series, suppliers: SuppliersConfig) -> pd.Series:
    """Each day, or the next one on which the row's supplier works."""
    moved, codes = days.to_numpy().astype("datetime64[D]"), supplier_codes.to_numpy(dtype="object")
    for code in np.unique(codes):
        is_own = codes == code
        open_days = suppliers.others.get(str(code), suppliers.usual)
        calendar = _calendar((open_days,), days[is_own].min().year, days[is_own].max().year + _YEARS)
        moved[is_own] = _rolled(moved[is_own], calendar, "forward")
    return pd.Series(moved.astype("datetime64[ns]"), index=days.index)


@lru_cache(maxsize=256)
def _calendar(parties: tuple[OpenDays, ...], first_year: int, last_year: int) -> np.busdaycalendar:
    """Days on which all parties work."""
    free = [public_holidays(each.country, first_year, last_year).to_numpy() for each in parties]
    weekdays = np.all([each.weekdays for each in parties], axis=0)
    return np.busdaycalendar(weekmask=weekdays, holidays=np.concatenate(free).astype("datetime64[D]"))


def _rolled(
    days: "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]",
    calendar: np.busdaycalendar,
    roll: Literal["forward", "backward"],
) -> "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]":
    return np.busday_offset(days, 0, roll=roll, busdaycal=calendar)
