"""A recommender's values are chosen on earlier windows, and the selection's window has no part in it."""

import numpy as np
import pandas as pd
import pytest

from mixplan.config.base import MixplanError
from mixplan.config.search import Range
from mixplan.evaluation.search import Budget
from mixplan.recommend.tune import RecommendTuner

HOLDOUT = pd.Timestamp("2024-01-01")


@pytest.fixture(scope="module")
def sales() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    days = rng.integers(1, 800, 6000)
    customers = rng.integers(0, 12, 6000)
    return pd.DataFrame(
        {
            "sold_on": HOLDOUT - pd.to_timedelta(days, unit="D"),
            "customer_code": [f"C{customer}" for customer in customers],
            "product": [f"P{product}" for product in (customers % 3 + 3 * rng.integers(0, 3, 6000))],
            "quantity_kg": 10.0,
        }
    )


@pytest.fixture(scope="module")
def tuner(sales, make_config) -> RecommendTuner:
    search = {"svd": {"n_factors": {"low": 1, "high": 20}, "reg_all": {"low": 0.01, "high": 1.0, "log": True}}}
    return RecommendTuner(sales, HOLDOUT, make_config(search=search), 1)


def test_the_first_trial_is_todays_and_the_best_is_kept(tuner):
    seen = []
    best = tuner.search("svd", Budget(1.0, 4), seen.append)
    present = tuner.config.candidates["svd"]
    assert seen[0].settings == {"n_factors": present.n_factors, "reg_all": present.reg_all}
    assert best.scores["rmse"] == min(trial.scores["rmse"] for trial in seen)
    assert tuner.early(present.with_values(best.settings)) == best.scores


def test_the_selections_window_changes_no_trial(tuner, sales, make_config):
    later = sales["sold_on"] >= tuner.middle
    spoilt = sales.assign(product=sales["product"].where(~later, "P0"))
    other = RecommendTuner(spoilt, HOLDOUT, tuner.config, 1)
    assert other.search("svd", Budget(1.0, 2)) == tuner.search("svd", Budget(1.0, 2))
    svd = tuner.config.candidates["svd"]
    assert other.late(svd) != tuner.late(svd)


def test_what_cannot_be_searched_is_refused(tuner, make_config):
    with pytest.raises(MixplanError, match=r"'als' has no values to search: recommend\.search has svd"):
        tuner.search("als", Budget(1.0))
    with pytest.raises(ValueError, match=r"search\.svd names what the candidate does not have: depth"):
        make_config(search={"svd": {"depth": Range(low=1, high=2).model_dump()}})
