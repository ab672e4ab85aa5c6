"""Segments on customers whose groups were planted."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mixplan.config.customers import CustomersConfig
from mixplan.customers.segments import MonetaryUnitError, Segments, TooFewCustomersError, find_segments

GROUPS = {"rare": (90, 3, 2e5), "steady": (12, 25, 4e6), "large": (3, 110, 6e7)}
"""recency_days, frequency and monetary (KRW) about which each group's customers lie."""
MEASURES = ["recency_days", "frequency", "monetary"]


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for group, centre in GROUPS.items():
        for number in range(12):
            recency, frequency, monetary = np.array(centre) * rng.lognormal(0.0, 0.12, 3)
            rows.append((f"{group}-{number:02}", max(round(recency), 1), max(round(frequency), 1), monetary))
    frame = pd.DataFrame(rows, columns=["customer_code", *MEASURES])
    return frame.assign(monetary_unit="KRW", at_risk=frame["customer_code"].isin(["large-00", "rare-00"]))


@pytest.fixture(scope="module")
def segments(customers: pd.DataFrame, config: CustomersConfig) -> Segments:
    return find_segments(customers, config, seed=7)


def test_finds_the_planted_groups_best_first(customers, segments):
    assigned = segments.assign(customers)
    group = assigned["customer_code"].str.split("-").str[0]
    assert dict(zip(group, assigned["segment"], strict=True)) == {"large": 0, "steady": 1, "rare": 2}
    assert assigned.groupby(group)["segment"].nunique().tolist() == [1, 1, 1]
    assert segments.metrics()["segments"] == 3.0
    assert segments.sizes == [12, 12, 12]


def test_says_in_words_what_a_segment_is_and_what_to_do(customers, segments, config):
    assert segments.profiles[0] == "high value, frequent, recent"
    assert segments.profiles[2] == "low value, infrequent, not recent"
    assigned = segments.assign(customers).set_index("customer_code")
    assert assigned.loc["large-01", "action"] == config.actions.high_value
    assert assigned.loc["rare-01", "action"] == config.actions.low_value
    assert set(assigned.loc[["large-00", "rare-00"], "action"]) == {config.actions.at_risk}


def test_assigns_the_nearest_centroid(customers, segments):
    """Naive loop over customers and centroids."""
    expected = []
    for row in customers.itertuples():
        point = [
            (math.log(1 + getattr(row, name)) - mean) / scale
            for name, mean, scale in zip(MEASURES, segments.means, segments.scales, strict=True)
        ]
        distances = [math.dist(point, centroid) for centroid in segments.centroids]
        expected.append(distances.index(min(distances)))
    assert segments.assign(customers)["segment"].tolist() == expected


def test_standardises_to_mean_zero_and_deviation_one(customers, segments):
    for name, mean, scale in zip(MEASURES, segments.means, segments.scales, strict=True):
        logged = [math.log(1 + value) for value in customers[name]]
        assert mean == pytest.approx(sum(logged) / len(logged))
        assert scale == pytest.approx(math.sqrt(sum((value - mean) ** 2 for value in logged) / len(logged)))


def test_silhouette_equals_its_definition(customers, segments):
    """Rousseeuw 1987: (b - a) / max(a, b), with mean distances to the own and to the nearest other segment."""
    labels = segments.assign(customers)["segment"].tolist()
    logged = np.log1p(customers[MEASURES].to_numpy(dtype=float))
    points = (logged - segments.means) / segments.scales
    scores = []
    for i, own in enumerate(labels):
        apart: dict[int, list[float]] = {}
        for j, other in enumerate(labels):
            if i != j:
                apart.setdefault(other, []).append(math.dist(points[i], points[j]))
        mean = {label: sum(distances) / len(distances) for label, distances in apart.items()}
        a, b = mean[own], min(value for label, value in mean.items() if label != own)
        scores.append((b - a) / max(a, b))
    assert segments.silhouettes["3"] == pytest.approx(sum(scores) / len(scores))


def test_tries_every_number_and_takes_the_best(segments):
    assert set(segments.silhouettes) == {"2", "3", "4", "5", "6", "7", "8"}
    assert max(segments.silhouettes, key=lambda k: segments.silhouettes[k]) == "3"


def test_fewer_segments_win_a_tie(customers, make_config: Callable[..., CustomersConfig]):
    assert len(find_segments(customers, make_config(silhouette_margin=0.99), seed=7).sizes) == 2


def test_segment_numbers_fall_with_value(customers, make_config: Callable[..., CustomersConfig]):
    found = find_segments(customers, make_config(min_segments=6, max_segments=6), seed=1)
    values = [centroid[2] for centroid in found.centroids]
    assert len(values) == 6
    assert values == sorted(values, reverse=True)


def test_same_seed_and_any_order_of_rows_give_the_same_segments(customers, segments, config):
    shuffled = customers.sample(frac=1.0, random_state=5)
    assert find_segments(shuffled, config, seed=7) == segments


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_another_currency_unit_changes_no_assignment(customers, segments, config, factor):
    scaled = customers.assign(monetary=customers["monetary"] * factor)
    again = find_segments(scaled, config, seed=7).assign(scaled)
    assert again["segment"].tolist() == segments.assign(customers)["segment"].tolist()


def test_input_is_not_changed(customers, config):
    copy = customers.copy(deep=True)
    find_segments(customers, config, seed=7).assign(customers)
    pd.testing.assert_frame_equal(customers, copy)


def test_survives_saving_byte_for_byte(tmp_path, customers, segments, config):
    segments.save(tmp_path / "segments.json")
    loaded = Segments.load(tmp_path / "segments.json")
    assert loaded == segments
    pd.testing.assert_frame_equal(loaded.assign(customers), segments.assign(customers))
    find_segments(customers, config, seed=7).save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "segments.json").read_bytes()


def test_measure_that_does_not_vary_is_harmless(customers, config):
    flat = customers.assign(frequency=5)
    found = find_segments(flat, config, seed=7)
    assert all(math.isfinite(value) for centroid in found.centroids for value in centroid)
    assert all("typical frequency" in profile for profile in found.profiles)


def test_metrics_are_flat_numbers(segments):
    metrics = segments.metrics()
    assert all(type(value) is float for value in metrics.values())
    assert metrics["silhouette_3"] == segments.silhouettes["3"]
    assert [metrics[f"size_{segment}"] for segment in range(3)] == [12.0, 12.0, 12.0]


def test_too_few_different_customers_is_an_error(customers, config):
    few = pd.concat([customers.head(8), customers.head(4)])
    with pytest.raises(TooFewCustomersError, match="8 with different behaviour are too few to try 8 segments"):
        find_segments(few, config, seed=7)
    assert find_segments(customers.head(9), config, seed=7).sizes


def test_another_monetary_unit_is_an_error(customers, segments):
    in_kg = dataclasses.replace(segments, monetary_unit="kg")
    with pytest.raises(MonetaryUnitError, match="values are in KRW, the segments in kg"):
        in_kg.assign(customers)
