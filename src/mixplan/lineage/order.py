"""From a purchase order back to lots, customers' orders, forecasts, recipes, stock and lead times."""

from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.lineage.steps import Step, cited, counted
from mixplan.lineage.trace import FORECASTS, MART, PLAN, NotFoundError, decided, model_of, sold
from mixplan.mart.read import read_table
from mixplan.planning.bill_of_materials import bill_of_materials, plannable
from mixplan.planning.wording import period, weight

MOST_LOTS, MOST_PRODUCTS = 10, 5
"""Lots and forecast products that are followed one by one."""


def trace_order(root: Path, material: str, day: pd.Timestamp) -> Step:
    """Where a purchase order came from.

    Args:
        root: the project's folder.
        material: the material's code.
        day: the day to order.

    Raises:
        NotFoundError: the plan has no such order.
    """
    orders = read_parquet(root / PLAN / "purchase_orders.parquet")
    own = orders[orders["material_code"] == material].sort_values("order_on")
    found = own[own["order_on"] == day]
    if found.empty:
        days = ", ".join(str(each.date()) for each in own["order_on"]) or "no day"
        raise NotFoundError(f"no order of {material} on {day.date()}: the plan orders it on {days}")
    row = found.iloc[0]
    later = own.loc[own["expected_on"] > row["expected_on"], "expected_on"]
    until = later.min() if len(later) else None
    purchases = read_table(root / MART, "purchases")
    bought = purchases[purchases["material_code"] == material]
    said = f"order of {weight(row['quantity_kg'])} of {material} on {day.date()}: {row['reason']}"
    lots = _using(root, material, row["needed_on"], until)
    return Step(
        said,
        [
            *decided(root, "order", material, [day]),
            _needed(root, material, row["needed_on"], lots),
            *_forecast(root, lots),
            _stock(root, material, bought),
            _policy(root, material, bought),
        ],
    )


def _using(root: Path, material: str, first: pd.Timestamp, until: pd.Timestamp | None) -> pd.DataFrame:
    """Lots that use the material from the day when it runs low to the next arrival, largest use first."""
    good, _ = plannable(read_table(root / MART, "recipes"))
    bill = bill_of_materials(good)[material]
    lots = read_parquet(root / PLAN / "production_lots.parquet")
    lots = lots.assign(used_kg=lots["product"].map(bill).fillna(0.0) * lots["quantity_kg"])
    is_near = (lots["made_on"] >= first) & ((lots["made_on"] < until) if until is not None else True)
    using: pd.DataFrame = lots[is_near & (lots["used_kg"] > 0)]
    return using.sort_values("used_kg", ascending=False, kind="stable")


def _needed(root: Path, material: str, first: pd.Timestamp, using: pd.DataFrame) -> Step:
    if using.empty:
        return Step(f"no lot uses it from {first.date()} until the next arrival or the end of the plan")
    pegs, orders = read_parquet(root / PLAN / "production_pegs.parquet"), read_table(root / MART, "orders")
    recipes = read_table(root / MART, "recipes")
    shares = recipes[recipes["material_code"] == material]
    steps = [_lot(lot, pegs, orders, shares) for _, lot in using.head(MOST_LOTS).iterrows()]
    used = f"{weight(using['used_kg'].sum())} are used in {counted(len(using), 'lot')}"
    return Step(f"{used}, {period(first, using['made_on'].max())}; the largest first", steps)


def _lot(lot: pd.Series, pegs: pd.DataFrame, orders: pd.DataFrame, shares: pd.DataFrame) -> Step:
    """What a lot serves, and the rows of the recipe that say how much of the material it takes."""
    own = pegs[pegs["lot"] == lot["lot"]]
    wanted = orders[orders["order_no"].isin(own.loc[own["kind"] != "forecast", "reference"])]
    share = shares[shares["product"] == lot["product"]]
    steps = [Step(lot["serves"])]
    steps += [cited(wanted, "orders")] if len(wanted) else []
    steps += [cited(share, "the recipe")] if len(share) else [Step("through the goods that its recipe mixes in")]
    said = f"lot {lot['lot']} on {lot['made_on'].date()}: {weight(lot['quantity_kg'])} of {lot['product']}"
    return Step(f"{said}, with {weight(lot['used_kg'])} of it", steps)


def _forecast(root: Path, using: pd.DataFrame) -> list[Step]:
    """The forecasts that lots are made for, their model, and the sales behind those that use most of the material."""
    pegs = read_parquet(root / PLAN / "production_pegs.parquet")
    own = pegs[pegs["lot"].isin(using["lot"]) & (pegs["kind"] == "forecast")]
    if own.empty:
        return []
    lots = using.set_index("lot")
    used_kg = own["quantity_kg"] * own["lot"].map(lots["used_kg"] / lots["quantity_kg"])
    own = own.assign(used_kg=used_kg, week=pd.to_datetime(own["reference"].str.removeprefix("forecast ")))
    origin = pd.Timestamp(read_parquet(root / FORECASTS / "demand/products.parquet")["origin"].iloc[0])
    by_product = own.groupby("product")["used_kg"].sum().sort_values(ascending=False, kind="stable")
    steps = [model_of(root, origin)]
    for product, kilograms in by_product.head(MOST_PRODUCTS).items():
        weeks = own.loc[own["product"] == product, "week"]
        said = f"{weight(kilograms)} for {product} in weeks from {weeks.min().date()} to {weeks.max().date()}"
        steps.append(Step(said, [*decided(root, "forecast", str(product), weeks), sold(root, str(product), origin)]))
    named = f"{counted(len(by_product), 'product')}{', the largest first' if len(by_product) > 1 else ''}"
    return [Step(f"{weight(by_product.sum())} of that for forecasts of {named}", steps)]


def _stock(root: Path, material: str, bought: pd.DataFrame) -> Step:
    """The count that the plan starts from, and purchases that were under way."""
    stock = read_parquet(root / PLAN / "stock.parquet")
    row = stock[stock["material_code"] == material].iloc[0]
    counts = read_table(root / MART, "stock_counts")
    own = counts[counts["material_code"] == material]
    last = own[own["counted_on"] == own["counted_on"].max()]
    ahead = bought[~bought["is_fully_received"].astype("bool")]
    return Step(
        f"on hand {weight(row['on_hand_kg'])}, {row['stock_source']}",
        [cited(last, "stock counts"), cited(ahead, "purchases under way")],
    )


def _policy(root: Path, material: str, bought: pd.DataFrame) -> Step:
    chosen = read_json(root / "metrics/plan.json")
    levels = read_parquet(root / PLAN / "policy.parquet")
    row = levels[levels["material_code"] == material].iloc[0]
    return Step(
        f"policy {chosen['winner']}: safety stock {weight(row['safety_stock_kg'])}, lead time "
        f"{row['mean_lead_time_days']:.1f} days on average and {row['longest_lead_time_days']:.0f} at most "
        f"({row['lead_time_source']})",
        [cited(bought, f"purchases of {material}")],
    )
