"""The mart as a whole: the accounting law, an SQL oracle, contracts, determinism."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mixplan.artifacts.files import write_parquet
from mixplan.config.source import RAW_TABLES
from mixplan.mart.accounts import ORIGIN, MartError
from mixplan.mart.contracts import CONTRACTS
from mixplan.mart.read import read_table

Table = list[dict[str, str]]
Rows = dict[str, Table]
MakeRaw = Callable[[Rows], dict[str, pd.DataFrame]]
Build = Callable[[dict[str, pd.DataFrame]], Any]

CODE = st.sampled_from(["P1", "P2", "P9", ""])
CUSTOMER = st.sampled_from(["2001", "2001.0", "2002", "9", ""])
NUMBER = st.sampled_from(["1", "100", "-100", "0", "x", "", "25", "75", "2000"])
DAY = st.sampled_from(["2020-01-01", "2020-01-05", "2020-02-30", "", r"\N"])
SALE = st.fixed_dictionaries(
    {
        "sold_on": DAY,
        "customer_code": CUSTOMER,
        "product_code": CODE,
        "region": st.sampled_from(["서울", "인천", "Atlantis", ""]),
        "quantity_kg": NUMBER,
        "unit_price_krw": NUMBER,
    }
)
ORDER = st.fixed_dictionaries(
    {
        "order_no": st.sampled_from(["O1", ""]),
        "customer_code": CUSTOMER,
        "product_code": CODE,
        "quantity_kg": NUMBER,
        "unit_price_krw": st.sampled_from(["20", ""]),
        "amount_krw": st.sampled_from(["2000", "-2000"]),
        "ordered_on": DAY,
        "due_on": DAY,
        "sold_kg": NUMBER,
        "is_rush": st.sampled_from(["Y", "N", ""]),
    }
)
LOT_MATERIAL = st.fixed_dictionaries(
    {
        "lot_no": st.sampled_from(["L1", "L2", ""]),
        "split_no": st.just("0"),
        "step": st.sampled_from(["1", "2"]),
        "material_code": st.sampled_from(["W", "D", "P1", "Z", ""]),
        "material_name": st.just("x"),
        "weight_kg": NUMBER,
        "share_pct": NUMBER,
        "extra_kg": NUMBER,
    }
)
BLANK = st.just(dict[str, str]())


def origins(frame: pd.DataFrame) -> list[tuple[str, int]]:
    return list(frame[ORIGIN].itertuples(index=False, name=None))


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sales=st.lists(SALE | BLANK, min_size=15, max_size=60),
    orders=st.lists(ORDER | BLANK, min_size=15, max_size=60),
    materials=st.lists(LOT_MATERIAL | BLANK, min_size=15, max_size=60),
)
def test_every_row_is_in_exactly_one_place(
    good: Rows, raw: MakeRaw, build: Build, *, sales: Table, orders: Table, materials: Table
) -> None:
    tables = raw(good | {"sales": sales, "orders": orders, "lot_materials": materials})
    tables = {table: frame.fillna("") for table, frame in tables.items()}
    mart = build(tables)
    for table, frame in tables.items():
        placed = origins(mart.tables[table]) + origins(mart.quarantine[table])
        assert sorted(placed) == sorted(origins(frame))
        account, log = mart.accounts[table], mart.corrections[mart.corrections["table"] == table]
        duplicates = mart.quarantine[table]["rules"].str.split(",").map(lambda rules: "duplicate" in rules)
        assert account.corrected == log[ORIGIN].drop_duplicates().shape[0]
        assert account.accepted + account.corrected == len(mart.tables[table])
        assert account.duplicates == duplicates.sum()
        assert account.quarantined == len(duplicates) - duplicates.sum()
    _check_second_pass(tables, mart, build)


def _check_second_pass(tables: dict[str, pd.DataFrame], mart: Any, build: Build) -> None:
    """What stayed, read again, stays and becomes the same mart."""
    kept = {}
    for table, frame in tables.items():
        stayed = set(origins(mart.tables[table]))
        kept[table] = frame[pd.Series([origin in stayed for origin in origins(frame)], dtype=bool)]
    again = build(kept)
    for table in ("sales", "orders"):
        pd.testing.assert_frame_equal(again.tables[table], mart.tables[table])
        assert again.quarantine[table].empty


ORACLE = """
WITH good_products AS (
    SELECT p.product_code, (SELECT r.product FROM recipes r WHERE replace(p.product_name, ' ', '') LIKE r.product || '%'
                            ORDER BY length(r.product) DESC LIMIT 1) AS product
    FROM products p
), first_rows AS (
    SELECT *, row_number() OVER (PARTITION BY sold_on, customer_code, product_code, region, quantity_kg, unit_price_krw
                                 ORDER BY source_line) AS copy FROM sales
)
SELECT s.sold_on, CAST(CAST(s.customer_code AS INTEGER) AS TEXT) AS customer_code, s.product_code, p.product, s.region,
       CAST(s.quantity_kg AS REAL) AS quantity_kg, s.source_line
