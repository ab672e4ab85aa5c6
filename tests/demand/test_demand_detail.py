"""Scores apart against plain loops, and that classes know nothing of the future."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mixplan.config.demand import ClassesConfig
from mixplan.demand.classes import product_classes
from mixplan.demand.detail import by_region, score_classes, score_levels
from mixplan.demand.scores import with_skill

CONFIG = ClassesConfig(volume=(0.8, 0.95), variation=(0.5, 1.0))
ORIGINS = [pd.Timestamp("2023-01-02"), pd.Timestamp("2023-02-27")]
SIZES = {"steady": 900.0, "medium": 200.0, "small": 60.0, "rare": 20.0}


@pytest.fixture(scope="module")
def history() -> pd.DataFrame:
    """Four products of different sizes; the rarest sells in one week of nine."""
    rng, weeks = np.random.default_rng(3), pd.date_range("2021-06-07", "2023-12-25", freq="W-MON")
    table = pd.DataFrame({name: size * rng.lognormal(0.0, 0.4, len(weeks)) for name, size in SIZES.items()}, weeks)
    table.loc[np.arange(len(weeks)) % 9 > 0, "rare"] = 0.0
    return table


@pytest.fixture(scope="module")
def predictions(history: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    rows = [
        (origin, product, origin + pd.Timedelta(weeks=ahead - 1), ahead)
        for origin in ORIGINS
        for product in history
        for ahead in range(1, 27)
    ]
    frame = pd.DataFrame(rows, columns=["origin", "product", "week", "horizon_weeks"])
    frame["actual_kg"] = [history.loc[week, product] for _, product, week, _ in rows]
    frame["prediction_kg"] = [SIZES[product] for _, product, _, _ in rows] * rng.lognormal(0.1, 0.3, len(rows))
    frame["lower_kg"], frame["upper_kg"] = frame["prediction_kg"] * 0.7, frame["prediction_kg"] * 1.2
    return frame.sample(frac=1.0, random_state=1)


@pytest.fixture(scope="module")
def sales(history: pd.DataFrame) -> pd.DataFrame:
    """Each week's demand as sales on its Monday and its Sunday, in regions that change over time."""
    rng, rows = np.random.default_rng(6), []
    for week, sold in history.iterrows():
        for product, quantity in sold.items():
            share = rng.uniform()
            late = ["North", "South"] if week < ORIGINS[1] else ["South", "West"]
            if quantity:
                rows.append((week, product, rng.choice(late), quantity * share))
                rows.append((week + pd.Timedelta(days=6), product, rng.choice(late), quantity * (1 - share)))
    return pd.DataFrame(rows, columns=["sold_on", "product", "region", "quantity_kg"])


def naive_classes(history: pd.DataFrame, origin: pd.Timestamp) -> dict[str, str]:
    year = [week for week in history.index if week < origin][-52:]
    volume = {name: sum(history.loc[week, name] for week in year) for name in history}
    classes, before = {}, 0.0
    for name in sorted(volume, key=lambda name: -volume[name]):
        share, before = before / sum(volume.values()), before + volume[name]
        blocks = [sum(history.loc[week, name] for week in year[start : start + 4]) for start in range(0, 52, 4)]
        mean = sum(blocks) / 13
        variation = math.sqrt(sum((block - mean) ** 2 for block in blocks) / 13) / mean
        abc = "A" if share < 0.8 else "B" if share < 0.95 else "C"
        classes[name] = abc + ("X" if variation < 0.5 else "Y" if variation < 1.0 else "Z")
    return classes


@pytest.mark.parametrize("origin", ORIGINS)
def test_classes_are_those_of_a_loop(history: pd.DataFrame, origin: pd.Timestamp) -> None:
    found = product_classes(history, origin, CONFIG)
    expected = naive_classes(history, origin)
    assert (found["abc"] + found["xyz"]).to_dict() == expected
    assert len(set(expected.values())) > 1


def test_no_class_or_scale_knows_what_came_after_the_origin(
    history: pd.DataFrame, predictions: pd.DataFrame, sales: pd.DataFrame
) -> None:
    later = history.copy()
    later.loc[later.index >= ORIGINS[0], :] = later.loc[later.index >= ORIGINS[0], ::-1].to_numpy() * 7.0
    first = predictions[predictions["origin"] == ORIGINS[0]]
    assert product_classes(later, ORIGINS[0], CONFIG).equals(product_classes(history, ORIGINS[0], CONFIG))
    assert score_levels(first, later, sales, 0.8) == score_levels(first, history, sales, 0.8)
    assert score_classes(first, later, CONFIG, 0.8) == score_classes(first, history, CONFIG, 0.8)


def test_a_product_without_sales_in_the_year_before_has_no_class(history: pd.DataFrame) -> None:
    gone = history.assign(gone=[5.0, *[0.0] * (len(history) - 1)])
    assert "gone" not in product_classes(gone, ORIGINS[0], CONFIG).index


