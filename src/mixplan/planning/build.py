"""The plan: from the forecast to purchase orders."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.bill_of_materials import bill_of_materials, plannable
from mixplan.planning.levels import PLANT_RULE, known_at, set_levels
from mixplan.planning.orders import plan_orders
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.policy import material_policy
from mixplan.planning.production import plan_production
from mixplan.planning.projection import project_stock
from mixplan.planning.requirements import daily_margins, daily_requirements, daily_use
from mixplan.planning.stock import open_purchases, stock_on_hand
from mixplan.planning.unplanned import unplanned


@dataclass(frozen=True)
class Plan:
    """The tables of a plan."""

    production: pd.DataFrame
    """See ``plan_production``."""
    requirements: pd.DataFrame
    """See ``daily_requirements``."""
    policy: pd.DataFrame
    """See ``set_levels``."""
    stock: pd.DataFrame
    """See ``stock_on_hand``."""
    projected_stock: pd.DataFrame
    """See ``project_stock``; planned orders arrive when expected."""
    purchase_orders: pd.DataFrame
    """See ``plan_orders``."""
    unplanned: pd.DataFrame
    """See ``unplanned``."""

    def summary(self) -> dict[str, float]:
        """What is ordered, and the days of a material that end short all the same."""
        return {
            "order_lines": len(self.purchase_orders),
            "ordered_kg": float(self.purchase_orders["quantity_kg"].sum()),
            "expedited_lines": int(self.purchase_orders["expedite"].sum()),
            "short_material_days": int(self.projected_stock["is_short"].sum()),
            "unplanned": len(self.unplanned),
        }


def build_plan(
    forecast: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    origin: pd.Timestamp,
    config: PlanConfig,
    policy: OrderingPolicy = PLANT_RULE,
) -> Plan:
    """Plan the weeks from the origin on with what was known before it.

    Args:
        forecast: product, week, quantity_kg, lower_kg, upper_kg.
        tables: the mart's recipes, sales, orders, purchases and stock_counts.
        origin: the plan's first day, a Monday.
        config: the plan's configuration.
        policy: the ordering policy; its levels are set once, on the origin.

    Raises:
        PlanningError: a table lacks what the plan needs; see the parts.
    """
    recipes, reasons = plannable(tables["recipes"])
    bill = bill_of_materials(recipes, config.not_stocked)
    production = plan_production(forecast, tables["orders"], origin, config.weeks)
    requirements = daily_requirements(production, bill, config.calendar)
    use = daily_use(tables["sales"], bill, origin)
    terms = material_policy(use, tables["purchases"], origin, config)
    margins = daily_margins(forecast, bill, config.calendar)
    known = known_at(terms, use, tables["purchases"], requirements, margins, origin, config)
    levels = set_levels(policy, known)
    stock = stock_on_hand(tables["stock_counts"], tables["purchases"], use, terms, origin)
    awaited = open_purchases(tables["purchases"], terms, origin)
    purchase_orders = plan_orders(requirements, stock, awaited, levels, origin, config.ordering)
    receipts = pd.concat([awaited, purchase_orders[awaited.columns]], ignore_index=True)
    projected_stock = project_stock(requirements, stock, receipts, origin)
    gaps = unplanned(production, bill, reasons, requirements, levels, stock, purchase_orders)
    return Plan(production, requirements, levels, stock, projected_stock, purchase_orders, gaps)
