import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from mixplan.config.customers import CustomersConfig
from mixplan.config.risk import RiskConfig

CONF = Path(__file__).parents[2] / "conf"


@pytest.fixture(scope="session")
def make_config() -> Callable[..., CustomersConfig]:
    """The configuration as it stands in ``conf/``, with some values changed."""

    def make(**changes: Any) -> CustomersConfig:
        values = yaml.safe_load((CONF / "customers/default.yaml").read_text(encoding="utf-8"))
        values["segments"] = yaml.safe_load((CONF / "segments.yaml").read_text(encoding="utf-8"))
        return CustomersConfig.model_validate_json(json.dumps({**values, **changes}))

    return make


@pytest.fixture(scope="session")
def config(make_config: Callable[..., CustomersConfig]) -> CustomersConfig:
    return make_config()


@pytest.fixture(scope="session")
def risk_config() -> RiskConfig:
    values = yaml.safe_load((CONF / "risk/default.yaml").read_text(encoding="utf-8"))
    files = sorted((CONF / "risk/candidates").glob("*.yaml"))
    values["candidates"] = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    return RiskConfig.model_validate_json(json.dumps(values))


@pytest.fixture(scope="session")
def make_sales() -> Callable[..., pd.DataFrame]:
    """The mart's ``sales`` from rows of day, customer, product, kilograms and price."""

    def make(*rows: tuple[str, str, str, float, float]) -> pd.DataFrame:
        columns = ["sold_on", "customer_code", "product", "quantity_kg", "unit_price_krw"]
        frame = pd.DataFrame(list(rows), columns=columns)
        return frame.assign(sold_on=pd.to_datetime(frame["sold_on"])).astype(
            {"quantity_kg": "float64", "unit_price_krw": "float64"}
        )

    return make
