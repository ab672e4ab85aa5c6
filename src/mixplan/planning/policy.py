"""What a buyer must know of each material: its use, its suppliers and its stock levels."""

from collections.abc import Mapping

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.lead_times import lead_times
from mixplan.planning.policies.max_minus_mean import reorder_point, safety_stock_of

COLUMNS = [
    "material_code",
    "mean_daily_use_kg",
    "highest_daily_use_kg",
    "mean_lead_time_days",
    "longest_lead_time_days",
    "safety_stock_kg",
    "reorder_point_kg",
    "unit_price_krw",
    "supplier_code",
    "lead_time_source",
]


def material_policy(
    use: pd.DataFrame, purchases: pd.DataFrame, origin: pd.Timestamp, config: PlanConfig
) -> pd.DataFrame:
    """One line a material, from nothing later than the day before the origin; levels by the plant's own rule.

    Other policies put their levels in the place of these: see ``set_levels``.

    Args:
        use: see ``daily_use``; its last ``config.use_days`` days before ``origin`` count, or as many as there are.
        purchases: the mart's ``purchases``.
        origin: first day that does not count.
        config: windows and defaults.

    Returns:
        The columns of ``COLUMNS``; price and supplier as in ``_buying``.

    Raises:
        PlanningError: no day of use before ``origin``.
    """
    year = recent_use(use, origin, config.use_days)
    policy = lead_times(purchases, use.columns, origin, config.lead_times)
    policy["mean_daily_use_kg"] = year.mean().to_numpy()
    policy["highest_daily_use_kg"] = year.max().to_numpy()
    policy["safety_stock_kg"] = safety_stock_of(policy)
    policy["reorder_point_kg"] = reorder_point(
        policy["mean_daily_use_kg"], policy["mean_lead_time_days"], policy["safety_stock_kg"]
    )
    buying = _buying(purchases[purchases["ordered_on"] < origin], config.price_purchases)
    policy = policy.merge(buying, on="material_code", how="left")
    return policy.fillna({"supplier_code": ""})[COLUMNS]


def with_lead_times(policy: pd.DataFrame, supplier_days: Mapping[str, float]) -> pd.DataFrame:
    """The policy with certain lead times, and the levels that follow, for the materials of some suppliers."""
    days = policy["supplier_code"].map(supplier_days)
    changed = policy.assign(
        mean_lead_time_days=days.fillna(policy["mean_lead_time_days"]),
        longest_lead_time_days=days.fillna(policy["longest_lead_time_days"]),
        lead_time_source=policy["lead_time_source"].mask(days.notna(), "scenario"),
    )
    changed["safety_stock_kg"] = safety_stock_of(changed)
    changed["reorder_point_kg"] = reorder_point(
        changed["mean_daily_use_kg"], changed["mean_lead_time_days"], changed["safety_stock_kg"]
    )
    return changed


def recent_use(use: pd.DataFrame, origin: pd.Timestamp, days: int) -> pd.DataFrame:
    """The last ``days`` days of use before the origin, or as many as there are.

    Raises:
        PlanningError: there is none.
    """
    recent = use.loc[origin - pd.Timedelta(days=days) : origin - pd.Timedelta(days=1)]
    if recent.empty:
        raise PlanningError(f"sales: none in the {days} days before {origin.date()}; start later")
    return recent


def _buying(purchases: pd.DataFrame, latest: int) -> pd.DataFrame:
    """Mean unit price of each material's ``latest`` purchases, and the supplier with most purchases.

    Ties go to the supplier whose code is first. A material without purchases has no line.
    """
    ordered = purchases.sort_values(["ordered_on", "purchase_no"])
    price = ordered.groupby("material_code").tail(latest).groupby("material_code")["unit_price_krw"].mean()
    times = ordered.groupby(["material_code", "supplier_code"]).size().rename("times").reset_index()
    most = times.sort_values(["times", "supplier_code"], ascending=[False, True]).drop_duplicates("material_code")
    return most[["material_code", "supplier_code"]].merge(price.reset_index(), on="material_code")
