"""Estimates from saved arrays equal those of scikit-surprise's own ``predict``."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from surprise import SVD, BaselineOnly, Dataset, KNNBaseline, KNNBasic, KNNWithMeans, Reader, SVDpp

from mixplan.recommend import baseline
from mixplan.recommend.als import Als
from mixplan.recommend.knn import Knn
from mixplan.recommend.order import by_content
from mixplan.recommend.popularity import Popularity
from mixplan.recommend.svd import Svd, SvdPlusPlus


def sparse_ratings(seed: int) -> pd.DataFrame:
    """Many pairs without a rating, and halves of stars so that similarities tie."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"C{customer}", f"P{product}", float(rng.integers(2, 11)) / 2)
        for customer in range(15)
        for product in rng.permutation(9)[: rng.integers(1, 7)]
    ]
    return pd.DataFrame(rows, columns=["customer_code", "product", "rating"])


def fit_theirs(theirs, ratings):
    """scikit-surprise numbers customers as they come: they come as ours do."""
    rows = by_content(ratings)[["customer_code", "product", "rating"]]
    theirs.fit(Dataset.load_from_df(rows, Reader(rating_scale=(1, 5))).build_full_trainset())


def assert_equal_to_surprise(model, theirs, ratings, unknown=("unknown",)):
    """``theirs`` learns the same rows in the same order; every pair is compared, and the unknown."""
    fit_theirs(theirs, ratings)
    model.fit(ratings)
    products = [*sorted(ratings["product"].unique()), "unknown"]
    for customer in [*sorted(ratings["customer_code"].unique()), *unknown]:
        expected = [theirs.predict(customer, product).est for product in products]
        np.testing.assert_allclose(model.score(customer, products), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_svd(seed):
    options = {"n_factors": 4, "n_epochs": 30, "lr_all": 0.03, "reg_all": 0.02, "random_state": seed}
    assert_equal_to_surprise(Svd(**options), SVD(**options), sparse_ratings(seed))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_svd_plus_plus(seed):
    options = {"n_factors": 4, "n_epochs": 20, "lr_all": 0.03, "reg_all": 0.02, "random_state": seed}
    assert_equal_to_surprise(SvdPlusPlus(**options), SVDpp(**options), sparse_ratings(seed))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_baseline_only(seed):
    theirs = BaselineOnly(bsl_options={"method": "als", "n_epochs": 7, "reg_u": 4.0, "reg_i": 3.0}, verbose=False)
    ours = baseline.BaselineOnly(n_epochs=7, reg_customer=4.0, reg_product=3.0)
    assert_equal_to_surprise(ours, theirs, sparse_ratings(seed))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("similarity", ["cosine", "msd", "pearson"])
@pytest.mark.parametrize(("k", "min_k", "min_support"), [(2, 1, 1), (40, 1, 2), (3, 3, 1)])
@pytest.mark.parametrize(
    ("about", "kind"), [("nothing", KNNBasic), ("product_mean", KNNWithMeans), ("baseline", KNNBaseline)]
)
def test_knn(seed, similarity, k, min_k, min_support, about, kind):
    options = {"name": similarity, "user_based": False, "min_support": min_support}
    theirs = kind(k=k, min_k=min_k, sim_options=options, verbose=False)
    ours = Knn(about=about, k=k, min_k=min_k, similarity=similarity, min_support=min_support)
    # A new customer gets the product's mean, where surprise gives up and answers with the mean of all.
    assert_equal_to_surprise(ours, theirs, sparse_ratings(seed), () if about == "product_mean" else ("unknown",))


def test_declined_pairs_are_those_that_surprise_declines():
    rows = sparse_ratings(1)
    ours = Knn(about="nothing", k=3, min_k=2, similarity="msd", min_support=2).fit(rows)
    theirs = KNNBasic(k=3, min_k=2, sim_options={"name": "msd", "user_based": False, "min_support": 2}, verbose=False)
    fit_theirs(theirs, rows)
    pairs = [(customer, product) for customer in ours.customers for product in ours.products]
    declined = [theirs.predict(*pair).details["was_impossible"] for pair in pairs]
    assert any(declined)
    assert [not ours.known(*pair) for pair in pairs] == declined


def test_saved_models_answer_without_scikit_surprise(tmp_path):
    """A fresh interpreter in which neither surprise nor implicit can be imported gives equal scores."""
    rows = sparse_ratings(2)
    shared = {"n_factors": 4, "n_epochs": 5, "lr_all": 0.03, "reg_all": 0.02, "random_state": 1}
    models = {
        "svd": Svd(**shared),
        "plus": SvdPlusPlus(**shared),
        "baseline": baseline.BaselineOnly(n_epochs=5, reg_customer=4.0, reg_product=4.0),
        **{
            about: Knn(about=about, k=3, min_k=1, similarity="msd", min_support=1)
            for about in ("nothing", "product_mean", "baseline")
        },
        "popularity": Popularity(damping=1.0),
        "als": Als(factors=3, iterations=4, regularization=0.1, alpha=1.0, random_state=1),
    }
    expected = {}
    for name, model in models.items():
        model.fit(rows).save(tmp_path / name)
        expected[name] = model.score("C3", ["P1", "P2", "unknown"]).tolist()
    code = (
        "import sys, json, pathlib; sys.modules['surprise'] = sys.modules['implicit'] = None;"
        "from mixplan.recommend.model import load_recommender as load;"
        "folders = sorted(pathlib.Path(sys.argv[1]).iterdir());"
        "print(json.dumps({f.name: load(f).score('C3', ['P1', 'P2', 'unknown']).tolist() for f in folders}))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - own text
    assert json.loads(found.stdout) == expected