def sums(rows: pd.DataFrame, keys: list[str]) -> list[tuple[float, float]]:
    totals: dict[Any, list[float]] = {}
    for row in rows.to_dict("records"):
        pair = totals.setdefault(tuple(row[key] for key in keys), [0.0, 0.0])
        pair[0] += row["actual_kg"]
        pair[1] += row["prediction_kg"]
    return [(actual, predicted) for actual, predicted in totals.values()]


def naive_wape(pairs: list[tuple[float, float]]) -> float:
    return sum(abs(predicted - actual) for actual, predicted in pairs) / sum(actual for actual, _ in pairs)


def in_months(predictions: pd.DataFrame) -> pd.DataFrame:
    last_weeks = (4, 8, 13, 17, 21, 26)
    return predictions.assign(month=[sum(week > last for last in last_weeks) for week in predictions["horizon_weeks"]])


def test_levels_are_those_of_a_loop(history: pd.DataFrame, predictions: pd.DataFrame, sales: pd.DataFrame) -> None:
    found, months = score_levels(predictions, history, sales, 0.8), in_months(predictions)
    for level, keys in {
        "product_week": ["origin", "product", "week"],
        "product_month": ["origin", "product", "month"],
        "total_month": ["origin", "month"],
    }.items():
        assert found[f"{level}/wape"] == pytest.approx(naive_wape(sums(months, keys)))
    scaled, losses = [], []
    for row in predictions.itertuples():
        known = history.loc[history.index < row.origin, row.product].tolist()
        changes = [abs(known[week] - known[week - 52]) for week in range(52, len(known))]
        scaled.append(abs(row.actual_kg - row.prediction_kg) * len(changes) / sum(changes))
        for quantile, end in ((0.1, row.lower_kg), (0.9, row.upper_kg)):
            above = row.actual_kg - end
            losses.append(quantile * above if above > 0 else (quantile - 1) * above)
    assert found["product_week/mase"] == pytest.approx(sum(scaled) / len(scaled))
    assert found["product_week/pinball"] == pytest.approx(sum(losses) / len(losses))


def test_products_without_a_year_of_their_own_do_not_count_in_mase(
    history: pd.DataFrame, predictions: pd.DataFrame, sales: pd.DataFrame
) -> None:
    """The year before a first sale would make a small scale of zeros, and an exact repetition none at all."""
    without_rare = score_levels(predictions[predictions["product"] != "rare"], history, sales, 0.8)["product_week/mase"]
    late, weekly = history.copy(), history.copy()
    late.loc[late.index < ORIGINS[0] - pd.Timedelta(weeks=40), "rare"] = 0.0
    weekly["rare"] = 20.0
    for changed in (late, weekly):
        assert score_levels(predictions, changed, sales, 0.8)["product_week/mase"] == pytest.approx(without_rare)
    only = predictions[predictions["product"] == "rare"]
    assert "product_week/mase" not in score_levels(only, weekly, sales, 0.8)


def test_a_product_that_was_not_sold_in_the_year_before_is_new(
    history: pd.DataFrame, predictions: pd.DataFrame
) -> None:
    unseen = history.copy()
    unseen.loc[unseen.index < ORIGINS[1], "rare"] = 0.0
    found = score_classes(predictions, unseen, CONFIG, 0.8)
    rare = predictions[predictions["product"] == "rare"]
    assert found["class_new/wape"] == pytest.approx(naive_wape(sums(in_months(rare), ["origin", "product", "month"])))


def test_regions_are_those_of_a_loop(predictions: pd.DataFrame, sales: pd.DataFrame) -> None:
    """Forecasts by the year before, actuals by the week; a region that is new since then was forecast nothing."""
    found = by_region(predictions, sales)
    assert found.groupby(["origin", "product", "week"]).size().max() <= 3
    keyed = found.set_index(["origin", "product", "week", "region"])
    assert keyed.index.is_unique
    seen = 0
    for row in predictions.itertuples():
        year = [
            sale
            for sale in sales[sales["product"] == row.product].itertuples()
            if row.origin - pd.Timedelta(days=364) <= sale.sold_on < row.origin
        ]
        total = sum(sale.quantity_kg for sale in year)
        for region in ("North", "South", "West"):
            share = sum(sale.quantity_kg for sale in year if sale.region == region) / total
            in_week = sales[
                (sales["product"] == row.product)
                & (sales["region"] == region)
                & sales["sold_on"].between(row.week, row.week + pd.Timedelta(days=6))
            ]
            if share or len(in_week):
                cell = keyed.loc[(row.origin, row.product, row.week, region)]
                assert cell["prediction_kg"] == pytest.approx(share * row.prediction_kg)
                assert cell["actual_kg"] == pytest.approx(in_week["quantity_kg"].sum())
                seen += 1
    assert seen == len(found)


