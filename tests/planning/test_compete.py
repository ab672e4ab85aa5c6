"""What a policy costs, and which one wins."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter

from mixplan.config.planning import PlanConfig
from mixplan.config.policies import CostConfig, PolicyCandidate
from mixplan.planning.compete import PLANT_SETTING, Setting, build_policy, rank_settings, settings_of
from mixplan.planning.replay import Replay
from mixplan.planning.scores import scores_of
from mixplan.planning.simulation import Course


def test_scores_are_those_of_a_loop() -> None:
    """Two futures, four days, three materials, of which one was never bought."""
    rng = np.random.default_rng(3)
    prices = [1000.0, 2.0, float("nan")]
    shape = (2, 4, 3)
    opening, receipts, served, lost = (rng.integers(0, 50, shape).astype(float) for _ in range(4))
    ordered, late = (np.where(rng.random(shape) < 0.5, rng.integers(1, 9, shape), 0).astype(float) for _ in range(2))
    expedited = rng.integers(0, 2, shape).astype(float)
    course = Course(opening, receipts, served + 30.0, ordered, expedited, late)
    course = replace(course, opening_kg=opening + 90.0)
    config = CostConfig(holding_rate_per_year=0.25, order_krw=30.0, shortage_factor=1.5)
    found = scores_of(course, course.served_kg + lost, np.array(prices), config)
    for future in range(2):
        closing = (course.opening_kg + receipts - course.served_kg)[future]
        stock = [sum(closing[day]) for day in range(4)]
        value = [sum(closing[day][m] * prices[m] for m in range(2)) for day in range(4)]
        holding = sum(value) * 0.25 / 365
        ordering = 30.0 * sum(kg > 0 for day in ordered[future] for kg in day)
        shortage = 1.5 * sum(lost[future][day][m] * prices[m] for day in range(4) for m in range(2))
        expected = {
            "fill_rate": course.served_kg[future].sum() / (course.served_kg[future].sum() + lost[future].sum()),
            "stock_out_days": sum(kg > 0 for day in lost[future] for kg in day),
            "mean_stock_kg": sum(stock) / 4,
            "peak_stock_kg": max(stock),
            "mean_stock_krw": sum(value) / 4,
            "peak_stock_krw": max(value),
            "orders": ordering / 30.0,
            "ordered_kg": ordered[future].sum(),
            "expedites": expedited[future].sum(),
            "late_orders": sum(days > 0 for day in late[future] for days in day),
            "late_days": late[future].sum(),
            "holding_krw": holding,
            "ordering_krw": ordering,
            "shortage_krw": shortage,
            "cost_krw": holding + ordering + shortage,
        }
        assert {name: values[future] for name, values in found.items()} == pytest.approx(expected)


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
    assert settings == [PLANT_SETTING, Setting("min_max", 0.9), Setting("min_max", 0.98)]
    built = [build_policy(setting, config, seed=1) for setting in settings]
    assert [getattr(policy, "service_level", None) for policy in built] == [None, 0.9, 0.98]
