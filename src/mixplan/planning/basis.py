"""What a plan starts from, before any order is placed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.bill_of_materials import bill_of_materials, plannable
from mixplan.planning.feed import feed_of
from mixplan.planning.lead_times import planned_days
from mixplan.planning.levels import known_at
from mixplan.planning.overrides import Override, in_force, with_decisions
from mixplan.planning.policies.interface import Known
from mixplan.planning.policy import material_policy, with_lead_times
from mixplan.planning.production import open_orders, plan_production
from mixplan.planning.requirements import daily_margins, daily_use, lot_requirements
from mixplan.planning.schedule import Schedule, schedule
from mixplan.planning.stock import open_purchases, stock_on_hand
from mixplan.planning.supply_calendar import SupplyCalendar, Window, first_arrival, supply_calendar

TABLES = ("recipes", "products", "sales", "orders", "purchases", "stock_counts")
"""Of the mart: what a plan is made of."""


@dataclass(frozen=True)
class Basis:
    """Everything known on the plan's first day."""

    origin: pd.Timestamp
    bill: pd.DataFrame
    """See ``bill_of_materials``."""
    reasons: dict[str, str]
    """Why products are not in the bill, see ``plannable``."""
    production: pd.DataFrame
    """See ``plan_production``."""
    schedule: Schedule
    """How and when it is made."""
    requirements: pd.DataFrame
    """See ``lot_requirements``."""
    known: Known
    """What an ordering policy is told."""
    stock: pd.DataFrame
    """See ``stock_on_hand``."""
    awaited: pd.DataFrame
    """See ``open_purchases``."""
    supply: SupplyCalendar
    """When orders of each material of ``known`` go out and come."""
    windows: dict[int, Window]
    """What the orders of each review can reach, by its day."""
    shares_by_day: pd.DataFrame
    """week, date and share: how a week's demand divides over its days, by what was known on the origin."""
    overrides: tuple[Override, ...]
    """What people decided and nobody took back, see ``standing``."""


def basis_of(
    forecast: pd.DataFrame,
    shares: pd.DataFrame,
    shares_by_day: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    origin: pd.Timestamp,
    config: PlanConfig,
    supplier_days: Mapping[str, float] = MappingProxyType({}),
    overrides: Sequence[Override] = (),
) -> Basis:
    """What is known before the origin.

    Args:
        forecast: product, week, quantity_kg, lower_kg, upper_kg.
        shares: product, region, share: how each product's forecast divides over regions.
        shares_by_day: origin, week, date, share: how a week's demand divides over its days, as known on each origin.
        tables: the mart's recipes, products, sales, orders, purchases and stock_counts.
        origin: the plan's first day, a Monday.
        config: the plan's configuration.
        supplier_days: days from order to receipt by supplier, in place of what its purchases say.
        overrides: what people decided and nobody took back.

    Raises:
        PlanningError: a table lacks what the plan needs; see the parts.
    """
    recipes, reasons = plannable(tables["recipes"])
    bill = bill_of_materials(recipes, config.not_stocked)
    forecast = with_decisions(forecast, in_force(overrides, "forecast", origin))
    orders = open_orders(tables["orders"], tables["products"], origin)
    production = plan_production(forecast, shares, orders, origin, config.weeks)
    days = pd.date_range(origin, periods=7 * config.weeks)
    shares_by_day = shares_by_day[shares_by_day["origin"] == origin]
    use, purchases = daily_use(tables["sales"], bill, origin), tables["purchases"]
    terms = with_lead_times(material_policy(use, purchases, origin, config), supplier_days)
    stock = stock_on_hand(tables["stock_counts"], purchases, use, terms, origin)
    awaited = open_purchases(purchases, terms, origin, config.ordering.suppliers)
    supply = supply_calendar(terms["supplier_code"], origin, config.calendar, config.ordering.suppliers)
    windows = supply.windows(config.ordering.weekday, len(days), planned_days(terms["mean_lead_time_days"]))
    feed = feed_of(bill, stock, awaited, days, first_arrival(windows, len(days)))
    made = schedule(
        production, orders, origin, config.weeks, shares_by_day, config.calendar.country, config.production, feed
    )
    requirements = lot_requirements(made.lots, bill, days)
    margins = daily_margins(forecast, bill, shares_by_day)
    known = known_at(terms, use, purchases, requirements, margins, origin, config)
    return Basis(
        origin=origin,
        bill=bill,
        reasons=reasons,
        production=production,
        schedule=made,
        requirements=requirements,
        known=known.with_lead_days(supplier_days),
        stock=stock,
        awaited=awaited,
        supply=supply,
        windows=windows,
        shares_by_day=shares_by_day,
        overrides=tuple(overrides),
    )
