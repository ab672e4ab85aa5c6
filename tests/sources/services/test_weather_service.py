"""Weather of regions from days of stations: what a row says, where it is from, and what is asked again."""

import json
import logging
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
import yaml

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart.clean import Sieve
from mixplan.mart.master_data import Known
from mixplan.mart.series import clean_weather
from mixplan.sources.services import ServiceError, fetch_weather

from .conftest import ROOT, TODAY, FakeStations, FakeTime, Reply, every_day, weather_config


class Fetch:
    """One server, one cache, and the days that are wanted."""

    def __init__(self, asos: FakeStations, cache: Path, environment: dict[str, str], time: FakeTime) -> None:
        self.asos = asos
        self.cache = cache
        self.environment = environment
        self.time = time

    def __call__(self, first: str, last: str, today: date = TODAY, **changes: Any) -> pd.DataFrame:
        self.asos.asked.clear()
        config = weather_config(self.asos.url, **changes)
        days = (date.fromisoformat(first), date.fromisoformat(last))
        return fetch_weather(config, *days, today, self.cache, self.environment, self.time.clock)

    @property
    def spans(self) -> list[tuple[str, str, str]]:
        """Station, first and last day of each request of the last call."""
        return [(query["stnIds"], query["startDt"], query["endDt"]) for query in self.asos.asked]


@pytest.fixture
def fetch(asos: FakeStations, tmp_path: Path, environment: dict[str, str], time: FakeTime) -> Fetch:
    return Fetch(asos, tmp_path / "cache", environment, time)


def readings(table: pd.DataFrame) -> dict[tuple[str, str], list[str]]:
    columns = ["temperature_c", "humidity_pct", "rain_mm", "snow_cm"]
    return {(row.date, row.region): [getattr(row, column) for column in columns] for row in table.itertuples()}


def test_a_row_is_the_mean_of_the_stations_that_reported_the_value(fetch: Fetch) -> None:
    fetch.asos.report("108", "2024-03-01", "1.5", "40.1", "3.2", "1.0")
    fetch.asos.report("112", "2024-03-01", "2.0", "", "4.0")
    fetch.asos.report("201", "2024-03-01", "3.5", "60.0", "")
    assert readings(fetch("2024-03-01", "2024-03-02")) == {
        ("2024-03-01", "서울"): ["1.5", "40.1", "3.2", "1.0"],
        ("2024-03-01", "인천"): ["2.75", "60.0", "2.0", "0.0"],
    }


def test_a_blank_is_no_rain_only_where_the_station_reported_otherwise(fetch: Fetch) -> None:
    fetch.asos.report("108", "2024-03-01", "", "55.0")
    fetch.asos.report("108", "2024-03-02")
    fetch.asos.report("108", "2024-03-04", "", "", "0.0")
    fetch.asos.report("201", "2024-03-02")
    fetch.asos.report("112", "2024-03-02", "4.0", "50.0", "2.0")
    assert readings(fetch("2024-03-01", "2024-03-05")) == {
        ("2024-03-01", "서울"): ["", "55.0", "0.0", "0.0"],
        ("2024-03-02", "서울"): ["", "", "", ""],
        ("2024-03-02", "인천"): ["4.0", "50.0", "2.0", "0.0"],
        ("2024-03-04", "서울"): ["", "", "0.0", "0.0"],
    }


def test_a_reading_that_is_no_number_stays_for_the_mart_to_refuse(fetch: Fetch) -> None:
    fetch.asos.report("112", "2024-03-01", "2.0", "50.0")
    fetch.asos.report("201", "2024-03-01", "-", "52.0")
    assert readings(fetch("2024-03-01", "2024-03-01")) == {("2024-03-01", "인천"): ["-", "51.0", "0.0", "0.0"]}


