"""A sale dated far after all others is a mistake; sales after a plant was closed are none."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.mart import MartConfig
from mixplan.mart.build import build_mart
from mixplan.mart.read import read_table

Rows = dict[str, list[dict[str, str]]]
Dates = tuple[list[str], list[str]]


@pytest.fixture
def dates_of(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> Callable[..., Dates]:
    """The dates of the sales in the mart and in quarantine, when such dates follow 1000 days with a sale each."""
    daily = [str(day.date()) for day in pd.date_range("2020-01-01", periods=1000)]  # until 2022-09-26
    mart, quarantine = tmp_path / "mart", tmp_path / "quarantine"

    def built(*more: str, memo: Path | None = None) -> Dates:
        row = good["sales"][0]
        good["sales"] = [row | {"sold_on": day} for day in [*daily, *more]]
        for number, each in enumerate(good["sales"]):
            each["quantity_kg"] = str(1000 + number)
        build_mart(raw_folder(good), config, mart, quarantine, memo)
        out = pd.concat(pd.read_parquet(path) for path in sorted((quarantine / "sales").iterdir()))
        assert set(out["rules"]) <= {"impossible_date"}
        kept = read_table(mart, "sales")["sold_on"].dt.strftime("%Y-%m-%d")
        return kept.sort_values().tolist()[1000:], sorted(out["sold_on"])

    return built


@pytest.mark.parametrize(
    "wrong",
    ["2042-06-03", "2023-09-26", "2022-12-26"],
    ids=["a year far off", "next year", "three months later"],
)
def test_a_sale_far_after_all_others_stays_out(dates_of: Callable[..., Dates], wrong: str) -> None:
    assert dates_of(wrong) == ([], [wrong])


def test_a_few_days_without_sales_are_none_of_it(dates_of: Callable[..., Dates]) -> None:
    assert dates_of("2022-12-20") == (["2022-12-20"], [])


def test_what_is_sold_after_a_long_pause_stays(dates_of: Callable[..., Dates]) -> None:
    """With two sales of a thousand the plant is open again, whatever stands still further away."""
    opened = ["2023-03-01", "2023-03-02", "2023-03-03"]
    assert dates_of(*opened, "2042-06-03") == (opened, ["2042-06-03"])


def test_parts_that_are_read_anew_are_the_same_from_the_memo(dates_of: Callable[..., Dates], tmp_path: Path) -> None:
    seen = [
        (dates_of("2022-12-31", memo=memo), sha256_of(tmp_path / "mart"), sha256_of(tmp_path / "quarantine"))
        for memo in (None, tmp_path / "memo", tmp_path / "memo")
    ]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == ([], ["2022-12-31"])
