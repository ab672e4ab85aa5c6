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
    everything = sorted(ratings.itertuples(index=False, name=None))
    for train, test in parts:
        rows = [*train.itertuples(index=False, name=None), *test.itertuples(index=False, name=None)]
        assert sorted(rows) == everything
    assert sorted(row for _, test in parts for row in test.itertuples(index=False, name=None)) == everything


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


def test_the_table_has_scikit_surprises_own_cross_validation_beside_ours(benchmark, ratings):
    """KNN of users is nearly scikit-surprise's: only its two dampings of biases change places too."""
    table = benchmark.compare(ratings, {"SVD": 9.0, "KNN baseline": 0.1}, seed=1, trials=2).set_index("model")
    names = ["SVD", "SVD++", "KNN baseline", "KNN baseline, products"]
    assert list(table.index) == [*names, "SVD, searched"]
    errors = []
    for train, test in benchmark.folds(ratings, seed=1):
        theirs = KNNBaseline(verbose=False)
        theirs.fit(Dataset.load_from_df(train, Reader(rating_scale=(1, 5))).build_full_trainset())
        each = [theirs.predict(row.customer_code, row.product).est - row.rating for row in test.itertuples()]
        errors.append(np.sqrt(np.mean(np.square(each))))
    assert table.loc["KNN baseline", "surprise"] == pytest.approx(np.mean(errors))
    assert table.loc["KNN baseline", "rmse"] == pytest.approx(np.mean(errors), abs=0.005)
    products = table.loc["KNN baseline, products"]
    assert products["rmse"] == pytest.approx(products["surprise"], abs=1e-9)
    assert table["published"].dropna().to_dict() == {"SVD": 9.0, "KNN baseline": 0.1}
    reached = table["rmse"] - table[["surprise", "published"]].min(axis=1) <= 0.005
    assert (table.loc[names, "reached"] == np.where(reached[names], "yes", "no")).all()
    assert table.loc["KNN baseline", "reached"] == "no"
    beats = table.loc["SVD, searched", "rmse"] < table.loc[names, "rmse"].min()
    assert table.loc["SVD, searched", "reached"] == ("yes" if beats else "no")


def test_made_up_ratings_are_like_movielens_and_have_no_published_errors(benchmark):
    rows = benchmark.made_up_ratings(users=60, items=90, count=1500)
    assert len(rows) == len(rows.drop_duplicates(["customer_code", "product"])) == 1500
    assert set(rows["rating"]) == {1.0, 2.0, 3.0, 4.0, 5.0}
    each = rows["product"].value_counts()
    assert each.head(9).sum() > 0.25 * len(rows)
    assert benchmark.published_of(rows) == {}


def test_published_errors_are_those_of_movielens_100k(benchmark):
    number = np.arange(100_000)
    rows = pd.DataFrame({"customer_code": number % 943, "product": number % 1682, "rating": 3.0})
    assert benchmark.published_of(rows) == benchmark.PUBLISHED
    assert benchmark.published_of(rows.head(99_999)) == {}
