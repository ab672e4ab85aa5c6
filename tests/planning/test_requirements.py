import numpy as np
import pandas as pd
import pytest

from mixplan.planning.errors import PlanningError
from mixplan.planning.requirements import daily_requirements, daily_use

BILL = pd.DataFrame({"M1": [0.25, 1.0], "M2": [0.75, 0.0]}, index=["A", "B"])


def test_requirements_equal_a_loop() -> None:
    rng = np.random.default_rng(0)
    weeks = pd.date_range("2024-09-09", periods=3, freq="W-MON")
    production = pd.DataFrame(
        [(week, product, rng.uniform(0, 1000)) for product in ("B", "A") for week in weeks],
        columns=["week", "product", "quantity_kg"],
    )
    days = pd.DataFrame({"week": weeks.repeat(7), "date": pd.date_range(weeks[0], periods=21), "share": rng.random(21)})
    share = days.set_index("date")
    found = daily_requirements(production, BILL, days.sample(frac=1.0, random_state=0))
    assert len(found) == 21 * 2
    for row in found.itertuples():
        made = production[production["week"] == share.loc[row.date, "week"]]
        expected = sum(
            line.quantity_kg * share.loc[row.date, "share"] * BILL.loc[line.product, row.material_code]
            for line in made.itertuples()
        )
        assert row.requirement_kg == pytest.approx(expected)


def test_use_is_on_the_days_of_the_sales_and_zero_on_others() -> None:
    sales = pd.DataFrame(
        {
            "sold_on": pd.to_datetime(["2024-01-05", "2024-01-03", "2024-01-05", "2024-01-07"]),
            "product": ["A", "B", "B", "A"],
            "quantity_kg": [100.0, 10.0, 1.0, 999.0],
        }
    )
    use = daily_use(sales, BILL, until=pd.Timestamp("2024-01-07"))
    assert use.index.tolist() == pd.date_range("2024-01-03", "2024-01-06").tolist()
    assert use["M1"].tolist() == [10.0, 0.0, 26.0, 0.0]
    assert use["M2"].tolist() == [0.0, 0.0, 75.0, 0.0]


def test_use_needs_sales() -> None:
    sales = pd.DataFrame({"sold_on": pd.to_datetime(["2024-01-05"]), "product": "A", "quantity_kg": 1.0})
    with pytest.raises(PlanningError, match="none before 2024-01-05"):
        daily_use(sales, BILL, until=pd.Timestamp("2024-01-05"))
