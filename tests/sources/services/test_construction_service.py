"""Construction starts by month: what a row says, where it is from, and what is asked again."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
import yaml

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart.clean import Sieve
from mixplan.mart.master_data import Known
from mixplan.mart.series import clean_construction
from mixplan.sources.services import ServiceError, fetch_construction

from .conftest import ROOT, TODAY, FakePortal, FakeTime, Reply, construction_config


class Fetch:
    """One portal, one cache, and the months that are wanted."""

    def __init__(self, portal: FakePortal, cache: Path, environment: dict[str, str], time: FakeTime) -> None:
        self.portal = portal
        self.cache = cache
        self.environment = environment
        self.time = time

    def __call__(self, first: str, last: str, today: date = TODAY, **changes: Any) -> pd.DataFrame:
        self.portal.asked.clear()
        config = construction_config(self.portal.url, **changes)
        days = (date.fromisoformat(first), date.fromisoformat(last))
        return fetch_construction(config, *days, today, self.cache, self.environment, self.time.clock)

    @property
    def spans(self) -> list[tuple[str, str]]:
        return [(query["startPrdDe"], query["endPrdDe"]) for query in self.portal.asked]


@pytest.fixture
def fetch(portal: FakePortal, tmp_path: Path, environment: dict[str, str], time: FakeTime) -> Fetch:
    months = [f"{year}{month:02d}" for year in (2022, 2023, 2024) for month in range(1, 13)]
    portal.starts = {month: f"{1000 + number}.5" for number, month in enumerate(months) if month <= "202402"}
    return Fetch(portal, tmp_path / "cache", environment, time)


def test_a_row_is_a_month_of_the_table(fetch: Fetch) -> None:
    table = fetch("2023-11-15", "2024-04-10")
    assert table.to_dict("records") == [
        {"month": month, "construction_index": value, "source_file": f"kosis/{month[:4]}.json", "source_line": line}
        for month, value, line in [
            ("2023-11", "1022.5", 12),
            ("2023-12", "1023.5", 13),
            ("2024-01", "1024.5", 2),
            ("2024-02", "1025.5", 3),
        ]
    ]
    assert list(table) == [*RAW_TABLES["construction"], "source_file", "source_line"]
    query = fetch.portal.asked[0]
    table_id = ("101", "DT_1YL7402E", "13103792712T1", "13102792712A.0001")
    assert (query["orgId"], query["tblId"], query["itmId"], query["objL1"]) == table_id
    line = (fetch.cache / "kosis/2023.json").read_text(encoding="utf-8").splitlines()[11]
    assert json.loads(line.rstrip(","))["PRD_DE"] == "202311"
    assert '"UNIT_NM": "㎡"' in line


def test_values_are_relative_to_the_reference(fetch: Fetch) -> None:
    fetch.portal.starts = {"202401": "500", "202402": "-"}
    table = fetch("2024-01-01", "2024-02-01", reference=2000.0)
    assert table["construction_index"].tolist() == ["0.25", "-"]
    mart = yaml.safe_load((ROOT / "conf/mart/default.yaml").read_text(encoding="utf-8"))
    cleaned = clean_construction(
        Sieve("construction", pl.from_pandas(table), MartConfig.model_validate_json(json.dumps(mart))),
        Known(None, None, {}, frozenset()),
    )
    assert cleaned.frame["construction_index"].to_list() == [0.25]
    assert cleaned.quarantine["rules"].to_list() == ["not_a_number"]


def test_final_months_are_asked_for_once_and_later_ones_again(fetch: Fetch) -> None:
    months = fetch("2022-03-01", "2024-04-10", final_after_days=60)
    assert fetch.spans == [("202201", "202212"), ("202301", "202312"), ("202401", "202404")]
    assert len(months) == 24
    fetch.portal.starts |= {"202401": "7", "202402": "8", "202403": "9"}
    again = fetch("2022-03-01", "2024-04-10", final_after_days=60)
    assert fetch.spans == [("202402", "202404")]
    assert again["construction_index"].tolist()[-3:] == ["1024.5", "8", "9"]


@pytest.mark.parametrize(("today", "asked_from"), [(date(2024, 3, 31), "202401"), (date(2024, 4, 1), "202402")])
def test_a_month_is_final_when_its_last_day_is_old_enough(fetch: Fetch, today: date, asked_from: str) -> None:
    for _ in range(2):
        fetch("2024-01-01", "2024-03-31", today=today, final_after_days=60)
    assert fetch.spans == [(asked_from, "202403")]


def test_a_full_cache_needs_neither_portal_nor_key(fetch: Fetch) -> None:
    before = fetch("2022-01-01", "2023-06-30", final_after_days=30)
    fetch.environment.clear()
    pd.testing.assert_frame_equal(fetch("2022-01-01", "2023-06-30", final_after_days=30), before)
    assert fetch.spans == []


def test_another_table_is_fetched_anew(fetch: Fetch) -> None:
    fetch("2022-01-01", "2022-12-31")
    fetch.portal.starts["202205"] = "3"
    assert fetch("2022-05-01", "2022-05-31")["construction_index"].tolist() == ["1004.5"]
    assert fetch("2022-05-01", "2022-05-31", table="DT_OTHER")["construction_index"].tolist() == ["3"]


def test_a_run_goes_on_where_the_last_one_stopped(fetch: Fetch) -> None:
    fetch.portal.fails_after = 2
    with pytest.raises(ServiceError, match=r"kosis: HTTP 503, 5 times; what was fetched is kept: run again later"):
        fetch("2022-01-01", "2024-04-10")
    fetch.portal.fails_after = None
    assert len(fetch("2022-01-01", "2024-04-10")) == 26
    assert fetch.spans == [("202310", "202312"), ("202401", "202404")]


def test_every_classification_is_asked_for(fetch: Fetch) -> None:
    fetch("2022-01-01", "2022-12-31", classifications=["0", "1"])
    assert (fetch.portal.asked[0]["objL1"], fetch.portal.asked[0]["objL2"]) == ("0", "1")


@pytest.mark.parametrize(
    "body",
    [
        '{"err":"50","errMsg":"서버오류"}',
        '{err:"40",errMsg:"호출가능건수 제한"}',
        "<error><err>50</err></error>",
        "<html>",
    ],
)
def test_passing_errors_are_asked_again(fetch: Fetch, body: str) -> None:
    fetch.portal.replies = [Reply(body=body)] * 2
    assert len(fetch("2022-01-01", "2022-12-31")) == 12
    assert len(fetch.portal.asked) == 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"err":"20","errMsg":"필수요청변수 누락"}', "a parameter is missing: name one class for each"),
        ('{err:"11",errMsg:"유효하지 않은 인증KEY입니다."}', "the key is not valid or has expired"),
        ("<error>\n<err>31</err>\n</error>", "the answer would be too large"),
        ('{"err":"77","errMsg":"?"}', "the portal refuses the request"),
    ],
)
def test_errors_that_asking_again_cannot_mend_are_told_at_once(fetch: Fetch, body: str, message: str) -> None:
    fetch.portal.replies = [Reply(body=body)]
    with pytest.raises(ServiceError, match=f"^kosis: {message}"):
        fetch("2022-01-01", "2022-12-31")
    assert len(fetch.portal.asked) == 1


@pytest.mark.parametrize("months", [["202201", "202201"], ["202201", "202301"]])
def test_a_table_with_not_one_value_a_month_is_refused(fetch: Fetch, months: list[str]) -> None:
    fetch.portal.replies = [Reply(body=json.dumps([{"PRD_DE": month, "DT": "1"} for month in months]))]
    with pytest.raises(ServiceError, match=r"table DT_1YL7402E has not one value a month for 2022-01 to 2022-12"):
        fetch("2022-01-01", "2022-12-31")
    assert not fetch.cache.exists()
