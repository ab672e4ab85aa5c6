"""Known customers and products, hidden in turn, are met as if new: nothing of them is read."""

import numpy as np
import pandas as pd
import pytest

from mixplan.recommend.cold_start import ColdStart, _by_chance
from mixplan.recommend.hits import gain_interval
from mixplan.recommend.shelf import Plant

HOLDOUT = pd.Timestamp("2024-01-01")
NAMES = [f"P{product:02}" for product in range(24)]


@pytest.fixture(scope="module")
def plant() -> Plant:
    """Two years: who lives in the north buys even products, mixed of m, who lives in the south odd ones, of n."""
    rng, rows = np.random.default_rng(6), []
    for customer in range(24):
        for day in range(1 + customer % 3, 730, 5):
            product = NAMES[2 * min(int(rng.geometric(0.2)) - 1, 11) + customer % 2]
            rows.append((HOLDOUT - pd.Timedelta(days=day), f"C{customer:02}", product, 100.0, customer % 2))
    sales = pd.DataFrame(rows, columns=["sold_on", "customer_code", "product", "quantity_kg", "south"])
    sales = sales.assign(region=np.where(sales["south"], "south", "north"), unit_price_krw=500.0)
    products = pd.DataFrame({"product": NAMES, "brand": "g"})
    recipes = pd.DataFrame(
        {"product": NAMES, "material_code": ["m", "n"] * 12, "share": 1.0, "component_product": None}
    )
    counts = pd.DataFrame(columns=["counted_on", "material_code", "stock_kg"]).astype({"counted_on": "datetime64[ns]"})
    return Plant(sales, products, recipes, counts, pd.DataFrame({"customer_code": ["C00"]}))


@pytest.fixture(scope="module")
def few(make_config):
    changes = make_config().ablation.model_dump() | {"hiding_origins": 1}
    return make_config(ablation=changes)


@pytest.fixture(scope="module")
def study(plant, few, customers) -> ColdStart:
    return ColdStart(plant, few.candidates["knn_baseline"], HOLDOUT, few, customers, seed=1)


def test_hidden_customers_are_met_by_what_their_region_buys(study):
    found = study.of_customers()
    assert found["n"] == 24.0
    assert found["ndcg_at_10"] > 1.1 * found["popularity_ndcg_at_10"]
    assert 0.0 < found["ndcg_gain_low"] <= found["ndcg_gain_high"]


def test_hidden_products_are_met_by_what_they_are_mixed_from(study):
    found = study.of_products()
    assert found["n"] > 100.0
    assert found["ndcg_at_10"] > 1.5 * found["chance_ndcg_at_10"]
    assert found["ndcg_gain_low"] > 0.0


def test_nothing_of_whom_is_hidden_is_read(study, plant, few, customers):
    """A customer who bought odd things before the day, and one whom nothing is known of, are met alike."""
    day = study.days[-1]
    own = plant.sales["customer_code"].eq("C00") & (plant.sales["sold_on"] < day)
    other = plant.sales.assign(product=plant.sales["product"].where(~own, "P23"))
    for sales in (other, plant.sales[~own]):
        again = ColdStart(plant._replace(sales=sales), study.candidate, HOLDOUT, few, customers, seed=1)
        met = [one.without("C00", day).recommend("C00", 24, region="north") for one in (again, study)]
        assert met[0] == met[1]


def test_chance_is_what_random_orders_reach():
    rng = np.random.default_rng(2)
    places = np.array([np.flatnonzero(rng.permutation(25) == 0)[0] for _ in range(20_000)])
    shown = places < 10
    assert _by_chance(25)[0] == pytest.approx((shown / np.log2(places + 2)).mean(), abs=0.005)
    assert _by_chance(25)[1] == pytest.approx(shown.mean(), abs=0.01)


def test_without_days_there_is_nothing_to_meet(plant, few, customers):
    early = plant._replace(sales=plant.sales[plant.sales["sold_on"] > HOLDOUT - pd.Timedelta(days=300)])
    study = ColdStart(early, few.candidates["popularity"], HOLDOUT, few, customers, seed=1)
    assert (study.of_customers(), study.of_products()) == ({"n": 0.0}, {"n": 0.0})


def test_a_plants_only_product_is_not_hidden(plant, few, customers):
    single = plant._replace(sales=plant.sales.assign(product="P00"))
    study = ColdStart(single, few.candidates["popularity"], HOLDOUT, few, customers, seed=1)
    assert study.of_products() == {"n": 0.0}
    assert study.of_customers()["hit_rate_at_10"] == 1.0


def test_the_interval_of_a_gain_draws_whole_customers():
    """With one case each it is that of the mean; ten copies of each case make it no narrower."""
    gains = np.random.default_rng(3).normal(0.1, 1.0, 200)
    names = [f"C{number}" for number in range(200)]
    low, high = gain_interval(gains, names, seed=1)
    wide = 1.96 * gains.std() / np.sqrt(200)
    assert (low, high) == pytest.approx((gains.mean() - wide, gains.mean() + wide), abs=0.03)
    assert gain_interval(np.tile(gains, 10), names * 10, seed=1) == pytest.approx((low, high))
    order = np.random.default_rng(4).permutation(200)
    assert gain_interval(gains[order], names, seed=1) == pytest.approx((low, high))
