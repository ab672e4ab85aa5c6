"""The winner is the simplest candidate that the best does not beat by more than noise."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.config.demand import ClassesConfig, DemandConfig
from mixplan.config.evaluation import OriginSelectConfig
from mixplan.demand.scores import score
from mixplan.demand.select import against_winner, losses_by_origin, select
from mixplan.evaluation.significance import OriginTest

ORIGINS = pd.date_range("2022-01-03", periods=8, freq="26W-MON")
LAST_WEEKS = (4, 8, 13, 17, 21, 26)


@pytest.fixture(scope="module")
def actuals() -> pd.DataFrame:
    rng = np.random.default_rng(9)
    rows = [
        (origin, product, origin + pd.Timedelta(weeks=ahead - 1), ahead)
        for origin in ORIGINS
        for product in ("A", "B", "C")
        for ahead in range(1, 27)
    ]
    frame = pd.DataFrame(rows, columns=["origin", "product", "week", "horizon_weeks"])
    return frame.assign(actual_kg=rng.lognormal(6.0, 0.5, len(frame)))


def forecast(actuals: pd.DataFrame, errors_by_origin: list[float], seed: int = 1) -> pd.DataFrame:
    """A forecast that is off by about as many kilograms as each origin says."""
    size = actuals["origin"].map(dict(zip(ORIGINS, errors_by_origin, strict=True)))
    rows = actuals.assign(prediction_kg=actuals["actual_kg"] + size)
    rows = rows.assign(lower_kg=rows["prediction_kg"] - 1.0, upper_kg=rows["prediction_kg"] + 1.0)
    return rows.sample(frac=1.0, random_state=seed)


def config(*simplicity: str, metric: Any = "rmse", level: float = 0.1) -> DemandConfig:
    return DemandConfig(
        country="KR",
        interval=0.8,
        quantiles=(0.5,),
        classes=ClassesConfig(volume=(0.8, 0.95), variation=(0.5, 1.0)),
        select=OriginSelectConfig(metric=metric, tie_margin=0.01, level=level),
        simplicity=simplicity,
        candidates={},
        search={},
    )


def winner(predictions: dict[str, pd.DataFrame], rule: DemandConfig) -> str:
    scores = {name: score(rows) for name, rows in predictions.items()}
    return select(scores, predictions, rule, overlap=1).board[0].candidate


def loop_losses(rows: pd.DataFrame, squared: bool) -> dict[pd.Timestamp, list[float]]:
    sums: dict[Any, float] = {}
    for row in rows.itertuples():
        month = sum(row.horizon_weeks > last for last in LAST_WEEKS)
        key = (row.origin, row.product, month)
        sums[key] = sums.get(key, 0.0) + row.prediction_kg - row.actual_kg
    losses: dict[pd.Timestamp, list[float]] = {}
    for (origin, _, _), error in sums.items():
        losses.setdefault(origin, []).append(error**2 if squared else abs(error))
    return losses


@pytest.mark.parametrize("metric", ["rmse", "r2", "mae", "wape"])
def test_losses_are_those_of_a_loop(actuals: pd.DataFrame, metric: str) -> None:
    rows = forecast(actuals, [10.0, -20.0, 5.0, 40.0, 0.0, 3.0, -9.0, 11.0])
    found = losses_by_origin({"one": rows, "other": actuals.assign(prediction_kg=0.0)}, metric)
    expected = loop_losses(rows, metric in {"rmse", "r2"})
    assert list(found.index) == sorted(expected)
    for origin, losses in expected.items():
        assert found.loc[origin, "one"] == pytest.approx(sum(losses) / len(losses))


def test_mean_loss_is_that_of_all_rows_where_origins_have_different_products(actuals: pd.DataFrame) -> None:
    fewer = actuals[(actuals["product"] != "C") | (actuals["origin"] > ORIGINS[3])]
    rows = forecast(fewer, [10.0, -20.0, 5.0, 40.0, 0.0, 3.0, -9.0, 11.0])
    found = losses_by_origin({"one": rows}, "rmse")["one"]
    assert found.mean() == pytest.approx(score(rows)["rmse_6m"] ** 2)


@pytest.mark.parametrize("spoil", ["row", "actual"])
def test_candidates_of_different_rows_are_not_compared(actuals: pd.DataFrame, spoil: str) -> None:
    whole = forecast(actuals, [1.0] * 8)
    other = whole[whole["product"] != "B"] if spoil == "row" else whole.assign(actual_kg=whole["actual_kg"] + 1.0)
    with pytest.raises(ValueError, match="odd: forecasts of other rows"):
        losses_by_origin({"usual": whole, "odd": other}, "rmse")


def test_a_lead_that_comes_from_one_origin_is_luck(actuals: pd.DataFrame) -> None:
    """Equal but for one window, in which the simple model was far off."""
    lucky = {"simple": forecast(actuals, [10.0] * 7 + [40.0]), "rich": forecast(actuals, [10.0] * 8)}
    assert winner(lucky, config("simple", "rich")) == "simple"
    assert winner(lucky, config("simple", "rich", level=0.4)) == "rich"


@pytest.mark.parametrize("metric", ["rmse", "r2", "mae", "wape"])
def test_a_lead_at_every_origin_wins(actuals: pd.DataFrame, metric: str) -> None:
    better = {
        "simple": forecast(actuals, [140.0, 150.0, 130.0, 160.0, 140.0, 120.0, 150.0, 140.0]),
        "rich": forecast(actuals, [100.0] * 8),
    }
    assert winner(better, config("simple", "rich", metric=metric)) == "rich"


def test_the_simplest_of_those_that_tie_wins_and_not_the_simplest_of_all(actuals: pd.DataFrame) -> None:
    three = {
        "bad": forecast(actuals, [50.0, 55.0, 45.0, 50.0, 52.0, 48.0, 51.0, 50.0]),
        "middle": forecast(actuals, [10.0] * 7 + [20.0]),
        "rich": forecast(actuals, [10.0] * 8),
    }
    assert winner(three, config("bad", "middle", "rich")) == "middle"


def test_every_other_candidate_is_held_against_the_winner(actuals: pd.DataFrame) -> None:
    predictions = {"win": forecast(actuals, [10.0] * 8), "lose": forecast(actuals, [14.0] * 4 + [16.0] * 4)}
    losses = losses_by_origin(predictions, "mae")
    found = against_winner(losses, "win", OriginTest(overlap=1, level=0.1))
    assert set(found) == {"lose"}
    assert found["lose"]["excess"] == pytest.approx(0.5)
    assert found["lose"]["excess_lower"] < 0.5 < found["lose"]["excess_upper"]
    assert found["lose"]["p_value"] < 0.001


def test_leads_are_said_with_how_sure_they_are(actuals: pd.DataFrame) -> None:
    predictions = {"win": forecast(actuals, [10.0] * 8), "lose": forecast(actuals, [14.0] * 4 + [16.0] * 4)}
    scores = {name: score(rows) for name, rows in predictions.items()}
    words = select(scores, predictions, config("win", "lose", metric="mae"), overlap=1).in_words()
    assert words[1] == "lose: loss +50% on the winner's, p = 0.000"


def test_too_few_origins_have_no_interval(actuals: pd.DataFrame) -> None:
    predictions = {"win": forecast(actuals, [10.0] * 8), "lose": forecast(actuals, [15.0] * 8)}
    losses = losses_by_origin(predictions, "mae").head(1)
    assert against_winner(losses, "win", OriginTest(overlap=4, level=0.1)) == {
        "lose": {"excess": pytest.approx(0.5), "p_value": 0.5}
    }


def test_losses_of_the_winner_are_kept_by_day(actuals: pd.DataFrame) -> None:
    predictions = {"win": forecast(actuals, [10.0] * 8)}
    selection = select({"win": score(predictions["win"])}, predictions, config("win"), overlap=1)
    assert list(selection.losses) == [str(origin.date()) for origin in ORIGINS]
    assert selection.in_words() == [f"win wins on 8 origins to {ORIGINS[-1].date()}"]
    assert selection.metrics() == {
        "winner": "win",
        "leaderboard": [{"candidate": "win", **score(predictions["win"])}],
        "against_winner": {},
    }
