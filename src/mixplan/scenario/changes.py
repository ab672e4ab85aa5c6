"""What a scenario changes, as people write it: ``drivers.temperature=+3``."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.planning import LONGEST_LEAD_DAYS

_CHANGE = re.compile(r"(drivers|demand)\.(.+)=(.+)|(supplier)\.(.+)\.lead_time_days=(.+)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
FORMS = "drivers.NAME=+3, demand.PRODUCT=*1.2 or supplier.CODE.lead_time_days=12"


class ScenarioError(MixplanError):
    """A scenario cannot be planned as it was written."""


@dataclass(frozen=True)
class Amount:
    """How a number becomes another."""

    sign: str
    """``+`` adds, ``*`` multiplies, and nothing takes the place of what was there."""
    value: float

    def applied(self, numbers: pd.Series) -> pd.Series:
        """The changed numbers.

        >>> Amount("*", 1.5).applied(pd.Series([2.0])).tolist(), Amount("", 7.0).applied(pd.Series([2.0])).tolist()
        ([3.0], [7.0])
        """
        if self.sign == "*":
            return numbers * self.value
        return numbers + self.value if self.sign == "+" else numbers * 0.0 + self.value


@dataclass(frozen=True)
class Change:
    """One thing that is otherwise."""

    kind: str
    """``drivers``, ``demand`` or ``supplier``."""
    code: str
    amount: Amount

    def among(self, known: Sequence[str]) -> str:
        """The code as the tables spell it; a driver may lack its unit.

        Raises:
            ScenarioError: there is none.

        >>> Change("drivers", "temperature", Amount("+", 3.0)).among(["rain_mm", "temperature_c"])
        'temperature_c'
        """
        found = [name for name in known if self.code == name]
        if not found and self.kind == "drivers":
            found = [name for name in known if self.code == name.rpartition("_")[0]]
        if not found:
            raise ScenarioError(f"--set {self.kind}.{self.code}: there is none; known are {', '.join(sorted(known))}")
        return found[0]


def parse_change(text: str) -> Change:
    """A change as people write it.

    Raises:
        ScenarioError: it is written otherwise, or would make something negative.

    >>> parse_change("supplier.2002100.lead_time_days=12")
    Change(kind='supplier', code='2002100', amount=Amount(sign='', value=12.0))
    >>> parse_change("drivers.temperature=-3").amount
    Amount(sign='+', value=-3.0)
    """
    matched = _CHANGE.fullmatch(text)
    if not matched:
        raise ScenarioError(f"--set {text}: write {FORMS}")
    kind, code, written = (part for part in matched.groups() if part is not None)
    amount = _amount(text, written.strip())
    if kind == "supplier" and amount.value > LONGEST_LEAD_DAYS:
        raise ScenarioError(f"--set {text}: nobody waits longer than {LONGEST_LEAD_DAYS:,} days; give fewer")
    if amount.value < 0 and kind != "drivers" and amount.sign != "+":
        raise ScenarioError(f"--set {text}: it must not be below zero")
    return Change(kind, code, amount)


def _amount(text: str, written: str) -> Amount:
    sign = "*" if written.startswith("*") else "+" if written[:1] in {"+", "-"} else ""
    try:
        value = float(written.removeprefix("*"))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ScenarioError(f"--set {text}: {written} is no number; write {FORMS}")
    return Amount(sign, value)


def checked_name(name: str) -> str:
    """The scenario's name, which is also that of its folder.

    Raises:
        ScenarioError: it could lead elsewhere.

    >>> checked_name("hot-summer")
    'hot-summer'
    """
    if not _NAME.fullmatch(name):
        raise ScenarioError(f"--name {name}: use up to 64 letters, digits, - and _, and begin with a letter or digit")
    return name
