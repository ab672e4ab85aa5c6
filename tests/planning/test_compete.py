"""What a policy costs, and which one wins."""

import pandas as pd
import pytest

from mixplan.config.planning import PlanConfig
from mixplan.config.policies import CostConfig
from mixplan.planning.compete import rank_policies
from mixplan.planning.costs import costs_of
from mixplan.planning.replay import Replay


def test_costs_are_those_of_a_loop() -> None:
    prices = {"A": 1000.0, "B": 2.0, "never bought": float("nan")}
    days = pd.date_range("2024-01-01", periods=4)
    rows = [
        (day, code, 10.0 * number + len(code), float(number % 3), float(number % 2) * 50.0)
        for number, (day, code) in enumerate((day, code) for day in days for code in prices)
    ]
    daily = pd.DataFrame(rows, columns=["date", "material_code", "closing_kg", "lost_kg", "ordered_kg"])
    policy = pd.DataFrame({"material_code": list(prices), "unit_price_krw": list(prices.values())})
    config = CostConfig(holding_rate_per_year=0.25, order_krw=30.0, shortage_factor=1.5)
    holding = ordering = shortage = 0.0
    values = dict.fromkeys(days, 0.0)
    for day, code, closing, lost, ordered in rows:
        if code != "never bought":
            values[day] += closing * prices[code]
            holding += closing * prices[code] * 0.25 / 365
            shortage += lost * prices[code] * 1.5
        ordering += 30.0 if ordered else 0.0
    assert costs_of(daily, policy, config) == pytest.approx(
        {
            "mean_stock_krw": sum(values.values()) / 4,
            "peak_stock_krw": max(values.values()),
            "holding_krw": holding,
            "ordering_krw": ordering,
            "shortage_krw": shortage,
            "cost_krw": holding + ordering + shortage,
        }
    )


@pytest.mark.parametrize(
    ("costs", "order"),
    [
        ({"plain": 300.0, "rich": 200.0, "middle": 100.0}, ["middle", "rich", "plain"]),
        ({"plain": 100.9, "rich": 100.0, "middle": 100.5}, ["plain", "middle", "rich"]),  # within one per cent
        ({"plain": 101.1, "rich": 100.0, "middle": 100.5}, ["middle", "rich", "plain"]),
        ({"plain": 0.0, "rich": 0.0, "middle": 0.0}, ["plain", "middle", "rich"]),
    ],
)
def test_least_cost_wins_and_ties_go_to_the_simpler(
    costs: dict[str, float], order: list[str], config: PlanConfig
) -> None:
    config = config.model_copy(update={"simplicity": ("plain", "middle", "rich")})
    replays = {name: Replay(pd.DataFrame(), {"cost_krw": cost}) for name, cost in costs.items()}
    assert [entry.candidate for entry in rank_policies(replays, config)] == order
