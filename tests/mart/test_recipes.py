"""Recipes: scaled shares, products inside products, and names that come down to products."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.mart.accounts import Account
from mixplan.mart.product_names import split_names

Rows = dict[str, list[dict[str, str]]]
MakeRaw = Callable[[Rows], dict[str, pd.DataFrame]]
Build = Callable[[dict[str, pd.DataFrame]], Any]


def recipe(product: str, **shares: str) -> list[dict[str, str]]:
    return [{"product": product, "material_code": code, "share": share} for code, share in shares.items()]


def test_shares_within_the_tolerance_are_scaled(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["recipes"] = recipe("AE", W="0.25", D="0.746") + recipe("PEMA-HR1000F", W="1")
    mart = build(raw(good))
    shares = mart.tables["recipes"].set_index("material_code")["share"]
    assert shares[["D", "W"]].iloc[:2].tolist() == [0.746 / 0.996, 0.25 / 0.996]
    assert mart.accounts["recipes"].corrected == 2
    assert mart.corrections["rule"].tolist() == ["shares_scaled", "shares_scaled"]
    assert mart.corrections["reason"].eq("the shares of AE add up to 0.996").all()


def wide(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The recipes as cells of a wide export: those of a product share its line."""
    lines = pd.factorize(tables["recipes"]["product"])[0] + 2
    return tables | {"recipes": tables["recipes"].assign(source_line=lines)}


def test_blank_and_zero_cells_of_a_wide_line_are_no_rows_but_make_a_material_known(
    good: Rows, raw: MakeRaw, build: Build
) -> None:
    good["recipes"] = recipe("AE", W="1", D="0.0", Z="") + recipe("PEMA-HR1000F", W="1", D="0")
    good["stock_counts"][1]["material_code"] = "Z"
    mart = build(wide(raw(good)))
    assert mart.tables["recipes"][["product", "material_code"]].to_numpy().tolist() == [
        ["AE", "W"],
        ["PEMA-HR1000F", "W"],
    ]
    assert mart.accounts["recipes"] == Account(read=2, accepted=2, corrected=0, quarantined=0, duplicates=0)
    assert mart.tables["stock_counts"]["material_code"].tolist() == ["W", "Z"]


def test_a_zero_share_of_a_long_recipe_is_accounted_for_and_costs_the_recipe_nothing(
    good: Rows, raw: MakeRaw, build: Build
) -> None:
    good["recipes"] += recipe("AE", Z="0.0")
    mart = build(raw(good))
    assert mart.accounts["recipes"] == Account(read=5, accepted=4, corrected=0, quarantined=1, duplicates=0)
    assert mart.quarantine["recipes"][["rules", "source_line"]].to_numpy().tolist() == [["absent_material", 6]]


def test_a_blank_share_of_a_long_recipe_is_missing_and_holds_the_recipe_back(
    good: Rows, raw: MakeRaw, build: Build
) -> None:
    good["recipes"] += recipe("AE", Z=r"\N")
    mart = build(raw(good))
    assert mart.accounts["recipes"] == Account(read=5, accepted=2, corrected=0, quarantined=3, duplicates=0)
    assert mart.quarantine["recipes"]["rules"].tolist() == [
        "shares_not_100",
        "shares_not_100",
        "missing_value,shares_not_100",
    ]


def test_a_recipe_line_that_says_nothing_is_accounted_for_once(good: Rows, raw: MakeRaw, build: Build) -> None:
    tables = raw(good)
    line = raw({"recipes": recipe("SN400", W="0", D="", Z="0.0")})["recipes"].assign(source_line=99)
    tables["recipes"] = pd.concat([tables["recipes"], line])
    quarantine = build(tables).quarantine["recipes"]
    assert quarantine[["product", "source_line"]].to_numpy().tolist() == [["SN400", 99]]


