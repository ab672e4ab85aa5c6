"""What every registered candidate must do; the list of candidates is the configuration's."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mixplan.artifacts.files import files_below, read_json, sha256_of
from mixplan.config.demand import Average, DemandCandidate
from mixplan.config.evaluation import EvaluationConfig
from mixplan.demand.backtest import backtest, fit_at, forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.model import DemandModel
from mixplan.demand.predictor import predictor
from mixplan.demand.quantiles import column_of
from mixplan.demand.storage import FORMATS, read_regressor
from mixplan.evaluation.origins import HistoryTooShortError, Origins

SEED = 7


@pytest.fixture(scope="module")
def training(plant: Any, builder: FeatureBuilder) -> pd.DataFrame:
    final = plant.origins.final
    return builder.training_rows(plant.origins.training(final, 4), 26, final)


@pytest.fixture(scope="module")
def calibration_from(plant: Any) -> pd.Timestamp:
    return plant.origins.final - pd.Timedelta(weeks=26)


@pytest.fixture(scope="module")
def ahead(plant: Any, builder: FeatureBuilder) -> pd.DataFrame:
    return builder.rows(plant.origins.final, 26)


@pytest.fixture(scope="module")
def model(candidate: DemandCandidate, training: pd.DataFrame, calibration_from: pd.Timestamp) -> DemandModel:
    """A model that tests only look at."""
    return DemandModel(candidate, 0.8, SEED).fit(training, calibration_from)


@pytest.fixture(scope="module")
def saved(model: DemandModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    model.save(folder)
    return folder


def test_one_answer_for_each_row_in_its_order(model: DemandModel, ahead: pd.DataFrame) -> None:
    shuffled = ahead.sample(frac=1.0, random_state=1)
    answers = model.predict(shuffled)
    assert list(answers.columns) == ["prediction_kg", "lower_kg", "upper_kg"]
    assert answers.index.equals(shuffled.index)
    pd.testing.assert_frame_equal(answers.sort_index(), model.predict(ahead))


def test_interval_holds_the_prediction_and_nothing_is_negative(model: DemandModel, ahead: pd.DataFrame) -> None:
    odd = ahead.copy()
    odd[model.features] = ahead[model.features].to_numpy() * np.random.default_rng(1).normal(
        0.0, 30.0, ahead[model.features].shape
    )
    for rows in (ahead, odd):
        answers = model.predict(rows)
        assert np.isfinite(answers.to_numpy()).all()
        assert (answers >= 0).all(axis=None)
        assert (answers["lower_kg"] <= answers["prediction_kg"]).all()
        assert (answers["prediction_kg"] <= answers["upper_kg"]).all()
    assert (model.predict(ahead)["lower_kg"] < model.predict(ahead)["upper_kg"]).all()


def test_inputs_are_left_as_they_are(
    candidate: DemandCandidate, training: pd.DataFrame, ahead: pd.DataFrame, calibration_from: pd.Timestamp
) -> None:
    given, asked = training.copy(), ahead.copy()
    DemandModel(candidate, 0.8, SEED).fit(given, calibration_from).predict(asked)
    pd.testing.assert_frame_equal(given, training, check_exact=True)
    pd.testing.assert_frame_equal(asked, ahead, check_exact=True)


def test_second_fit_forgets_the_first_and_seeds_alike(
    candidate: DemandCandidate, training: pd.DataFrame, calibration_from: pd.Timestamp, saved: Path, tmp_path: Path
) -> None:
    other = training.assign(actual_kg=training["actual_kg"] * 3.0, mean_26=0.5)
    DemandModel(candidate, 0.8, SEED).fit(other, calibration_from).fit(training, calibration_from).save(tmp_path)
    assert sha256_of(tmp_path) == sha256_of(saved)


def test_seed_matters_to_those_that_draw(
    candidate: DemandCandidate,
    training: pd.DataFrame,
    ahead: pd.DataFrame,
    calibration_from: pd.Timestamp,
    model: DemandModel,
) -> None:
    other = DemandModel(candidate, 0.8, SEED + 1).fit(training, calibration_from).predict(ahead)
    same = other.equals(model.predict(ahead))
    # One tree draws only to break ties between equal splits.
    assert same or candidate.draws_at_random
    assert not same or candidate.target.endswith("DecisionTreeRegressor") or not candidate.draws_at_random


def test_loaded_model_answers_and_saves_the_same(
    model: DemandModel, ahead: pd.DataFrame, saved: Path, tmp_path: Path
) -> None:
    loaded = DemandModel.load(saved)
    pd.testing.assert_frame_equal(loaded.predict(ahead), model.predict(ahead), check_exact=True)
    pd.testing.assert_frame_equal(predictor(saved)(ahead), model.predict(ahead), check_exact=True)
    assert (loaded.candidate, loaded.interval, loaded.seed) == (model.candidate, model.interval, model.seed)
    model.save(tmp_path)
    assert sha256_of(tmp_path) == sha256_of(saved)


def files_of(candidate: DemandCandidate) -> set[str]:
    """In which a regressor is kept; each member of an average in a folder of its own."""
    if isinstance(candidate, Average):
        members = {f"{name}/{file}" for name, member in candidate.members.items() for file in files_of(member)}
        return {f"members/{file}" for file in {"members.json", *members}}
    library = candidate.implementation().__module__.partition(".")[0]
    return {FORMATS["sklearn" if candidate.target.startswith("mixplan.demand.linear") else library].file}


def test_nothing_is_pickled(saved: Path, candidate: DemandCandidate) -> None:
    names = {path.relative_to(saved).as_posix() for path in files_below(saved)}
    assert names == {"model.json", *files_of(candidate)}
    assert read_json(saved / "model.json")["candidate"] == candidate.model_dump(by_alias=True)


def test_parameters_that_were_configured_are_those_that_were_trained(
    model: DemandModel, candidate: DemandCandidate
) -> None:
    if isinstance(candidate, Average):
        trained = [(member, model.regressor.regressors[name]) for name, member in candidate.members.items()]
    else:
        trained = [(candidate, model.regressor)]
    for each, whole in trained:
        regressor = whole.steps[-1][1] if hasattr(whole, "steps") else whole
        wanted = each.hyper_parameters() | ({"random_state": SEED} if each.draws_at_random else {})
        found = regressor.get_params() if wanted else {}
        assert {name: found[name] for name in wanted} == wanted


def test_threads_do_not_round_a_forecast(
    model: DemandModel, training: pd.DataFrame, calibration_from: pd.Timestamp
) -> None:
    """Trees that are added up in the order in which threads finish would round in another way each time."""
    if "n_jobs" not in type(model.candidate).model_fields:
        pytest.skip("runs in one thread anyway")
    threaded = DemandModel(model.candidate.model_copy(update={"n_jobs": 2}), model.interval, model.seed)
    threaded.fit(training, calibration_from)
    assert threaded.regressor.get_params()["n_jobs"] == 1


def fitted(candidate: DemandCandidate, rows: pd.DataFrame, features: list[str]) -> tuple[Any, float]:
    """A regressor of ratios to the usual, by the usual's weight, and the mean ratio."""
    regressor = candidate.build(**({"random_state": SEED} if candidate.draws_at_random else {}))
    usual = rows["level_kg"] * rows["usual"]
    step = f"{regressor.steps[-1][0]}__" if hasattr(regressor, "steps") else ""
    weights = {f"{step}sample_weight": (usual / usual.mean()).to_numpy()}
    regressor.fit(rows[features], rows["actual_kg"] / usual, **weights)
    return regressor, rows["actual_kg"].sum() / usual.sum()


