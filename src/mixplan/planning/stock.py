"""Stock on hand and purchases under way, as known at an origin."""

import numpy as np
import pandas as pd

from mixplan.config.planning import SuppliersConfig
from mixplan.planning.lead_times import planned_days
from mixplan.planning.supply_calendar import next_open

ASSUMED = "assumed"
"""What ``stock_source`` says of a material that was never counted."""


def stock_on_hand(
    stock_counts: pd.DataFrame,
    purchases: pd.DataFrame,
    use: pd.DataFrame,
    policy: pd.DataFrame,
    origin: pd.Timestamp,
) -> pd.DataFrame:
    """Stock of each material in the morning of the origin.

    The latest count before the origin (taken in the evening), plus receipts and less use of the days after it. A
    material that was never counted is assumed to stand at the reorder point of the plant's own rule, which only its
    first counts can put right. A result below zero means that the books are wrong, and becomes 0.

    Args:
        stock_counts: the mart's ``stock_counts``.
        purchases: the mart's ``purchases``.
        use: see ``daily_use``.
        policy: see ``material_policy``; its materials are the ones that are listed.
        origin: first day that does not count.

    Returns:
        material_code, on_hand_kg, stock_source ("counted 2024-05-31" or "assumed") and book_kg: what counts, receipts
        and use come to, also below zero; NaN where it was never counted.
    """
    known = stock_counts[stock_counts["counted_on"] < origin].sort_values("counted_on")
    latest = known.drop_duplicates("material_code", keep="last").set_index("material_code")
    latest = latest.reindex(policy["material_code"])
    counted_on = latest["counted_on"]
    on_hand = latest["stock_kg"] + _received_since(counted_on, purchases, origin) - _used_since(counted_on, use, origin)
    is_counted = counted_on.notna().to_numpy()
    return pd.DataFrame(
        {
            "material_code": policy["material_code"].to_numpy(),
            "on_hand_kg": np.where(is_counted, on_hand.clip(lower=0.0), policy["reorder_point_kg"]),
            "stock_source": [ASSUMED if pd.isna(day) else f"counted {day.date()}" for day in counted_on],
            "book_kg": on_hand.to_numpy(dtype="float64"),
        }
    )


def open_purchases(
    purchases: pd.DataFrame, policy: pd.DataFrame, origin: pd.Timestamp, suppliers: SuppliersConfig
) -> pd.DataFrame:
    """Purchases of the policy's materials placed before the origin and not yet, or not yet wholly, received then.

    Returns:
        material_code, quantity_kg (still to come) and expected_on (see ``expected_receipt``); what is overdue is
        expected on the first day from the origin on on which its supplier works.
    """
    rows = purchases[(purchases["ordered_on"] < origin) & purchases["material_code"].isin(policy["material_code"])]
    is_here = rows["received_on"] < origin
    still_to_come = rows["quantity_kg"] - rows["received_kg"].where(is_here, 0.0)
    expected_on = next_open(
        expected_receipt(rows, policy).where(lambda days: days > origin, origin), rows["supplier_code"], suppliers
    )
    rows = rows.assign(quantity_kg=still_to_come, expected_on=expected_on)
    rows = rows[~(is_here & rows["is_fully_received"].astype(bool)) & (still_to_come > 0)]
    rows = rows.sort_values(["expected_on", "material_code", "purchase_no"], ignore_index=True)
    return rows[["material_code", "quantity_kg", "expected_on"]]


def expected_receipt(purchases: pd.DataFrame, policy: pd.DataFrame) -> pd.Series:
    """The later of the due date and the order date plus the material's mean lead time.

    Suppliers' promises are often shorter than what they keep.
    """
    days = planned_days(policy.set_index("material_code")["mean_lead_time_days"])
    usual = purchases["ordered_on"] + pd.to_timedelta(purchases["material_code"].map(days), unit="D")
    return usual.where(~(purchases["due_on"] > usual), purchases["due_on"])


def _received_since(counted_on: pd.Series, purchases: pd.DataFrame, origin: pd.Timestamp) -> pd.Series:
    """Kilograms received after each material's count and before the origin."""
    count_day = purchases["material_code"].map(counted_on)
    since = purchases[(purchases["received_on"] > count_day) & (purchases["received_on"] < origin)]
    return since.groupby("material_code")["received_kg"].sum().reindex(counted_on.index, fill_value=0.0)


def _used_since(counted_on: pd.Series, use: pd.DataFrame, origin: pd.Timestamp) -> pd.Series:
    """Kilograms used after each material's count and before the origin."""
    before = use.loc[: origin - pd.Timedelta(days=1), counted_on.index]
    is_since = before.index.to_numpy()[:, None] > counted_on.to_numpy()[None, :]
    return (before * is_since).sum()
