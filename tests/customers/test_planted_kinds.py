"""Kinds of customers that were planted in the sample plant are found in what it sold."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from mixplan.config.compose import compose
from mixplan.config.customers import CustomersConfig
from mixplan.config.params import Params, parse_params
from mixplan.config.source import SampleSource
from mixplan.customers.behaviour import behaviour
from mixplan.customers.segments import find_segments
from mixplan.sources.sample.catalogue import Catalogue, load_catalogue
from mixplan.sources.sample.customers import Customers, simulate_customers
from mixplan.sources.sample.plant import plant_of
from mixplan.sources.sample.scenario import Scenario

ROOT = Path(__file__).parents[2]
SHARES = {"potentially_loyal": 0.45, "likely_to_leave": 0.25, "high_purchasing_power": 0.3}
SIZES = {"potentially_loyal": 1.0, "likely_to_leave": 1.0, "high_purchasing_power": 6.0}
"""What a customer of each kind buys on the day of study, if it does not leave; give or take a quarter."""
GONE_DAYS = 150.0
"""A customer who was made to leave gave its last order within so many days before the day of study."""


@pytest.fixture(scope="module")
def params() -> Params:
    return parse_params(compose(ROOT / "conf", []))


@pytest.fixture(scope="module")
def catalogue(params: Params) -> Catalogue:
    return load_catalogue(ROOT / params.source.path)


def plant_kinds(scenario: Scenario) -> tuple[Customers, pd.Series]:
    """The plant's customers, changed into three kinds, and each one's kind.

    How a customer grows, its moods, tastes, sites, prices and the weather stay as they were.
    """
    customers, rng, days = simulate_customers(scenario), scenario.rng("planted kinds"), len(scenario.days)
    count = len(customers.frame)
    kind = rng.choice(list(SHARES), count, p=list(SHARES.values()))
    size = np.array([SIZES[each] for each in kind]) * rng.lognormal(0.0, 0.25, count)
    at_start = size / np.exp(customers.growth * days / 365.25)
    mixes, owner = customers.mixes, customers.mixes["customer"]
    share = mixes["share"] / mixes.groupby("customer")["share"].transform("sum") * at_start[owner]
    leaves = np.where(kind == "likely_to_leave", days - rng.uniform(0.0, GONE_DAYS, count), np.inf)
    changed = dataclasses.replace(customers, departure=leaves, mixes=mixes.assign(share=share))
    return changed, pd.Series(kind, index=customers.frame["customer_code"])


def recovered(scenario: Scenario, config: CustomersConfig) -> float:
    """The adjusted Rand index between planted kinds and segments."""
    customers, kinds = plant_kinds(scenario)
    as_of = scenario.days[-1] + pd.Timedelta(days=1)
    frame = behaviour(plant_of(scenario, customers).sales, as_of, config).assign(at_risk=False)
    found = find_segments(frame, config, seed=7).assign(frame).set_index("customer_code")["segment_kind"]
    return float(adjusted_rand_score(kinds[found.index], found))


def test_planted_kinds_are_recovered(params, catalogue, config):
    """On average: a single plant of seventy customers may have a few whose fading nobody could see yet."""
    assert isinstance(params.source, SampleSource)
    scenarios = [Scenario.of(params.source.simulation, catalogue, seed) for seed in (1, 2, 3)]
    assert np.mean([recovered(scenario, config) for scenario in scenarios]) >= 0.8
