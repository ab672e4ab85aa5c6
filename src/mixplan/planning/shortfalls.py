"""What is made too late or not at all, why, and what would make room for it."""

from collections.abc import Callable

import pandas as pd

from mixplan.config.production import ProductionConfig
from mixplan.planning.pegging import ROUNDING_KG
from mixplan.planning.tables import Values
from mixplan.planning.wording import day, weight

COLUMNS = ["kind", "code", "quantity_kg", "reason"]


def lateness(made_on: pd.Series, needed_on: pd.Series) -> pd.Series:
    """Days between the day when something is needed and the later one when it is made; 0 for what nobody needs."""
    return (made_on - needed_on).dt.days.clip(lower=0).fillna(0).astype("int64")


def shortfalls(
    demands: pd.DataFrame,
    pegs: pd.DataFrame,
    family: Callable[[str], str | None],
    config: ProductionConfig,
    capacity_kg: Values,
) -> pd.DataFrame:
    """Every order that cannot be met, and each product's forecast that cannot, with what would make room.

    Args:
        demands: see ``demands_of``.
        pegs: demand, quantity_kg, made_on and late_days.
        family: the family of a product.
        config: lines.
        capacity_kg: lines x days.

    Returns:
        kind ("order" or "product"), code (number of the order, or product), quantity_kg (what is late or missing) and
        reason, sorted.
    """
    served = pegs.groupby("demand")["quantity_kg"].sum().reindex(demands.index, fill_value=0.0)
    late = pegs[pegs["late_days"] > 0].groupby("demand")
    rows = demands.assign(
        missing_kg=(demands["quantity_kg"] - served).where(lambda kg: kg > 10 * ROUNDING_KG, 0.0),
        late_kg=late["quantity_kg"].sum().reindex(demands.index, fill_value=0.0),
        until=late["made_on"].max().reindex(demands.index),
        family=[family(product) or "" for product in demands["product"]],
    )
    rows["open_kg"] = rows["missing_kg"] + rows["late_kg"]
    rows = rows[rows["open_kg"] > ROUNDING_KG]
    room = {
        str(name): _room(str(name), own["open_kg"].sum(), config, capacity_kg) for name, own in rows.groupby("family")
    }
    is_forecast = rows["kind"] == "forecast"
    named = rows.assign(
        code=rows["reference"].where(~is_forecast, rows["product"]),
        kind=is_forecast.map({True: "product", False: "order"}),
    )
    found = [
        (kind, code, own["open_kg"].sum(), f"{_what(own)}; {room[own['family'].iloc[0]]}")
        for (kind, code), own in named.groupby(["kind", "code"])
    ]
    return pd.DataFrame(sorted(found), columns=COLUMNS).astype({"quantity_kg": "float64"})


def _what(rows: pd.DataFrame) -> str:
    """How much of what is late or missing."""
    missing, late, first = rows["missing_kg"].sum(), rows["late_kg"].sum(), rows["needed_on"].min()
    parts = [f"{weight(late)} late, the last on {day(rows['until'].max())}"] if late else []
    parts += [f"{weight(missing)} not made at all"] if missing else []
    return f"of {rows['product'].iloc[0]}, needed from {day(first)}, {' and '.join(parts)}"


def _room(family: str, open_kg: float, config: ProductionConfig, capacity_kg: Values) -> str:
    """What would let the family's open kilograms be made in time."""
    if not family:
        return "it belongs to no family; give it one in plan.production.families"
    able = [name for name, line in config.lines.items() if family in line.families]
    if not able:
        return f"no line makes {family}; add it to a line's families"
    places = [list(config.lines).index(name) for name in able]
    if not capacity_kg[places].any():
        verb = "has" if len(able) == 1 else "have"
        return f"{' and '.join(able)} {verb} no working day; give one its daily_kg and weekday_shares"
    daily_kg = max(config.lines[name].daily_kg for name in able)
    return (
        f"{family} lacks {weight(open_kg)} of the time of {' and '.join(able)}: {open_kg / daily_kg:.1f} more days of "
        "the larger would make room, or later dates"
    )
