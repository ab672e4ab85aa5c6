"""From a forecast or a purchase order back to model, run, data and rows of the exports."""

from pathlib import Path

import pandas as pd

from mixplan.artifacts.champion import read_champion
from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.base import MixplanError
from mixplan.demand.history import horizon_month
from mixplan.lineage.steps import Step, cited, counted
from mixplan.mart.read import read_table
from mixplan.planning.bill_of_materials import bill_of_materials, plannable
from mixplan.planning.wording import period, weight
from mixplan.tracking.record import read_chosen

FORECASTS, PLAN, MART = Path("data/forecasts"), Path("data/plan"), Path("data/mart")
MOST_LOTS = 10


class NotFoundError(MixplanError):
    """There is no such number or row."""


def trace_forecast(root: Path, product: str, day: pd.Timestamp) -> Step:
    """Where the forecast of a product's week came from.

    Args:
        root: the project's folder.
        product: the product.
        day: a day of the week.

    Raises:
        NotFoundError: nothing was forecast for it.
    """
    rows = read_parquet(root / FORECASTS / "demand/products.parquet")
    week = day - pd.Timedelta(days=day.weekday())
    found = rows[(rows["product"] == product) & (rows["week"] == week)]
    if found.empty:
        raise NotFoundError(
            f"no forecast of {product} in the week of {week.date()}: there are weeks from {rows['week'].min().date()} "
            f"to {rows['week'].max().date()} of {rows['product'].nunique()} products in {FORECASTS}/demand"
        )
    row = found.iloc[0]
    said = (
        f"forecast of {product} in the week of {week.date()}: {weight(row['prediction_kg'])}, "
        f"between {weight(row['lower_kg'])} and {weight(row['upper_kg'])}"
    )
    origin = pd.Timestamp(row["origin"])
    return Step(
        said, [_moved(root, row), _model(root, origin), _drivers(root, origin, week), _sold(root, product, origin)]
    )


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
    return Step(
        said,
        [
            _needed(root, material, row["needed_on"], until),
            _stock(root, material, bought),
            _policy(root, material, bought),
        ],
    )


def _moved(root: Path, row: pd.Series) -> Step:
    """What the model added up, for the month of the horizon."""
    month = int(horizon_month(pd.Series([row["horizon_weeks"]])).iloc[0])
    parts = read_parquet(root / FORECASTS / "demand/explanation.parquet")
    own = parts[(parts["product"] == row["product"]) & (parts["month"] == month)]
    steps = [Step(f"{part}: {kg / 1000:+,.1f} t") for part, kg in zip(own["part"], own["contribution_kg"], strict=True)]
    return Step(f"what moved month {month} of the horizon", steps)


def _model(root: Path, origin: pd.Timestamp) -> Step:
    """The model, its run and its data; the champion may be an older one that stayed."""
    winner = read_chosen(root / FORECASTS / "demand/winners.json")["demand"]
    manifest = read_champion(root / "models/champion")
    champion = manifest.tasks["demand"]
    data_version = read_json(root / "metrics/mart.json")["data_version"]
    return Step(
        f"{winner.candidate}, fitted on what was known before {origin.date()}",
        [
            Step(f"result {winner.fingerprint} (the tag mixplan.fingerprint of its MLflow run)"),
            Step(f"data version {data_version}"),
            Step(f"champion: {champion.candidate}, version {champion.version}, of data {champion.data_version}"),
        ],
    )


def _drivers(root: Path, origin: pd.Timestamp, week: pd.Timestamp) -> Step:
    weekly = read_parquet(root / FORECASTS / "drivers/weekly.parquet")
    row = weekly[(weekly["origin"] == origin) & (weekly["week"] == week)].drop(columns=["origin", "week"]).iloc[0]
    values = [Step(f"{name}: {value:,.2f}") for name, value in row.items()]
    tables = [cited(read_table(root / MART, name), name) for name in ("weather", "construction")]
    return Step("drivers as they were forecast for the week", values + tables)


def _sold(root: Path, product: str, origin: pd.Timestamp) -> Step:
    sales = read_table(root / MART, "sales")
    known = sales[sales["sold_on"] < origin]
    is_own = known["product"] == product
    own = cited(known[is_own], f"sales of {product}")
    return Step(f"{own.text}; the plant's season also knows the other {(~is_own).sum():,}", own.steps)


def _needed(root: Path, material: str, first: pd.Timestamp, until: pd.Timestamp | None) -> Step:
    """Lots that use the material from the day when it runs low to the next arrival, largest use first."""
    recipes = read_table(root / MART, "recipes")
    good, _ = plannable(recipes)
    bill = bill_of_materials(good)[material]
    lots = read_parquet(root / PLAN / "production_lots.parquet")
    lots = lots.assign(used_kg=lots["product"].map(bill).fillna(0.0) * lots["quantity_kg"])
    is_near = (lots["made_on"] >= first) & ((lots["made_on"] < until) if until is not None else True)
    using = lots[is_near & (lots["used_kg"] > 0)].sort_values("used_kg", ascending=False, kind="stable")
    largest = using.head(MOST_LOTS)
    if using.empty:
        return Step(f"no lot uses it from {first.date()} until the next arrival or the end of the plan")
    pegs, orders = read_parquet(root / PLAN / "production_pegs.parquet"), read_table(root / MART, "orders")
    steps = [_lot(lot, pegs, orders, recipes[recipes["material_code"] == material]) for _, lot in largest.iterrows()]
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
