"""What is offered to a customer, and why."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

from mixplan.recommend.knn import Knn
from mixplan.recommend.parts import PARTS, Buyer
from mixplan.recommend.popularity import Popularity
from mixplan.recommend.ranking import Ranker, UnknownCustomerError, new_offers
from mixplan.recommend.shelf import Plant, Shelf, shelf_of

UNTIL = pd.Timestamp("2024-06-03")
OFF = {"is_on": False, "weight": 0.3}
NO_PARTS = dict.fromkeys(PARTS, OFF)


@pytest.fixture(scope="module")
def tables(make_sales):
    """A and B are of one group; D was never sold, and is mixed like A; prices are 100 but for C, of 300."""
    sales = make_sales(
        ("2024-01-10", "C1", "A", 5.0),
        ("2024-01-10", "C1", "A", 2.0),
        ("2024-05-02", "C1", "A", 5.0),
        ("2023-02-01", "C1", "B", 1.0),
        ("2024-06-03", "C1", "C", 1.0),
        ("2024-03-01", "C2", "C", 9.0),
        ("2023-06-10", "C2", "B", 9.0),
        ("2020-03-01", "C3", "discontinued", 9.0),
        ("2024-02-01", "C1", "A", -2.0),
    )
    sales = sales.assign(region=sales["customer_code"].map({"C1": "north", "C2": "south", "C3": "south"}))
    sales = sales.assign(unit_price_krw=np.where(sales["product"] == "C", 300.0, 100.0))
    products = pd.DataFrame({"product": list("ABCD"), "brand": ["g", "g", "h", "k"]})
    recipes = pd.DataFrame(
        [("A", "m", 1.0), ("B", "m", 0.5), ("B", "n", 0.5), ("C", "n", 1.0), ("D", "m", 1.0)],
        columns=["product", "material_code", "share"],
    )
    counts = pd.DataFrame(
        [("2024-06-01", "m", 1e6), ("2024-05-01", "n", 1e6), ("2024-06-02", "n", 1.0), ("2024-06-03", "m", 0.0)],
        columns=["counted_on", "material_code", "stock_kg"],
    )
    counts["counted_on"] = pd.to_datetime(counts["counted_on"])
    registered = pd.DataFrame({"customer_code": ["C1", "C2", "C3", "C4"]})
    return Plant(sales, products, recipes.assign(component_product=None), counts, registered)


@pytest.fixture(scope="module")
def make_ranker(tables, make_config):
    """A ranker with some parts on; every product's score is its only rating, and B and E are equal."""
    rows = [("C1", "A", 3.5), ("C2", "B", 4.0), ("C2", "E", 4.0), ("C1", "C", 4.5)]
    model = Popularity(damping=0.0).fit(pd.DataFrame(rows, columns=["customer_code", "product", "rating"]))

    def make(*on: str, prefers: str = "", **changes):
        rerank = make_config().rerank.model_dump() | NO_PARTS | {name: OFF | {"is_on": True} for name in on} | changes
        config = make_config(rerank=rerank, new=make_config().new.model_dump() | {"popular_days": 365})
        shelf = shelf_of(tables, pd.Series({"C1": prefers}), UNTIL, config)
        return Ranker(model, shelf, config.rerank)

    return make


def values_of(ranker: Ranker, customer: str, part: str) -> dict[str, float]:
    values = ranker.parts.values(ranker.buyer(customer))[PARTS.index(part)]
    return dict(zip(ranker.products, values, strict=True))


def test_purchases_equal_sql(tables, config):
    """Returns are no orders, and nothing from the day on is known."""
    bought = shelf_of(tables, pd.Series(dtype=object), UNTIL, config).bought
    with sqlite3.connect(":memory:") as database:
        rows = tables.sales.assign(sold_on=tables.sales["sold_on"].dt.strftime("%Y-%m-%d"))
        rows.to_sql("sales", database, index=False)
        expected = database.execute(
            "SELECT customer_code, product, count(DISTINCT sold_on), max(sold_on), "
            "CAST(julianday('2024-06-03') - julianday(max(sold_on)) AS INTEGER) FROM sales "
            "WHERE sold_on < '2024-06-03' AND quantity_kg > 0 "
            "GROUP BY customer_code, product ORDER BY customer_code, product"
        ).fetchall()
    database.close()
    found = bought.assign(last_bought_on=bought["last_bought_on"].dt.strftime("%Y-%m-%d"))
    assert list(found.itertuples(index=False, name=None)) == expected


def test_the_models_order_without_parts_and_ties_by_name(make_ranker):
    """D is new: it scores as the products that it is like, mostly A."""
    offers = make_ranker().recommend("C1", count=10)
    assert [offer.product for offer in offers if offer.product != "D"] == ["C", "B", "E", "A"]
    told = {offer.product: (offer.score, offer.reasons[0].reason) for offer in offers}
    assert told["C"] == (4.5, "customers rate it 4.5")
    assert told["B"] == (4.0, "bought once, last 2023-02-01")
    assert told["E"] == (4.0, "customers rate it 4.0")
    assert told["A"] == (3.5, "bought 2 times, last 2024-05-02")
    assert told["D"][1] == "new, and mixed like what suits it"
    assert 3.5 < told["D"][0] < 4.2
    assert (offers[0].place, offers[-1].place) == (1.0, 0.0)


