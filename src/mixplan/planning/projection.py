"""Projected stock day by day, and a sentence for every day that it is short."""

import numpy as np
import pandas as pd

from mixplan.planning.tables import TOLERANCE_KG, Integers, Values, arrivals, of_materials, to_matrix, to_rows
from mixplan.planning.wording import day, weight


def project_stock(
    requirements: pd.DataFrame, stock: pd.DataFrame, receipts: pd.DataFrame, start: pd.Timestamp
) -> pd.DataFrame:
    """Stock of each material on each day from ``start`` to the last day with requirements.

    A day's receipts come in the morning. A requirement that stock cannot meet stays open: closing stock goes below
    zero by what is missing, and the next receipts make up for it.

    Args:
        requirements: date, material_code, requirement_kg; from ``start`` on.
        stock: material_code, on_hand_kg in the morning of ``start``, stock_source (see ``stock_on_hand``).
        receipts: material_code, quantity_kg, expected_on; open and planned orders; what is overdue comes on ``start``.
        start: first day.

    Returns:
        date, material_code, opening_kg, receipts_kg, requirement_kg, closing_kg = opening + receipts - requirement,
        is_short (closing below zero), cover_days (for how many of the days that follow closing stock suffices without
        a receipt; all that are left where it outlasts the plan), stock_source and a note on every short day.

    >>> days = pd.date_range("2024-06-03", periods=3)
    >>> requirements = pd.DataFrame({"date": days, "material_code": "M", "requirement_kg": 10.0})
    >>> stock = pd.DataFrame({"material_code": ["M"], "on_hand_kg": [15.0], "stock_source": ["assumed"]})
    >>> receipts = pd.DataFrame({"material_code": ["M"], "quantity_kg": [30.0], "expected_on": [days[2]]})
    >>> projected = project_stock(requirements, stock, receipts, days[0])
    >>> projected["closing_kg"].tolist(), projected["note"].tolist()
    ([5.0, -5.0, 15.0], ['', 'short by 5 kg until 5 June', ''])
    >>> projected["cover_days"].tolist()
    [0, 0, 0]
    """
    dates = pd.date_range(start, requirements["date"].max())
    materials = pd.Index(sorted(requirements["material_code"].unique()))
    lines = of_materials(stock, materials, "stock")
    required = to_matrix(requirements, dates, materials, "date", "requirement_kg")
    received = arrivals(receipts, dates, materials)
    on_hand = lines["on_hand_kg"].to_numpy(dtype="float64")
    closing = on_hand + np.cumsum(received - required, axis=0)
    rows = to_rows(
        dates,
        materials,
        opening_kg=np.vstack([on_hand, closing[:-1]]),
        receipts_kg=received,
        requirement_kg=required,
        closing_kg=closing,
        is_short=closing < -TOLERANCE_KG,
        cover_days=_cover_days(closing, required),
    )
    rows["stock_source"] = np.tile(lines["stock_source"], len(dates))
    rows["note"] = _notes(rows)
    return rows


def _cover_days(closing_kg: Values, required_kg: Values) -> Integers:
    """Days x materials: how many of the following days closing stock serves in full.

    >>> _cover_days(np.array([[25.0], [15.0], [5.0], [50.0]]), np.full((4, 1), 10.0)).ravel().tolist()
    [2, 1, 0, 0]
    """
    used = required_kg.cumsum(axis=0)
    until = used + closing_kg + TOLERANCE_KG
    days = [np.searchsorted(used[:, each], until[:, each], side="right") for each in range(used.shape[1])]
    cover: Integers = np.stack(days, axis=1) - np.arange(1, len(used) + 1)[:, None]
    return np.maximum(cover, 0)


def worth_of(projected: pd.DataFrame, policy: pd.DataFrame) -> pd.Series:
    """Money tied up in each day's closing stock, KRW; NaN for a material without a price.

    Args:
        projected: see ``project_stock``.
        policy: material_code and unit_price_krw.
    """
    price = projected["material_code"].map(policy.set_index("material_code")["unit_price_krw"])
    worth: pd.Series = projected["closing_kg"].clip(lower=0.0) * price
    return worth


def _notes(rows: pd.DataFrame) -> pd.Series:
    """How much is missing, and the first later day on which stock suffices again."""
    suffices_on = rows["date"].where(~rows["is_short"]).groupby(rows["material_code"]).bfill()
    short = rows["is_short"]
    notes = [
        f"short by {weight(-closing_kg)} until {'the end of the plan' if pd.isna(until) else day(until)}"
        for closing_kg, until in zip(rows.loc[short, "closing_kg"], suffices_on[short], strict=True)
    ]
    return pd.Series(notes, index=rows.index[short], dtype="object").reindex(rows.index, fill_value="")
