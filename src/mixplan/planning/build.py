"""The plan: from the forecast to purchase orders."""

from dataclasses import dataclass

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.basis import Basis
from mixplan.planning.levels import PLANT_RULE, set_levels
from mixplan.planning.lots import cleanings_of
from mixplan.planning.orders import plan_orders
from mixplan.planning.overrides import as_table, in_force
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.projection import project_stock, worth_of
from mixplan.planning.unplanned import unplanned


@dataclass(frozen=True)
class Plan:
    """The tables of a plan."""

    production: pd.DataFrame
    """See ``plan_production``."""
    production_lots: pd.DataFrame
    """See ``Schedule.lots``."""
    production_pegs: pd.DataFrame
    """See ``Schedule.pegs``."""
    production_searches: pd.DataFrame
    """See ``Schedule.searches``."""
    requirements: pd.DataFrame
    """See ``lot_requirements``."""
    policy: pd.DataFrame
    """See ``set_levels``."""
    stock: pd.DataFrame
    """See ``stock_on_hand``."""
    projected_stock: pd.DataFrame
    """See ``project_stock``, with worth_krw (see ``worth_of``); planned orders arrive when expected."""
    purchase_orders: pd.DataFrame
    """See ``plan_orders``."""
    unplanned: pd.DataFrame
    """See ``unplanned``."""
    overrides: pd.DataFrame
    """Decisions of people that this plan heeds, see ``Override``."""

    def summary(self) -> dict[str, float]:
        """What is made and ordered, and what is late or short all the same."""
        late = self.production_pegs["late_days"] > 0
        return {
            "lots": len(self.production_lots),
            "made_kg": float(self.production_lots["quantity_kg"].sum()),
            "cleanings": cleanings_of(self.production_lots),
            "late_kg": float(self.production_pegs.loc[late, "quantity_kg"].sum()),
            "production_gap": float(self.production_searches["gap"].max()) if len(self.production_searches) else 0.0,
            "production_is_proven": bool((self.production_searches["ended"] == "optimal").all()),
            "orders_not_met": int((self.unplanned["kind"] == "order").sum()),
            "order_lines": len(self.purchase_orders),
            "ordered_kg": float(self.purchase_orders["quantity_kg"].sum()),
            "expedited_lines": int(self.purchase_orders["expedite"].sum()),
            "short_material_days": int(self.projected_stock["is_short"].sum()),
            "unplanned": len(self.unplanned),
        }


def build_plan(basis: Basis, config: PlanConfig, policy: OrderingPolicy = PLANT_RULE) -> Plan:
    """Plan the weeks from the origin on with what was known before it.

    Args:
        basis: what the plan starts from.
        config: the plan's configuration.
        policy: the ordering policy; its levels are set once, on the origin.
    """
    levels = set_levels(policy, basis.known)
    decided = in_force(basis.overrides, "order", basis.origin)
    purchase_orders = plan_orders(
        basis.requirements,
        basis.stock,
        basis.awaited,
        levels,
        basis.origin,
        config.ordering,
        config.calendar,
        decided,
    )
    receipts = pd.concat([basis.awaited, purchase_orders[basis.awaited.columns]], ignore_index=True)
    projected = project_stock(basis.requirements, basis.stock, receipts, basis.origin)
    return Plan(
        production=basis.production,
        production_lots=basis.schedule.lots,
        production_pegs=basis.schedule.pegs.drop(columns="demand"),
        production_searches=basis.schedule.searches,
        requirements=basis.requirements,
        policy=levels,
        stock=basis.stock,
        projected_stock=projected.assign(worth_krw=worth_of(projected, levels)),
        purchase_orders=purchase_orders,
        unplanned=unplanned(basis, purchase_orders),
        overrides=as_table([*in_force(basis.overrides, "forecast", basis.origin).values(), *decided.values()]),
    )
