"""Segments on customers whose groups were planted."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from mixplan.config.customers import CustomersConfig
from mixplan.customers.behaviour import behaviour
from mixplan.customers.changes import segment_changes
from mixplan.customers.clusters import Clustering, best
from mixplan.customers.segments import MonetaryUnitError, Segments, TooFewCustomersError, find_segments

GROUPS = {"rare": (90, 3, 2e5), "steady": (12, 25, 4e6), "large": (3, 110, 6e7)}
"""recency_days, frequency and monetary (KRW) about which each group's customers lie."""
FLAT = {"products": 4, "price_level": 0.0, "seasonality": 0.3, "trend": 0.0}
"""What all customers share."""


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for group, centre in GROUPS.items():
        for number in range(12):
            recency, frequency, monetary = np.array(centre) * rng.lognormal(0.0, 0.12, 3)
            rows.append((f"{group}-{number:02}", max(round(recency), 1), max(round(frequency), 1), monetary))
    frame = pd.DataFrame(rows, columns=["customer_code", "recency_days", "frequency", "monetary"])
    return frame.assign(**FLAT, monetary_unit="KRW", at_risk=frame["customer_code"].isin(["large-00", "rare-00"]))


@pytest.fixture(scope="module")
def segments(customers: pd.DataFrame, config: CustomersConfig) -> Segments:
    return find_segments(customers, config, seed=7)


def test_finds_the_planted_groups_best_first(customers, segments):
    assigned = segments.assign(customers)
    group = assigned["customer_code"].str.split("-").str[0]
    assert dict(zip(group, assigned["segment"], strict=True)) == {"steady": 0, "rare": 1, "large": 2}
    assert assigned.groupby(group)["segment"].nunique().tolist() == [1, 1, 1]
    assert segments.metrics()["segments"] == 3.0
    assert segments.sizes == [12, 12, 12]


def test_says_in_words_what_a_segment_is_and_what_to_do(customers, segments, config):
    assert segments.names == ["Potentially loyal", "Likely to leave", "High purchasing power"]
    assigned = segments.assign(customers).set_index("customer_code")
    assert assigned.loc["large-01", "action"] == config.segments["high_purchasing_power"].action
    assert assigned.loc["rare-01", "segment_profile"] == "Likely to leave"
    assert set(assigned.loc[["large-00", "rare-00"], "action"]) == {config.at_risk_action}


@pytest.mark.parametrize("seed", range(8))
def test_retraining_swaps_no_names(customers, segments, config, seed):
    """Another seed, fewer customers and other codes number the clusters anew; every customer keeps its name."""
    rng = np.random.default_rng(seed)
    some = customers[rng.random(len(customers)) < 0.8]
    some = some.assign(customer_code=rng.permutation(some["customer_code"].to_numpy()))
    again = find_segments(some, config, seed=seed)
    assert again.assign(customers)["segment_profile"].tolist() == segments.assign(customers)["segment_profile"].tolist()


def test_who_is_gone_is_in_no_segment(customers, segments, config):
    gone = customers.head(3).assign(customer_code=["g1", "g2", "g3"], frequency=0, monetary=0.0)
    everyone = pd.concat([customers, gone], ignore_index=True)
    assert find_segments(everyone, config, seed=7) == segments
    found = segments.assign(everyone).tail(3)
    assert found["segment_profile"].tolist() == [config.gone_name] * 3
    assert found["segment"].tolist() == [3, 3, 3]


def test_silhouette_equals_its_definition(customers, segments):
    """Rousseeuw 1987: (b - a) / max(a, b), with mean distances to the own and to the nearest other segment."""
    labels = segments.assign(customers)["segment"].tolist()
    points = segments.points(customers)
    scores = []
    for i, own in enumerate(labels):
        apart: dict[int, list[float]] = {}
        for j, other in enumerate(labels):
            if i != j:
                apart.setdefault(other, []).append(math.dist(points[i], points[j]))
        mean = {label: sum(distances) / len(distances) for label, distances in apart.items()}
        a, b = mean[own], min(value for label, value in mean.items() if label != own)
        scores.append((b - a) / max(a, b))
    assert segments.tried["3"]["silhouette"] == pytest.approx(sum(scores) / len(scores))


def test_tries_every_number_and_takes_the_best(segments):
    assert set(segments.tried) == {"2", "3", "4", "5", "6", "7", "8"}
    assert max(segments.tried, key=lambda k: segments.tried[k]["silhouette"]) == "3"


def test_same_seed_and_any_order_of_rows_give_the_same_segments(customers, segments, config):
    shuffled = customers.sample(frac=1.0, random_state=5)
    assert find_segments(shuffled, config, seed=7) == segments


@pytest.mark.parametrize("factor", [1e-1, 1e3])
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


def test_metrics_are_flat_numbers(segments):
    metrics = segments.metrics()
    assert all(type(value) is float for value in metrics.values())
    assert metrics["silhouette_3"] == segments.tried["3"]["silhouette"]
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


def clustering(silhouette: float, stability: float, smallest: float) -> Clustering:
    return Clustering(np.zeros((1, 7)), silhouette, stability, smallest)


