"""A champion of a plant with four products, small enough to be made in a second."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
import yaml
from starlette.testclient import TestClient

from mixplan.artifacts.champion import Winner, write_manifest
from mixplan.artifacts.files import write_json, write_parquet
from mixplan.config.demand import DemandCandidate, Planner, Ridge
from mixplan.config.evaluation import EvaluationConfig
from mixplan.config.planning import OpenDays, OrderingConfig, SuppliersConfig
from mixplan.config.recommend import Popularity, RecommendConfig
from mixplan.demand.backtest import fit_at
from mixplan.demand.explain import explain
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.model import DemandModel
from mixplan.evaluation.origins import Origins
from mixplan.recommend.model import new_recommender
from mixplan.recommend.shelf import Plant as ShelfTables
from mixplan.recommend.shelf import shelf_of

CONF = Path(__file__).parents[2] / "conf"
HERE = "http://127.0.0.1:3000"
"""Where requests need no key."""
ORIGIN = pd.Timestamp("2024-07-01")
WEEK = pd.Timedelta(weeks=1)
GRID = pd.date_range(end=ORIGIN, periods=6, freq="13W-MON")
EVALUATION = EvaluationConfig(
    horizon_weeks=26,
    grid_weeks=13,
    training_step_weeks=13,
    selection_step_weeks=26,
    selection_origins=1,
    holdout_weeks=26,
    minimum_history_weeks=54,
)
ORDERING = OrderingConfig(
    weekday=0,
    pack_kg=50,
    minimum_kg=100,
    suppliers=SuppliersConfig(usual=OpenDays(country="KR", weekdays=(True,) * 7)),
)
CALENDAR = OpenDays(country="KR", weekdays=(True,) * 6 + (False,))


class Plant(NamedTuple):
    """What the champion was made of."""

    folder: Path
    builder: FeatureBuilder
    models: dict[str, DemandModel]
    """Fitted, by candidate."""
    shares: pd.DataFrame
    requirements: pd.DataFrame
    policy: pd.DataFrame

    def version(self, task: str) -> str:
        """As its manifest has it, read without mixplan."""
        return str(json.loads((self.folder / "manifest.json").read_text())["tasks"][task]["version"])


def _tables() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Weekly demand that grows with temperature, what was forecast of it, rightly up to the origin, and how it came."""
    weeks = pd.date_range(end=ORIGIN - WEEK, periods=130, freq="W-MON", name="week")
    rng = np.random.default_rng(5)
    season = 1 + 0.3 * np.sin(2 * np.pi * weeks.dayofyear.to_numpy() / 365.25)
    warmer = rng.normal(0, 3, 130)
    usual = season * (1 + 0.05 * warmer)
    levels = {"grout": 9000.0, "paste": 4000.0, "retired": 500.0, "선행제": 1500.0}
    history = pd.DataFrame({name: level * usual * rng.uniform(0.8, 1.2, 130) for name, level in levels.items()}, weeks)
    history.loc[ORIGIN - 60 * WEEK :, "retired"] = 0.0
    observed = pd.DataFrame({"week": weeks, "temperature_c": 12 + 10 * season + warmer})
    came = observed.set_index("week")["temperature_c"]
    drivers = pd.DataFrame(
        [
            (origin, week, came.get(week, 12.0 + ahead))
            for origin in GRID
            for ahead, week in enumerate(pd.date_range(origin, periods=26, freq=WEEK))
        ],
        columns=["origin", "week", "temperature_c"],
    )
    return history.rename_axis(columns="product"), drivers, observed


def _purchases(history: pd.DataFrame) -> pd.DataFrame:
    """Two customers share the demand; the one that bought three quarters of the paste has left ten weeks ago."""
    long = history.reset_index().melt("week", value_name="quantity_kg")
    left = (long["product"] == "paste") & (long["week"] < ORIGIN - 10 * WEEK)
    share = left * 0.75
    both = {"stays": long["quantity_kg"] * (1 - share), "left": long["quantity_kg"] * share}
    purchases = pd.concat([long.assign(customer_code=name, quantity_kg=kg) for name, kg in both.items()])
    return purchases[purchases["quantity_kg"] > 0].reset_index(drop=True)


