"""What every candidate must do; candidates come from the configuration's union, so that none can be left out."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.artifacts.files import read_json, sha256_of, write_json
from mixplan.config.recommend import RecommendCandidate
from mixplan.evaluation.metrics import rmse
from mixplan.recommend.model import load_recommender, new_recommender
from mixplan.recommend.scores import predict, rank_scores, score

KINDS = get_args(get_args(RecommendCandidate)[0])
SEED = 7
CEILINGS = {"Popularity": 1.7, "BaselineOnly": 1.8, "Svd": 0.4, "SvdPlusPlus": 0.4, "Knn": 0.6}
"""Most RMSE allowed on the ratings held back from the checkerboard, whose standard deviation is about 1.5."""


def test_every_kind_is_configured(config):
    assert {type(candidate) for candidate in config.candidates.values()} == set(KINDS)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def candidate(request, config):
    return [candidate for candidate in config.candidates.values() if type(candidate) is request.param][-1]


@pytest.fixture(scope="module")
def model(candidate, checkerboard):
    return new_recommender(candidate, SEED).fit(checkerboard[0])


def everything(model, frame):
    """Estimates of every product by every customer."""
    products = sorted(frame["product"].unique())
    return np.array([model.score(customer, products) for customer in sorted(frame["customer_code"].unique())])


def test_parameters_are_those_of_the_configuration(candidate, model):
    for name, value in candidate.hyper_parameters().items():
        assert getattr(model, name) == value


def test_same_seed_gives_the_same_files(candidate, model, checkerboard, tmp_path):
    model.save(tmp_path / "first")
    new_recommender(candidate, SEED).fit(checkerboard[0]).save(tmp_path / "second")
    assert sha256_of(tmp_path / "first") == sha256_of(tmp_path / "second")


def test_seed_matters_exactly_where_the_candidate_says_so(candidate, model, checkerboard):
    other = new_recommender(candidate, SEED + 1).fit(checkerboard[0])
    same = np.array_equal(everything(other, checkerboard[0]), everything(model, checkerboard[0]))
    assert same is not candidate.draws_at_random


def test_order_of_rows_does_not_matter(candidate, model, checkerboard):
    shuffled = checkerboard[0].sample(frac=1.0, random_state=2)
    other = new_recommender(candidate, SEED).fit(shuffled)
    np.testing.assert_array_equal(everything(other, checkerboard[0]), everything(model, checkerboard[0]))


@settings(max_examples=6, deadline=None)
@given(codes=st.permutations(range(26)))
def test_customer_numbers_do_not_matter(candidate, checkerboard, codes):
    """However customers are numbered, answers are equal to the last digit, those of customers who rated alike too."""
    train = checkerboard[0]
    twins = train[train["customer_code"].isin(["C03", "C04"])]
    train = pd.concat([train, twins.assign(customer_code=twins["customer_code"] + " again")], ignore_index=True)
    numbers = dict(zip(sorted(train["customer_code"].unique()), (f"{code:02}" for code in codes), strict=True))
    model = new_recommender(candidate, SEED).fit(train)
    other = new_recommender(candidate, SEED).fit(train.assign(customer_code=train["customer_code"].map(numbers)))
    for customer, number in numbers.items():
        np.testing.assert_array_equal(other.score_all(number), model.score_all(customer))
    np.testing.assert_array_equal(model.score_all("C03 again"), model.score_all("C03"))
    np.testing.assert_array_equal(other.score_all("nobody"), model.score_all("nobody"))


def test_second_fit_forgets_the_first(candidate, checkerboard, tmp_path):
    train, later = checkerboard
    fresh = new_recommender(candidate, SEED).fit(later)
    refitted = new_recommender(candidate, SEED).fit(train).fit(later)
    fresh.save(tmp_path / "fresh")
    refitted.save(tmp_path / "refitted")
    assert sha256_of(tmp_path / "fresh") == sha256_of(tmp_path / "refitted")


def test_saving_changes_nothing(model, checkerboard, tmp_path):
    model.save(tmp_path / "model")
    loaded = load_recommender(tmp_path / "model")
    assert type(loaded) is type(model)
    np.testing.assert_array_equal(everything(loaded, checkerboard[0]), everything(model, checkerboard[0]))
    np.testing.assert_array_equal(loaded.score("nobody", ["P01", "?"]), model.score("nobody", ["P01", "?"]))
    loaded.save(tmp_path / "again")
    assert sha256_of(tmp_path / "again") == sha256_of(tmp_path / "model")


def test_files_are_arrays_and_json(model, tmp_path):
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["arrays.npz", "model.json"]
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as archive:
        assert all(not archive[name].dtype.hasobject for name in archive.files)


def test_another_class_is_never_loaded(model, tmp_path):
    model.save(tmp_path)
    write_json(tmp_path / "model.json", {**read_json(tmp_path / "model.json"), "target": "subprocess.Popen"})
    with pytest.raises(ValueError, match=r"subprocess\.Popen"):
        load_recommender(tmp_path)


def test_input_is_not_changed(candidate, checkerboard):
    train = checkerboard[0]
    copy = train.copy(deep=True)
    new_recommender(candidate, SEED).fit(train).score("C01", ["P01"])
    pd.testing.assert_frame_equal(train, copy)


def test_estimates_stay_on_the_scale(candidate, model):
    """Where nearly every rating is at an end of the scale, sums of biases would leave it."""
    if not model.rates:
        pytest.skip("it estimates no ratings")
    rows = [
        (f"C{c}", f"P{p}", 5.0 if c else 1.0) for c in range(12) for p in range(8) if (c, p) not in {(0, 0), (1, 1)}
    ]
    frame = pd.DataFrame(rows, columns=["customer_code", "product", "rating"])
    estimates = everything(new_recommender(candidate, SEED).fit(frame), frame)
    assert estimates.shape == (12, 8)
    assert ((estimates >= 1.0) & (estimates <= 5.0)).all()


def test_unknown_customers_and_products_are_answered_and_counted(model, checkerboard):
    mean = checkerboard[0]["rating"].mean()
    test = pd.DataFrame(
        [("C01", "P01", 4.0), ("C01", "?", 4.0), ("nobody", "P01", 4.0), ("nobody", "?", 4.0)],
        columns=["customer_code", "product", "rating"],
    )
    predictions = predict(model, test)
    assert predictions["is_known"].tolist() == [False, True, False, False]
    assert score(predictions)["n_impossible"] == 3.0
    if model.rates:
        assert predictions["prediction"].between(1.0, 5.0).all()
        assert predictions["prediction"].iloc[-2] == pytest.approx(mean)


def test_no_products_no_scores(model):
    assert model.score("C01", []).shape == (0,)


def test_score_does_not_depend_on_what_else_is_asked(model):
    together = model.score("C03", ["P05", "P02", "?", "P05"])
    alone = [model.score("C03", [product])[0] for product in ["P05", "P02", "?", "P05"]]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


def test_accuracy_on_the_checkerboard(candidate, config, model, checkerboard):
    """The planted structure is found by the models that can see it, and the baseline cannot."""
    name = type(candidate).__name__
    train, later = checkerboard
    baseline = new_recommender(config.candidates["popularity"], SEED).fit(train)
    if not model.rates:
        pytest.skip("it learns from who buys what, and here everyone buys all: see the planted tastes")
    reached = score(predict(model, later))["rmse"]
    assert reached <= CEILINGS[name]
    if name not in {"Popularity", "BaselineOnly"}:
        assert reached < 0.5 * score(predict(baseline, later))["rmse"]
    assert rmse(later["rating"], [train["rating"].mean()] * len(later)) > 1.3


def test_planted_tastes_are_recommended(config):
    """Forty customers of five tastes, each for six of thirty products: popularity cannot know whose taste is which."""
    rng, rows = np.random.default_rng(3), []
    for customer in range(40):
        for product in range(30):
            if product % 5 == customer % 5 or rng.random() < 0.05:
                rows.append((f"C{customer:02}", f"P{product:02}", 4.5 if product % 5 == customer % 5 else 1.5))
    frame = pd.DataFrame(rows, columns=["customer_code", "product", "rating"])
    is_later = rng.random(len(frame)) < 0.3
    train, later = frame[~is_later], frame[is_later & (frame["rating"] > 3)]
    reached = {
        name: rank_scores(new_recommender(each, SEED).fit(train), train, later)["ndcg_at_10"]
        for name, each in config.candidates.items()
    }
    assert max(reached.values()) >= 1.5 * reached["popularity"]