def test_new_only_leaves_out_what_was_ever_bought(make_ranker):
    offered = [offer.product for offer in make_ranker().recommend("C1", count=10, new_only=True)]
    assert set(offered) == {"C", "D", "E"}


def test_everyone_who_bought_is_offered_what_it_never_bought(make_ranker):
    ranker = make_ranker()
    frame = new_offers(ranker, 2)
    assert frame.groupby("customer_code").size().to_dict() == {"C1": 2, "C2": 2, "C3": 2}
    for customer, rows in frame.groupby("customer_code"):
        offers = ranker.recommend(customer, 2, new_only=True)
        assert rows["product"].tolist() == [offer.product for offer in offers]
        assert rows["reasons"].tolist() == [offer.sentence() for offer in offers]


def test_no_more_than_asked(make_ranker):
    assert [offer.product for offer in make_ranker().recommend("C1", count=1)] == ["C"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        # Of last year's coming weeks, 2023-06-03 to 2023-06-30, only an order of B is known; C1 buys its group.
        ("same_month", {"A": 0.0, "B": 1.0, "C": 0.0, "D": 0.0, "E": 0.0}),
        # The last count before the day has a kilogram of n left, too little for a usual order of B or C.
        ("makeable", {"A": 1.0, "B": 0.0, "C": 0.0, "D": 1.0, "E": 1.0}),
        ("rest", {"A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0, "E": 0.0}),
        # D was never sold, and is taken to cost what A and B do, which are mixed like it; E is on no list.
        ("price_band", {"A": 1.0, "B": 1.0, "C": (100 / 300) ** (1 / np.log(1.25)), "D": 1.0, "E": 0.0}),
    ],
)
def test_parts_by_hand(make_ranker, part, expected):
    assert values_of(make_ranker(), "C1", part) == pytest.approx(expected)


def test_what_was_bought_yesterday_moves_down(make_ranker):
    ranker = make_ranker("rest", rest_days=32)
    assert values_of(ranker, "C1", "rest")["A"] == 1.0
    (own,) = [offer for offer in ranker.recommend("C1", 10) if offer.product == "A"]
    assert ("bought only now", -0.3) in [tuple(reason) for reason in own.reasons]
    assert own.place == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("prefers", "expected"),
    [
        ("favourite_groups", {"A": 1.0, "B": 1.0, "C": 0.0}),
        ("often_bought", {"A": 1.0, "B": 0.5, "C": 0.0}),
        ("", {"A": 0.0, "B": 0.0, "C": 0.0}),
    ],
)
def test_the_segments_action_moves_its_products_up(make_ranker, prefers, expected):
    found = values_of(make_ranker("segment", prefers=prefers), "C1", "segment")
    assert {product: found[product] for product in "ABC"} == expected


def test_premium_and_seasonal_products_are_for_high_purchasing_power(make_ranker):
    ranker = make_ranker("segment", prefers="premium_and_seasonal")
    found = values_of(ranker, "C1", "segment")
    assert found["C"] > found["A"]
    assert found["C"] == pytest.approx((1.0 + values_of(ranker, "C1", "season")["C"]) / 2)


def test_season_is_the_quarter_ahead_of_past_years(make_sales, tables, config):
    """S sells in June to August alone, E evenly: a quarter with all sales has four times an even share."""
    days = pd.date_range("2021-06-03", "2024-06-02", freq="D")
    rows = [(str(day.date()), "C1", "E", 1.0) for day in days]
    rows += [(str(day.date()), "C1", "S", 1.0) for day in days if day.month in (6, 7, 8)]
    sales = make_sales(*rows).assign(region="north", unit_price_krw=1.0)
    shelf = shelf_of(tables._replace(sales=sales), pd.Series(dtype=object), UNTIL, config)
    season = shelf.products.set_index("product")["season"]
    assert season["S"] == 1.0
    assert season["E"] == pytest.approx(0.5, abs=0.01)
    assert season["D"] == 0.5


def test_reasons_add_up_and_a_part_that_is_off_adds_nothing(make_ranker):
    on = make_ranker("makeable", "price_band").recommend("C1", 10)
    for offer in on:
        assert sum(reason.weight for reason in offer.reasons) == pytest.approx(offer.place, abs=0.01)
        assert "popular in these weeks" not in str(offer.reasons)
    (own,) = [offer for offer in on if offer.product == "A"]
    assert ("its materials are in stock", 0.3) in [tuple(reason) for reason in own.reasons]


def test_customer_of_old_is_offered_what_its_region_buys(make_ranker):
    """C3 bought before the model's window and a year; C2, of its region, bought B and C."""
    offers = make_ranker().recommend("C3", count=2)
    assert {offer.product for offer in offers} == {"B", "C"}
    assert offers[0].reasons[0].reason.endswith("of customers like it bought it lately")