def signed(trust: float, regressor: Any, mean: float, rows: pd.DataFrame, features: list[str]) -> Any:
    ratio = (1 - trust) * mean + trust * np.asarray(regressor.predict(rows[features]), dtype=float)
    return ratio * rows["usual"] * rows["level_kg"]


def blend(trust: float, regressor: Any, mean: float, rows: pd.DataFrame, features: list[str]) -> Any:
    return np.maximum(signed(trust, regressor, mean, rows, features), 0.0)


def unseen(training: pd.DataFrame, calibration_from: pd.Timestamp) -> pd.DataFrame:
    return training[(training["week"] >= calibration_from) & (training["origin"] <= calibration_from)]


def test_trust_has_the_least_squared_error_by_month_on_unseen_weeks(
    candidate: DemandCandidate, model: DemandModel, training: pd.DataFrame, calibration_from: pd.Timestamp
) -> None:
    """No other share does better, tried one by one; baselines are taken as they are."""
    if not candidate.learns:
        assert model.trust == 1.0
        return
    blind, mean = fitted(candidate, training[training["week"] < calibration_from], model.features)
    later = unseen(training, calibration_from)
    month = [
        next(m for m, last in enumerate((4, 8, 13, 17, 21, 26), 1) if ahead <= last) for ahead in later["horizon_weeks"]
    ]

    def squared_error(trust: float) -> float:
        errors = later["actual_kg"] - np.asarray(signed(trust, blind, mean, later, model.features))
        return float((errors.groupby([later["origin"], later["product"], month]).sum() ** 2).sum())

    best = squared_error(model.trust)
    assert 0.0 <= model.trust <= 1.0
    assert all(best <= squared_error(trust) * (1 + 1e-12) for trust in np.linspace(0.0, 1.0, 101))


