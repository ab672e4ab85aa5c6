"""Weekly production: confirmed orders first, the forecast for the rest."""

import pandas as pd

from mixplan.planning.errors import PlanningError
from mixplan.planning.wording import weight


def plan_production(
    forecast: pd.DataFrame, shares: pd.DataFrame, orders: pd.DataFrame, origin: pd.Timestamp, weeks: int
) -> pd.DataFrame:
    """What is wanted in each week: confirmed orders, and what they leave of the forecast.

    An order is demand that the forecast already expected, so it uses up the forecast of its product, region and week
    and nothing counts twice (forecast consumption, as in APICS master scheduling). An order from a region that is
    unknown uses up what is left of all regions.

    Args:
        forecast: product, week (its Monday), quantity_kg (expected), lower_kg, upper_kg.
        shares: product, region, share: how each product's forecast divides over regions.
        orders: see ``open_orders``.
        origin: the plan's first day, a Monday.
        weeks: length of the plan.

    Returns:
        week, product, quantity_kg = from_orders_kg + from_forecast_kg and a reason; every week of every product.

    Raises:
        PlanningError: the forecast lacks a week or a quantity, or has two for one product and week.

    Two tonnes are expected and three ordered, so three are made:

    >>> week = pd.Timestamp("2024-01-01")
    >>> forecast = pd.DataFrame({"product": ["A"], "week": [week], "quantity_kg": [2000.0], "lower_kg": [1500.0],
    ...                          "upper_kg": [2500.0]})
    >>> shares = pd.DataFrame({"product": ["A"], "region": ["S"], "share": [1.0]})
    >>> orders = pd.DataFrame({"product": ["A"], "region": ["S"], "open_kg": [3000.0],
    ...                        "due_on": pd.to_datetime(["2024-01-04"])})
    >>> plan_production(forecast, shares, orders, week, 1)[["quantity_kg", "from_orders_kg", "from_forecast_kg"]].values
    array([[3000., 3000.,    0.]])
    """
    plan_weeks = pd.date_range(origin, periods=weeks, freq="7D")
    _check(forecast, plan_weeks)
    expected = forecast.set_index(["week", "product"])[["quantity_kg", "lower_kg", "upper_kg"]]
    ordered = _by_region(orders)
    products = sorted(set(expected.index.unique("product")) | set(ordered["product"]))
    every = pd.MultiIndex.from_product([plan_weeks, products], names=["week", "product"])
    from_orders = ordered.groupby(["week", "product"])["open_kg"].sum().reindex(every, fill_value=0.0)
    from_forecast = _unconsumed(forecast, shares, ordered).reindex(every, fill_value=0.0)
    expected = expected.reindex(every, fill_value=0.0)
    plan = pd.DataFrame(
        {
            "quantity_kg": from_orders + from_forecast,
            "from_orders_kg": from_orders,
            "from_forecast_kg": from_forecast,
            "reason": [
                _reason(orders_kg, *forecast_kg)
                for orders_kg, *forecast_kg in zip(from_orders, *(expected[name] for name in expected), strict=True)
            ],
        }
    )
    return plan.reset_index()


def _check(forecast: pd.DataFrame, weeks: pd.DatetimeIndex) -> None:
    """Refuse a forecast that would silently leave a week out or count one twice."""
    twice = forecast[forecast.duplicated(["week", "product"])]
    if len(twice):
        raise PlanningError(f"forecast: {twice['product'].iloc[0]} has more than one row for a week; give one")
    if forecast["quantity_kg"].isna().any():
        raise PlanningError("forecast: quantity_kg is missing on some rows; forecast them or leave them out")
    missing = weeks.difference(pd.DatetimeIndex(forecast["week"]))
    if len(missing):
        raise PlanningError(
            f"forecast: nothing for the week of {missing[0].date()}; forecast further or lower plan.weeks"
        )


def open_orders(orders: pd.DataFrame, products: pd.DataFrame, origin: pd.Timestamp) -> pd.DataFrame:
    """Orders that count: placed before the origin, due on or after it and not yet sold in full.

    Args:
        orders: the mart's ``orders``.
        products: the mart's ``products``, which know the region of a product code.
        origin: the plan's first day.

    Returns:
        order_no, product, region (empty where unknown), due_on, is_rush and open_kg, what is still to be delivered.
    """
    rows = orders[(orders["ordered_on"] < origin) & (orders["due_on"] >= origin)]
    rows = rows.assign(
        open_kg=rows["quantity_kg"] - rows["sold_kg"],
        region=rows["product_code"].map(products.set_index("product_code")["region"]).fillna(""),
    )
    columns = ["order_no", "product", "region", "due_on", "is_rush", "open_kg"]
    return rows.loc[rows["open_kg"] > 0, columns].reset_index(drop=True)


def _by_region(orders: pd.DataFrame) -> pd.DataFrame:
    """Kilograms still to be delivered by week of the due date, product and region."""
    week = orders["due_on"] - pd.to_timedelta(orders["due_on"].dt.weekday, unit="D")
    return orders.assign(week=week).groupby(["week", "product", "region"])["open_kg"].sum().reset_index()


def _unconsumed(forecast: pd.DataFrame, shares: pd.DataFrame, ordered: pd.DataFrame) -> pd.Series:
    """What orders leave of the forecast, by week and product."""
    expected = forecast[["week", "product", "quantity_kg"]].merge(shares, on="product", how="left")
    expected["quantity_kg"] *= expected["share"].fillna(1.0)
    rows = expected.fillna({"region": ""}).merge(ordered, on=["week", "product", "region"], how="outer")
    left = rows["quantity_kg"].fillna(0.0) - rows["open_kg"].fillna(0.0)
    # An order of an unknown region goes beyond what is expected of unknown regions, and into the others' rest.
    rows["left_kg"] = left.where(rows["region"] == "", left.clip(lower=0.0))
    return rows.groupby(["week", "product"])["left_kg"].sum().clip(lower=0.0)


def _reason(orders_kg: float, expected_kg: float, lower_kg: float, upper_kg: float) -> str:
    """One sentence for the planner."""
    forecast = f"the forecast of {weight(expected_kg)} (between {weight(lower_kg)} and {weight(upper_kg)})"
    if orders_kg == 0:
        return f"{forecast}; no order yet"
    if orders_kg >= expected_kg:
        return f"orders of {weight(orders_kg)} use up {forecast}"
    return f"orders of {weight(orders_kg)} and the rest of {forecast}"
