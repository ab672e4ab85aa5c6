"""Other spellings of a value are corrected, each under its rule; what can be read in two ways stays out."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.mart import parse, spellings

Rows = dict[str, list[dict[str, str]]]
MakeRaw = Callable[[Rows], dict[str, pd.DataFrame]]
Build = Callable[[dict[str, pd.DataFrame]], Any]

NUMBERS = [
    ("quantity_kg", "234,500", 234500.0, "thousands_separators"),
    ("quantity_kg", "1,234.5", 1234.5, "thousands_separators"),
    ("quantity_kg", "1,200 kg", 1200.0, "number_with_unit"),
    ("quantity_kg", "1.005t", 1005.0, "number_with_unit"),
    ("quantity_kg", "2 T", 2000.0, "number_with_unit"),
    ("quantity_kg", "500 g", 0.5, "number_with_unit"),
    ("unit_price_krw", "1,000원", 1000.0, "number_with_unit"),
]
DAYS = [
    ("2021/02/28", "date_form"),
    ("2021.02.28", "date_form"),
    ("2021. 2. 28.", "date_form"),
    ("2021-2-28", "date_form"),
    ("20210228", "date_form"),
    ("2021-02-28 00:00:00", "date_form"),
    ("2021-02-28T00:00:00.000", "date_form"),
    ("2021년 2월 28일", "date_form"),
    ("44255", "excel_date"),
    ("44255.0", "excel_date"),
    ("2021-02-28 14:05", "time_of_day_dropped"),
    ("2021-02-28T23:59:59.999", "time_of_day_dropped"),
    ("2021. 2. 28. 오후 2:05:00", "time_of_day_dropped"),
    ("2021/2/28 2:05 PM", "time_of_day_dropped"),
    ("44255.5868", "time_of_day_dropped"),
]


@pytest.mark.parametrize(("column", "cell", "value", "rule"), NUMBERS)
def test_a_number_in_another_spelling_is_corrected(
    good: Rows, raw: MakeRaw, build: Build, column: str, cell: str, value: float, rule: str
) -> None:
    good["sales"][0][column] = cell
    mart = build(raw(good))
    assert mart.tables["sales"][column][0] == value
    assert mart.corrections[["rule", "column", "old"]].to_numpy().tolist() == [[rule, column, cell]]
    assert float(mart.corrections["new"][0]) == value


@pytest.mark.parametrize(("cell", "rule"), DAYS)
def test_a_day_in_another_spelling_is_corrected(good: Rows, raw: MakeRaw, build: Build, cell: str, rule: str) -> None:
    good["sales"][0]["sold_on"] = cell
    mart = build(raw(good))
    assert mart.tables["sales"]["sold_on"].tolist() == [pd.Timestamp("2020-01-02"), pd.Timestamp("2021-02-28")]
    assert mart.corrections[["rule", "old", "new"]].to_numpy().tolist() == [[rule, cell, "2021-02-28"]]


@pytest.mark.parametrize("cell", ["2021/02", "2021.02", "202102", "2021년 2월", "2021-02-01 00:00:00", "44228"])
def test_a_month_in_another_spelling_is_corrected(good: Rows, raw: MakeRaw, build: Build, cell: str) -> None:
    good["construction"][0]["month"] = cell
    mart = build(raw(good))
    assert mart.tables["construction"]["month"].tolist()[-1] == pd.Timestamp("2021-02-01")
    assert mart.accounts["construction"].corrected == 1


@pytest.mark.parametrize(
    ("table", "column", "cell", "value"),
    [
        ("recipes", "share", "25 %", 0.25),
        ("weather", "humidity_pct", "60%", 60.0),
        ("weather", "snow_cm", "12 mm", 1.2),
        ("weather", "rain_mm", "12 mm", 12.0),
        ("weather", "temperature_c", "-3 ℃", -3.0),
    ],
)
def test_a_unit_is_read_in_that_of_its_column(
    good: Rows, raw: MakeRaw, build: Build, table: str, column: str, cell: str, value: float
) -> None:
    good["weather"] = [row | {"snow_cm": "0"} for row in good["weather"]]
    good[table][0][column] = cell
    mart = build(raw(good))
    assert value in mart.tables[table][column].tolist()
    assert mart.corrections[["table", "rule"]].to_numpy().tolist() == [[table, "number_with_unit"]]


@pytest.mark.parametrize(
    ("column", "cell", "rule"),
    [("quantity_kg", cell, "not_a_number") for cell in ("3 lb", "12,5", "1,2345", "1,000,00", "5 %", "kg", "1 2", "٣")]
    + [("sold_on", cell, "impossible_date") for cell in ("28/02/2021", "02-28-2021", "21.02.28")]
    + [("sold_on", cell, "impossible_date") for cell in ("2021-02-28T13:45Z", "2021-02-28 25:00", "44255.999999")]
    + [
        ("sold_on", cell, "impossible_date") for cell in ("2021/02/30", "2021128", "19999", "60001", "18264", "2021-02")
    ],
)
def test_what_can_be_read_in_two_ways_or_in_none_stays_out(
    good: Rows, raw: MakeRaw, build: Build, column: str, cell: str, rule: str
) -> None:
    good["sales"][0][column] = cell
    mart = build(raw(good))
    assert mart.quarantine["sales"][["rules", column]].to_numpy().tolist() == [[rule, cell]]
    assert mart.corrections.empty


def test_a_cell_may_be_corrected_twice(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["orders"][0] |= {"quantity_kg": "-1,000 kg", "amount_krw": "20,000원"}
    mart = build(raw(good))
    assert mart.tables["orders"]["quantity_kg"].tolist() == [1000.0, 100.0]
    assert mart.corrections["rule"].tolist() == ["number_with_unit", "number_with_unit", "quantity_sign"]
    assert mart.accounts["orders"].corrected == 1


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30))
def test_numbers_are_read_exactly(number: float) -> None:
    cells = pl.DataFrame({"cell": [repr(number)]})
    assert cells.select(parse.numbers(pl.col("cell"))).item() == float(number)


@given(st.integers(0, 10**12), st.integers(0, 999))
def test_separators_change_no_value(whole: int, thousandths: int) -> None:
    cells = pl.DataFrame({"cell": [f"{whole:,}.{thousandths:03} kg"]})
    found = cells.select(**spellings.numbers(pl.col("cell"), "weight_kg"))["number_with_unit"].item()
    assert float(found) == float(f"{whole}.{thousandths:03}")


@given(st.dates(date(2000, 1, 1), date(2049, 12, 31)))
def test_excel_counts_days_from_1900(day: date) -> None:
    serial = (day - date(1900, 1, 1)) // timedelta(days=1) + 2  # day 1 is 1900-01-01, and 1900 had a 29 February there
    found = pl.DataFrame({"cell": [str(serial)]}).select(**spellings.days(pl.col("cell")))["excel_date"].item()
    assert found == day.isoformat()
