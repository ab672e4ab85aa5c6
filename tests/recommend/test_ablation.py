"""What parts bring is measured on later purchases alone, and planted habits show."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.recommend import RecommendCandidate
from mixplan.recommend.ablation import ablation, prefers_at
from mixplan.recommend.hits import hits
from mixplan.recommend.model import new_recommender
from mixplan.recommend.parts import PARTS
from mixplan.recommend.ranking import Ranker
from mixplan.recommend.ratings import ratings
from mixplan.recommend.shelf import Plant, shelf_of

HOLDOUT = pd.Timestamp("2024-01-01")
HALF_YEAR = pd.Timedelta(weeks=26)


@pytest.fixture(scope="module")
def plant() -> Plant:
    """Two years of twenty customers: each buys cheap or dear products alone; one more customer comes at the end."""
    rng, rows = np.random.default_rng(6), []
    for customer in range(20):
        for day in range(1, 730, 4):
            product = 2 * rng.integers(12) + customer % 2
            rows.append((HOLDOUT - pd.Timedelta(days=day), f"C{customer:02}", f"P{product:02}", 100.0, product % 2))
    rows += [(HOLDOUT - pd.Timedelta(days=day), "late", "P00", 100.0, 0) for day in (1, 2)]
    sales = pd.DataFrame(rows, columns=["sold_on", "customer_code", "product", "quantity_kg", "is_dear"])
    sales = sales.assign(region="north", unit_price_krw=np.where(sales["is_dear"], 900.0, 300.0))
    names = [f"P{product:02}" for product in range(24)]
    products = pd.DataFrame({"product": names, "brand": "g"})
    recipes = pd.DataFrame({"product": names, "material_code": "m", "share": 1.0, "component_product": None})
    counts = pd.DataFrame(columns=["counted_on", "material_code", "stock_kg"]).astype({"counted_on": "datetime64[ns]"})
    return Plant(sales, products, recipes, counts, pd.DataFrame({"customer_code": ["C00"]}))


@pytest.fixture(scope="module")
def found(plant, config, customers):
    return ablation(plant, config.candidates["popularity"], HOLDOUT, config, customers, seed=1)


def test_every_part_is_tried_alone_and_what_is_on_is_left_out_in_turn(found, config):
    variants = [row["variant"] for row in found["rows"]]
    on = [name for name in PARTS if getattr(config.rerank, name).is_on]
    assert variants[:8] == ["model alone", *(f"model, {name}" for name in PARTS), "as configured"]
    assert variants[8:] == [f"as configured, without {name}" for name in on]


def test_a_planted_habit_is_seen(found):
    """Who buys at one price alone is found by the price band, which popularity cannot see; stock says nothing."""
    ndcg = {row["variant"]: row["ndcg_at_10"] for row in found["rows"]}
    assert ndcg["model, price_band"] > 1.2 * ndcg["model alone"]
    assert ndcg["model, makeable"] == ndcg["model alone"]
    assert ndcg["as configured, without price_band"] < ndcg["as configured"]
    sure = {row["variant"]: (row["ndcg_gain_low"], row["ndcg_gain_high"]) for row in found["rows"]}
    assert sure["model, price_band"][0] > 0.0
    assert sure["model, makeable"] == sure["model alone"] == (0.0, 0.0)
    assert sure["as configured, without price_band"][1] < 0.0


def test_nothing_from_the_holdout_on_is_seen(plant, config, customers, found):
    later = plant.sales.assign(sold_on=HOLDOUT + pd.Timedelta(days=1), product="P23")
    more = plant._replace(sales=pd.concat([plant.sales, later], ignore_index=True))
    assert ablation(more, config.candidates["popularity"], HOLDOUT, config, customers, seed=1) == found


def test_new_customers_are_counted_beside_what_averages_would_give(found):
    assert found["new"]["n"] == 1.0
    assert {"ndcg_at_10", "averages_ndcg_at_10"} <= set(found["new"])


def test_customer_numbers_play_no_part(plant, config, customers, found):
    renamed = plant._replace(sales=plant.sales.assign(customer_code="X" + plant.sales["customer_code"].str[::-1]))
    again = ablation(renamed, config.candidates["popularity"], HOLDOUT, config, customers, seed=1)
    for row, other in zip(again["rows"], found["rows"], strict=True):
        assert row == pytest.approx(other)


def test_too_few_customers_have_no_segments(plant, customers):
    few = plant.sales[plant.sales["customer_code"].isin(["C00", "C01"])]
    assert prefers_at(few, HOLDOUT, customers, seed=1).empty
    assert set(prefers_at(plant.sales, HOLDOUT, customers, seed=1)) <= {
        kind.prefers for kind in customers.segments.values()
    }


def test_ndcg_by_hand():
    """Places 1 and 3 of the list were bought, of three purchases: (1 + 1/2) / (1 + 1/log2(3) + 1/2)."""
    ndcg, hit = hits(np.array([4.0, 3.0, 2.0, -np.inf]), np.array([True, False, True, True]), 3)
    assert ndcg == pytest.approx(1.5 / (1.5 + 1 / np.log2(3)))
    assert hit == 1.0
    assert hits(np.array([1.0, 0.0]), np.array([False, False]), 2) == (0.0, 0.0)


@settings(max_examples=3, deadline=None)
@given(codes=st.permutations(range(23)))
@pytest.mark.parametrize("kind", get_args(get_args(RecommendCandidate)[0]), ids=lambda kind: kind.__name__)
def test_however_customers_are_numbered_each_is_offered_the_same(plant, config, customers, kind, codes):
    """Twins too, whom nothing but their numbers tells apart; the mart sorts by number."""
    candidate = [each for each in config.candidates.values() if type(each) is kind][-1]
    twins = plant.sales[plant.sales["customer_code"].isin(["C03", "C04"])]
    twins = twins.assign(customer_code=twins["customer_code"] + " again")
    sales = pd.concat([plant.sales, twins], ignore_index=True)
    numbers = dict(zip(sorted(sales["customer_code"].unique()), (f"{code:02}" for code in codes), strict=True))
    found = offers_of(plant, sales, config, customers, candidate)
    other = offers_of(
        plant, sales.assign(customer_code=sales["customer_code"].map(numbers)), config, customers, candidate
    )
    for customer, number in numbers.items():
        assert_same_offers(other[number], found[customer])
    assert_same_offers(found["C03 again"], found["C03"])


def offers_of(plant, sales, config, customers, candidate):
    """What everyone is offered at the holdout."""
    sales = sales.sort_values(["sold_on", "customer_code", "product"], ignore_index=True)
    model = new_recommender(candidate, 1).fit(ratings(sales, HOLDOUT - HALF_YEAR, HOLDOUT, config.rating))
    prefers = prefers_at(sales, HOLDOUT, customers, seed=1)
    shelf = shelf_of(plant._replace(sales=sales), prefers, HOLDOUT, config)
    ranker = Ranker(model, shelf, config.rerank)
    return {customer: ranker.recommend(customer, 10) for customer in sales["customer_code"].unique()}


def assert_same_offers(found, other):
    assert [offer.product for offer in found] == [offer.product for offer in other]
    assert [offer.sentence() for offer in found] == [offer.sentence() for offer in other]
    assert [offer.score for offer in found] == pytest.approx([offer.score for offer in other], rel=1e-12)
