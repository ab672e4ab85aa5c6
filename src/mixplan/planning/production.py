"""Weekly production: confirmed orders first, the forecast for the rest."""

import pandas as pd

from mixplan.planning.errors import PlanningError
from mixplan.planning.wording import weight


def plan_production(forecast: pd.DataFrame, orders: pd.DataFrame, origin: pd.Timestamp, weeks: int) -> pd.DataFrame:
    """What to make in each week: the larger of confirmed orders and forecast.

    An order is demand that the forecast already expected, so it uses up the forecast of its product and week and
    nothing counts twice (forecast consumption, as in APICS master scheduling).

    Args:
        forecast: product, week (its Monday), quantity_kg (expected), lower_kg, upper_kg.
        orders: the mart's ``orders``; those that count were placed before ``origin``, are due on or after it and are
            not yet sold in full.
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
    >>> orders = pd.DataFrame({"product": ["A"], "quantity_kg": [3500.0], "sold_kg": [500.0],
    ...                        "ordered_on": pd.to_datetime(["2023-12-28"]), "due_on": pd.to_datetime(["2024-01-04"])})
    >>> plan_production(forecast, orders, week, weeks=1)[["quantity_kg", "from_orders_kg", "from_forecast_kg"]].values
    array([[3000., 3000.,    0.]])
    """
    plan_weeks = pd.date_range(origin, periods=weeks, freq="7D")
    _check(forecast, plan_weeks)
    expected = forecast.set_index(["week", "product"])[["quantity_kg", "lower_kg", "upper_kg"]]
    ordered = _open_by_week(orders, origin)
    products = sorted(set(expected.index.unique("product")) | set(ordered.index.unique("product")))
    every = pd.MultiIndex.from_product([plan_weeks, products], names=["week", "product"])
    expected = expected.reindex(every, fill_value=0.0)
    from_orders = ordered.reindex(every, fill_value=0.0)
    from_forecast = (expected["quantity_kg"] - from_orders).clip(lower=0.0)
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


def _open_by_week(orders: pd.DataFrame, origin: pd.Timestamp) -> pd.Series:
    """Kilograms still to be delivered by week of the due date and product."""
    is_open = (orders["ordered_on"] < origin) & (orders["due_on"] >= origin)
    still_open = orders[is_open].assign(open_kg=lambda frame: (frame["quantity_kg"] - frame["sold_kg"]).clip(lower=0.0))
    week = still_open["due_on"] - pd.to_timedelta(still_open["due_on"].dt.weekday, unit="D")
    return still_open.groupby([week.rename("week"), "product"])["open_kg"].sum()


def _reason(orders_kg: float, expected_kg: float, lower_kg: float, upper_kg: float) -> str:
    """One sentence for the planner."""
    forecast = f"the forecast of {weight(expected_kg)} (between {weight(lower_kg)} and {weight(upper_kg)})"
    if orders_kg == 0:
        return f"{forecast}; no order yet"
    if orders_kg >= expected_kg:
        return f"orders of {weight(orders_kg)} use up {forecast}"
    return f"orders of {weight(orders_kg)} and the rest of {forecast}"