def _fitted(candidate: DemandCandidate, builder: FeatureBuilder) -> DemandModel:
    origins = Origins(grid=GRID, selection=GRID[:0], holdout=ORIGIN - 26 * WEEK, final=ORIGIN)
    return fit_at(ORIGIN, builder, candidate, origins, EVALUATION, interval=0.8, seed=1)


def _write_demand(folder: Path, model: DemandModel, builder: FeatureBuilder, *tables: pd.DataFrame) -> None:
    model.save(folder / "model")
    history, drivers, observed, shares = tables
    recipes = {"product": ["grout", "paste"], "material_code": "SR1", "share": 1.0}
    write_parquet(folder / "recipes.parquet", pd.DataFrame(recipes))
    write_parquet(folder / "explanation.parquet", explain(model, builder.rows(ORIGIN, 26)))
    write_parquet(folder / "history.parquet", history.reset_index().melt("week", value_name="quantity_kg"))
    write_parquet(folder / "purchases.parquet", builder.purchases)
    write_parquet(folder / "drivers.parquet", drivers[drivers["origin"] == ORIGIN])
    write_parquet(folder / "observed.parquet", observed)
    write_parquet(folder / "shares.parquet", shares)
    write_json(folder / "context.json", {"origin": "2024-07-01", "horizon_weeks": 26, "country": "KR"})


def _write_recommend(folder: Path) -> None:
    rows = [("1000100", "grout", 5.0), ("1000100", "paste", 3.0), ("1000200", "grout", 4.0), ("1000200", "선행제", 2.0)]
    ratings = pd.DataFrame(rows, columns=["customer_code", "product", "rating"])
    candidate = Popularity(target="mixplan.recommend.popularity.Popularity", damping=0.0)
    new_recommender(candidate, seed=1).fit(ratings).save(folder / "model")
    days = pd.to_datetime(
        ["2024-05-06", "2024-05-20", "2024-06-03", "2024-06-03", "2024-05-06", "2024-06-03", "2024-06-03"]
    )
    sales = pd.DataFrame(
        {
            "sold_on": days,
            "customer_code": ["1000100"] * 4 + ["1000200"] * 3,
            "product": ["grout", "grout", "grout", "paste", "grout", "grout", "선행제"],
            "region": ["서울"] * 4 + ["부산광역시"] * 3,
            "quantity_kg": 1000.0,
            "unit_price_krw": [900.0, 900.0, 900.0, 700.0, 900.0, 900.0, 500.0],
        }
    )
    products = pd.DataFrame({"product": ["grout", "paste", "선행제", "novelty"], "brand": ["G", "P", "S", "G"]})
    recipes = {"product": ["grout", "paste", "novelty"], "material_code": ["SR1", "SR2", "SR1"], "share": 1.0}
    counts = pd.DataFrame({"counted_on": [ORIGIN - WEEK], "material_code": ["SR1"], "stock_kg": [1e6]})
    registered = pd.DataFrame({"customer_code": ["1000100", "1000200", "1000300"]})
    plant = ShelfTables(sales, products, pd.DataFrame(recipes).assign(component_product=None), counts, registered)
    config = _recommend_config()
    prefers = pd.Series({"1000100": "often_bought"})
    shelf_of(plant, prefers, ORIGIN, config).save(folder / "shelf")
    write_json(folder / "rerank.json", config.rerank.model_dump(mode="json"))


def _recommend_config() -> RecommendConfig:
    values = yaml.safe_load((CONF / "recommend/default.yaml").read_text(encoding="utf-8"))
    return RecommendConfig.model_validate_json(json.dumps({**values, "candidates": {}, "search": {}}))


def _write_customers(folder: Path) -> None:
    customers = {
        "customer_code": ["1000100", "1000200"],
        "recency_days": [40, 3],
        "frequency": [1, 17],
        "monetary": [1.5e6, 9.5e7],
        "monetary_unit": "KRW",
        "products": [1, 5],
        "mean_interval_days": [float("nan"), 2.5],
        "overdue_ratio": [float("nan"), 1.2],
        "at_risk": [False, False],
        "chance": [float("nan"), 0.02],
        "reason": [None, "keeps its rhythm"],
        "worth_low": [float("nan"), 6.0e7],
        "worth_middle": [float("nan"), 9.0e7],
        "worth_high": [float("nan"), 1.2e8],
        "segment": [1, 0],
        "segment_profile": ["Likely to leave", "High purchasing power"],
        "action": ["Keep in touch by mail.", "Thank them."],
    }
    write_parquet(folder / "customers.parquet", pd.DataFrame(customers))
    (folder / "card.md").write_text("# customers: small\n", encoding="utf-8")


