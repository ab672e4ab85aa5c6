import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from mixplan.config.customers import CustomersConfig
from mixplan.config.recommend import RecommendConfig

CONF = Path(__file__).parents[2] / "conf"


@pytest.fixture(scope="session")
def make_config() -> Callable[..., RecommendConfig]:
    """The configuration as it stands in ``conf/``, with some values changed."""
    files = sorted((CONF / "recommend/candidates").glob("*.yaml"))
    candidates = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    default = yaml.safe_load((CONF / "recommend/default.yaml").read_text(encoding="utf-8"))

    def make(**changes: Any) -> RecommendConfig:
        return RecommendConfig.model_validate_json(json.dumps({**default, "candidates": candidates, **changes}))

    return make


@pytest.fixture(scope="session")
def customers() -> CustomersConfig:
    """The customers' configuration as it stands in ``conf/``."""
    values = yaml.safe_load((CONF / "customers/default.yaml").read_text(encoding="utf-8"))
    values["segments"] = yaml.safe_load((CONF / "segments.yaml").read_text(encoding="utf-8"))
    return CustomersConfig.model_validate_json(json.dumps(values))


@pytest.fixture(scope="session")
def config(make_config: Callable[..., RecommendConfig]) -> RecommendConfig:
    return make_config()


@pytest.fixture(scope="session")
def make_sales() -> Callable[..., pd.DataFrame]:
    """The mart's ``sales`` from rows of day, customer, product and kilograms."""

    def make(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
        frame = pd.DataFrame(list(rows), columns=["sold_on", "customer_code", "product", "quantity_kg"])
        return frame.assign(sold_on=pd.to_datetime(frame["sold_on"])).astype({"quantity_kg": "float64"})

    return make


@pytest.fixture(scope="session")
def checkerboard() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings of two kinds of customers who each like their own kind of product; a fifth of them held back.

    Every product is liked by half of the customers, so its mean says nothing: only who likes what else does.
    """
    rng = np.random.default_rng(11)
    rows = [
        (f"C{customer:02}", f"P{product:02}", (4.5 if customer % 2 == product % 2 else 1.5) + rng.uniform(-0.3, 0.3))
        for customer in range(24)
        for product in range(12)
    ]
    frame = pd.DataFrame(rows, columns=["customer_code", "product", "rating"])
    held_back = rng.permutation(len(frame)) < len(frame) // 5
    return frame[~held_back].reset_index(drop=True), frame[held_back].reset_index(drop=True)
