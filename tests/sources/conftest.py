"""A small simulated plant and the size that the sample source has by default; and a way to write exports."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample import Catalogue, Plant, load_catalogue, simulate

ROOT = Path(__file__).parents[2]
SMALL = {
    "first_day": "2021-01-01",
    "last_day": "2023-12-31",
    "order_lines_per_year": 300,
    "products": 8,
    "product_codes": 40,
    "customers": 12,
    "regions": 4,
    "contract_months": 12,
    "stock_count_months": 12,
}


def simulation(**changes: Any) -> SimulationConfig:
    """The configuration of the sample source with some values changed; those of a group as a dictionary."""
    source = yaml.safe_load((ROOT / "conf/source/sample.yaml").read_text(encoding="utf-8"))["simulation"]
    groups = {name: source[name] | value for name, value in changes.items() if isinstance(value, dict)}
    return SimulationConfig.model_validate_json(json.dumps(source | changes | groups))


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT / "src/mixplan/sources/sample/plant.yaml")


@pytest.fixture(scope="session")
def small_config() -> SimulationConfig:
    return simulation(**SMALL)


@pytest.fixture(scope="session")
def small_plant(small_config: SimulationConfig, catalogue: Catalogue) -> Plant:
    return simulate(small_config, catalogue, seed=5)


@pytest.fixture(scope="session")
def full_config() -> SimulationConfig:
    return simulation()


@pytest.fixture(scope="session")
def full_plant(full_config: SimulationConfig, catalogue: Catalogue) -> Plant:
    return simulate(full_config, catalogue, seed=5)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file below the test's folder, text or bytes."""

    def written(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
        return path

    return written
