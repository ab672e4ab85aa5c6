"""The simulated plant's truth: its sizes, its books and stock in agreement, and its randomness under control."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample import Catalogue, Plant, simulate
from mixplan.sources.sample.catalogue import CatalogueError
from mixplan.sources.sample.randomness import autocorrelated, generator

from .conftest import SMALL, simulation


def test_the_default_plant_has_the_size_it_promises(full_plant: Plant, full_config: SimulationConfig) -> None:
    years = ((full_config.last_day - full_config.first_day).days + 1) / 365.25
    assert len(full_plant.sales) / years == pytest.approx(10_000, rel=0.05)
    assert full_plant.customers["customer_code"].nunique() == 70
    assert full_plant.products["product_code"].nunique() == 600
    assert full_plant.sales["product"].nunique() == 30, "every product has a buyer"
    assert full_plant.recipes["material_code"].nunique() == len(full_plant.materials) == 35
    assert full_plant.weather["region"].nunique() == 16


def test_dates_reach_as_far_as_the_exports_promise(full_plant: Plant) -> None:
    last, open_orders = pd.Timestamp("2024-06-30"), full_plant.orders[full_plant.orders["due_on"] > "2024-06-30"]
    assert full_plant.sales["sold_on"].max() <= last
    assert full_plant.orders["ordered_on"].min() == pd.Timestamp("2022-07-01")
    assert full_plant.lots["requested_on"].min() >= pd.Timestamp("2024-03-31")
    assert full_plant.stock_counts["counted_on"].max() == last
    assert len(open_orders) > 50
    assert (open_orders["sold_kg"] == 0.0).all()
    assert (open_orders["ordered_on"] <= last).all()
    assert full_plant.purchases["received_on"].isna().any()


def test_equal_seeds_make_equal_plants(
    small_config: SimulationConfig, small_plant: Plant, catalogue: Catalogue
) -> None:
    again, other = simulate(small_config, catalogue, seed=5), simulate(small_config, catalogue, seed=6)
    for field in fields(Plant):
        pd.testing.assert_frame_equal(getattr(again, field.name), getattr(small_plant, field.name))
    assert not other.sales.equals(small_plant.sales)


def test_one_part_does_not_move_another(small_plant: Plant, catalogue: Catalogue) -> None:
    changed = simulate(simulation(**SMALL, operations={"buying_noise": 0.5}), catalogue, seed=5)
    pd.testing.assert_frame_equal(changed.sales, small_plant.sales)
    pd.testing.assert_frame_equal(changed.weather, small_plant.weather)
    assert not changed.purchases.equals(small_plant.purchases)


def test_recipes_and_lots_add_up(small_plant: Plant) -> None:
    assert small_plant.recipes.groupby("product")["share"].sum().to_numpy() == pytest.approx(1.0, abs=1e-9)
    by_lot = small_plant.lot_materials.groupby(["lot_no", "split_no"])[["share_pct", "weight_kg"]].sum()
    mixed = small_plant.lots[~small_plant.lots["is_excluded"]].set_index(["lot_no", "split_no"])
    assert by_lot["share_pct"].to_numpy() == pytest.approx(100.0, abs=1e-6)
    assert by_lot["weight_kg"].to_numpy() == pytest.approx(mixed.loc[by_lot.index, "weight_kg"].to_numpy(), abs=0.2)
    assert set(by_lot.index) == set(mixed.index)


def test_some_materials_are_mixes_of_customers(full_plant: Plant) -> None:
    mixed = full_plant.recipes.dropna(subset="component_product")
    product_of = full_plant.products.set_index("product_code")["product"]
    assert mixed["component_product"].nunique() == 4
    assert mixed["material_code"].map(product_of).tolist() == mixed["component_product"].tolist()


def test_sales_are_what_the_orders_delivered(small_plant: Plant) -> None:
    due = small_plant.orders[small_plant.orders["sold_kg"] > 0.0].groupby("due_on")["sold_kg"].sum()
    first = small_plant.orders["ordered_on"].min() + pd.Timedelta(days=28)  # older orders may be due before
    sold = small_plant.sales.groupby("sold_on")["quantity_kg"].sum()
    pd.testing.assert_series_equal(due[due.index >= first], sold[sold.index >= first], check_names=False)
    assert (small_plant.orders["due_on"] >= small_plant.orders["ordered_on"]).all()


def test_stock_counts_are_receipts_less_use(full_plant: Plant) -> None:
    """From each count to the next, stock changes by what came less what was used, but for the error of two counts."""
    received = full_plant.purchases.rename(columns={"received_on": "date", "received_kg": "kg"})
    used = full_plant.material_use.assign(kg=-full_plant.material_use["use_kg"])
    flows = pd.concat([one[["date", "material_code", "kg"]].dropna() for one in (received, used)])
    net = flows.pivot_table(index="date", columns="material_code", values="kg", aggfunc="sum", fill_value=0.0).cumsum()
    counts = full_plant.stock_counts.pivot_table(index="counted_on", columns="material_code", values="stock_kg")
    assert counts.shape == (105, 31)
    drift = (counts - net.loc[counts.index]).diff().iloc[1:]
    allowed = 5.0 * 0.004 * (counts + counts.shift(1)).iloc[1:] + 1.0
    assert (drift.abs() <= allowed).all(axis=None)
    assert (drift.abs() > 1.0).any(axis=None), "people do not count exactly"


def test_lead_times_differ_between_suppliers_and_within(full_plant: Plant) -> None:
    bought = full_plant.purchases[~full_plant.purchases["is_spot"]].dropna(subset="received_on")
    days = (bought["received_on"] - bought["ordered_on"]).dt.days.groupby(bought["supplier_code"])
    assert days.median().min() <= 3
    assert 15 <= days.median().max() <= 25
    assert (days.nunique() >= 3).all()
    assert days.min().min() >= 1


def test_buying_by_feel_sometimes_runs_out(full_plant: Plant) -> None:
    assert 0.01 < full_plant.purchases["is_spot"].mean() < 0.15


def test_planners_are_about_thirty_per_cent_off(full_plant: Plant) -> None:
    sales = full_plant.sales.assign(month=full_plant.sales["sold_on"].dt.to_period("M").dt.to_timestamp())
    sold = sales.groupby(["month", "product"])["quantity_kg"].sum()
    planned = full_plant.planner_forecasts.set_index(["month", "product"])["quantity_kg"]
    planned = planned[planned.index.get_level_values("month") < "2024-07-01"]
    sold = sold.reindex(planned.index, fill_value=0.0)
    assert 0.24 < (planned - sold).abs().sum() / sold.sum() < 0.38
    assert full_plant.planner_forecasts["month"].max() == pd.Timestamp("2024-07-01")


def test_a_catalogue_too_small_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError, match="products: 31 asked for, but the catalogue has 30"):
        simulate(simulation(**SMALL | {"products": 31}), catalogue, seed=1)


def test_a_series_has_the_correlation_asked_for() -> None:
    series = autocorrelated(generator(1, "test"), (20_000, 1), 0.8)[:, 0]
    assert series.std() == pytest.approx(1.0, abs=0.05)
    assert np.corrcoef(series[1:], series[:-1])[0, 1] == pytest.approx(0.8, abs=0.02)
    assert generator(1, "one").random() != generator(1, "other").random()
