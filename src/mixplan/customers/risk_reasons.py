"""Why a customer is thought to be at risk, in words that sales people can check."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

MOST_REASONS = 3


def reasons_of(rows: pd.DataFrame, horizon_days: int) -> pd.Series:
    """The reasons of each row of ``rhythms``, the farthest from usual first; without any it keeps its rhythm."""
    return pd.Series([_sentence(row, horizon_days) for row in rows.to_dict("records")], index=rows.index, dtype=object)


def _sentence(row: "Mapping[Any, Any]", horizon_days: int) -> str:
    days = row["overdue"] * row["interval"]
    found = [
        (row["overdue"] / 3.0, f"last order {days:.0f} days ago, usually every {row['interval']:.1f}"),
        (row["silence"], f"the longest silence of the year (before: {days / row['silence']:.0f} days)"),
        (_short(row["lately"]), f"{row['lately']:.0%} of its usual orders in the last {horizon_days} days"),
        (_short(row["volume"]), f"{row['volume']:.0%} of its usual kilograms in the last {horizon_days} days"),
        (_short(row["same_season"]), f"these months of last year brought {row['same_season']:.0%} of its usual orders"),
        (_short(row["breadth"]) * 0.75, f"{row['breadth']:.0%} of its products in the last {horizon_days} days"),
    ]
    telling = sorted((reason for reason in found if reason[0] > 1.0), key=lambda reason: -reason[0])
    return "; ".join(text for _, text in telling[:MOST_REASONS]) or "keeps its rhythm"


def _short(ratio: float) -> float:
    """Above 1 where a ratio to the usual is below three quarters."""
    return 0.75 / max(ratio, 0.05)
