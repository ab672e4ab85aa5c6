"""The levels that an ordering policy sets for every material."""

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.lead_times import known_lead_days
from mixplan.planning.policies.interface import Known, OrderingPolicy
from mixplan.planning.policies.max_minus_mean import MaxMinusMean
from mixplan.planning.policy import recent_use
from mixplan.planning.tables import to_matrix

PLANT_RULE = MaxMinusMean()
"""The rule that every other policy is compared with."""


def known_at(
    terms: pd.DataFrame,
    use: pd.DataFrame,
    purchases: pd.DataFrame,
    requirements: pd.DataFrame,
    margins: pd.DataFrame,
    origin: pd.Timestamp,
    config: PlanConfig,
) -> Known:
    """What a policy may know at an origin: nothing later than the day before it.

    Args:
        terms: see ``material_policy``.
        use: see ``daily_use``; one column for each line of ``terms``, in its order.
        purchases: the mart's ``purchases``.
        requirements: see ``daily_requirements``; from ``origin`` on.
        margins: see ``daily_margins``.
        origin: first day that does not count as history.
        config: windows, defaults and costs.
    """
    materials = pd.Index(terms["material_code"])
    ahead = pd.date_range(origin, requirements["date"].max())
    return Known(
        terms=terms,
        use=recent_use(use, origin, config.use_days).to_numpy(dtype="float64"),
        lead_days=known_lead_days(
            purchases, terms.set_index("material_code")["supplier_code"], origin, config.lead_times
        ),
        expected=to_matrix(requirements, ahead, materials, "date", "requirement_kg"),
        margin=to_matrix(margins, ahead, materials, "date", "margin_kg"),
        costs=config.costs,
    )


def set_levels(policy: OrderingPolicy, known: Known) -> pd.DataFrame:
    """The lines of ``known.terms`` with safety_stock_kg, reorder_point_kg and order_up_to_kg of the policy."""
    levels = policy.levels(known)
    return known.terms.assign(
        safety_stock_kg=levels.safety_stock_kg,
        reorder_point_kg=levels.reorder_point_kg,
        order_up_to_kg=levels.order_up_to_kg,
    )
