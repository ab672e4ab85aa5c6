"""What people decide in place of the system: proposed order lines and forecasts approved, changed or rejected."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field, NonNegativeFloat, PositiveInt, TypeAdapter, ValidationError

from mixplan.config.base import Strict
from mixplan.planning.errors import PlanningError
from mixplan.planning.tables import Values

FILE = "overrides.jsonl"
Text = Annotated[str, Field(min_length=1, max_length=500)]
Decided = Mapping[tuple[str, pd.Timestamp], "Override"]
"""By code and day."""


class Override(Strict):
    """One decision; it is a line of the file and never changes."""

    act: Literal["decide"] = "decide"
    number: PositiveInt
    kind: Literal["order", "forecast"]
    code: Text
    """The material that is ordered, or the product that is forecast."""
    day: date
    """When the order goes out, or the Monday of the forecast's week."""
    decision: Literal["approve", "change", "reject"]
    old_kg: NonNegativeFloat
    """What the system proposed."""
    new_kg: NonNegativeFloat
    """What is to be instead; the same where it was approved, 0 where it was rejected."""
    expected_on: date
    """When the order is expected, or the last day of the forecast's week: what comes after can be scored."""
    expires_on: date
    """The last first day of a plan that still heeds it."""
    who: Text
    decided_on: date
    reason: Text

    @property
    def key(self) -> tuple[str, pd.Timestamp]:
        """What it is about."""
        return self.code, pd.Timestamp(self.day)


class Withdrawal(Strict):
    """A decision taken back; the decision itself stays in the file."""

    act: Literal["withdraw"] = "withdraw"
    number: PositiveInt
    """The decision's."""
    who: Text
    decided_on: date
    reason: Text


_LINE: TypeAdapter[Override | Withdrawal] = TypeAdapter(Annotated[Override | Withdrawal, Field(discriminator="act")])
Line = Override | Withdrawal


def read_lines(folder: Path) -> list[Line]:
    """Every line of the folder's file, the oldest first; none where there is no file.

    Raises:
        PlanningError: a line is not what ``append`` wrote.
    """
    file = folder / FILE
    if not file.is_file():
        return []
    found: list[Line] = []
    # Not splitlines, which also splits at separators that a reason may hold.
    for number, text in enumerate(file.read_text(encoding="utf-8").removesuffix("\n").split("\n"), start=1):
        try:
            found.append(_LINE.validate_json(text))
        except ValidationError as error:
            raise PlanningError(
                f"{file}:{number} is no decision ({error.errors()[0]['msg']}): put the line right or take it out"
            ) from error
    return found


def append(folder: Path, line: Line) -> None:
    """Add a line: the file is written anew beside its place and moved, so that it is whole at any time."""
    file, fresh = folder / FILE, folder / f".{FILE}.new"
    folder.mkdir(parents=True, exist_ok=True)
    before = file.read_text(encoding="utf-8") if file.is_file() else ""
    text = json.dumps(line.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    try:
        fresh.write_text(f"{before}{text}\n", encoding="utf-8")
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def held(folder: Path) -> list[Override]:
    """Decisions of the folder that nobody has taken back."""
    return standing(read_lines(folder))


def standing(lines: Iterable[Line]) -> list[Override]:
    """Decisions that nobody has taken back, the oldest first."""
    every = list(lines)
    withdrawn = {line.number for line in every if isinstance(line, Withdrawal)}
    return [line for line in every if isinstance(line, Override) and line.number not in withdrawn]


def in_force(overrides: Sequence[Override], kind: str, origin: pd.Timestamp) -> Decided:
    """Those of a kind that a plan from the origin on heeds: not expired, and about a day that is still to come."""
    return {
        each.key: each
        for each in overrides
        if each.kind == kind and pd.Timestamp(each.expires_on) >= origin and pd.Timestamp(each.day) >= origin
    }


def decided_kg(decided: Decided, codes: pd.Index, days: pd.DatetimeIndex) -> Values:
    """What was decided of each code and its day; NaN where nothing was."""
    lines = [decided.get(key) for key in zip(codes, days, strict=True)]
    return np.array([line.new_kg if line else np.nan for line in lines])


def with_decisions(forecast: pd.DataFrame, decided: Decided) -> pd.DataFrame:
    """The forecast with what people decided in its place; its interval moves along.

    Args:
        forecast: product, week, quantity_kg, lower_kg, upper_kg.
        decided: see ``in_force``; weeks that are not forecast are passed over.

    >>> week = pd.Timestamp("2024-06-03")
    >>> forecast = pd.DataFrame({"product": ["A"], "week": [week], "quantity_kg": [10.0], "lower_kg": [8.0],
    ...                          "upper_kg": [13.0]})
    >>> rejected = Override(number=1, kind="forecast", code="A", day=week.date(), decision="change", old_kg=10.0,
    ...                     new_kg=1.0, expected_on=week.date(), expires_on=week.date(), who="Kim",
    ...                     decided_on=week.date(), reason="the site is closed")
    >>> with_decisions(forecast, {("A", week): rejected})[["quantity_kg", "lower_kg", "upper_kg"]].values.tolist()
    [[1.0, 0.0, 4.0]]
    """
    new = [
        decided[key].new_kg if key in decided else quantity
        for *key_parts, quantity in zip(forecast["product"], forecast["week"], forecast["quantity_kg"], strict=True)
        for key in [tuple(key_parts)]
    ]
    moved = pd.Series(new, index=forecast.index, dtype="float64") - forecast["quantity_kg"]
    columns = ["quantity_kg", "lower_kg", "upper_kg"]
    return forecast.assign(**{name: (forecast[name] + moved).clip(lower=0.0) for name in columns})


def as_table(overrides: Sequence[Override]) -> pd.DataFrame:
    """One row a decision, dates as such."""
    columns = [name for name in Override.model_fields if name != "act"]
    rows = pd.DataFrame([each.model_dump() for each in overrides], columns=columns)
    numbers = {"number": "int64", "old_kg": "float64", "new_kg": "float64"}
    days = dict.fromkeys(("day", "expected_on", "expires_on", "decided_on"), "datetime64[ns]")
    return rows.astype(numbers | days | dict.fromkeys(("kind", "code", "decision", "who", "reason"), "object"))
