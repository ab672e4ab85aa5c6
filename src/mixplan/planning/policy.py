"""What a buyer must know of each material: its use, its suppliers and its stock levels."""

from collections.abc import Mapping

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.lead_times import lead_times, usual_suppliers
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
        The columns of ``COLUMNS``; supplier and price as in ``_suppliers`` and ``_prices``.

    Raises:
        PlanningError: no day of use before ``origin``.
    """
    year = recent_use(use, origin, config.use_days)
    placed = purchases[purchases["ordered_on"] < origin]
    suppliers = suppliers_of(placed, use.columns, origin, config)
    policy = lead_times(purchases, suppliers, origin, config.lead_times)
    policy["supplier_code"] = suppliers.to_numpy()
    policy["unit_price_krw"] = _prices(placed, suppliers, config.price_purchases).to_numpy()
    policy["mean_daily_use_kg"] = year.mean().to_numpy()
    policy["highest_daily_use_kg"] = year.max().to_numpy()
    policy["safety_stock_kg"] = safety_stock_of(policy)
    policy["reorder_point_kg"] = reorder_point(
        policy["mean_daily_use_kg"], policy["mean_lead_time_days"], policy["safety_stock_kg"]
    )
    return policy[COLUMNS]


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


def suppliers_of(purchases: pd.DataFrame, materials: pd.Index, origin: pd.Timestamp, config: PlanConfig) -> pd.Series:
    """The supplier's code by material: whom the terms name, or else the usual one (see ``usual_suppliers``)."""
    terms = config.ordering.materials
    named = {code: own.supplier_code for code, own in terms.items() if own.supplier_code is not None}
    usual = usual_suppliers(purchases, materials, origin, config.lead_times)
    return usual.index.to_series().map(named).fillna(usual)


def _prices(purchases: pd.DataFrame, suppliers: pd.Series, latest: int) -> pd.Series:
    """Mean unit price of the ``latest`` purchases of each material from its supplier, or else from any; NaN without."""
    ordered = purchases.sort_values(["ordered_on", "purchase_no"])
    is_own = ordered["material_code"].map(suppliers) == ordered["supplier_code"]
    own, every = (
        rows.groupby("material_code").tail(latest).groupby("material_code")["unit_price_krw"].mean()
        for rows in (ordered[is_own], ordered)
    )
    return own.reindex(suppliers.index).fillna(every)
