"""Estimates from saved arrays equal those of scikit-surprise's own ``predict``."""

import numpy as np
import pandas as pd
import pytest
from surprise import SVD, Dataset, KNNBaseline, Reader

from mixplan.recommend.knn import Knn
from mixplan.recommend.svd import Svd


def sparse_ratings(seed: int) -> pd.DataFrame:
    """Many pairs without a rating, and halves of stars so that similarities tie."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"C{customer}", f"P{product}", float(rng.integers(2, 11)) / 2)
        for customer in range(15)
        for product in rng.permutation(9)[: rng.integers(1, 7)]
    ]
    return pd.DataFrame(rows, columns=["customer_code", "product", "rating"])


def assert_equal_to_surprise(model, theirs, ratings):
    """``theirs`` learns the same rows in the same order; every pair is compared, and the unknown."""
    ordered = ratings.sort_values(["customer_code", "product"])
    theirs.fit(Dataset.load_from_df(ordered, Reader(rating_scale=(1, 5))).build_full_trainset())
    model.fit(ratings)
    products = [*sorted(ratings["product"].unique()), "unknown"]
    for customer in [*sorted(ratings["customer_code"].unique()), "unknown"]:
        expected = [theirs.predict(customer, product).est for product in products]
        np.testing.assert_allclose(model.score(customer, products), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_svd(seed):
    options = {"n_factors": 4, "n_epochs": 30, "lr_all": 0.03, "reg_all": 0.02, "random_state": seed}
    assert_equal_to_surprise(Svd(**options), SVD(**options), sparse_ratings(seed))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("similarity", ["cosine", "msd", "pearson"])
@pytest.mark.parametrize(("k", "min_k", "min_support"), [(2, 1, 1), (40, 1, 2), (3, 3, 1)])
def test_knn(seed, similarity, k, min_k, min_support):
    options = {"name": similarity, "user_based": False, "min_support": min_support}
    theirs = KNNBaseline(k=k, min_k=min_k, sim_options=options, verbose=False)
    ours = Knn(k=k, min_k=min_k, similarity=similarity, min_support=min_support)
    assert_equal_to_surprise(ours, theirs, sparse_ratings(seed))
