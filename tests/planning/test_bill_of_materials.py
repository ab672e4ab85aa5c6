from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.planning.bill_of_materials import bill_of_materials, explode
from mixplan.planning.errors import PlanningError

few = settings(max_examples=40, deadline=None)

Row = tuple[str, str, float, str | None]


def recipes_of(rows: list[Row]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["product", "material_code", "share", "component_product"])
    return frame.astype({"component_product": "object"})


def content(rows: list[Row], product: str, material: str) -> float:
    """The oracle: follow every recipe down by hand."""
    total = 0.0
    for name, code, share, component in rows:
        if name == product:
            total += share * content(rows, component, material) if component else share * (code == material)
    return total


@st.composite
def acyclic_recipes(draw: st.DrawFn) -> list[Row]:
    """Products P0, P1, ...; each may hold products before it."""
    rows: list[Row] = []
    for number in range(draw(st.integers(1, 5))):
        choices = [("bought", code) for code in ("M0", "M1", "M2")] + [("mixed", f"P{i}") for i in range(number)]
        parts = draw(st.lists(st.sampled_from(choices), min_size=1, max_size=4, unique=True))
        weights = [draw(st.integers(1, 9)) for _ in parts]
        for (kind, name), weight in zip(parts, weights, strict=True):
            share = weight / sum(weights)
            rows.append(
                (f"P{number}", f"C-{name}" if kind == "mixed" else name, share, name if kind == "mixed" else None)
            )
    return rows


@few
@given(acyclic_recipes())
def test_equals_following_recipes_by_hand(rows: list[Row]) -> None:
    bill = bill_of_materials(recipes_of(rows))
    for product in bill.index:
        for material in bill.columns:
            assert bill.loc[product, material] == pytest.approx(content(rows, product, material))


@few
@given(acyclic_recipes())
def test_a_kilogram_of_product_is_a_kilogram_of_materials(rows: list[Row]) -> None:
    assert np.allclose(bill_of_materials(recipes_of(rows)).sum(axis=1), 1.0)


def test_three_levels_worked_by_hand() -> None:
    rows: list[Row] = [
        ("paste", "cement", 0.8, None),
        ("paste", "water", 0.2, None),
        ("mortar", "P-paste", 0.5, "paste"),
        ("mortar", "sand", 0.5, None),
        ("special", "P-mortar", 0.25, "mortar"),
        ("special", "P-paste", 0.5, "paste"),
        ("special", "sand", 0.25, None),
    ]
    bill = bill_of_materials(recipes_of(rows))
    assert bill.loc["special"].to_dict() == pytest.approx({"cement": 0.5, "sand": 0.375, "water": 0.125})
    assert list(bill.columns) == ["cement", "sand", "water"]


def test_returned_goods_that_shrink_are_a_geometric_series() -> None:
    rows: list[Row] = [("paste", "cement", 0.9, None), ("paste", "P-paste", 0.1, "paste")]
    assert bill_of_materials(recipes_of(rows)).loc["paste", "cement"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "P-B", 1.0, "B"), ("B", "P-A", 1.0, "A"), ("C", "M", 1.0, None)],
        [("A", "P-A", 1.0, "A"), ("C", "M", 1.0, None)],
        [("A", "P-A", 1.5, "A"), ("A", "M", 0.5, None)],
    ],
)
def test_a_cycle_that_does_not_shrink_is_named(rows: list[Row]) -> None:
    with pytest.raises(PlanningError, match=r"A.*without end"):
        bill_of_materials(recipes_of(rows))


def test_an_ingredient_without_recipe_is_named() -> None:
    with pytest.raises(PlanningError, match="paste is an ingredient but has no recipe"):
        bill_of_materials(recipes_of([("mortar", "P", 1.0, "paste")]))


def test_materials_never_bought_are_left_out() -> None:
    recipes = recipes_of([("A", "water", 0.4, None), ("A", "sand", 0.6, None)])
    assert list(bill_of_materials(recipes, not_stocked=("water",)).columns) == ["sand"]
    with pytest.raises(PlanningError, match=r"plan\.not_stocked: no recipe uses watr"):
        bill_of_materials(recipes, not_stocked=("watr",))


def test_explode_equals_a_loop() -> None:
    rng = np.random.default_rng(3)
    bill = pd.DataFrame(rng.random((3, 2)), index=["A", "B", "C"], columns=["M1", "M2"])
    quantities = pd.DataFrame(rng.random((4, 2)), columns=["C", "A"])
    needed = explode(quantities, bill)
    for day in range(4):
        for material in bill.columns:
            expected: Any = sum(quantities.loc[day, name] * bill.loc[name, material] for name in quantities.columns)
            assert needed.loc[day, material] == pytest.approx(expected)


def test_explode_names_products_without_recipe() -> None:
    with pytest.raises(PlanningError, match="no recipe for new"):
        explode(pd.DataFrame({"new": [1.0]}), pd.DataFrame({"M": [1.0]}, index=["A"]))
