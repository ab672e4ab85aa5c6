"""The simulated plant: the truth that its exports are written from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.construction import construction_effect, simulate_construction
from mixplan.sources.sample.customers import Customers, simulate_customers
from mixplan.sources.sample.demand import Deliveries, simulate_deliveries
from mixplan.sources.sample.operations import simulate_operations
from mixplan.sources.sample.orders import sales_of, simulate_orders
from mixplan.sources.sample.planners import simulate_planner_forecasts
from mixplan.sources.sample.scenario import Scenario
from mixplan.sources.sample.weather import simulate_weather, weather_frame
from mixplan.sources.sample.workdays import workday_factor

ORDER_COLUMNS = [
    *("order_no", "split_no", "customer_code", "product_code", "product", "quantity_kg", "unit_price_krw"),
    *("amount_krw", "ordered_on", "due_on", "sold_kg", "is_rush"),
]


@dataclass(frozen=True)
class Plant:
    """Clean frames with the mart's columns, cut to what the exports still hold; further columns are named here."""

    products: pd.DataFrame
    """Without brand, grade, strength and export; remark is all that the name adds to the product.
    Also product_name: as people typed it."""
    customers: pd.DataFrame
    """Also department."""
    materials: pd.DataFrame
    """Also is_listed: whether the ERP's list of raw materials has it."""
    recipes: pd.DataFrame
    sales: pd.DataFrame
    orders: pd.DataFrame
    """Also split_no: two rows of one order differ in it."""
    purchases: pd.DataFrame
    """Also is_spot: bought from the spot dealer because stock had run out."""
    lots: pd.DataFrame
    """Also is_excluded (called off, not in a mart) and work_remark."""
    lot_materials: pd.DataFrame
    """Also material_name and material_remark."""
    stock_counts: pd.DataFrame
    planner_forecasts: pd.DataFrame
    weather: pd.DataFrame
    construction: pd.DataFrame
    expected_demand: pd.DataFrame
    """date, product, quantity_kg: the expectation that chance scattered about; no forecast can do better."""
    material_use: pd.DataFrame
    """date, material_code, use_kg: what left the stock, mixes counted as their own materials."""


def simulate(config: SimulationConfig, catalogue: Catalogue, seed: int) -> Plant:
    """Run the plant from its first to its last day.

    Args:
        config: size, strengths and habits.
        catalogue: what the plant could be; the first entries are used.
        seed: equal seeds make equal plants.

    Raises:
        CatalogueError: the catalogue has fewer products, regions or customers than asked for.
    """
    scenario = Scenario.of(config, catalogue, seed)
    return plant_of(scenario, simulate_customers(scenario))


def plant_of(scenario: Scenario, customers: Customers) -> Plant:
    """Run the plant of a scenario with these customers, who may have been changed to plant a truth about them."""
    config, days, effects = scenario.config, scenario.days, scenario.config.effects
    first_month, lag = days[0].replace(day=1), effects.construction_lag_months
    months = pd.date_range(first_month - pd.DateOffset(months=lag + 1), scenario.future[-1], freq="MS")
    construction = simulate_construction(scenario.rng("construction"), months)
    weather = simulate_weather(scenario.rng("weather"), scenario.future, scenario.catalogue)
    starts = effects.construction * construction_effect(construction, scenario.future, lag)
    by_day = np.log(workday_factor(scenario.future, effects)) + starts
    deliveries = simulate_deliveries(scenario, customers, weather, by_day)
    orders = simulate_orders(scenario, customers, deliveries)
    sales = sales_of(orders, days[-1])
    return Plant(
        products=_products(scenario, customers),
        customers=customers.frame[["customer_code", "customer_name", "department"]],
        sales=sales,
        orders=scenario.last_months(orders, "ordered_on", config.contract_months)[ORDER_COLUMNS],
        planner_forecasts=simulate_planner_forecasts(scenario.rng("planners"), config.operations, sales),
        weather=weather_frame(weather, days, scenario.catalogue),
        construction=construction[construction["month"].between(first_month, days[-1])].reset_index(drop=True),
        expected_demand=_expected(scenario, deliveries),
        **simulate_operations(scenario, customers, orders),
    )


def _products(scenario: Scenario, customers: Customers) -> pd.DataFrame:
    mixes = customers.mixes
    product = np.array(scenario.product_names, dtype=object)[mixes["product"]]
    rest = [name.removeprefix(one).strip() for name, one in zip(mixes["product_name"], product, strict=True)]
    region = np.array([one.name for one in scenario.catalogue.regions], dtype=object)[mixes["region"]]
    company = customers.frame["company"].to_numpy()[mixes["customer"]]
    frame = mixes[["product_code", "product_name"]].assign(product=product, customer_text=company)
    frame = frame.assign(site_text=mixes["town"], region=region, remark=rest)
    return frame.sort_values("product_code").reset_index(drop=True)


def _expected(scenario: Scenario, deliveries: Deliveries) -> pd.DataFrame:
    days, names = scenario.days, np.array(scenario.product_names, dtype=object)
    expected = deliveries.expected_kg[: len(days)]
    keys = {"date": np.repeat(days.to_numpy(), len(names)), "product": np.tile(names, len(days))}
    return pd.DataFrame({**keys, "quantity_kg": expected.ravel()})