def test_a_station_that_the_service_does_not_know_changes_nothing_but_the_log(
    fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    fetch.asos.report("201", "2024-03-01", "3.5", "60.0")
    with caplog.at_level(logging.INFO):
        table = fetch("2024-03-01", "2024-03-01")
    assert table["region"].tolist() == ["인천"]
    assert table["source_file"].tolist() == ["kma_asos/2024/201.json"]
    assert "서울: none of its stations reported anything from 2024-03-01 to 2024-03-01" in caplog.messages


def test_the_table_is_like_one_from_an_export_and_the_mart_takes_it(fetch: Fetch) -> None:
    for day in every_day("2023-12-30", "2024-01-02"):
        fetch.asos.report("108", day, "1.5", "40.1")
    table = fetch("2023-12-30", "2024-01-02")
    assert list(table) == [*RAW_TABLES["weather"], "source_file", "source_line"]
    assert [str(kind) for kind in table.dtypes] == ["object"] * 7 + ["int64"]
    assert [str(kind) for kind in fetch("2023-01-01", "2023-01-02").dtypes] == ["object"] * 7 + ["int64"]
    mart = yaml.safe_load((ROOT / "conf/mart/default.yaml").read_text(encoding="utf-8"))
    cleaned = clean_weather(
        Sieve("weather", pl.from_pandas(table), MartConfig.model_validate_json(json.dumps(mart))),
        Known(None, None, {}, frozenset()),
    )
    assert cleaned.tally.account.accepted == 4
    assert cleaned.frame["rain_mm"].to_list() == [0.0] * 4


def test_file_and_line_of_a_row_lead_to_the_first_station_that_has_the_day(fetch: Fetch) -> None:
    for number, day in enumerate(every_day("2023-12-20", "2024-03-01")):
        fetch.asos.report("108", day, str(number), "40.1")
        if number % 3:
            fetch.asos.report("112", day, str(number), "40.1")
        fetch.asos.report("201", day, str(number), "40.1")
    table = fetch("2023-12-25", "2024-03-01")
    assert table["source_line"].iloc[0] == 7
    for row in table.itertuples():
        line = (fetch.cache / row.source_file).read_text(encoding="utf-8").splitlines()[row.source_line - 1]
        item = json.loads(line.rstrip(","))
        assert (item["tm"], float(item["avgTa"])) == (row.date, float(row.temperature_c))
    assert set(table["source_file"]) == {f"kma_asos/{year}/{s}.json" for year in (2023, 2024) for s in (108, 112, 201)}


def test_means_equal_those_of_sql(fetch: Fetch) -> None:
    chance = np.random.default_rng(8)
    stations = {"서울": ["1"], "강원도": ["2", "3", "4"], "인천": ["5", "6"]}
    reports = []
    for day in every_day("2023-11-15", "2024-02-10"):
        for region, of_region in stations.items():
            for station in of_region:
                values = [f"{value:.1f}" if chance.random() < 0.7 else "" for value in chance.uniform(0, 30, 4)]
                if chance.random() < 0.9:
                    fetch.asos.report(station, day, *values)
                    reports.append((str(day), region, *values))
    table = fetch("2023-11-20", "2024-02-08", stations=stations)
    reported = pd.DataFrame(reports, columns=["day", "region", "t", "h", "r", "s"])  # noqa: F841 - DuckDB reads it
    expected = duckdb.sql(
        """
        with filled as (
            select day, region, nullif(t, '')::double t, nullif(h, '')::double h,
                case when t || h || r || s != '' then coalesce(nullif(r, '')::double, 0) end r,
                case when t || h || r || s != '' then coalesce(nullif(s, '')::double, 0) end s,
            from reported where day between '2023-11-20' and '2024-02-08'
        )
        select day, region, avg(t), avg(h), avg(r), avg(s) from filled group by day, region order by day, region
        """
    ).fetchall()
    found = table.sort_values(["date", "region"])
    assert list(zip(found["date"], found["region"], strict=True)) == [row[:2] for row in expected]
    numbers = found[["temperature_c", "humidity_pct", "rain_mm", "snow_cm"]].apply(pd.to_numeric)
    np.testing.assert_allclose(numbers, np.array([row[2:] for row in expected], dtype=float), atol=0.0051)


def test_days_come_page_by_page(fetch: Fetch) -> None:
    for day in every_day("2024-01-01", "2024-04-05"):
        fetch.asos.report("108", day, "1.0", "50.0")
    table = fetch("2024-01-01", "2024-04-09", stations={"서울": ["108"]})
    assert table["date"].tolist() == [str(day) for day in every_day("2024-01-01", "2024-04-05")]
    assert [query["pageNo"] for query in fetch.asos.asked] == ["1", "2", "3"]


def test_the_present_day_is_never_asked_for(fetch: Fetch) -> None:
    fetch.asos.report("108", "2024-04-09", "1.0", "50.0")
    assert fetch("2024-04-01", "2024-12-31", stations={"서울": ["108"]})["date"].tolist() == ["2024-04-09"]
    assert fetch.spans == [("108", "20240101", "20240409")]


def test_final_days_are_asked_for_once_and_later_ones_again(fetch: Fetch) -> None:
    only = {"stations": {"서울": ["108"]}}
    for day in every_day("2023-01-01", "2024-04-09"):
        fetch.asos.report("108", day, "1.0", "50.0")
    fetch.asos.days["108"].pop(date(2024, 3, 20))
    fetch("2023-05-01", "2024-04-09", **only)
    assert set(fetch.spans) == {("108", "20230101", "20231231"), ("108", "20240101", "20240409")}

    fetch.asos.report("108", "2024-03-20", "9.0", "50.0")
    fetch.asos.report("108", "2024-03-26", "9.0", "50.0")
    fetch.asos.report("108", "2024-03-27", "9.0", "50.0")
    table = fetch("2023-05-01", "2024-04-09", **only)
    assert fetch.spans == [("108", "20240327", "20240409")]
    assert table.loc[table["temperature_c"] == "9.0", "date"].tolist() == ["2024-03-27"]
    assert "2024-03-20" not in set(table["date"])

    fetch.asos.today = date(2024, 4, 12)
    fetch("2024-04-01", "2024-04-30", today=date(2024, 4, 12), **only)
    assert fetch.spans == [("108", "20240327", "20240411")]
    assert len(fetch("2023-01-01", "2024-03-20", today=date(2024, 4, 12), **only)) == 365 + 79
    assert fetch.spans == []


def test_an_earlier_end_keeps_the_later_days(fetch: Fetch) -> None:
    for day in every_day("2024-04-01", "2024-04-09"):
        fetch.asos.report("108", day, "1.0", "50.0")
    fetch("2024-04-01", "2024-04-09")
    fetch("2024-04-01", "2024-04-03")
    content = json.loads((fetch.cache / "kma_asos/2024/108.json").read_text(encoding="utf-8"))
    assert [item["tm"] for item in content["items"]] == [str(day) for day in every_day("2024-04-01", "2024-04-09")]


def test_a_full_cache_needs_neither_server_nor_key(fetch: Fetch) -> None:
    fetch.asos.report("108", "2023-06-01", "1.0", "50.0")
    before = fetch("2023-01-01", "2023-12-31")
    fetch.environment.clear()
    fetch.asos.fails_after = 0
    pd.testing.assert_frame_equal(fetch("2023-01-01", "2023-12-31"), before)
    assert fetch.asos.asked == []


def test_a_run_goes_on_where_the_last_one_stopped(fetch: Fetch) -> None:
    for station in ("108", "112", "201"):
        for day in every_day("2022-01-01", "2023-12-31"):
            fetch.asos.report(station, day, "1.0", "50.0")
    fetch.asos.fails_after = 13
    with pytest.raises(ServiceError, match=r"kma_asos: HTTP 503, 5 times; what was fetched is kept: run again later"):
        fetch("2022-01-01", "2023-12-31")
    assert len(fetch.asos.asked) == 13 + 5
    fetch.asos.fails_after = None
    table = fetch("2022-01-01", "2023-12-31")
    pages = len(range(0, 365, 40))
    assert len(fetch.asos.asked) == 5 * pages
    assert ("108", "20220101", "20221231") not in fetch.spans
    assert len(table) == 2 * 730


def test_a_kill_while_a_part_is_written_leaves_the_last_one(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    only = {"stations": {"서울": ["108"]}}
    fetch.asos.report("108", "2024-03-01", "1.0", "50.0")
    before = fetch("2024-03-01", "2024-04-01", **only)

    def killed(path: Path, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch("2024-03-01", "2024-04-09", **only)
    pd.testing.assert_frame_equal(fetch("2024-03-01", "2024-04-01", **only), before)
    assert fetch.spans == [("108", "20240327", "20240401")]
    assert [path.name for path in (fetch.cache / "kma_asos/2024").iterdir()] == ["108.json"]


@pytest.mark.parametrize("content", ["", "[]", '{"asked": {}}', '{"asked": {}, "settled": "soon", "items": []}'])
def test_a_file_that_is_no_part_is_named(fetch: Fetch, content: str) -> None:
    path = fetch.cache / "kma_asos/2024/108.json"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ServiceError, match=r"kma_asos/2024/108.json is no kept answer of a service: delete it"):
        fetch("2024-03-01", "2024-03-02")


@pytest.mark.parametrize("page", ["1", "3"])
def test_pages_that_do_not_add_up_are_not_kept(fetch: Fetch, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in every_day("2024-01-01", "2024-04-05"):
        fetch.asos.report("108", day, "1.0", "50.0")

    def shortened(query: dict[str, str]) -> Reply:
        answer = json.loads(FakeStations.known(fetch.asos, query).body)
        if query["pageNo"] == page:
            answer["response"]["body"]["items"] = ""
        return Reply(body=json.dumps(answer))

    monkeypatch.setattr(fetch.asos, "known", shortened)
    with pytest.raises(ServiceError, match=r"station 108, 2024-01-01 to 2024-04-09: the pages do not add up"):
        fetch("2024-01-01", "2024-04-09")
    assert not fetch.cache.exists()


def test_progress_is_one_line_a_part(fetch: Fetch, caplog: pytest.LogCaptureFixture) -> None:
    fetch.asos.report("108", "2023-06-01", "1.0", "50.0")
    fetch("2023-01-01", "2023-12-31", stations={"서울": ["108"]})
    with caplog.at_level(logging.INFO, logger="mixplan"):
        fetch("2023-01-01", "2024-01-31", stations={"서울": ["108"]})
    assert caplog.messages == [
        "kma_asos/2023/108.json: 1 rows, all of them kept from before",
        "kma_asos/2024/108.json: 0 rows, asked for 2024-01-01 to 2024-01-31",
    ]
