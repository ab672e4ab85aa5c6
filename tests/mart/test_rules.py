"""Each rule with one row: that row and no other stays out, and its place in the source is named."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import Account, AccountingError

Rows = dict[str, list[dict[str, str]]]
MakeRaw = Callable[[Rows], dict[str, pd.DataFrame]]
Build = Callable[[dict[str, pd.DataFrame]], Any]


def test_good_rows_are_all_accepted(good: Rows, raw: MakeRaw, build: Build) -> None:
    mart = build(raw(good))
    for table, account in mart.accounts.items():
        assert account == Account(
            read=len(good[table]), accepted=len(good[table]), corrected=0, quarantined=0, duplicates=0
        )
    assert mart.corrections.empty


ONE_ROW_RULES: list[tuple[str, dict[str, str], str]] = [
    ("products", {"product_code": ""}, "missing_value"),
    ("products", {"product_name": "SRE-110"}, "unknown_product"),
    ("products", {"product_code": "P1"}, "key_repeated"),
    ("customers", {"customer_code": "2001"}, "key_repeated"),
    ("sales", {"sold_on": "2020-02-30"}, "impossible_date"),
    ("sales", {"sold_on": ""}, "impossible_date"),
    ("sales", {"sold_on": "2109-01-02"}, "impossible_date"),
    ("sales", {"customer_code": "9999"}, "unknown_customer"),
    ("sales", {"customer_code": ""}, "missing_value"),
    ("sales", {"product_code": "P9"}, "unknown_product"),
    ("sales", {"region": "Atlantis"}, "unknown_region"),
    ("sales", {"quantity_kg": "-5"}, "negative_quantity"),
    ("sales", {"quantity_kg": "0"}, "negative_quantity"),
    ("sales", {"quantity_kg": "five"}, "not_a_number"),
    ("sales", {"quantity_kg": "inf"}, "not_a_number"),
    ("sales", {"unit_price_krw": "x"}, "not_a_number"),
    ("sales", {"unit_price_krw": "-1"}, "negative_price"),
    ("sales", {"quantity_kg": "-5", "region": "", "sold_on": "x"}, "missing_value,impossible_date,negative_quantity"),
    ("sales", {"quantity_kg": "1e300"}, "out_of_range"),
    ("sales", {"quantity_kg": "-1e300"}, "out_of_range,negative_quantity"),
    ("sales", {"unit_price_krw": "6000"}, "out_of_range"),
    ("orders", {"quantity_kg": "20", "unit_price_krw": "10000", "amount_krw": "200000"}, "out_of_range"),
    ("orders", {"sold_kg": "1000001"}, "out_of_range"),
    ("purchases", {"quantity_kg": "1e9"}, "out_of_range"),
    ("lots", {"weight_kg": "1e6"}, "out_of_range"),
    ("lot_materials", {"extra_kg": "-1e6"}, "out_of_range"),
    ("stock_counts", {"stock_kg": "1e9"}, "out_of_range"),
    ("planner_forecasts", {"quantity_kg": "1e9"}, "out_of_range"),
    ("orders", {"due_on": "2019-12-31"}, "date_order"),
    ("orders", {"quantity_kg": "-90"}, "negative_quantity,amount_mismatch"),
    ("orders", {"amount_krw": "2002"}, "amount_mismatch"),
    ("orders", {"quantity_kg": "-100", "amount_krw": "-2000"}, "negative_quantity"),
    ("orders", {"sold_kg": "-1"}, "negative_quantity"),
    ("orders", {"amount_krw": ""}, "not_a_number"),
    ("orders", {"is_rush": "?"}, "not_yes_or_no"),
    ("orders", {"order_no": ""}, "missing_value"),
    ("purchases", {"material_code": "Z"}, "unknown_material"),
    ("purchases", {"supplier_code": ""}, "missing_value"),
    ("purchases", {"received_on": "2019-12-31"}, "date_order"),
    ("purchases", {"due_on": "2019-12-31"}, "date_order"),
    ("purchases", {"received_on": "soon"}, "impossible_date"),
    ("purchases", {"received_kg": "-1"}, "negative_quantity"),
    ("lots", {"produced_on": "2019-12-31"}, "date_order"),
    ("lots", {"weight_kg": "0"}, "negative_quantity"),
    ("lots", {"lot_no": "L1", "weight_kg": "99"}, "key_repeated"),
    ("lot_materials", {"material_code": "Z"}, "unknown_material"),
    ("lot_materials", {"weight_kg": "-1"}, "negative_quantity"),
    ("lot_materials", {"extra_kg": "x"}, "not_a_number"),
    ("stock_counts", {"stock_kg": "-0.5"}, "negative_quantity"),
    ("stock_counts", {"counted_on": "2020-01-01", "stock_kg": "1"}, "key_repeated"),
    ("planner_forecasts", {"month": "2020-13"}, "impossible_date"),
    ("planner_forecasts", {"product": "AE2"}, "unknown_product"),
    ("planner_forecasts", {"quantity_kg": "-1"}, "negative_quantity"),
    ("weather", {"humidity_pct": "0"}, "out_of_range"),
    ("weather", {"temperature_c": "99"}, "out_of_range"),
    ("weather", {"rain_mm": "-1"}, "out_of_range"),
    ("weather", {"temperature_c": ""}, "not_a_number"),
    ("weather", {"region": "Atlantis"}, "unknown_region"),
    ("weather", {"date": "2020-01-01", "temperature_c": "1"}, "key_repeated"),
    ("construction", {"construction_index": "1e300"}, "out_of_range"),
    ("construction", {"construction_index": "-1"}, "negative_quantity"),
    ("construction", {"month": "2020-01", "construction_index": "1"}, "key_repeated"),
]


FRESH_KEY = {
    "products": ("product_code", "Q{}"),
    "customers": ("customer_code", "30{:02}"),
    "sales": ("sold_on", "20{:02}-03-01"),
    "orders": ("order_no", "X{}"),
    "purchases": ("purchase_no", "X{}"),
    "lots": ("lot_no", "X{}"),
    "lot_materials": ("lot_no", "X{}"),
    "stock_counts": ("counted_on", "2020-03-{:02}"),
    "planner_forecasts": ("month", "2021-{:02}"),
    "weather": ("date", "2020-03-{:02}"),
    "construction": ("month", "2021-{:02}"),
}


@pytest.mark.parametrize("table", FRESH_KEY)
def test_each_bad_row_stays_out_and_no_other(good: Rows, raw: MakeRaw, build: Build, table: str) -> None:
    cases = [(change, rules) for where, change, rules in ONE_ROW_RULES if where == table]
    column, key = FRESH_KEY[table]
    expected = []
    for number, (change, rules) in enumerate(cases, start=1):
        unchanged = good[table][-2:] if table == "lot_materials" else good[table][-1:]  # shares are those of whole lots
        good[table] += [dict(row, **{column: key.format(number)}) for row in unchanged]
        good[table].append(good[table].pop() | change)
        expected.append([table, rules, f"{table}.csv", len(good[table]) + 1])
        good[table] += [dict(row, **{column: key.format(number + len(cases))}) for row in unchanged]
    mart = build(raw(good))
    out = pd.concat(mart.quarantine, names=["table"]).reset_index("table")
    assert out[["table", "rules", "source_file", "source_line"]].to_numpy().tolist() == expected
    for _, row in out.iterrows():
        assert row[list(good[table][0])].to_dict() == good[table][row["source_line"] - 2]
    account = mart.accounts[table]
    assert account == Account(len(good[table]), len(good[table]) - len(cases), 0, len(cases), 0)
    assert mart.corrections.empty


def test_blank_rows_break_that_rule_alone(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["orders"] += [{}, {"order_no": "  "}]
    tables = raw(good)
    tables["orders"] = tables["orders"].fillna("")
    mart = build(tables)
    assert mart.quarantine["orders"]["rules"].tolist() == ["blank_row", "blank_row"]
    assert mart.accounts["orders"] == Account(read=4, accepted=2, corrected=0, quarantined=2, duplicates=0)


def test_the_first_of_equal_rows_stays(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["sales"].append(dict(good["sales"][0]))
    mart = build(raw(good))
    assert mart.accounts["sales"] == Account(read=3, accepted=2, corrected=0, quarantined=0, duplicates=1)
    assert mart.quarantine["sales"][["rules", "source_line"]].to_numpy().tolist() == [["duplicate", 4]]
    assert mart.tables["sales"]["source_line"].tolist() == [2, 3]


def test_a_repeated_lot_material_does_not_spoil_the_shares_of_its_lot(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["lot_materials"].append(dict(good["lot_materials"][0]))
    account = build(raw(good)).accounts["lot_materials"]
    assert account == Account(read=5, accepted=4, corrected=0, quarantined=0, duplicates=1)


def test_a_good_row_takes_the_place_of_a_bad_one_with_its_key(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["weather"].append(dict(good["weather"][0], temperature_c="3"))
    good["weather"][0]["temperature_c"] = "99"
    mart = build(raw(good))
    assert mart.quarantine["weather"]["rules"].tolist() == ["out_of_range"]
    assert mart.tables["weather"]["temperature_c"].tolist() == [3.0, -2.5]


@pytest.mark.parametrize(("share", "out"), [("74.6", 0), ("74", 2), ("", 2), ("x", 2)])
def test_a_lot_whose_shares_miss_100_is_refused_whole(
    good: Rows, raw: MakeRaw, build: Build, share: str, out: int
) -> None:
    good["lot_materials"][1]["share_pct"] = share
    mart = build(raw(good))
    quarantine = mart.quarantine["lot_materials"]
    assert len(quarantine) == out
    assert quarantine["rules"].str.contains("shares_not_100").all()
    assert set(quarantine["lot_no"]) <= {"L1"}


def test_excluded_lots_and_their_materials_stay_out(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["lots"][1]["lot_status"] = "D"
    good["lots"][0]["lot_type"] = "WR"
    mart = build(raw(good))
    assert mart.quarantine["lots"]["rules"].tolist() == ["lot_excluded"]
    assert mart.quarantine["lot_materials"]["rules"].tolist() == ["lot_excluded", "lot_excluded"]
    assert mart.tables["lots"][["lot_no", "is_rework"]].to_numpy().tolist() == [["L1", True]]


def test_references_are_checked_against_rows_that_stay(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["products"][1]["product_name"] = "unheard of"
    mart = build(raw(good))
    assert mart.quarantine["sales"]["rules"].tolist() == ["unknown_product"]


def test_missing_tables_are_not_referred_to(good: Rows, raw: MakeRaw, build: Build) -> None:
    del good["customers"]
    mart = build(raw(good))
    assert len(mart.tables["sales"]) == 2
    assert mart.tables["customers"].empty


def test_optional_cells_may_be_blank(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["lots"][0]["produced_on"] = r"\N"
    good["purchases"][0] |= {"received_on": "", "received_kg": "", "is_fully_received": "N"}
    good["lot_materials"][0]["extra_kg"] = ""
    mart = build(raw(good))
    assert mart.tables["lots"]["produced_on"].isna().tolist() == [True, False]
    purchase = mart.tables["purchases"].iloc[0]
    assert pd.isna(purchase["received_on"])
    assert purchase["received_kg"] == 0.0
    assert not purchase["is_fully_received"]
    assert mart.tables["lot_materials"]["extra_kg"].eq(0.0).all()


def test_codes_that_became_floats_are_whole_again(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["sales"][0]["customer_code"] = "2001.000000"
    mart = build(raw(good))
    assert mart.tables["sales"]["customer_code"].tolist() == ["2001", "2001"]
    assert mart.accounts["sales"] == Account(read=2, accepted=1, corrected=1, quarantined=0, duplicates=0)
    assert mart.corrections.drop(columns="reason").to_dict("records") == [
        {
            "table": "sales",
            "source_file": "sales.csv",
            "source_line": 2,
            "rule": "code_as_float",
            "column": "customer_code",
            "old": "2001.000000",
            "new": "2001",
        }
    ]


def test_corrections_of_rows_that_stay_out_are_not_logged(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["sales"][0] |= {"customer_code": "2001.0", "region": "Atlantis"}
    mart = build(raw(good))
    assert mart.corrections.empty
    assert mart.accounts["sales"] == Account(read=2, accepted=1, corrected=0, quarantined=1, duplicates=0)


def test_a_sign_that_the_amount_disproves_is_corrected(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["orders"][1]["quantity_kg"] = "-100"
    mart = build(raw(good))
    assert mart.tables["orders"]["quantity_kg"].tolist() == [100.0, 100.0]
    assert mart.corrections[["table", "source_line", "rule", "old", "new"]].to_numpy().tolist() == [
        ["orders", 3, "quantity_sign", "-100.0", "100.0"]
    ]


def test_a_reading_is_missing_where_its_whole_file_lacks_it(good: Rows, raw: MakeRaw, build: Build) -> None:
    tables: dict[str, Any] = raw(good)
    older = tables["weather"].assign(rain_mm="", source_file="weather_2019.csv", date=["2019-01-01", "2019-01-02"])
    tables["weather"] = pd.concat([older, tables["weather"]])
    mart = build(tables)
    assert mart.tables["weather"]["rain_mm"].isna().tolist() == [True, True, False, False]
    assert mart.tables["weather"]["snow_cm"].isna().all()


@pytest.mark.parametrize("largest", [{"sale": {"quantity_kg": 1.0}}, {"sales": {"weight_kg": 1.0}}])
def test_a_limit_of_a_column_that_no_table_has_is_refused(
    config: MartConfig, largest: dict[str, dict[str, float]]
) -> None:
    with pytest.raises(ValidationError, match="has no column"):
        MartConfig.model_validate(config.model_dump() | {"largest": largest})


def test_an_account_that_does_not_add_up_fails() -> None:
    with pytest.raises(AccountingError, match="sales: 3 rows were read but 2 accounted for"):
        Account(read=3, accepted=1, corrected=0, quarantined=1, duplicates=0).check("sales")