def _materials() -> tuple[pd.DataFrame, pd.DataFrame]:
    days = pd.date_range(ORIGIN, periods=28)
    needs = {"SR1": 100.0, "SR2": 10.0, "SR3": 1.0}
    requirements = pd.concat(
        [pd.DataFrame({"date": days, "material_code": code, "requirement_kg": kg}) for code, kg in needs.items()],
        ignore_index=True,
    )
    policy = pd.DataFrame(
        {
            "material_code": list(needs),
            "mean_lead_time_days": [3.0, 7.0, 7.0],
            "safety_stock_kg": [200.0, 20.0, 2.0],
            "reorder_point_kg": [500.0, 90.0, 9.0],
            "order_up_to_kg": float("nan"),
            "unit_price_krw": [1480.0, 620.0, float("nan")],
            "supplier_code": ["3001300", "3001200", ""],
            "lead_time_source": [
                "9 receipts from 3001300",
                "8 receipts from 3001200",
                "default, as only 2 receipts in all",
            ],
        }
    )
    return requirements, policy


@pytest.fixture(scope="session")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    folder = tmp_path_factory.mktemp("models") / "champion"
    history, drivers, observed = _tables()
    builder = FeatureBuilder(history, drivers, observed, "KR", purchases=_purchases(history))
    ridge: DemandCandidate = Ridge(target="mixplan.demand.linear.ridge", alpha=1.0)
    planner: DemandCandidate = Planner(target="mixplan.demand.baselines.Planner")
    models = {"ridge": _fitted(ridge, builder), "planner": _fitted(planner, builder)}
    shares = pd.DataFrame(
        {
            "product": ["grout", "grout", "paste", "선행제"],
            "region": ["부산광역시", "서울", "서울", "서울"],
            "share": [0.25, 0.75, 1.0, 1.0],
        }
    )
    requirements, policy = _materials()
    _write_demand(folder / "demand", models["ridge"], builder, history, drivers, observed, shares)
    write_parquet(folder / "reorder" / "policy.parquet", policy)
    write_parquet(folder / "reorder" / "requirements.parquet", requirements)
    context = {
        "start": "2024-07-01",
        "policy": "forecast_cover",
        "ordering": ORDERING.model_dump(mode="json"),
        "calendar": CALENDAR.model_dump(mode="json"),
    }
    write_json(folder / "reorder" / "context.json", context)
    _write_recommend(folder / "recommend")
    _write_customers(folder / "customers")
    _promote(folder)
    return Plant(folder, builder, models, shares, requirements, policy)


def _promote(folder: Path) -> None:
    winners = {
        task: Winner(candidate="small", metrics={"rmse": 1.0}, chosen_by={})
        for task in ("demand", "reorder", "recommend", "customers")
    }
    write_manifest(folder, data_version="sample", winners=winners)


@pytest.fixture(scope="session")
def planner_plant(plant: Plant, tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """The same plant where the planner's rule of thumb won, and forecasts only 13 weeks."""
    folder = tmp_path_factory.mktemp("planner") / "champion"
    shutil.copytree(plant.folder, folder)
    shutil.rmtree(folder / "demand" / "model")
    plant.models["planner"].save(folder / "demand" / "model")
    write_json(folder / "demand" / "context.json", {"origin": "2024-07-01", "horizon_weeks": 13, "country": "KR"})
    _promote(folder)
    return plant._replace(folder=folder)


@pytest.fixture
def champion(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> Plant:
    """The plant, where services look for their champion."""
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(plant.folder))
    return plant


@pytest.fixture(scope="session")
def client(plant: Plant) -> Iterator[TestClient]:
    """HTTP without a server; it lasts for all tests, so it must not look where single tests put their champions."""
    from serving.live import Live
    from serving.service import Mixplan

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXPLAN_CHAMPION", str(plant.folder))
        with pytest.MonkeyPatch.context() as start:
            start.setattr(Live, "watch", lambda _: None)
            http = TestClient(Mixplan.to_asgi(), base_url=HERE)  # type: ignore[attr-defined]
            http.__enter__()
        yield http
        with pytest.MonkeyPatch.context() as end:
            end.setattr(Live, "stop", lambda _: None)
            http.__exit__(None, None, None)