def test_quantiles_mix_weeks_without_sales_with_errors_of_amounts_on_unseen_weeks(
    candidate: DemandCandidate,
    model: DemandModel,
    training: pd.DataFrame,
    calibration_from: pd.Timestamp,
    ahead: pd.DataFrame,
) -> None:
    """Row by row: what a week brings if any, and how far amounts were off in units of the product's own variation."""
    blind, mean = fitted(candidate, training[training["week"] < calibration_from], model.features)
    later = unseen(training, calibration_from)
    expected = blend(model.trust, blind, mean, later, model.features)
    grown = later["actual_kg"].sum() / expected.sum() if candidate.learns else 1.0

    def amount(row: Any, kilograms: float) -> tuple[float, float]:
        typical = max(kilograms, 0.02 * row.level_kg) / row.weeks_sold
        return typical, typical * max((row.variation**2 + 1) * row.weeks_sold - 1, 0.02) ** 0.5

    errors = [
        (row.actual_kg - amount(row, kilograms * grown)[0]) / amount(row, kilograms * grown)[1]
        for row, kilograms in zip(later.itertuples(), expected, strict=True)
        if row.actual_kg > 0
    ]
    answers = model.predict(ahead, [0.35, 0.9])
    for row, answer in zip(ahead.itertuples(), answers.to_dict("records"), strict=True):
        typical, spread = amount(row, answer["prediction_kg"])
        for level in (0.35, 0.9):
            sold = (level - 1 + row.weeks_sold) / row.weeks_sold
            # Kept at whole percents, with straight lines between.
            percent = math.floor(sold * 100)
            below, above = (np.quantile(errors, np.clip(cut / 100, 0, 1)) for cut in (percent, percent + 1))
            error = below + (above - below) * (sold * 100 - percent)
            wanted = max(typical + spread * error, 0.0) if sold > 0 else 0.0
            assert answer[column_of(level)] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        assert answer["upper_kg"] == max(answer["q90_kg"], answer["prediction_kg"])


@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=9, unique=True))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_quantiles_never_cross(model: DemandModel, ahead: pd.DataFrame, levels: list[float]) -> None:
    levels = sorted(levels)
    found = model.predict(ahead, levels)[[column_of(level) for level in levels]].to_numpy()
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found >= 0).all()


def test_forecast_is_by_a_regressor_of_all_rows(
    candidate: DemandCandidate, model: DemandModel, training: pd.DataFrame, ahead: pd.DataFrame
) -> None:
    """Weeks that calibrate trust and interval also teach the regressor."""
    regressor, mean = fitted(candidate, training, model.features)
    expected = blend(model.trust, regressor, mean, ahead, model.features)
    np.testing.assert_allclose(model.predict(ahead)["prediction_kg"], expected)