def test_narrow_circles_lean_on_wider_ones(tables, make_config):
    """Both of two customers bought no A together: by region (1 + d/2) / (1 + d) in the north, d/2 / (1 + d) outside."""
    new = make_config().new.model_dump() | {"damping": 3.0, "popular_days": 365}
    shelf = shelf_of(tables, pd.Series({"C1": "often_bought"}), UNTIL, make_config(new=new))
    share = shelf.popular.set_index(["region", "prefers", "product"])["share"]
    assert share["", "", "A"] == 0.5
    assert share["north", "", "A"] == pytest.approx((1 + 3 / 2) / 4)
    assert share["south", "", "A"] == pytest.approx((0 + 3 / 2) / 4)
    assert share["north", "often_bought", "A"] == pytest.approx((1 + 3 * (1 + 3 / 2) / 4) / 4)


def test_a_product_without_a_price_is_taken_to_cost_what_those_most_like_it_do(tables, config):
    """D is like A by its whole recipe, and like B by the cosine of (1, 0) and (1/2, 1/2); C shares nothing with it."""
    prices = tables.sales["product"].map({"A": 100.0, "B": 400.0, "C": 1.0, "discontinued": 1.0})
    shelf = shelf_of(
        tables._replace(sales=tables.sales.assign(unit_price_krw=prices)), pd.Series(dtype=object), UNTIL, config
    )
    found = shelf.products.set_index("product")["log_price"]
    cosine = np.sqrt(0.5)
    assert found["D"] == pytest.approx((np.log(100.0) + cosine * np.log(400.0)) / (1.0 + cosine))
    assert found["A"] == pytest.approx(np.log(100.0))


def test_what_is_popular_is_read_off_the_latest_days(tables, make_config):
    """In the ninety days before, A was bought alone: C was 94 days ago."""
    new = make_config().new.model_dump() | {"popular_days": 90}
    popular = shelf_of(tables, pd.Series(dtype=object), UNTIL, make_config(new=new)).popular
    assert set(popular["product"]) == {"A"}


def test_customer_who_bought_everything_gets_nothing_new(make_ranker, monkeypatch):
    ranker = make_ranker()
    everything = Buyer(np.ones(5), np.ones(5), "", np.nan)
    monkeypatch.setattr(ranker, "buyer", lambda _: everything)
    assert ranker.recommend("C1", count=5, new_only=True) == []


def test_unknown_customer_is_an_error_unless_its_region_is_named(make_ranker):
    ranker = make_ranker()
    with pytest.raises(UnknownCustomerError, match="'C9' is not registered"):
        ranker.recommend("C9", count=3)
    assert ranker.recommend("C9", count=1, region="north")[0].product == "A"
    assert len(ranker.recommend("C9", count=9, region="nowhere")) == 5
    assert len(ranker.recommend("C4", count=9)) == 5


def test_shelf_survives_saving(tables, config, make_ranker, tmp_path):
    ranker = make_ranker("segment", "price_band", prefers="often_bought")
    ranker.shelf.save(tmp_path)
    again = Ranker(ranker.model, Shelf.load(tmp_path), ranker.parts.config)
    for customer in ("C1", "C3", "C4"):
        assert again.recommend(customer, 9) == ranker.recommend(customer, 9)


def test_nothing_from_the_day_on_is_known(tables, config):
    later = tables.sales.assign(sold_on=UNTIL, quantity_kg=1e6)
    more = tables._replace(sales=pd.concat([tables.sales, later], ignore_index=True))
    nobody = pd.Series(dtype=object)
    known, seen = shelf_of(tables, nobody, UNTIL, config), shelf_of(more, nobody, UNTIL, config)
    for name in ("products", "customers", "bought", "alike", "popular"):
        pd.testing.assert_frame_equal(getattr(seen, name), getattr(known, name))


def test_without_prices_or_counts_nothing_is_held_against_a_product(tables, config):
    bare = tables._replace(sales=tables.sales.assign(unit_price_krw=np.nan), stock_counts=tables.stock_counts.head(0))
    products = shelf_of(bare, pd.Series(dtype=object), UNTIL, config).products
    assert products["makeable"].eq(1.0).all()
    assert products["premium"].eq(0.5).all()


def test_offers_the_customers_own_kind_first(checkerboard, tables, make_config):
    """On the checkerboard an odd customer is offered odd products."""
    train = checkerboard[0]
    model = Knn(about="baseline", k=20, min_k=1, similarity="msd", min_support=1).fit(train)
    own = train[train["customer_code"] == "C01"].sample(2, random_state=0)
    sales = own[["customer_code", "product"]].assign(
        sold_on=UNTIL - pd.Timedelta(days=9), quantity_kg=1.0, unit_price_krw=1.0, region="north"
    )
    config = make_config(rerank=make_config().rerank.model_dump() | NO_PARTS)
    shelf = shelf_of(tables._replace(sales=sales), pd.Series(dtype=object), UNTIL, config)
    offered = Ranker(model, shelf, config.rerank).recommend("C01", count=4, new_only=True)
    first = [offer.product for offer in offered if offer.product.startswith("P")]
    assert all(int(product[1:]) % 2 == 1 for product in first)
    assert not set(first) & set(own["product"])
