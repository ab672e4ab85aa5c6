"""What is offered to a customer, and why."""

import sqlite3

import pandas as pd
import pytest

from mixplan.recommend.knn import Knn
from mixplan.recommend.popularity import Popularity
from mixplan.recommend.ranking import UnknownCustomerError, catalogue, recommend

UNTIL = pd.Timestamp("2024-06-03")


@pytest.fixture(scope="module")
def sales(make_sales):
    return make_sales(
        ("2024-01-10", "C1", "A", 5.0),
        ("2024-01-10", "C1", "A", 2.0),
        ("2024-05-02", "C1", "A", 5.0),
        ("2023-02-01", "C1", "B", 1.0),
        ("2024-06-03", "C1", "C", 1.0),
        ("2024-03-01", "C2", "C", 9.0),
        ("2020-03-01", "C3", "discontinued", 9.0),
    )


@pytest.fixture(scope="module")
def purchases(sales):
    return catalogue(sales, UNTIL)


@pytest.fixture(scope="module")
def model():
    """Every product's score is its only rating; B and D are equal."""
    rows = [("C1", "A", 3.5), ("C2", "B", 4.0), ("C2", "D", 4.0), ("C1", "C", 4.5)]
    return Popularity(damping=0.0).fit(pd.DataFrame(rows, columns=["customer_code", "product", "rating"]))


def test_catalogue_equals_sql(sales, purchases):
    with sqlite3.connect(":memory:") as database:
        sales.assign(sold_on=sales["sold_on"].dt.strftime("%Y-%m-%d")).to_sql("sales", database, index=False)
        expected = database.execute(
            "SELECT customer_code, product, count(DISTINCT sold_on), max(sold_on) FROM sales "
            "WHERE sold_on < '2024-06-03' GROUP BY customer_code, product ORDER BY customer_code, product"
        ).fetchall()
    database.close()
    found = purchases.assign(last_bought_on=purchases["last_bought_on"].dt.strftime("%Y-%m-%d"))
    assert list(found.itertuples(index=False, name=None)) == expected


def test_best_first_with_reasons_and_ties_by_name(model, purchases):
    found = recommend(model, purchases, "C1", count=10)
    assert list(found.itertuples(index=False, name=None)) == [
        ("C", 4.5, "customers rate it 4.5"),
        ("B", 4.0, "bought once, last 2023-02-01"),
        ("D", 4.0, "customers rate it 4.0"),
        ("A", 3.5, "bought 2 times, last 2024-05-02"),
    ]


def test_new_only_leaves_out_what_was_ever_bought(model, purchases):
    assert recommend(model, purchases, "C1", count=10, new_only=True)["product"].tolist() == ["C", "D"]


def test_no_more_than_asked(model, purchases):
    assert recommend(model, purchases, "C1", count=1)["product"].tolist() == ["C"]


def test_customer_of_old_gets_averages_and_is_told_so(model, purchases):
    """C3 bought before the model's window: in the catalogue, but not in the model."""
    found = recommend(model, purchases, "C3", count=2)
    assert found["reason"].tolist() == ["customers on the whole rate it 4.5", "customers on the whole rate it 4.0"]


def test_customer_who_bought_everything_gets_nothing_new(model, make_sales):
    all_bought = catalogue(make_sales(*[("2024-01-01", "C1", name, 1.0) for name in "ABCD"]), UNTIL)
    found = recommend(model, all_bought, "C1", count=5, new_only=True)
    assert found.empty
    assert list(found.columns) == ["product", "score", "reason"]


def test_unknown_customer_is_an_error(model, purchases):
    with pytest.raises(UnknownCustomerError, match="'C9' has bought nothing"):
        recommend(model, purchases, "C9", count=3)


def test_offers_the_customers_own_kind_first(checkerboard):
    """On the checkerboard an odd customer is offered odd products."""
    train = checkerboard[0]
    model = Knn(about="baseline", k=20, min_k=1, similarity="msd", min_support=1).fit(train)
    own = train[train["customer_code"] == "C01"].sample(2, random_state=0)
    own = own.assign(orders=1, last_bought_on=UNTIL)
    first = recommend(model, own, "C01", count=4, new_only=True)
    assert all(int(product[1:]) % 2 == 1 for product in first["product"])
    assert not set(first["product"]) & set(own["product"])
