"""The simulated plant: the truth that its exports are written from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.construction import construction_effect, simulate_construction
from mixplan.sources.sample.customers import Customers, simulate_customers
from mixplan.sources.sample.demand import Deliveries, simulate_deliveries
from mixplan.sources.sample.operations import last_months, simulate_operations
from mixplan.sources.sample.orders import sales_of, simulate_orders
from mixplan.sources.sample.planners import simulate_planner_forecasts
from mixplan.sources.sample.randomness import generator
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
    """Also product_name: as people typed it."""
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
    catalogue = catalogue.first(config.products, config.regions, config.customers)
    days = pd.date_range(config.first_day, config.last_day, freq="D")
    future = pd.date_range(config.first_day, periods=len(days) + config.operations.order_book_days, freq="D")
    lag = config.effects.construction_lag_months
    months = pd.date_range(days[0].replace(day=1) - pd.DateOffset(months=lag + 1), future[-1], freq="MS")
    construction = simulate_construction(generator(seed, "construction"), months)
    weather = simulate_weather(generator(seed, "weather"), future, catalogue)
    customers = simulate_customers(generator(seed, "customers"), config, catalogue, len(days))
    calendar, starts = workday_factor(future, config.effects), construction_effect(construction, future, lag)
    rng = generator(seed, "demand")
    deliveries = simulate_deliveries(rng, config, catalogue, customers, weather, calendar, starts)
    orders = simulate_orders(generator(seed, "orders"), config, catalogue, customers, deliveries, future)
    sales = sales_of(orders, days[-1])
    known = construction["month"].between(days[0].replace(day=1), days[-1])
    return Plant(
        products=_products(catalogue, customers),
        customers=customers.frame[["customer_code", "customer_name", "department"]],
        sales=sales,
        orders=last_months(orders, "ordered_on", config.contract_months, days)[ORDER_COLUMNS],
        planner_forecasts=simulate_planner_forecasts(generator(seed, "planners"), config.operations, sales),
        weather=weather_frame(weather, days, catalogue),
        construction=construction[known].reset_index(drop=True),
        expected_demand=_expected(catalogue, deliveries, days),
        **simulate_operations(config, catalogue, customers, orders, days, seed),
    )


def _products(catalogue: Catalogue, customers: Customers) -> pd.DataFrame:
    mixes = customers.mixes
    product = np.array([one.name for one in catalogue.products], dtype=object)[mixes["product"]]
    rest = [name.removeprefix(one).strip() for name, one in zip(mixes["product_name"], product, strict=True)]
    frame = mixes[["product_code", "product_name"]].assign(product=product, remark=rest)
    return frame.sort_values("product_code").reset_index(drop=True)


def _expected(catalogue: Catalogue, deliveries: Deliveries, days: pd.DatetimeIndex) -> pd.DataFrame:
    names = np.array([product.name for product in catalogue.products], dtype=object)
    expected = deliveries.expected_kg[: len(days)]
    keys = {"date": np.repeat(days.to_numpy(), len(names)), "product": np.tile(names, len(days))}
    return pd.DataFrame({**keys, "quantity_kg": expected.ravel()})
