"""How materials are delivered: days, kilograms and prices, by supplier and of all suppliers."""

import pandas as pd

MATERIAL, SUPPLIER = "material_code", "supplier_code"
TERMS = [
    "purchases",
    "receipts",
    "median_lead_time_days",
    "p90_lead_time_days",
    "longest_lead_time_days",
    "late_share",
    "fill_share",
    "mean_price_krw",
    "latest_price_krw",
    "latest_purchase_on",
]


def supplier_terms(purchases: pd.DataFrame, last_day: pd.Timestamp) -> pd.DataFrame:
    """What each supplier of a material needed, delivered and asked, over all that is known.

    Args:
        purchases: the mart's ``purchases``.
        last_day: the last day that the mart tells of: what was due before it and has not come is late.

    Returns:
        ``TERMS`` by material and supplier: days from order to receipt (median, 90th percentile, longest; NaN before the
        first receipt), the share that came or is still open later than due, among what came or was due, kilograms
        received over kilograms ordered of what was fully received (below 1 means short deliveries), the price per
        kilogram weighted by quantity, and the latest.

    >>> purchases = pd.DataFrame({"material_code": "M", "supplier_code": "S", "quantity_kg": [100.0, 300.0],
    ...     "unit_price_krw": [10.0, 14.0], "ordered_on": pd.to_datetime(["2024-01-01", "2024-02-01"]),
    ...     "due_on": pd.to_datetime(["2024-01-04", "2024-02-04"]), "is_fully_received": [True, False],
    ...     "received_on": pd.to_datetime(["2024-01-06", None]), "received_kg": [95.0, 0.0]})
    >>> terms = supplier_terms(purchases, pd.Timestamp("2024-02-04"))
    >>> terms[["median_lead_time_days", "late_share", "fill_share", "mean_price_krw"]].to_numpy().tolist()
    [[5.0, 1.0, 0.95, 13.0]]
    """
    return _terms(purchases, last_day, [MATERIAL, SUPPLIER])


def material_terms(purchases: pd.DataFrame, last_day: pd.Timestamp) -> pd.DataFrame:
    """The same by material: ``suppliers`` counts them, and the latest price is that of any of them."""
    suppliers = purchases.groupby(MATERIAL)[SUPPLIER].nunique().to_numpy()
    terms = _terms(purchases, last_day, [MATERIAL])
    terms.insert(1, "suppliers", suppliers)
    return terms


def _terms(purchases: pd.DataFrame, last_day: pd.Timestamp, by: list[str]) -> pd.DataFrame:
    rows = purchases.sort_values("ordered_on", kind="stable")
    rows = rows.assign(
        days=(rows["received_on"] - rows["ordered_on"]).dt.days,
        late=_is_late(rows, last_day),
        closed_kg=rows["quantity_kg"].where(rows["is_fully_received"]),
        came_kg=rows["received_kg"].where(rows["is_fully_received"]),
        priced_kg=rows["quantity_kg"].where(rows["unit_price_krw"].notna()),
        paid_krw=rows["quantity_kg"] * rows["unit_price_krw"],
    )
    grouped = rows.groupby(by)
    terms = grouped.agg(
        purchases=("ordered_on", "size"),
        receipts=("received_on", "count"),
        median_lead_time_days=("days", "median"),
        p90_lead_time_days=("days", lambda days: days.quantile(0.9)),
        longest_lead_time_days=("days", "max"),
        late_share=("late", "mean"),
        latest_price_krw=("unit_price_krw", "last"),
        latest_purchase_on=("ordered_on", "last"),
    )
    sums = grouped[["closed_kg", "came_kg", "priced_kg", "paid_krw"]].sum(min_count=1)
    terms["fill_share"] = sums["came_kg"] / sums["closed_kg"]
    terms["mean_price_krw"] = sums["paid_krw"] / sums["priced_kg"]
    return terms.reset_index()[[*by, *TERMS]]


def _is_late(rows: pd.DataFrame, last_day: pd.Timestamp) -> "pd.Series[float]":
    """1 or 0; NaN for what is open and not yet due."""
    came = rows["received_on"].notna()
    is_overdue = ~came & ~rows["is_fully_received"] & (rows["due_on"] < last_day)
    return ((rows["received_on"] > rows["due_on"]) | is_overdue).where(came | is_overdue).astype("float64")
