import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.planning.errors import PlanningError
from mixplan.planning.production import open_orders, plan_production

few = settings(max_examples=40, deadline=None)

ORIGIN = pd.Timestamp("2024-06-03")
SHARES = pd.DataFrame({"product": ["A", "B"], "region": "S", "share": 1.0})
Order = tuple[str, float, float, str, str]


def forecast_of(quantities: dict[str, list[float]]) -> pd.DataFrame:
    rows = [
        (product, ORIGIN + pd.Timedelta(weeks=week), quantity, quantity * 0.5, quantity * 1.5)
        for product, weekly in quantities.items()
        for week, quantity in enumerate(weekly)
    ]
    return pd.DataFrame(rows, columns=["product", "week", "quantity_kg", "lower_kg", "upper_kg"])


def orders_of(rows: list[Order], region: str = "S") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["product", "quantity_kg", "sold_kg", "ordered_on", "due_on"])
    for name in ("ordered_on", "due_on"):
        frame[name] = pd.to_datetime(frame[name])
    frame = frame.assign(order_no=[f"O{number}" for number in range(len(frame))], product_code="P", is_rush=False)
    return open_orders(frame, pd.DataFrame({"product_code": ["P"], "region": [region]}), ORIGIN)


def planned(forecast: pd.DataFrame, orders: pd.DataFrame, weeks: int, shares: pd.DataFrame = SHARES) -> pd.DataFrame:
    return plan_production(forecast, shares, orders, ORIGIN, weeks)


def test_orders_use_up_the_forecast_of_their_week() -> None:
    forecast = forecast_of({"A": [1000.0, 1000.0], "B": [500.0, 0.0]})
    orders = orders_of(
        [
            ("A", 300.0, 0.0, "2024-05-30", "2024-06-03"),  # due on the first day
            ("A", 200.0, 50.0, "2024-06-01", "2024-06-09"),  # Sunday of the first week, a quarter delivered
            ("A", 1500.0, 0.0, "2024-06-01", "2024-06-10"),  # second week, more than was expected
            ("B", 900.0, 900.0, "2024-06-01", "2024-06-04"),  # sold in full
            ("B", 900.0, 950.0, "2024-06-01", "2024-06-04"),  # sold more than in full
            ("B", 900.0, 0.0, "2024-05-01", "2024-06-02"),  # due before the plan
            ("B", 900.0, 0.0, "2024-06-03", "2024-06-05"),  # not yet placed at the origin
            ("B", 900.0, 0.0, "2024-06-01", "2024-06-17"),  # due after the plan
            ("C", 70.0, 0.0, "2024-06-01", "2024-06-12"),  # nobody expected C
        ]
    )
    plan = planned(forecast, orders, weeks=2).set_index(["product", "week"])
    columns = ["quantity_kg", "from_orders_kg", "from_forecast_kg"]
    second = ORIGIN + pd.Timedelta(weeks=1)
    assert plan.loc[("A", ORIGIN), columns].tolist() == [1000.0, 450.0, 550.0]
    assert plan.loc[("A", second), columns].tolist() == [1500.0, 1500.0, 0.0]
    assert plan.loc[("B", ORIGIN), columns].tolist() == [500.0, 0.0, 500.0]
    assert plan.loc[("B", second), columns].tolist() == [0.0, 0.0, 0.0]
    assert plan.loc[("C", second), columns].tolist() == [70.0, 70.0, 0.0]
    assert len(plan) == 6
    assert plan.loc[("A", ORIGIN), "reason"] == (
        "orders of 450 kg and the rest of the forecast of 1.0 t (between 500 kg and 1.5 t)"
    )
    assert "no order yet" in plan.loc[("B", ORIGIN), "reason"]
    assert "use up" in plan.loc[("A", second), "reason"]


kilograms = st.floats(0, 1e6)


@few
@given(
    st.lists(kilograms, min_size=2, max_size=2),
    st.lists(st.tuples(kilograms, kilograms, st.integers(0, 20)), max_size=6),
)
def test_production_is_the_larger_of_orders_and_forecast(
    weekly: list[float], orders: list[tuple[float, float, int]]
) -> None:
    rows = [("A", kg, sold, "2024-06-01", str(ORIGIN + pd.Timedelta(days=days))) for kg, sold, days in orders]
    plan = planned(forecast_of({"A": weekly}), orders_of(rows), weeks=2)
    for week, expected in enumerate(weekly):
        open_kg = sum(max(kg - sold, 0.0) for kg, sold, days in orders if days // 7 == week)
        assert plan.loc[week, "quantity_kg"] == pytest.approx(max(open_kg, expected))
        assert plan.loc[week, "from_orders_kg"] == pytest.approx(open_kg)


def test_a_forecast_that_ends_early_is_refused() -> None:
    with pytest.raises(PlanningError, match="nothing for the week of 2024-06-17"):
        planned(forecast_of({"A": [1.0, 1.0]}), orders_of([]), weeks=3)


def test_a_forecast_given_twice_is_refused() -> None:
    forecast = forecast_of({"A": [1.0]})
    with pytest.raises(PlanningError, match="A has more than one row"):
        planned(pd.concat([forecast, forecast]), orders_of([]), weeks=1)


def test_a_forecast_with_holes_is_refused() -> None:
    with pytest.raises(PlanningError, match="quantity_kg is missing"):
        planned(forecast_of({"A": [float("nan")]}), orders_of([]), weeks=1)


HALVES = pd.DataFrame({"product": "A", "region": ["S", "B"], "share": [0.5, 0.5]})


@pytest.mark.parametrize(("region", "left_kg"), [("S", 500.0), ("B", 500.0), ("elsewhere", 1000.0), ("", 200.0)])
def test_an_order_uses_up_the_forecast_of_its_own_region(region: str, left_kg: float) -> None:
    """Of 1,000 kg one half is expected from each of two regions; 800 kg are ordered."""
    orders = orders_of([("A", 800.0, 0.0, "2024-06-01", "2024-06-05")], region)
    plan = planned(forecast_of({"A": [1000.0]}), orders, 1, HALVES)
    assert plan[["from_orders_kg", "from_forecast_kg"]].to_numpy().tolist() == [[800.0, left_kg]]
