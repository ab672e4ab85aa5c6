"""What lots were made of, and how suppliers deliver, beside naive loops."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.mart import AsMadeConfig
from mixplan.mart.as_made import recipes_as_made
from mixplan.mart.suppliers import supplier_terms

CONFIG = AsMadeConfig(half_life_days=30.0, tolerance=0.02)
DAY = pd.Timestamp("2024-01-01")
kg = st.integers(1, 500).map(float)
lots = st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 90), st.booleans()), min_size=1, max_size=6)
used = st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["c", "w", "s"]), kg, kg), min_size=1, max_size=12)


def lot_frame(rows: list[tuple[str, int, bool]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lot_no": [str(number) for number in range(len(rows))],
            "split_no": "0",
            "product": [product for product, _, _ in rows],
            "requested_on": [DAY + pd.Timedelta(days=day) for _, day, _ in rows],
            "is_rework": [is_rework for _, _, is_rework in rows],
        }
    )


def used_frame(rows: list[tuple[int, str, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["lot_no", "material_code", "weight_kg", "extra_kg"])
    return frame.assign(lot_no=frame["lot_no"].astype(str), split_no="0")


@settings(max_examples=60, deadline=None)
@given(lots=lots, used=used)
def test_made_shares_are_those_of_a_naive_loop(
    lots: list[tuple[str, int, bool]], used: list[tuple[int, str, float, float]]
) -> None:
    recipes = pd.DataFrame({"product": ["A", "B"], "material_code": "c", "share": 1.0})
    found = recipes_as_made(lot_frame(lots), used_frame(used), recipes, CONFIG)
    days = [day for _, day, is_rework in lots if not is_rework]
    expected: dict[tuple[str, str], float] = defaultdict(float)
    for number, material, weight, extra in used:
        if number < len(lots) and not lots[number][2]:
            product, day, _ = lots[number]
            expected[product, material] += (weight + extra) * 2 ** (-(max(days) - day) / 30)
    whole = {name: sum(value for (of, _), value in expected.items() if of == name) for name in "AB"}
    shares = found[found["made_share"] > 0].set_index(["product", "material_code"])["made_share"].to_dict()
    assert shares == pytest.approx({key: value / whole[key[0]] for key, value in expected.items()})
    for _, rows in found.groupby("product"):
        assert rows["made_share"].sum() == pytest.approx(1.0)
    assert (found["differs"] == ((found["made_share"] - found["listed_share"]).abs() > 0.02)).all()


def test_only_products_with_a_recipe_and_a_lot_are_compared() -> None:
    recipes = pd.DataFrame({"product": ["A", "C"], "material_code": "c", "share": 1.0})
    found = recipes_as_made(
        lot_frame([("A", 0, False), ("B", 0, False)]),
        used_frame([(0, "c", 1.0, 0.0), (1, "c", 1.0, 0.0)]),
        recipes,
        CONFIG,
    )
    assert found[["product", "lots", "made_kg"]].to_numpy().tolist() == [["A", 1, 1.0]]


def test_without_lots_there_is_nothing_to_compare() -> None:
    recipes = pd.DataFrame({"product": ["A"], "material_code": "c", "share": 1.0})
    empty = lot_frame([("A", 0, False)]).head(0), used_frame([(0, "c", 1.0, 0.0)]).head(0)
    assert recipes_as_made(*empty, recipes, CONFIG).empty


purchase = st.tuples(
    st.sampled_from("MN"),
    st.integers(0, 50),
    st.integers(1, 9),
    st.one_of(st.none(), st.integers(0, 20)),
    kg,
    st.one_of(st.none(), kg),
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(purchase, min_size=1, max_size=12))
def test_supplier_terms_are_those_of_a_naive_loop(
    rows: list[tuple[str, int, int, int | None, float, float | None]],
) -> None:
    ordered = [DAY + pd.Timedelta(days=day) for _, day, _, _, _, _ in rows]
    frame = pd.DataFrame(
        {
            "material_code": [row[0] for row in rows],
            "supplier_code": "S",
            "ordered_on": ordered,
            "due_on": [day + pd.Timedelta(days=row[2]) for day, row in zip(ordered, rows, strict=True)],
            "received_on": pd.to_datetime(
                [
                    None if row[3] is None else day + pd.Timedelta(days=row[3])
                    for day, row in zip(ordered, rows, strict=True)
                ]
            ),
            "quantity_kg": [row[4] for row in rows],
            "received_kg": [0.0 if row[3] is None else row[4] / 2 for row in rows],
            "is_fully_received": [row[3] is not None for row in rows],
            "unit_price_krw": pd.Series([row[5] for row in rows], dtype="float64"),
        }
    )
    for terms in supplier_terms(frame).itertuples():
        own = [row for row in rows if row[0] == terms.material_code]
        came = [row for row in own if row[3] is not None]
        priced = [row for row in own if row[5] is not None]
        assert (terms.purchases, terms.receipts) == (len(own), len(came))
        if came:
            days = sorted(row[3] for row in came)
            assert terms.median_lead_time_days == np.median(days)
            assert terms.longest_lead_time_days == days[-1]
            assert terms.late_share == pytest.approx(sum(row[3] > row[2] for row in came) / len(came))
            assert terms.fill_share == pytest.approx(0.5)
        else:
            assert np.isnan([terms.median_lead_time_days, terms.late_share, terms.fill_share]).all()
        if priced:
            paid = sum(row[4] * row[5] for row in priced) / sum(row[4] for row in priced)
            assert terms.mean_price_krw == pytest.approx(paid)
        else:
            assert np.isnan(terms.mean_price_krw)