FROM first_rows s
JOIN good_products p ON p.product_code = s.product_code AND p.product IS NOT NULL
JOIN customers c ON CAST(c.customer_code AS INTEGER) = CAST(s.customer_code AS INTEGER)
WHERE copy = 1 AND date(s.sold_on) = s.sold_on AND date(s.sold_on, '+0 day') = s.sold_on
  AND CAST(s.quantity_kg AS REAL) > 0 AND s.region IN ('서울', '인천')
  AND (s.unit_price_krw = '' OR (s.unit_price_krw != 'x' AND CAST(s.unit_price_krw AS REAL) >= 0))
ORDER BY s.sold_on, customer_code, s.product_code, s.source_line
"""


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sales=st.lists(SALE, min_size=20, max_size=80))
def test_sales_agree_with_sql(good: Rows, raw: MakeRaw, build: Build, sales: Table) -> None:
    tables = raw(good | {"sales": sales})
    with sqlite3.connect(":memory:") as database:
        for table in ("products", "customers", "recipes", "sales"):
            tables[table].to_sql(table, database, index=False)
        expected = database.execute(ORACLE).fetchall()
    found = build(tables).tables["sales"]
    columns = ["sold_on", "customer_code", "product_code", "product", "region", "quantity_kg", "source_line"]
    rows = found.assign(sold_on=found["sold_on"].dt.strftime("%Y-%m-%d"))[columns]
    assert list(rows.itertuples(index=False, name=None)) == expected


def test_an_empty_source_gives_every_table_with_its_types(build: Build) -> None:
    mart = build({})
    assert set(mart.tables) == set(RAW_TABLES) == set(CONTRACTS)
    for table, frame in mart.tables.items():
        assert frame.empty
        assert list(frame) == list(CONTRACTS[table].columns)
    assert mart.tables["sales"]["sold_on"].dtype == "datetime64[ns]"
    assert mart.tables["sales"]["quantity_kg"].dtype == float
    summary = mart.summary
    assert summary["first_sale"] is None
    assert summary["lacking_tables"] == sorted(RAW_TABLES)


def test_the_summary_counts(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["sales"] += [
        good["sales"][0],
        good["sales"][1] | {"region": "", "quantity_kg": "0", "customer_code": "2001.0"},
    ]
    del good["stock_counts"]
    summary = build(raw(good)).summary
    assert summary["tables"]["sales"] == {
        "read": 4,
        "accepted": 2,
        "corrected": 0,
        "quarantined": 1,
        "duplicates": 1,
        "broken": {"duplicate": 1, "missing_value": 1, "negative_quantity": 1},
        "corrections": {},
    }
    assert (summary["first_sale"], summary["last_sale"]) == ("2020-01-01", "2020-01-02")
    assert summary["lacking_tables"] == ["stock_counts"]
    assert summary["lacking_drivers"] == ["snow_cm"]


def test_the_mart_does_not_depend_on_the_order_of_its_rows(good: Rows, raw: MakeRaw, build: Build) -> None:
    tables = raw(good)
    backwards = build({table: frame.iloc[::-1] for table, frame in tables.items()})
    for table, frame in build(tables).tables.items():
        pd.testing.assert_frame_equal(backwards.tables[table], frame)


def test_tables_survive_the_disk(good: Rows, raw: MakeRaw, build: Build, tmp_path: Path) -> None:
    good["lots"][0]["produced_on"] = ""
    for table, frame in build(raw(good)).tables.items():
        write_parquet(tmp_path / table / "all.parquet", frame)
        pd.testing.assert_frame_equal(read_table(tmp_path, table), frame)


def test_a_table_that_breaks_its_contract_is_not_read(good: Rows, raw: MakeRaw, build: Build, tmp_path: Path) -> None:
    sales = build(raw(good)).tables["sales"]
    for broken in (
        sales.assign(quantity_kg=-1.0),
        sales.assign(customer_code=2001),
        sales.assign(extra=1),
        sales.drop(columns="region"),
        sales.assign(sold_on=sales["sold_on"].astype(str)),
        sales.assign(region=["", "서울"]),
        sales.assign(product=None),
    ):
        write_parquet(tmp_path / "sales" / "all.parquet", broken)
        with pytest.raises(MartError, match="mart table sales breaks its contract"):
            read_table(tmp_path, "sales")


def test_tables_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(MartError, match="run the mart stage first"):
        read_table(tmp_path, "sales")
    with pytest.raises(MartError, match="the mart has no table 'sale'; it has products"):
        read_table(tmp_path, "sale")


def test_products_say_what_their_names_say(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["products"][1]["product_name"] = "PEMA-HR1000F(50%)나라(콜롬비아)P"
    products = build(raw(good)).tables["products"].set_index("product_code")
    said = ["product", "brand", "grade", "customer_text", "site_text", "region", "is_export", "remark"]
    assert products.loc["P1", said].tolist() == ["AE", "AE", "", "한빛", "서울", "서울", False, ""]
    assert products.loc["P2", said].tolist() == ["PEMA-HR1000F", "PEMA", "HR1000F", "나라", "콜롬비아", "", True, "P"]
    assert products["strength_pct"].tolist() == pytest.approx([float("nan"), 50.0], nan_ok=True)