def test_shares_that_differ_by_floating_point_alone_are_untouched(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["recipes"] = recipe("AE", W="0.1", D="0.2", E="0.7000000000000001") + recipe("PEMA-HR1000F", W="1")
    assert build(raw(good)).corrections.empty


@pytest.mark.parametrize("share", ["0.7", "x", "", "-0.75", "0"])
def test_a_recipe_that_misses_one_is_refused_whole_and_its_product_is_unknown(
    good: Rows, raw: MakeRaw, build: Build, share: str
) -> None:
    good["recipes"][1]["share"] = share
    mart = build(raw(good))
    refused = mart.quarantine["recipes"]
    assert set(refused["product"]) == {"AE"}
    assert set(mart.tables["recipes"]["product"]) == {"PEMA-HR1000F"}
    assert refused["rules"].str.contains("shares_not_100").all()
    assert mart.quarantine["products"]["rules"].tolist() == ["unknown_product"]
    assert mart.quarantine["sales"]["rules"].tolist() == ["unknown_product"]


@pytest.mark.parametrize(("material", "rule"), [("", "missing_value"), ("W", "key_repeated")])
def test_a_recipe_with_a_row_that_stays_out_is_refused_whole(
    good: Rows, raw: MakeRaw, build: Build, material: str, rule: str
) -> None:
    good["recipes"][1]["material_code"] = material
    mart = build(raw(good))
    assert mart.quarantine["recipes"]["rules"].tolist() == ["shares_not_100", f"{rule},shares_not_100"]
    assert set(mart.tables["recipes"]["product"]) == {"PEMA-HR1000F"}


def test_a_material_is_a_product_by_its_code_or_by_its_name_in_lots(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["recipes"] = recipe("AE", W="1") + recipe("PEMA-HR1000F", W="0.5", P1="0.3", X1="0.2")
    good["lot_materials"][2] |= {"material_code": "X1", "material_name": "AE 산하("}
    good["materials"].append({"material_code": "D2", "material_name": "AE like name of a raw material"})
    good["recipes"][-1:] += recipe("SN", W="0.5", D2="0.5")
    recipes = build(raw(good)).tables["recipes"].set_index(["product", "material_code"])
    assert {type(product) for product in recipes["component_product"]} == {str, type(None)}
    component = recipes["component_product"].dropna()
    assert component.to_dict() == {("PEMA-HR1000F", "P1"): "AE", ("PEMA-HR1000F", "X1"): "AE"}


def test_a_product_is_never_part_of_itself(good: Rows, raw: MakeRaw, build: Build) -> None:
    good["products"] += [{"product_code": "P3", "product_name": "SN400"}]
    good["recipes"] = (
        recipe("AE", W="0.4", P1="0.1", P2="0.5")  # P1 is AE itself
        + recipe("PEMA-HR1000F", W="0.2", P3="0.8")
        + recipe("SN400", W="0.7", P1="0.3")  # closes AE > HR1000F > SN400 > AE with the smallest share
    )
    mart = build(raw(good))
    assert {type(product) for product in mart.tables["recipes"]["component_product"]} == {str, type(None)}
    component = mart.tables["recipes"].set_index(["product", "material_code"])["component_product"].dropna()
    assert component.to_dict() == {("AE", "P2"): "PEMA-HR1000F", ("PEMA-HR1000F", "P3"): "SN400"}
    log = mart.corrections
    assert log["rule"].tolist() == ["recipe_cycle", "recipe_cycle"]
    assert log[["old", "new"]].to_numpy().tolist() == [["AE", ""], ["AE", ""]]
    assert mart.accounts["recipes"].corrected == 2


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 9), max_size=15))
def test_components_never_form_a_cycle(links: dict[tuple[int, int], int]) -> None:
    from mixplan.mart.recipes import _looping_links

    frame = pd.DataFrame(
        [(f"p{whole}", f"m{part}", share, f"p{part}") for (whole, part), share in links.items()],
        columns=["product", "material_code", "share", "component_product"],
    )
    looping = _looping_links(pl.DataFrame(frame.to_dict("list")).with_row_index("row"))
    kept = frame.drop(index=looping)
    adjacency = np.zeros((5, 5))
    for whole, part in zip(kept["product"], kept["component_product"], strict=True):
        adjacency[int(whole[1]), int(part[1])] = 1
    assert not np.linalg.matrix_power(adjacency, 5).any(), "a graph of 5 nodes without cycles has no path of length 5"
    for row in looping:  # each dropped link alone would close a cycle with links that stayed
        closing = adjacency.copy()
        closing[int(frame["product"][row][1]), int(frame["component_product"][row][1])] = 1
        assert np.linalg.matrix_power(closing, 5).any()


@given(
    st.lists(st.text("AB1- ", min_size=1, max_size=4).filter(str.strip), min_size=1, max_size=6),
    st.text("AB1- x", max_size=8),
)
def test_names_come_down_to_the_longest_product(products: list[str], name: str) -> None:
    def spelled(text: str) -> str:
        return text.replace(" ", "")

    fitting = [product for product in products if spelled(name).startswith(spelled(product))]
    expected = max((len(spelled(product)) for product in fitting), default=None)
    found = split_names(pd.Series([name], dtype=object), products).iloc[0]
    if expected is None:
        assert found["product"] is None
        assert found["remark"] == ""
    else:
        assert found["product"] in fitting
        assert len(spelled(found["product"])) == expected
        assert spelled(found["product"]) + spelled(found["remark"]) == spelled(name)
