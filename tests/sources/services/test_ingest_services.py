"""Both services as parts of the raw folder."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from mixplan.artifacts.files import sha256_of
from mixplan.config.services import ServicesConfig
from mixplan.config.source import RAW_TABLES
from mixplan.sources.services import ingest_services

from .conftest import TODAY, FakePortal, FakeStations, FakeTime, construction_config, every_day, weather_config


def services(asos: FakeStations, portal: FakePortal) -> ServicesConfig:
    asos.report("108", date(2024, 4, 9), "9.0", "50.0")
    for day in every_day("2024-03-20", "2024-03-28"):
        asos.report("108", day, "1.5", "40.1")
    portal.starts = {"202309": "100", "202310": "200", "202403": "300"}
    return ServicesConfig(
        first_day=date(2023, 9, 1), weather=weather_config(asos.url), construction=construction_config(portal.url)
    )


def test_only_what_no_longer_changes_is_taken(
    asos: FakeStations, portal: FakePortal, time: FakeTime, environment: dict[str, str], tmp_path: Path
) -> None:
    config = services(asos, portal)
    rows = ingest_services(config, tmp_path / "raw", TODAY, tmp_path / "cache", environment, time.clock)
    weather, construction = (pq.read_table(tmp_path / f"raw/{table}/all.parquet") for table in config.tables)
    assert weather.column_names == [*RAW_TABLES["weather"], "source_file", "source_line"]
    assert weather["date"].to_pylist() == [str(day) for day in every_day("2024-03-20", "2024-03-26")]
    assert construction["month"].to_pylist() == ["2023-09"]
    assert rows == {"weather": 7, "construction": 1}


def test_asking_again_writes_the_same_bytes_and_asks_nothing(
    asos: FakeStations, portal: FakePortal, time: FakeTime, environment: dict[str, str], tmp_path: Path
) -> None:
    config = services(asos, portal)
    for name in ("one", "two"):
        ingest_services(config, tmp_path / name, TODAY, tmp_path / "cache", environment, time.clock)
        environment = {}
    assert sha256_of(tmp_path / "one") == sha256_of(tmp_path / "two")


def test_a_table_without_a_service_is_left_to_the_source(
    asos: FakeStations, portal: FakePortal, time: FakeTime, environment: dict[str, str], tmp_path: Path
) -> None:
    config = services(asos, portal).model_copy(update={"weather": None})
    assert config.tables == ("construction",)
    ingest_services(config, tmp_path / "raw", TODAY, tmp_path / "cache", environment, time.clock)
    assert [path.name for path in (tmp_path / "raw").iterdir()] == ["construction"]
