"""The order book: what customers ordered when, at which price, and what was delivered."""

import numpy as np
import pandas as pd

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample.customers import Customers
from mixplan.sources.sample.demand import Deliveries
from mixplan.sources.sample.randomness import Counts, Values
from mixplan.sources.sample.scenario import Scenario

LARGE_ORDER_KG = 10000.0
"""From this weight on an order may be mixed in two lots."""


def simulate_orders(scenario: Scenario, customers: Customers, deliveries: Deliveries) -> pd.DataFrame:
    """All orders that are known on the last day, by order date; those due later are open and have sold nothing.

    Returns:
        The mart's order columns, and split_no, region, due_day and mix (positions).
    """
    rng, config, last = scenario.rng("orders"), scenario.config, len(scenario.days) - 1
    frame = _with_order_days(rng, config, deliveries.frame, last)
    frame = _with_order_numbers(scenario, customers, frame)
    frame["unit_price_krw"] = _prices(rng, scenario, customers, frame)
    frame = _with_splits(rng, config, frame)
    frame["amount_krw"] = frame["quantity_kg"] * frame["unit_price_krw"]
    short = rng.random(len(frame)) < config.operations.short_deliveries
    part = np.where(short, rng.uniform(0.85, 0.98, len(frame)), 1.0)
    delivered = np.ceil(frame["quantity_kg"] * part / 100.0) * 100.0
    frame["sold_kg"] = np.where(frame["due_day"] <= last, delivered, 0.0)
    return frame.drop(columns=["ordered_day"])


def sales_of(orders: pd.DataFrame, last_day: pd.Timestamp) -> pd.DataFrame:
    """The sales lines that the orders became, by day."""
    sold = orders[orders["due_on"] <= last_day]
    sold = sold.rename(columns={"due_on": "sold_on"}).assign(quantity_kg=sold["sold_kg"])
    columns = ["sold_on", "customer_code", "product_code", "product", "region", "quantity_kg", "unit_price_krw"]
    return sold.sort_values(["sold_on", "order_no", "split_no"])[columns].reset_index(drop=True)


def _with_order_days(
    rng: np.random.Generator, config: SimulationConfig, deliveries: pd.DataFrame, last: int
) -> pd.DataFrame:
    """Most orders come a few days before they are due, some weeks ahead; those not yet placed are left out."""
    count, work = len(deliveries), config.operations
    ahead = rng.integers(7, work.order_book_days + 1, count)
    lead = np.where(rng.random(count) < work.advance_orders, ahead, rng.integers(0, 5, count))
    frame = deliveries.rename(columns={"day": "due_day"}).assign(is_rush=lead == 0)
    frame["ordered_day"] = frame["due_day"] - lead
    known = frame[frame["ordered_day"] <= last]
    return known.sort_values(["ordered_day", "due_day", "mix"]).reset_index(drop=True)


def _with_order_numbers(scenario: Scenario, customers: Customers, frame: pd.DataFrame) -> pd.DataFrame:
    """Order numbers as the ERP makes them: the product's short name, the order date, the number within the day."""
    names, regions = np.array(scenario.product_names, dtype=object), scenario.catalogue.regions
    mixes = customers.mixes.iloc[frame["mix"]].reset_index(drop=True)
    ordered_on = scenario.days[0] + pd.to_timedelta(frame["ordered_day"], unit="D")
    number = (frame.groupby("ordered_day").cumcount() + 1).astype(str).str.zfill(3)
    product = pd.Series(names[mixes["product"]], index=frame.index)
    short = product.str.removeprefix("MPA-").str[:4]
    return frame.assign(
        order_no=short + ordered_on.dt.strftime("%y%m%d") + number,
        customer_code=customers.frame["customer_code"].to_numpy()[mixes["customer"]],
        product_code=mixes["product_code"],
        product=product,
        region=np.array([region.name for region in regions], dtype=object)[mixes["region"]],
        ordered_on=ordered_on,
        due_on=scenario.days[0] + pd.to_timedelta(frame["due_day"], unit="D"),
    )


def _prices(rng: np.random.Generator, scenario: Scenario, customers: Customers, frame: pd.DataFrame) -> Values:
    """Price (KRW/kg): the quarter's list price less the customer's discount, give or take a per cent."""
    mixes, products = customers.mixes.iloc[frame["mix"]], scenario.catalogue.products
    quarter: Counts = np.clip(frame["ordered_day"].to_numpy(), 0, None) // 91
    rise = rng.normal(0.008, 0.015, (len(scenario.days) // 91 + 1, len(products)))
    price = np.array([product.price_krw for product in products]) * np.exp(np.cumsum(rise, axis=0))
    discount = customers.discount[mixes["customer"]]
    haggling = rng.normal(1.0, 0.01, len(frame))
    return np.round(price[quarter, mixes["product"]] * (1.0 - discount) * haggling)


def _with_splits(rng: np.random.Generator, config: SimulationConfig, frame: pd.DataFrame) -> pd.DataFrame:
    """Some large orders stand on two rows under one number, the second part larger than the first."""
    share = config.operations.split_orders
    split = (frame["quantity_kg"].to_numpy() >= LARGE_ORDER_KG) & (rng.random(len(frame)) < share)
    first_kg = np.round(frame["quantity_kg"] * 0.3 / 500.0) * 500.0
    second = frame[split].assign(split_no=1, quantity_kg=(frame["quantity_kg"] - first_kg)[split])
    first = frame.assign(split_no=0, quantity_kg=np.where(split, first_kg, frame["quantity_kg"]))
    return pd.concat([first, second]).sort_index(kind="stable").reset_index(drop=True)
