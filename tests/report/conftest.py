"""A project's folder after a run on a plant with two products: round numbers that a reader can add up."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mixplan.artifacts.files import read_json, read_parquet, write_json, write_parquet
from mixplan.planning.overrides import as_table
from mixplan.report.inputs import read_results
from mixplan.report.page import render_page

ORIGIN = pd.Timestamp("2024-07-01")
WEEK, DAY = pd.Timedelta(weeks=1), pd.Timedelta(days=1)
PLAN_WEEKS, HORIZON_WEEKS = 2, 6
Change = Callable[[Any], Any]


def _demand(candidate: str, rmse_kg: float, wape: float) -> dict[str, Any]:
    scores = {"rmse": rmse_kg, "mae": rmse_kg / 2, "wape": wape, "r2": 1 - wape, "bias": wape / 4}
    named = {f"{name}_{months}m": value for months in (3, 6) for name, value in scores.items()}
    apart = {f"{part}/{name}": value for part in ("product_week", "class_A") for name, value in scores.items()}
    return {"candidate": candidate, **named, **apart, "skill_planner": 0.375, "interval_coverage": 0.8}


def _driver(candidate: str, r2: float) -> dict[str, Any]:
    return {"candidate": candidate, "r2": r2, "rmse": 2.5, "mae": 1.5, "bias": 0.0, "coverage": 0.75}


def _rating(candidate: str, rmse: float) -> dict[str, Any]:
    return {"candidate": candidate, "rmse": rmse, "r2": 0.5, "recall_at_10": 0.625, "n_impossible": 3.0, "n": 90.0} | {
        "ndcg_at_10": 0.512,
        "coverage": 0.75,
        "novelty": 0.4,
    }


def _replay(fill_rate: float, mean_stock_kg: float, cost_krw: float) -> dict[str, float]:
    others = {"stock_out_days": 3.0, "peak_stock_kg": 2 * mean_stock_kg, "mean_stock_krw": 1.5e6, "orders": 40.0}
    others |= {"expedites": 7.0, "late_days": 11.0}
    return {"fill_rate": fill_rate, "mean_stock_kg": mean_stock_kg, "cost_krw": cost_krw, **others}


def _account(read: int, **others: Any) -> dict[str, Any]:
    empty = {"corrected": 0, "duplicates": 0, "quarantined": 0, "corrections": {}, "broken": {}}
    return {"read": read, "accepted": read, **empty, **others}


TRIED = {"silhouette": 0.5, "stability": 0.75, "smallest": 0.25}
METRICS: dict[str, Any] = {
    "demand": {
        "winner": "lightgbm",
        "leaderboard": [_demand("lightgbm", 12_300.0, 0.1234), _demand("planner", 45_600.0, 0.4321)],
        "against_winner": {"planner": {"excess": 1.5, "excess_lower": 0.25, "excess_upper": 2.75, "p_value": 0.0312}},
        "planners_own": {},
    },
    "demand_oracle": {
        "candidate": "lightgbm",
        "scores": {
            "all drivers": _demand("", 9_900.0, 0.1111),
            "weather": _demand("", 11_100.0, 0.1199),
        },
    },
    "drivers": {
        "temperature_c": {
            "scores": {"r2": 0.89, "rmse": 2.5, "mae": 1.5, "coverage": 0.75},
            "bands": {
                "1d": {"winner": "gru", "leaderboard": [_driver("gru", 0.91), _driver("climatology", 0.87)]},
                "2-42d": {"winner": "climatology", "leaderboard": [_driver("climatology", 0.86), _driver("gru", 0.85)]},
            },
        },
        "humidity_pct": {
            "scores": {"r2": 0.31, "rmse": 2.5, "mae": 1.5, "coverage": 0.75},
            "bands": {
                "1-42d": {"winner": "climatology", "leaderboard": [_driver("climatology", 0.31), _driver("gru", 0.3)]}
            },
        },
    },
    "driver_regions": {
        "temperature_c": {
            "2-42d": {"rmse": 2.5, "rmse_country": 3.0, "skill": 1 / 6},
            "1d": {"rmse": 1.5, "rmse_country": 2.0, "skill": 0.25},
        }
    },
    "driver_events": {
        "too_cold": {
            "driver": "temperature_c",
            "side": "below",
            "limit": 4.0,
            "bands": {
                "2-42d": {"share": 0.18, "brier": 0.06, "brier_usual": 0.06, "skill": 0.0, "p_value": 0.5},
                "1d": {"share": 0.17, "brier": 0.0345, "brier_usual": 0.0594, "skill": 0.43, "p_value": 0.001},
            },
        }
    },
    "recommend": {
        "winner": "knn",
        "ranking_winner": "als",
        "leaderboard": [_rating("knn", 0.555), _rating("popularity", 0.666)],
        "new_customers": {"n": 9.0, "ndcg_at_10": 0.543, "popularity_ndcg_at_10": 0.512},
        "new_products": {"n": 9.0, "hit_rate_at_10": 0.88, "chance_hit_rate_at_10": 0.46},
    },
    "customers": {"segments": 2.0, "firm": 1.0, "size_0": 2.0, "size_1": 1.0, "at_risk": 1.0}
    | {f"{name}_{k}": value for name, value in TRIED.items() for k in (2, 3)},
    "risk": {
        "definition": "At risk: half of the usual.",
        "winner": "logistic",
        "leaderboard": [
            {"candidate": "logistic", "average_precision": 0.789, "roc_auc": 0.9, "brier": 0.05, "base_rate": 0.1}
            | {"stake_share_top_10": 0.65},
            {"candidate": "overdue", "average_precision": 0.456, "roc_auc": 0.8, "brier": 0.06, "base_rate": 0.1},
        ],
        "reliability": [{"chance": 0.02, "share": 0.01, "n": 50.0}, {"chance": 0.4, "share": 0.5, "n": 50.0}],
        "worth": {
            "selection": {"coverage": 0.81, "interval": 0.8, "days": 7.0},
            "latest": {"coverage": 0.72, "interval": 0.8, "days": 1.0},
        },
    },
    "plan": {
        "winner": "forecast_cover 0.98",
        "policy": "forecast_cover",
        "service_level": 0.98,
        "leaderboard": [
            {"candidate": "forecast_cover 0.98", **_replay(0.9876, 5_000.0, 6e6)},
            {"candidate": "forecast_cover 0.9", **_replay(0.9811, 4_000.0, 7e6)},
            {"candidate": "max_minus_mean", **_replay(0.9912, 9_000.0, 9e6)},
        ],
        "forecast": "lightgbm",
        "decisions": {"forecasts": 0, "orders": 0},
        "planners_rule": _replay(0.9543, 7_000.0, 8.1e6),
        "replay_from": "2023-07-03",
        "replay_weeks": 40,
    },
    "promote": {
        "version": "c0ffee123456",
        "holdout": {
            "demand": _demand("", 13_400.0, 0.2367),
            "demand_planner": _demand("", 19_100.0, 0.3456),
            "demand_seasonal_naive": _demand("", 17_200.0, 0.2987),
            "reorder": _replay(0.9765, 5_500.0, 3e6),
            "reorder_plant_rule": _replay(0.9934, 9_500.0, 4.5e6),
            "drivers": {"temperature_c/r2": 0.777, "humidity_pct/r2": 0.222},
            "recommend": {"rmse": 0.567, "n_impossible": 4.0},
            "risk": {
                "average_precision": 0.7,
                "roc_auc": 0.8,
                "brier": 0.1,
                "base_rate": 0.2,
                "stake_share_top_10": 0.4,
            },
        },
    },
    "vintages": {
        "kept": 2,
        "scored": [
            {
                "origin": "2024-05-06",
                "data_version": "da7a00000000",
                "candidate": "lightgbm",
                "months": 1.0,
                "wape": 0.2,
                "rmse": 7_700.0,
                "bias": 0.05,
                "planners_wape": 0.25,
                "value_added": 0.2,
            }
        ],
    },
    "mart": {
        "data_version": "da7a00000001",
        "first_sale": "2022-06-27",
        "last_sale": "2024-06-30",
        "lacking_tables": ["planner_forecasts"],
        "lacking_drivers": ["snow_cm"],
        "tables": {
            "sales": _account(
                4321, accepted=4300, quarantined=7, corrected=14, broken={"unknown_region": 7}, corrections={"unit": 14}
            ),
            "planner_forecasts": _account(0),
        },
    },
}


def sales() -> pd.DataFrame:
    """Two tonnes of A every Monday, one tonne of B every Wednesday, for 105 weeks."""
    mondays = pd.date_range(end=ORIGIN - WEEK, periods=105, freq="W-MON")
    rows = pd.DataFrame(
        {
            "sold_on": [*mondays, *(mondays + 2 * DAY)],
            "customer_code": "C1",
            "product_code": "P1",
            "product": ["A"] * 105 + ["B"] * 105,
            "region": "서울",
            "quantity_kg": [2000.0] * 105 + [1000.0] * 105,
            "unit_price_krw": 500.0,
        }
    )
    return _traced(rows)


def predictions(origin: pd.Timestamp, weeks: int) -> pd.DataFrame:
    """1.6 t of A and 0.8 t of B a week."""
    rows = [
        {"origin": origin, "product": product, "week": origin + (h - 1) * WEEK, "horizon_weeks": h, "prediction_kg": kg}
        for product, kg in (("A", 1600.0), ("B", 800.0))
        for h in range(1, weeks + 1)
    ]
    return pd.DataFrame(rows).assign(lower_kg=0.0, upper_kg=9e9)


def backtest() -> pd.DataFrame:
    """Three origins whose windows overlap; what was sold, and forecasts that grow from one to the next."""
    parts = [predictions(ORIGIN - k * WEEK, HORIZON_WEEKS).assign(extra_kg=100.0 * (14 - k)) for k in (14, 10, 6)]
    rows = pd.concat(parts, ignore_index=True)
    rows["prediction_kg"] += rows.pop("extra_kg")
    return rows.assign(actual_kg=rows["product"].map({"A": 2000.0, "B": 1000.0}))


def _traced(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(source_file="made/here.csv", source_line=range(2, len(rows) + 2))


def _orders() -> pd.DataFrame:
    """Three in the first week, of which one has no price and two are late, and four in the second."""
    count = 7
    return pd.DataFrame(
        {
            "order_on": [ORIGIN] * 3 + [ORIGIN + WEEK] * 4,
            "material_code": [f"M{position}" for position in range(count)],
            "quantity_kg": [1000.0 * (position + 1) for position in range(count)],
            "needed_on": ORIGIN + DAY,
            "expected_on": [ORIGIN + 3 * DAY] * 3 + [ORIGIN + WEEK + 3 * DAY] * 4,
            "expedite": [True, True, False, True, False, False, False],
            "unit_price_krw": [1000.0, 2000.0, None, 9e9, 9e9, 9e9, 9e9],
            "supplier_code": ["S"] * 6 + [""],
            "lead_time_days": [1] + [3] * 6,
            "lead_time_source": ["9 receipts from S"] * 6 + ["default, as only 2 receipts in all"],
            "stock_source": "counted 2024-06-30",
            "reason": [f"covers reason {position}: use 9 t" + " and more" * 20 for position in range(count)],
        }
    )


def _stock() -> pd.DataFrame:
    """M1 is used most; M0 was never counted."""
    days = pd.date_range(ORIGIN, periods=7 * PLAN_WEEKS)
    parts = [
        pd.DataFrame(
            {
                "date": days,
                "material_code": material,
                "receipts_kg": [5000.0 if day == ORIGIN + 3 * DAY else 0.0 for day in days],
                "requirement_kg": use_kg,
                "closing_kg": 9000.0 - use_kg,
                "stock_source": source,
            }
        )
        for material, use_kg, source in (("M0", 100.0, "assumed"), ("M1", 700.0, "counted 2024-06-30"))
    ]
    return pd.concat(parts, ignore_index=True)


def _bands() -> pd.DataFrame:
    """Half a tonne around the stock; on the third day one of eight futures lacks some of M1."""
    stock = _stock()
    is_worst = (stock["date"] == ORIGIN + 2 * DAY) & (stock["material_code"] == "M1")
    bands = {"lower_kg": stock["closing_kg"] - 500.0, "upper_kg": stock["closing_kg"] + 500.0}
    return stock[["date", "material_code"]].assign(**bands, short_share=0.125 * is_worst)


def _customers() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_code": ["C1", "C2", "C3"],
            "recency_days": [2, 3, 90],
            "frequency": [50, 9, 0],
            "monetary": [30e6, 2e6, 0.0],
            "monetary_unit": "KRW",
            "mean_interval_days": [7.0, 30.0, 12.5],
            "overdue_ratio": [0.3, 0.1, 7.2],
            "at_risk": [False, False, True],
            "chance": [0.01, 0.02, 0.875],
            "reason": ["keeps its rhythm", "keeps its rhythm", "last order 90 days ago"],
            "worth_low": [20e6, 1e6, 0.0],
            "worth_middle": [30e6, 2e6, 1e6],
            "worth_high": [40e6, 3e6, 2e6],
            "segment": [0, 1, 1],
            "segment_profile": ["high value, frequent, recent"] + ["low value, infrequent, not recent"] * 2,
            "action": ["Agree on volumes.", "Keep in touch.", "Call them."],
        }
    )


def _drivers(first: pd.Timestamp, weeks: int) -> pd.DataFrame:
    week = pd.date_range(first, periods=weeks, freq="W-MON")
    return pd.DataFrame({"week": week, "temperature_c": [15.0 + h % 9 for h in range(weeks)], "humidity_pct": 60.0})


def _deviation() -> pd.DataFrame:
    """Temperature errs by half a degree more each week, humidity always by 5 %."""
    weeks = range(1, HORIZON_WEEKS + 1)
    temperature = pd.DataFrame({"weeks_ahead": weeks, "deviation": [week / 2 for week in weeks]})
    humidity = temperature.assign(deviation=5.0)
    return pd.concat([temperature.assign(driver="temperature_c"), humidity.assign(driver="humidity_pct")])


def write_root(folder: Path) -> Path:
    """Write everything that the report reads."""
    names = pd.DataFrame({"customer_code": ["C1", "C2", "C3"], "customer_name": ["한빛건설", "", "Gamma Ltd"]})
    materials = pd.DataFrame({"material_code": ["M0", "M1"], "material_name": ["사용수", "Lignin"]})
    ahead, later = _drivers(ORIGIN, HORIZON_WEEKS), _drivers(ORIGIN - 52 * WEEK, HORIZON_WEEKS)
    tables = {
        "data/mart/sales/all": sales(),
        "data/mart/customers/all": _traced(names),
        "data/mart/materials/all": _traced(materials),
        "data/forecasts/demand/products": predictions(ORIGIN, HORIZON_WEEKS),
        "data/forecasts/demand/explanation": pd.DataFrame(
            {
                "product": "A",
                "month": [1, 1, 2, 2],
                "part": ["level", "growth"] * 2,
                "contribution_kg": [30_000.0, -5_000.0, 32_000.0, 1_000.0],
            }
        ),
        "data/forecasts/drivers/observed": _drivers(ORIGIN - 105 * WEEK, 105),
        "data/forecasts/drivers/weekly": pd.concat(
            [later.assign(origin=ORIGIN - 52 * WEEK), ahead.assign(origin=ORIGIN)]
        ),
        "data/forecasts/drivers/weekly_deviation": _deviation(),
        "data/forecasts/drivers/event_days": ahead.assign(origin=ORIGIN, too_cold=0.25)[["origin", "week", "too_cold"]],
        "data/plan/purchase_orders": _orders(),
        "data/plan/unplanned": pd.DataFrame({"kind": [], "code": [], "quantity_kg": [], "reason": []}),
        "data/plan/production_lots": pd.DataFrame(
            {
                "line": "mixer_1",
                "product": ["A", "B"],
                "family": ["high_range", "special"],
                "made_on": ORIGIN,
                "quantity_kg": [3000.0, 1800.0],
                "serves": ["3.0 t for order SR1", "1.8 t for forecast 2024-07-01"],
            }
        ),
        "data/plan/production_searches": pd.DataFrame(
            {"search": ["families: lateness"], "value": [0.0], "gap": [0.0125], "ended": ["optimal"]}
        ),
        "data/plan/overrides": as_table([]),
        "data/plan/projected_stock": _stock(),
        "data/plan/stock_bands": _bands(),
        "data/plan/policy": pd.DataFrame(
            {"material_code": ["M0", "M1"], "reorder_point_kg": [1.0, 8800.0], "safety_stock_kg": [0.5, 4400.0]}
        ),
        "data/customers": _customers(),
        "data/segment_changes": pd.DataFrame(
            {
                "customer_code": ["C3"],
                "changed_on": [ORIGIN],
                "before": ["Potentially loyal"],
                "after": ["Likely to leave"],
                "cause": ["order days in the window: 9 to 0"],
            }
        ),
        "predictions/demand/lightgbm": backtest(),
    }
    for name, frame in tables.items():
        write_parquet(folder / f"{name}.parquet", frame)
    for name, content in METRICS.items():
        write_json(folder / f"metrics/{name}.json", content)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder; a test may change what is in it."""
    return write_root(tmp_path)


@pytest.fixture(scope="session")
def usual_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of the folder as it is."""
    return render_page(read_results(write_root(tmp_path_factory.mktemp("usual"))), 0.8)


@pytest.fixture
def change_json(root: Path) -> Callable[[str, Change], None]:
    """Rewrite a file of metrics by its name."""

    def change(name: str, edit: Change) -> None:
        path = root / f"metrics/{name}.json"
        write_json(path, edit(read_json(path)))

    return change


@pytest.fixture
def change_table(root: Path) -> Callable[[str, Change], None]:
    """Rewrite a table by its name below ``data/``."""

    def change(name: str, edit: Change) -> None:
        path = root / f"data/{name}.parquet"
        write_parquet(path, edit(read_parquet(path)))

    return change
