"""What a scenario would change, against sums by hand, the forecast's own model and the orders' own endpoint."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from starlette.testclient import TestClient

from mixplan.client.schemas import ForecastRequest, ScenarioRequest
from mixplan.demand.features import FeatureBuilder
from serving.scenario import Scenarios
from serving.whole import Champion

STOCK = {"stock": [{"material_code": code, "stock_kg": 500} for code in ("SR1", "SR2", "SR3")]}


def ask(client: TestClient, *changes: str, weeks: int = 4, **more: Any) -> Any:
    answer = client.post("/scenario", json={"set": changes, "weeks": weeks, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def forecast(client: TestClient) -> dict[tuple[str, str], float]:
    rows = client.post("/forecast", json={"weeks": 26}).json()["rows"]
    return {(row["product"], row["week_start"]): row["quantity_kg"] for row in rows}


def test_only_the_product_that_changes_is_listed(client: TestClient) -> None:
    base = forecast(client)
    rows = ask(client, "demand.grout=*1.5", weeks=3)["demand"]
    assert [(row["product"], row["week_start"]) for row in rows] == [
        ("grout", day) for day in ("2024-07-01", "2024-07-08", "2024-07-15")
    ]
    for row in rows:
        assert row["base_kg"] == base["grout", row["week_start"]]
        assert row["scenario_kg"] == pytest.approx(1.5 * row["base_kg"])


def test_materials_move_with_what_they_are_in(client: TestClient) -> None:
    """All of grout and of paste is SR1, and the plan's 28 days are four whole weeks of 100 kg a day."""
    base = forecast(client)
    days = ("2024-07-01", "2024-07-08", "2024-07-15", "2024-07-22")
    ratios = [(2 * base["grout", day] + base["paste", day]) / (base["grout", day] + base["paste", day]) for day in days]
    (row,) = ask(client, "demand.grout=*2")["materials"]
    assert (row["material_code"], row["base_kg"]) == ("SR1", pytest.approx(2800))
    assert row["scenario_kg"] == pytest.approx(700 * np.sum(ratios))


def test_orders_are_those_of_the_changed_use(client: TestClient) -> None:
    """Without demand for what SR1 is in, only its safety stock is kept, and 500 kg hold that already."""
    base = client.post("/reorder", json=STOCK).json()["orders"]
    bought = sum(line["quantity_kg"] for line in base if line["material_code"] == "SR1")
    (row,) = ask(client, "demand.grout=0", "demand.paste=0", reorder=STOCK)["orders"]
    assert (row["material_code"], row["base_kg"], row["scenario_kg"]) == ("SR1", bought, 0)
    assert row["scenario_orders"] == 0


def test_a_slower_supplier_changes_its_orders_alone(client: TestClient) -> None:
    answer = ask(client, "supplier.3001300.lead_time_days=10", reorder=STOCK)
    assert (answer["demand"], answer["materials"]) == ([], [])
    (row,) = answer["orders"]
    assert row["material_code"] == "SR1"
    assert row["scenario_expedites"] > row["base_expedites"]


def test_drivers_reach_demand_through_the_model(client: TestClient, plant: Any) -> None:
    drivers = plant.builder._forecasts.reset_index()
    drivers["temperature_c"] += 3
    observed = plant.builder._observed.reset_index()
    recipes = pd.DataFrame({"product": ["grout", "paste"], "material_code": "SR1", "share": 1.0})
    builder = FeatureBuilder(plant.builder.history, drivers, observed, "KR", recipes, plant.builder.purchases)
    features = builder.rows(pd.Timestamp("2024-07-01"), 26)
    expected = features.assign(kg=plant.models["ridge"].predict(features)["prediction_kg"])
    rows = ask(client, "drivers.temperature=+3")["demand"]
    assert rows
    by_week = expected.set_index(["product", "week"])["kg"]
    for row in rows:
        assert row["scenario_kg"] == pytest.approx(by_week[row["product"], row["week_start"]])
        assert row["scenario_kg"] != pytest.approx(row["base_kg"])


def test_materials_of_a_mixed_good_move_too(plant: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR2 is in grout only through the paste that half of the grout is, 0.5 kg a kg, beside the paste that is sold."""
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(plant.folder))
    champion = Champion()
    rows = [("grout", "SR1", 0.5, None), ("grout", "P1", 0.5, "paste"), ("paste", "SR2", 1.0, None)]
    champion.forecasts.recipes = pd.DataFrame(rows, columns=["product", "material_code", "share", "component_product"])
    request = ScenarioRequest(set=["demand.grout=*2"], weeks=4)
    answer = Scenarios(champion.forecasts, champion.orders).answer(request)
    weeks = champion.forecasts.answer(ForecastRequest(weeks=4)).rows
    grout, paste = ([row.quantity_kg for row in weeks if row.product == name] for name in ("grout", "paste"))
    ratios = [(2 * g / 2 + p) / (g / 2 + p) for g, p in zip(grout, paste, strict=True)]
    changed = {row.material_code: row.scenario_kg for row in answer.materials}
    assert changed == {"SR1": pytest.approx(5600), "SR2": pytest.approx(70 * np.sum(ratios))}


def test_without_stock_no_orders_are_compared(client: TestClient) -> None:
    assert ask(client, "demand.grout=*2")["orders"] is None


def test_a_product_without_recipe_is_said_to_change_no_material(client: TestClient) -> None:
    answer = ask(client, "demand.선행제=*2")
    assert answer["materials"] == []
    assert answer["notes"] == ["선행제 has no recipe, so it changes no material"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (["demand.grout"], "set: demand.grout: write drivers.NAME=+3"),
        (["demand.mortar=*2"], "set: demand.mortar: there is none; known are grout"),
        (["drivers.wind=+1"], "set: drivers.wind: there is none; known are temperature_c"),
        (["supplier.9.lead_time_days=3"], "set: supplier.9: there is none; known are 3001200, 3001300"),
        (["supplier.3001300.lead_time_days=3651"], "nobody waits longer than 3,650 days"),
        (["demand.grout=nan"], "nan is no number"),
        (["demand.grout=*1e300"], "set: leads to more than 1,000,000,000 kg of a product in a week"),
        (["drivers.temperature=1e308"], "set: drivers.temperature: beyond 1,000,000, which no driver reaches"),
        (["demand.grout=*2"] * 21, "at most 20"),
        (["x" * 201], "at most 200"),
        ([], "at least 1"),
    ],
)
def test_what_cannot_be_planned_is_refused(client: TestClient, changes: list[str], said: str) -> None:
    answer = client.post("/scenario", json={"set": changes, "weeks": 4})
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"]


def test_a_material_that_is_unknown_is_refused_as_it_is_by_orders(client: TestClient) -> None:
    body = {"set": ["demand.grout=*2"], "weeks": 4, "reorder": {"stock": [{"material_code": "X", "stock_kg": 1}]}}
    assert client.post("/scenario", json=body).status_code == 404


def test_the_document_says_what_is_not_solved_anew(client: TestClient) -> None:
    described = client.get("/docs.json").json()["paths"]["/scenario"]["post"]["description"]
    assert "lots are not planned again" in described
