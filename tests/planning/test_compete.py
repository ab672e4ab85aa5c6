"""What a policy costs, and which one wins."""

import pandas as pd
import pytest
from pydantic import TypeAdapter

from mixplan.config.planning import PlanConfig
from mixplan.config.policies import CostConfig, PolicyCandidate
from mixplan.planning.compete import PLANT_RULE, Setting, build_policy, rank_settings, settings_of
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
    config = CostConfig(holding_rate_per_year=0.25, order_krw=30.0, shortage_factor=1.5)
    holding = ordering = shortage = 0.0
    values = dict.fromkeys(days, 0.0)
    for day, code, closing, lost, ordered in rows:
        if code != "never bought":
            values[day] += closing * prices[code]
            holding += closing * prices[code] * 0.25 / 365
            shortage += lost * prices[code] * 1.5
        ordering += 30.0 if ordered else 0.0
    assert costs_of(daily, pd.Series(prices), config) == pytest.approx(
        {
            "mean_stock_krw": sum(values.values()) / 4,
            "peak_stock_krw": max(values.values()),
            "holding_krw": holding,
            "ordering_krw": ordering,
            "shortage_krw": shortage,
            "cost_krw": holding + ordering + shortage,
        }
    )


def ranked(config: PlanConfig, found: dict[str, tuple[float, float]]) -> list[str]:
    """Labels in order, from the cost and the fill rate of each policy."""
    config = config.model_copy(update={"simplicity": ("plain", "middle", "rich"), "minimum_fill_rate": 0.98})
    replays = {
        Setting(name): Replay(pd.DataFrame(), {"cost_krw": cost, "fill_rate": fill_rate})
        for name, (cost, fill_rate) in found.items()
    }
    return [setting.label for setting in rank_settings(replays, config)]


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
    assert ranked(config, {name: (cost, 0.99) for name, cost in costs.items()}) == order


def test_who_does_not_serve_enough_cannot_win_by_being_cheap(config: PlanConfig) -> None:
    found = {"plain": (1.0, 0.9799), "middle": (300.0, 0.98), "rich": (2.0, 0.97)}
    assert ranked(config, found) == ["middle", "plain", "rich"]
    none = {"plain": (1.0, 0.5), "middle": (9.0, 0.6), "rich": (5.0, 0.55)}
    assert ranked(config, none) == ["middle", "rich", "plain"]


def test_every_policy_is_tried_at_every_service_level_and_the_plants_rule_once(config: PlanConfig) -> None:
    policies = {
        name: TypeAdapter[PolicyCandidate](PolicyCandidate).validate_python(
            {"_target_": f"mixplan.planning.policies.{name}.{target}"}
        )
        for name, target in (("min_max", "MinMax"), ("max_minus_mean", "MaxMinusMean"))
    }
    levels = {"service_levels": (0.9, 0.98), "simplicity": ("max_minus_mean", "min_max"), "policies": policies}
    config = config.model_copy(update=levels)
    settings = settings_of(config)
    assert settings == [PLANT_RULE, Setting("min_max", 0.9), Setting("min_max", 0.98)]
    built = [build_policy(setting, config, seed=1) for setting in settings]
    assert [getattr(policy, "service_level", None) for policy in built] == [None, 0.9, 0.98]
