"""What lots were made of, and how suppliers deliver, beside naive loops."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.config.mart import AsMadeConfig
from mixplan.mart.as_made import recipes_as_made
from mixplan.mart.suppliers import material_terms, supplier_terms

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


class Purchase(NamedTuple):
    """A purchase, in days after it was ordered."""

    material: str
    supplier: str
    ordered: int
    due: int
    received: int | None
    is_full: bool
    quantity_kg: float
    price_krw: float | None


purchase = st.builds(
    Purchase,
    material=st.sampled_from("MN"),
    supplier=st.sampled_from("ST"),
    ordered=st.integers(0, 50),
    due=st.integers(1, 9),
    received=st.one_of(st.none(), st.integers(0, 20)),
    is_full=st.booleans(),
    quantity_kg=kg,
    price_krw=st.one_of(st.none(), kg),
)


def purchase_frame(rows: list[Purchase]) -> pd.DataFrame:
    ordered = pd.Series([DAY + pd.Timedelta(days=row.ordered) for row in rows])
    received = pd.to_timedelta(pd.Series([row.received for row in rows], dtype="float64"), unit="D")
    return pd.DataFrame(
        {
            "material_code": [row.material for row in rows],
            "supplier_code": [row.supplier for row in rows],
            "ordered_on": ordered,
            "due_on": ordered + pd.to_timedelta([row.due for row in rows], unit="D"),
            "received_on": ordered + received,
            "quantity_kg": [row.quantity_kg for row in rows],
            "received_kg": [0.0 if row.received is None else row.quantity_kg / 2 for row in rows],
            "is_fully_received": [row.is_full and row.received is not None for row in rows],
            "unit_price_krw": pd.Series([row.price_krw for row in rows], dtype="float64"),
        }
    )


def check_terms(terms: Any, own: list[Purchase], last: int) -> None:
    came = [row for row in own if row.received is not None]
    assert (terms.purchases, terms.receipts) == (len(own), len(came))
    days = sorted(row.received for row in came if row.received is not None)
    known = [terms.median_lead_time_days, terms.p90_lead_time_days, terms.longest_lead_time_days]
    assert known == pytest.approx(
        [np.median(days), np.percentile(days, 90), days[-1]] if days else [np.nan] * 3, nan_ok=True
    )
    late = [row.received > row.due for row in own if row.received is not None]
    late += [True for row in own if row.received is None and row.ordered + row.due < last]
    assert terms.late_share == pytest.approx(sum(late) / len(late) if late else np.nan, nan_ok=True)
    full = any(row.is_full for row in came)
    assert terms.fill_share == pytest.approx(0.5 if full else np.nan, nan_ok=True)
    priced = [(row.quantity_kg, row.price_krw) for row in own if row.price_krw is not None]
    paid = sum(kilograms * price for kilograms, price in priced)
    mean = paid / sum(kilograms for kilograms, _ in priced) if priced else np.nan
    assert terms.mean_price_krw == pytest.approx(mean, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(purchase, min_size=1, max_size=12), last=st.integers(0, 60))
def test_terms_are_those_of_a_naive_loop(rows: list[Purchase], last: int) -> None:
    frame, last_day = purchase_frame(rows), DAY + pd.Timedelta(days=last)
    for terms in supplier_terms(frame, last_day).itertuples():
        pair = (terms.material_code, terms.supplier_code)
        check_terms(terms, [row for row in rows if (row.material, row.supplier) == pair], last)
    materials = material_terms(frame, last_day)
    assert materials["material_code"].tolist() == sorted({row.material for row in rows})
    for terms in materials.itertuples():
        own = [row for row in rows if row.material == terms.material_code]
        assert terms.suppliers == len({row.supplier for row in own})
        check_terms(terms, own, last)


def test_without_purchases_there_are_no_terms() -> None:
    empty = purchase_frame([Purchase("M", "S", 0, 1, 1, is_full=True, quantity_kg=1.0, price_krw=1.0)]).head(0)
    assert supplier_terms(empty, pd.NaT).empty
    assert material_terms(empty, pd.NaT).empty
