"""Customers of the sample plant who were made to fade are found, before their orders say so."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from mixplan.config.compose import compose
from mixplan.config.params import parse_params
from mixplan.config.source import SampleSource
from mixplan.customers.risk import RiskBacktest
from mixplan.customers.risk_scores import score_risk
from mixplan.sources.sample.catalogue import load_catalogue
from mixplan.sources.sample.customers import simulate_customers
from mixplan.sources.sample.plant import simulate
from mixplan.sources.sample.scenario import Scenario

ROOT = Path(__file__).parents[2]
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def source() -> SampleSource:
    """The sample plant, in which six of ten customers leave, instead of three."""
    params = parse_params(compose(ROOT / "conf", ["source.simulation.life.leaving=0.6"]))
    assert isinstance(params.source, SampleSource)
    return params.source


@pytest.fixture(scope="module")
def tried(source, risk_config) -> dict[str, pd.DataFrame]:
    """Chances of every candidate at eight days of the last two years but one half, with what was planted."""
    catalogue = load_catalogue(ROOT / source.path)
    scenario = Scenario.of(source.simulation, catalogue, 1)
    customers = simulate_customers(scenario)
    leaves = pd.Series(customers.departure, index=customers.frame["customer_code"])
    study = RiskBacktest(simulate(source.simulation, catalogue, 1).sales, risk_config, 1)
    days = [scenario.days[-1] - (365 + 56 * k) * DAY for k in reversed(range(8))]
    rows = {name: study.backtest(each, days) for name, each in risk_config.candidates.items()}
    return {name: one.assign(is_fading=_is_fading(one, leaves, scenario)) for name, one in rows.items()}


def _is_fading(rows: pd.DataFrame, leaves: pd.Series, scenario: Scenario) -> pd.Series:
    """Whether the next 90 days were planned to hold less than half of the year before; chance has no part in it."""
    left = rows["customer_code"].map(leaves) - (rows["as_of"] - scenario.days[0]).dt.days
    fade_days = scenario.config.life.fade_days
    activity = [
        np.clip((left.to_numpy()[:, None] - days) / fade_days, 0.0, 1.0).mean(axis=1)
        for days in (np.arange(90), -np.arange(1, 366))
    ]
    return pd.Series(activity[0] < 0.5 * activity[1], index=rows.index)


def test_customers_made_to_fade_are_found(tried):
    """The candidate that foresaw best on the earlier days finds, on the later ones, who was made to fade."""
    middle = sorted(next(iter(tried.values()))["as_of"].unique())[4]
    earlier = {name: score_risk(rows[rows["as_of"] < middle])["average_precision"] for name, rows in tried.items()}
    winner = tried[max(earlier, key=lambda name: earlier[name])]
    later = winner[winner["as_of"] >= middle]
    assert 0.05 < later["is_fading"].mean() < 0.3
    assert average_precision_score(later["is_fading"], later["chance"]) >= 0.7


def test_models_foresee_fading_better_than_the_rule(tried):
    reached = {name: average_precision_score(rows["is_fading"], rows["chance"]) for name, rows in tried.items()}
    assert reached["logistic"] > reached["overdue"]
    assert min(reached.values()) >= 0.7


def test_the_winner_is_calibrated_and_calls_the_money_first(tried):
    scores = score_risk(tried["logistic"])
    assert scores["brier"] < 0.5 * scores["base_rate"] * (1 - scores["base_rate"])
    # Ten of about fifty customers, called at random, would reach a fifth of the money.
    assert scores["stake_top_10"] > 3 / 5 * scores["stake_all"]
