"""The benchmark reads MovieLens' format, and its figures are those of scikit-surprise itself."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from surprise import SVD, Dataset, KNNBaseline, Reader, SVDpp

from mixplan.recommend.order import by_content

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def benchmark():
    spec = importlib.util.spec_from_file_location("recommend_benchmark", ROOT / "benchmarks/recommend.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ratings(benchmark, tmp_path_factory) -> pd.DataFrame:
    """Stars of 80 people for 60 films by hidden tastes, written as u.data is, and read."""
    rng, path = np.random.default_rng(2), tmp_path_factory.mktemp("ml") / "u.data"
    tastes, films = rng.normal(size=(80, 3)), rng.normal(size=(60, 3))
    rows = [
        (user + 1, film + 1, int(np.clip(np.round(3.4 + 0.6 * tastes[user] @ films[film]), 1, 5)), 880000000)
        for user in range(80)
        for film in rng.permutation(60)[:25]
    ]
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows), encoding="ascii")
    return benchmark.read_ratings(path)


def test_the_format_is_read(ratings):
    assert list(ratings.columns) == ["customer_code", "product", "rating"]
    assert len(ratings) == 2000
    assert ratings["rating"].between(1, 5).all()
    assert ratings["customer_code"].map(type).eq(str).all()


def test_folds_share_no_rating_and_leave_none_out(benchmark, ratings):
    parts = list(benchmark.folds(ratings, seed=1))
    assert len(parts) == 5
    assert sorted(index for _, test in parts for index in test.index) == list(ratings.index)
    assert all(not set(train.index) & set(test.index) for train, test in parts)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("SVD", SVD(random_state=1)),
        ("SVD++", SVDpp(random_state=1)),
        ("KNN baseline", KNNBaseline(sim_options={"name": "msd", "user_based": False}, verbose=False)),
    ],
)
def test_errors_are_scikit_surprises_own_with_its_default_values(benchmark, ratings, name, theirs):
    train, test = next(benchmark.folds(ratings, seed=1))
    ordered = by_content(train)[["customer_code", "product", "rating"]]
    theirs.fit(Dataset.load_from_df(ordered, Reader(rating_scale=(1, 5))).build_full_trainset())
    errors = [theirs.predict(row.customer_code, row.product).est - row.rating for row in test.itertuples()]
    expected = float(np.sqrt(np.mean(np.square(errors))))
    assert benchmark.rmse(benchmark.published_models(1)[name], train, test) == pytest.approx(expected, abs=1e-9)


def test_speed_is_measured_on_any_size(benchmark):
    table = benchmark.speed(customers=60, products=50)
    assert table["offers"].tolist() == [180, 180]
    assert (table[["fit CPU s", "shelf CPU s", "offers CPU s", "offers s"]] > 0).all(axis=None)


def test_the_table_compares_users_as_published_and_searches_within_training(benchmark, ratings):
    """KNN of users is nearly scikit-surprise's: only its two dampings of biases change places too."""
    table = benchmark.cross_validate(ratings, seed=1, trials=2).set_index("model")["rmse"]
    assert list(table.index) == ["SVD", "SVD++", "KNN baseline", "KNN baseline, products", "SVD, searched"]
    errors = []
    for train, test in benchmark.folds(ratings, seed=1):
        theirs = KNNBaseline(verbose=False)
        theirs.fit(Dataset.load_from_df(train, Reader(rating_scale=(1, 5))).build_full_trainset())
        each = [theirs.predict(row.customer_code, row.product).est - row.rating for row in test.itertuples()]
        errors.append(np.sqrt(np.mean(np.square(each))))
    assert table["KNN baseline"] == pytest.approx(np.mean(errors), abs=0.005)
    assert table["SVD, searched"] <= table["SVD"] + 0.01