def test_ridge_solves_its_weighted_normal_equations(
    make: Any, training: pd.DataFrame, calibration_from: pd.Timestamp, ahead: pd.DataFrame
) -> None:
    model = DemandModel(make("ridge"), 0.8, SEED).fit(training, calibration_from)
    known, asked = training[model.features].to_numpy(), ahead[model.features].to_numpy()
    centre, spread = known.mean(axis=0), known.std(axis=0)
    X, new = (known - centre) / spread, (asked - centre) / spread
    usual = (training["level_kg"] * training["usual"]).to_numpy()
    weight = usual / usual.mean()
    ratio = training["actual_kg"].to_numpy() / usual
    X_mean, ratio_mean = np.average(X, axis=0, weights=weight), np.average(ratio, weights=weight)
    centred = X - X_mean
    left = centred.T @ (weight[:, None] * centred) + 10.0 * np.eye(X.shape[1])
    slope = np.linalg.solve(left, centred.T @ (weight * (ratio - ratio_mean)))
    expected = np.maximum(ratio_mean + model.trust * (new - X_mean) @ slope, 0.0) * ahead["usual"] * ahead["level_kg"]
    np.testing.assert_allclose(model.predict(ahead)["prediction_kg"], expected, rtol=1e-6)


def test_backtest_is_the_forecast_of_each_origin_with_its_outcome(
    candidate: DemandCandidate, plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig
) -> None:
    setting = (builder, candidate, plant.origins, evaluation, 0.8, SEED)
    at = plant.origins.selection
    whole = backtest(at, *setting)
    parts = [forecast(fit_at(origin, *setting), builder, origin, 26) for origin in at]
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))
    expected = [builder.history.loc[row.week, row.product] for row in whole.itertuples()]
    assert whole["actual_kg"].tolist() == expected


def test_a_history_whose_last_weeks_sold_nothing_is_refused(
    candidate: DemandCandidate, training: pd.DataFrame, calibration_from: pd.Timestamp
) -> None:
    """Otherwise quantiles would be made of no error at all."""
    silent = training.assign(actual_kg=training["actual_kg"].where(training["week"] < calibration_from, 0.0))
    with pytest.raises(HistoryTooShortError, match=r"no sales from 20..-..-.. on were forecast"):
        DemandModel(candidate, 0.8, SEED).fit(silent, calibration_from)


def test_a_model_without_rows_to_learn_from_is_refused(candidate: DemandCandidate, training: pd.DataFrame) -> None:
    with pytest.raises(HistoryTooShortError, match=r"no week before 2021-01-04 to learn from; lower evaluation"):
        DemandModel(candidate, 0.8, SEED).fit(training, pd.Timestamp("2021-01-04"))


def test_steps_that_are_too_long_for_the_history_name_what_to_change(
    candidate: DemandCandidate, plant: Any, builder: FeatureBuilder, evaluation: EvaluationConfig
) -> None:
    origins: Origins = plant.origins
    config = evaluation.model_copy(update={"training_step_weeks": 104})
    with pytest.raises(HistoryTooShortError, match=r"lower evaluation\.training_step_weeks"):
        fit_at(origins.selection[0], builder, candidate, origins, config, 0.8, SEED)


def test_an_average_is_the_mean_of_its_members(
    make: Any, training: pd.DataFrame, calibration_from: pd.Timestamp, ahead: pd.DataFrame
) -> None:
    """Of regressors that were each fitted alone, before their common trust."""
    average = make("Average")
    model = DemandModel(average, 0.8, SEED).fit(training, calibration_from)
    alone = [fitted(member, training, model.features) for member in average.members.values()]
    answers = sum(np.asarray(regressor.predict(ahead[model.features])) for regressor, _ in alone) / len(alone)
    mean = alone[0][1]
    ratio = mean + model.trust * (answers - mean)
    expected = np.maximum(ratio * ahead["usual"] * ahead["level_kg"], 0.0)
    np.testing.assert_allclose(model.predict(ahead)["prediction_kg"], expected)


def test_an_average_of_one_is_refused(make: Any) -> None:
    whole = make("Average").model_dump(by_alias=True)
    one = whole | {"members": {"tree": whole["members"]["tree"]}}
    with pytest.raises(ValueError, match="at least 2 items"):
        TypeAdapter[DemandCandidate](DemandCandidate).validate_python(
            one | {"members": {"tree": one["members"]["tree"]}}
        )


def test_an_unknown_regressor_is_refused(tmp_path: Path) -> None:
    (tmp_path / "regressor.json").write_text('{"class": "os.system"}')
    with pytest.raises(ValueError, match=r"no regressor of this project is called 'os\.system'"):
        read_regressor(tmp_path, "mixplan")
