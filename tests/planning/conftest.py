"""What the tests of the plan share."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixplan.config.planning import OpenDays, PlanConfig, SuppliersConfig

EVERY_DAY = OpenDays(country="DE", weekdays=(True,) * 7)
"""A plant that always works; Germany has no public holiday from the end of May to the third of October."""
ALWAYS_OPEN = SuppliersConfig(usual=EVERY_DAY)


def by_day(*origins: pd.Timestamp, weeks: int = 3, week: Sequence[float] = (0.2,) * 5 + (0.0, 0.0)) -> pd.DataFrame:
    """As of each origin all weeks sell alike; holidays or not."""
    frames = []
    for origin in origins:
        dates = pd.date_range(origin, periods=7 * weeks)
        mondays = dates - pd.to_timedelta(dates.weekday, unit="D")
        frames.append(
            pd.DataFrame({"origin": origin, "week": mondays, "date": dates, "share": np.tile(np.array(week), weeks)})
        )
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="session")
def default_yaml() -> str:
    return (Path(__file__).parents[2] / "conf" / "plan" / "default.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def config() -> PlanConfig:
    """Small round numbers: work from Monday to Friday, suppliers all week, two receipts are enough, packs of 1 kg."""
    return PlanConfig.model_validate_json(
        json.dumps(
            {
                "weeks": 2,
                "not_stocked": [],
                "use_days": 28,
                "price_purchases": 2,
                "overrides": "overrides",
                "calendar": {"country": "KR", "weekdays": [True, True, True, True, True, False, False]},
                "production": {
                    "lead_days": 0,
                    "daily_weeks": 2,
                    "rush_reserve": 0.0,
                    "lateness": {"rush": 100.0, "order": 20.0, "forecast": 1.0},
                    "solver": {
                        "cleaning_tonne_days": 1000.0,
                        "short_tonne_days": 1000.0,
                        "gap": 0.0,
                        "node_limit": 1000,
                        "time_limit_seconds": 60.0,
                    },
                    "families": {"all": {"products": ["*"], "shelf_life_days": 30}},
                    "lines": {
                        "mixer": {
                            "daily_kg": 2000.0,
                            "families": ["all"],
                            "weekday_shares": [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0],
                            "smallest_lot_kg": 1.0,
                            "largest_lot_kg": 500.0,
                            "cleaning_share": 0.1,
                        }
                    },
                },
                "lead_times": {
                    "window_days": 45,
                    "minimum_receipts": 2,
                    "default_mean_days": 2.0,
                    "default_longest_days": 4.0,
                },
                "ordering": {
                    "weekday": 0,
                    "pack_kg": 1.0,
                    "minimum_kg": 0.0,
                    "suppliers": {"usual": {"country": "KR", "weekdays": [True] * 7}},
                },
                "costs": {"holding_rate_per_year": 0.2, "order_krw": 100.0, "shortage_factor": 3.0},
                "service_levels": [0.9],
                "minimum_fill_rate": 0.5,
                "futures": 3,
                "tie_margin": 0.01,
                "simplicity": ["max_minus_mean"],
                "policies": {"max_minus_mean": {"_target_": "mixplan.planning.policies.max_minus_mean.MaxMinusMean"}},
            }
        )
    )


@pytest.fixture(scope="session")
def nothing_open() -> pd.DataFrame:
    columns = {"material_code": [], "quantity_kg": [], "expected_on": []}
    return pd.DataFrame(columns).astype(
        {"material_code": "object", "quantity_kg": "float64", "expected_on": "datetime64[ns]"}
    )


@pytest.fixture(scope="session")
def purchases() -> pd.DataFrame:
    """Purchases of three materials around the origin 2024-03-04."""
    rows = [
        # number, material, supplier, ordered kg, price, ordered, due, received, received kg, whole
        ("B1", "M1", "S2", 100.0, 1000.0, "2024-01-01", "2024-01-04", "2024-01-05", 100.0, True),
        ("B2", "M1", "S1", 100.0, 1100.0, "2024-02-01", "2024-02-04", "2024-02-09", 100.0, True),
        ("B3", "M1", "S2", 100.0, 1300.0, "2024-02-10", "2024-02-13", "2024-02-16", 40.0, False),
        ("B4", "M1", "S1", 100.0, 1500.0, "2024-03-01", "2024-03-20", "2024-03-06", 100.0, True),
        ("B5", "M2", "S3", 70.0, 900.0, "2024-02-20", "2024-02-22", None, 0.0, False),
        ("B6", "M2", "S3", 50.0, 950.0, "2024-03-04", "2024-03-08", None, 0.0, False),
        ("B7", "M2", "S3", 30.0, 910.0, "2024-02-19", "2024-02-21", "2024-03-04", 30.0, True),
        ("B8", "other", "S3", 30.0, 910.0, "2024-02-19", "2024-02-21", None, 0.0, False),
    ]
    names = ["purchase_no", "material_code", "supplier_code", "quantity_kg", "unit_price_krw"]
    names += ["ordered_on", "due_on", "received_on", "received_kg", "is_fully_received"]
    frame = pd.DataFrame(rows, columns=names)
    for name in ("ordered_on", "due_on", "received_on"):
        frame[name] = pd.to_datetime(frame[name])
    return frame


@pytest.fixture
def tables(purchases: pd.DataFrame) -> dict[str, pd.DataFrame]:
    recipes = pd.DataFrame(
        [("A", "M1", 0.5, None), ("A", "P-B", 0.5, "B"), ("B", "M2", 0.8, None), ("B", "M3", 0.2, None)],
        columns=["product", "material_code", "share", "component_product"],
    ).astype({"component_product": "object"})
    sold_on = pd.date_range("2024-01-01", "2024-03-15")
    sales = pd.DataFrame({"sold_on": sold_on, "product": ["A", "B", "A"] * 25, "quantity_kg": 30.0})
    orders = pd.DataFrame(
        {
            "order_no": ["O1"],
            "product_code": ["A-1"],
            "product": ["A"],
            "is_rush": [False],
            "quantity_kg": [900.0],
            "sold_kg": [100.0],
            "ordered_on": pd.to_datetime(["2024-03-01"]),
            "due_on": pd.to_datetime(["2024-03-14"]),
        }
    )
    stock_counts = pd.DataFrame(
        {"counted_on": pd.to_datetime(["2024-03-02"]), "material_code": ["M1"], "stock_kg": [80.0]}
    )
    products = pd.DataFrame({"product_code": ["A-1"], "region": ["S"]})
    tables = {"recipes": recipes, "products": products, "sales": sales, "orders": orders, "purchases": purchases}
    return {**tables, "stock_counts": stock_counts}


@pytest.fixture
def forecast() -> pd.DataFrame:
    weeks = pd.date_range(pd.Timestamp("2024-03-04"), periods=3, freq="7D")
    rows = [(name, week, 200.0, 100.0, 300.0) for name in ("A", "B") for week in weeks]
    return pd.DataFrame(rows, columns=["product", "week", "quantity_kg", "lower_kg", "upper_kg"])


@pytest.fixture(scope="session")
def shares() -> pd.DataFrame:
    """All is sold in one region."""
    return pd.DataFrame({"product": ["A", "B"], "region": "S", "share": 1.0})
