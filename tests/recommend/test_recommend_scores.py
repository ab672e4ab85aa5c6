"""Scores of recommenders against loops."""

import math

import numpy as np
import pandas as pd
import pytest

from mixplan.recommend.popularity import Popularity
from mixplan.recommend.scores import predict, rank_scores, score


@pytest.fixture(scope="module")
def model(checkerboard):
    return Popularity(damping=1.0).fit(checkerboard[0])


def test_popularity_equals_the_loop(model, checkerboard):
    train = checkerboard[0]
    overall = sum(train["rating"]) / len(train)
    for product in sorted(train["product"].unique()):
        own = [row.rating for row in train.itertuples() if row.product == product]
        assert model.score("C01", [product])[0] == pytest.approx((sum(own) + overall) / (len(own) + 1.0))


def test_predictions_are_of_the_rows_asked(model, checkerboard):
    test = checkerboard[1].sample(frac=1.0, random_state=1)
    frame = predict(model, test)
    assert list(frame.columns) == ["customer_code", "product", "actual", "prediction", "is_known"]
    for row in frame.itertuples():
        assert row.prediction == model.score(row.customer_code, [row.product])[0]
    expected = test.sort_values(["customer_code", "product"])["rating"]
    np.testing.assert_array_equal(frame["actual"], expected)


def test_scores_equal_the_loop(model, checkerboard):
    frame = predict(model, checkerboard[1])
    errors = [row.prediction - row.actual for row in frame.itertuples()]
    mean = sum(frame["actual"]) / len(frame)
    squares = sum(error**2 for error in errors)
    found = score(frame)
    assert found["rmse"] == pytest.approx(math.sqrt(squares / len(errors)))
    assert found["mae"] == pytest.approx(sum(abs(error) for error in errors) / len(errors))
    assert found["r2"] == pytest.approx(1 - squares / sum((value - mean) ** 2 for value in frame["actual"]))
    assert (found["n"], found["n_impossible"]) == (float(len(errors)), 0.0)


def test_recall_is_the_mean_over_customers():
    """Twelve products, P00 the best: the first ten hold one of two of C1's, one of one of C2's, none of C3's."""
    train = pd.DataFrame(
        {"customer_code": "C1", "product": [f"P{n:02}" for n in range(12)], "rating": np.linspace(5.0, 1.0, 12)}
    )
    bought = [("C1", "P00", 4.0), ("C1", "P11", 2.0), ("C2", "P09", 3.0), ("C3", "P10", 1.0), ("C3", "never seen", 1.0)]
    test = pd.DataFrame(bought, columns=["customer_code", "product", "rating"])
    model = Popularity(damping=0.0).fit(train)
    found = rank_scores(model, train, test)
    assert found["recall_at_10"] == pytest.approx((0.5 + 1.0 + 0.0) / 3)
    first = 4.0 / (4.0 + 2.0 / math.log2(3))
    assert found["ndcg_at_10"] == pytest.approx((first + 1 / math.log2(11) + 0.0) / 3)
    assert found["coverage"] == pytest.approx(10 / 12)
    assert found["novelty"] == 0.0
    assert (found["n_new_customers"], found["n_new_products"]) == (2.0, 1.0)
