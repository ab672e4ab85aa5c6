"""One order, ten thousand orders, returns and dates to come: what ratings and offers make of each."""

import numpy as np
import pandas as pd
import pytest

from mixplan.recommend.model import new_recommender
from mixplan.recommend.ranking import Ranker
from mixplan.recommend.ratings import NoRatingsError, ratings
from mixplan.recommend.shelf import Plant, shelf_of

UNTIL = pd.Timestamp("2024-07-01")
SINCE = UNTIL - pd.Timedelta(weeks=26)
NAMES = [f"P{number}" for number in range(6)]


@pytest.fixture(scope="module")
def sales(make_sales) -> pd.DataFrame:
    days = [str(day.date()) for day in pd.date_range(SINCE, UNTIL, inclusive="left")]
    rows = [
        (day, f"C{number}", NAMES[(number + position) % 6], 10.0)
        for number in range(8)
        for position, day in enumerate(days[number :: number + 3])
    ]
    rows += [("2024-05-01", "one order", "P1", 5.0)]
    rows += [(days[position % len(days)], "ten thousand", NAMES[position % 3], 1.0) for position in range(10_000)]
    rows += [("2024-05-01", "returns", "P0", 10.0), ("2024-05-01", "returns", "P1", 10.0)]
    rows += [("2024-06-01", "returns", "P1", -4.0), ("2024-06-01", "returns", "P2", -9.0)]
    rows += [("2024-05-01", "all returned", "P0", 10.0), ("2024-05-09", "all returned", "P0", -30.0)]
    rows += [("2024-07-01", "to come", "P0", 1e6), ("2031-01-01", "to come", "P0", 1e6)]
    return make_sales(*rows).assign(region="north", unit_price_krw=100.0)


@pytest.fixture(scope="module")
def rated(sales, config) -> pd.DataFrame:
    return ratings(sales, SINCE, UNTIL, config.rating).set_index(["customer_code", "product"])["rating"]


@pytest.fixture(scope="module")
def plant(sales) -> Plant:
    recipes = pd.DataFrame({"product": NAMES, "material_code": "m", "share": 1.0, "component_product": None})
    counts = pd.DataFrame(columns=["counted_on", "material_code", "stock_kg"]).astype({"counted_on": "datetime64[ns]"})
    listed = pd.DataFrame({"product": NAMES, "brand": "g"})
    return Plant(sales, listed, recipes, counts, pd.DataFrame({"customer_code": ["registered alone"]}))


def test_returns_are_no_orders_and_lessen_the_share(rated, config):
    """Of P1 six of ten kilograms were kept, of sixteen in all; P2 was only sent back."""
    rule = config.rating
    recency = 0.5 ** ((UNTIL - pd.Timestamp("2024-05-01")).days / rule.half_life_days)
    frequency = 1.0 / (1.0 + rule.half_orders)
    for product, share in (("P0", 10 / 16), ("P1", 6 / 16)):
        share_part = share / (share + rule.half_share)
        expected = 1 + 4 * (
            rule.frequency_weight * frequency + rule.share_weight * share_part + rule.recency_weight * recency
        )
        assert rated["returns", product] == pytest.approx(expected)
    assert ("returns", "P2") not in rated.index


def test_all_that_was_bought_and_returned_keeps_its_order_but_no_share(rated, config):
    rule = config.rating
    recency = 0.5 ** ((UNTIL - pd.Timestamp("2024-05-01")).days / rule.half_life_days)
    expected = 1 + 4 * (rule.frequency_weight / (1 + rule.half_orders) + rule.recency_weight * recency)
    assert rated["all returned", "P0"] == pytest.approx(expected)


def test_only_returns_are_no_ratings(make_sales, config):
    with pytest.raises(NoRatingsError, match="none from"):
        ratings(make_sales(("2024-05-01", "C", "A", -1.0)), SINCE, UNTIL, config.rating)


def test_ratings_stay_on_the_scale_and_dates_to_come_are_not_seen(rated):
    assert rated.between(1.0, 5.0).all()
    assert "to come" not in rated.index.get_level_values("customer_code")


def test_many_orders_a_day_are_one_order_day(sales, rated, config):
    """Some fifty rows a day rate as their daily sums do."""
    own = sales[sales["customer_code"] == "ten thousand"]
    daily = own.groupby(["sold_on", "customer_code", "product"], as_index=False)["quantity_kg"].sum()
    assert len(own) == 10_000 > 10 * len(daily)
    expected = ratings(daily, SINCE, UNTIL, config.rating)["rating"]
    assert rated["ten thousand"].tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize(
    "name", ["popularity", "baseline_only", "svd", "svd_plus_plus", "knn_basic", "knn_means", "als"]
)
@pytest.mark.parametrize(
    "customer", ["one order", "ten thousand", "returns", "all returned", "to come", "registered alone"]
)
def test_everyone_is_offered_something_finite(plant, rated, config, name, customer):
    """Who only bought on days to come is as new as who is registered alone: offered what its region buys."""
    model = new_recommender(config.candidates[name], 1).fit(rated.reset_index())
    shelf = shelf_of(plant, pd.Series(dtype=object), UNTIL, config)
    ranker = Ranker(model, shelf, config.rerank)
    if customer == "to come":
        assert not ranker.is_known(customer)
    offers = ranker.recommend(customer, 3, region="north")
    assert len(offers) == 3
    assert np.isfinite([(offer.score, offer.place) for offer in offers]).all()