@pytest.mark.parametrize(
    ("tried", "expected"),
    [
        ({2: (0.4, 0.9, 0.4), 3: (0.5, 0.9, 0.3)}, 3),
        ({2: (0.5, 0.95, 0.4), 3: (0.4, 0.9, 0.3), 4: (0.45, 0.9, 0.2)}, 3),
        ({2: (0.5, 0.9, 0.4), 4: (0.6, 0.9, 0.2)}, 4),
        ({2: (0.4, 0.9, 0.4), 3: (0.5, 0.9, 0.3), 5: (0.8, 0.9, 0.15)}, 5),
        ({2: (0.4, 0.9, 0.4), 3: (0.5, 0.3, 0.3)}, 2),
        ({2: (0.4, 0.9, 0.4), 3: (0.5, 0.9, 0.01)}, 2),
        ({2: (0.6, 0.1, 0.4), 3: (0.5, 0.1, 0.3), 4: (0.7, 0.1, 0.2)}, 3),
    ],
    ids=[
        "silhouette",
        "as many as names",
        "equally near",
        "beyond the margin",
        "instable",
        "splinter",
        "no groups: as many as names",
    ],
)
def test_silhouette_stability_and_size_decide(config, tried, expected):
    assert best({k: clustering(*scores) for k, scores in tried.items()}, config) == expected


def test_groups_that_samples_do_not_find_again_are_said_to_be_none(customers, segments, make_config):
    """One cloud of customers, cut into three because sales has three names, is no finding; planted groups are one."""
    rng = np.random.default_rng(8)
    cloud = customers.assign(
        recency_days=np.round(20 * rng.lognormal(0.0, 0.5, len(customers))),
        frequency=np.round(30 * rng.lognormal(0.0, 0.5, len(customers))),
        monetary=1e6 * rng.lognormal(0.0, 0.5, len(customers)),
        trend=rng.normal(0.0, 0.3, len(customers)),
        seasonality=rng.uniform(0.25, 0.5, len(customers)),
        price_level=rng.normal(0.0, 0.05, len(customers)),
        products=rng.integers(2, 12, len(customers)),
    )
    found = find_segments(cloud, make_config(), seed=7)
    assert not found.is_firm
    assert found.metrics()["firm"] == 0.0
    assert len(found.sizes) == 3
    assert segments.is_firm
    assert segments.metrics()["firm"] == 1.0


def test_planted_segments_are_recovered_in_a_crowd(config):
    """Three kinds in seven noisy measures: an adjusted Rand index of at least 0.8 with what was planted."""
    from sklearn.metrics import adjusted_rand_score

    rng, kinds = np.random.default_rng(9), np.repeat([0, 1, 2], (30, 20, 25))
    centres = pd.DataFrame(
        {
            "recency_days": [10.0, 80.0, 3.0],
            "frequency": [30.0, 5.0, 110.0],
            "monetary": [5e6, 5e5, 6e7],
            "products": [5.0, 2.0, 9.0],
        }
    ).iloc[kinds]
    counted = np.maximum(np.round(centres.to_numpy() * rng.lognormal(0.0, 0.4, centres.shape)), 1.0)
    trend = np.array([0.3, -0.8, 0.1])[kinds] + rng.normal(0.0, 0.3, len(kinds))
    frame = pd.DataFrame(counted, columns=list(centres.columns)).assign(
        customer_code=[f"C{number:02}" for number in rng.permutation(len(kinds))],
        price_level=rng.normal(0.0, 0.05, len(kinds)),
        seasonality=rng.uniform(0.25, 0.45, len(kinds)),
        trend=trend,
        monetary_unit="KRW",
        at_risk=False,
    )
    found = find_segments(frame, config, seed=7)
    assigned = found.assign(frame)["segment_profile"]
    assert adjusted_rand_score(kinds, assigned) >= 0.8
    names = ["Potentially loyal", "Likely to leave", "High purchasing power"]
    assert [assigned[kinds == kind].mode()[0] for kind in range(3)] == names


def test_a_change_is_dated_and_has_its_cause(make_sales, make_config):
    """Thirteen customers order weekly; C00 falls silent in February, and is seen elsewhere than before."""
    days = pd.date_range("2023-01-02", "2024-06-24", freq="7D")
    rows = [
        (str((day + pd.Timedelta(days=customer % 3)).date()), f"C{customer:02}", "A", 1.0 + customer, 10.0)
        for customer in range(13)
        for position, day in enumerate(days)
        if (customer > 0 or day < pd.Timestamp("2024-02-01")) and (customer < 7 or position % 4 == 0)
    ]
    config, as_of = make_config(max_segments=3), pd.Timestamp("2024-07-01")
    sales = make_sales(*rows)
    segments = find_segments(behaviour(sales, as_of, config), config, seed=1)
    changes = segment_changes(sales, as_of, segments, config)
    own = changes[changes["customer_code"] == "C00"]
    assert len(own) >= 1
    (last,) = own.head(1).itertuples()
    assert last.changed_on > pd.Timestamp("2024-02-01")
    assert (
        last.after == segments.assign(behaviour(sales, as_of, config).assign(at_risk=False))["segment_profile"].iloc[0]
    )
    assert (own["before"] != own["after"]).all()
    assert own["cause"].str.contains(" to ").all()