def test_a_product_without_a_region_before_keeps_its_forecast(predictions: pd.DataFrame, sales: pd.DataFrame) -> None:
    found = by_region(predictions, sales[sales["product"] != "medium"])
    lost = found[found["product"] == "medium"]
    assert set(lost["region"]) == {""}
    assert found["prediction_kg"].sum() == pytest.approx(predictions["prediction_kg"].sum())


def test_class_scores_are_those_of_a_loop(
    history: pd.DataFrame, predictions: pd.DataFrame, sales: pd.DataFrame
) -> None:
    found, months = score_classes(predictions, history, CONFIG, 0.8), in_months(predictions)
    classes = {origin: naive_classes(history, origin) for origin in ORIGINS}
    letters = months.assign(letters=[classes[row.origin][row.product] for row in months.itertuples()])
    for letter in "ABCXYZ":
        part = letters[[letter in both for both in letters["letters"]]]
        assert (f"class_{letter}/wape" in found) == (len(part) > 0)
        if len(part):
            assert found[f"class_{letter}/wape"] == pytest.approx(
                naive_wape(sums(part, ["origin", "product", "month"]))
            )
            inside = [row.lower_kg <= row.actual_kg <= row.upper_kg for row in part.itertuples()]
            assert found[f"class_{letter}/coverage"] == pytest.approx(sum(inside) / len(inside))
            alone = score_levels(part, history, sales, 0.8)
            assert found[f"class_{letter}/mase"] == alone["product_week/mase"]
            assert found[f"class_{letter}/share"] == pytest.approx(part["actual_kg"].sum() / months["actual_kg"].sum())


def test_a_class_that_sold_nothing_has_no_share_to_be_wrong_by(
    history: pd.DataFrame, predictions: pd.DataFrame
) -> None:
    rare = predictions["product"] == "rare"
    quiet = predictions.assign(actual_kg=predictions["actual_kg"].mask(rare, 0.0))
    letter = product_classes(history, ORIGINS[0], CONFIG).loc["rare", "xyz"]
    assert f"class_{letter}/wape" not in score_classes(quiet, history, CONFIG, 0.8)


def test_skill_is_held_against_the_baselines_that_compete() -> None:
    scores = {name: {"wape_6m": error} for name, error in (("ridge", 0.3), ("seasonal_naive", 0.4), ("planner", 0.2))}
    expected = {"wape_6m": 0.3, "skill_seasonal_naive": 0.25, "skill_planner": -0.5}
    assert with_skill(scores)["ridge"] == pytest.approx(expected)
    assert with_skill({"ridge": {"wape_6m": 0.3}}) == {"ridge": {"wape_6m": 0.3}}


def test_limits_of_classes_are_in_order() -> None:
    with pytest.raises(ValidationError, match="must be above the first"):
        ClassesConfig(volume=(0.95, 0.8), variation=(0.5, 1.0))


def test_the_names_are_ones_that_mlflow_takes(
    history: pd.DataFrame, predictions: pd.DataFrame, sales: pd.DataFrame
) -> None:
    from mlflow.utils.validation import _validate_metric_name

    for name in score_levels(predictions, history, sales, 0.8) | score_classes(predictions, history, CONFIG, 0.8):
        _validate_metric_name(name)


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=4), st.data())
@settings(max_examples=40, deadline=None)
def test_regions_add_up_to_products_and_to_the_plant(kilograms: list[float], data: st.DataObject) -> None:
    """A law of the shares, whatever is forecast and wherever it was sold before: nothing is left to reconcile."""
    origin = pd.Timestamp("2024-01-01")
    names = [f"P{number}" for number in range(len(kilograms))]
    predictions = pd.DataFrame(
        {"origin": origin, "product": names, "week": origin, "horizon_weeks": 1, "prediction_kg": kilograms}
    )
    line = st.tuples(st.sampled_from(names), st.sampled_from("SIB"), st.integers(-20, 6), st.floats(0.1, 900.0))
    lines = data.draw(st.lists(line, min_size=1, max_size=20))
    sales = pd.DataFrame(lines, columns=["product", "region", "day", "quantity_kg"])
    sales["sold_on"] = origin + pd.to_timedelta(7 * sales["day"].clip(upper=0) + sales["day"].clip(lower=0), unit="D")
    rows = by_region(predictions, sales)
    assert (rows["prediction_kg"] >= 0).all()
    for product, expected in zip(names, kilograms, strict=True):
        of_product = rows.loc[rows["product"] == product, "prediction_kg"]
        assert math.fsum(of_product) == pytest.approx(expected, rel=1e-9)
    assert math.fsum(rows["prediction_kg"]) == pytest.approx(math.fsum(kilograms), rel=1e-9)
