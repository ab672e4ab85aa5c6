"""A plan small enough to follow by hand: grout is half sand, half paste; paste is cement and water."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixplan.artifacts.champion import Winner, write_manifest
from mixplan.artifacts.files import write_json, write_parquet
from mixplan.lineage.run import LoggedRun
from mixplan.planning.overrides import Override, as_table

MONDAY = pd.Timestamp("2024-07-01")


def origin(rows: pd.DataFrame, file: str, first: int = 2) -> pd.DataFrame:
    return rows.assign(source_file=file, source_line=range(first, first + len(rows)))


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("plant")
    _mart(root / "data/mart")
    _forecast(root)
    _plan(root)
    held = pd.DataFrame({"rules": ["not_a_number"], "duplicate_of": "", "quantity_kg": "many"})
    write_parquet(root / "data/quarantine/sales/2024.parquet", origin(held, "sales.csv", 99))
    write_parquet(
        root / "data/quarantine/corrections/sales.parquet", origin(pd.DataFrame({"rule": ["x"]}), "sales.csv")
    )
    write_parquet(root / "data/customers.parquet", pd.DataFrame({"customer_code": ["7"]}))
    return root


def _mart(mart: Path) -> None:
    days = pd.date_range("2024-06-24", periods=8)
    sales = pd.DataFrame({"sold_on": days, "customer_code": "7", "product_code": "G1", "product": "grout"})
    sales = origin(sales.assign(region="서울", quantity_kg=100.0, unit_price_krw=900.0), "sales.csv")
    sales.loc[3, "product"] = "paste"
    write_parquet(mart / "sales/2024.parquet", sales)
    order = {"order_no": "O1", "customer_code": "7", "product_code": "G1", "product": "grout", "quantity_kg": 600.0}
    order |= {"unit_price_krw": 900.0, "amount_krw": 540000.0, "ordered_on": MONDAY, "due_on": MONDAY, "sold_kg": 0.0}
    write_parquet(mart / "orders/2024.parquet", origin(pd.DataFrame([order | {"is_rush": False}]), "contract.csv", 5))
    recipes = pd.DataFrame(
        {
            "product": ["grout", "grout", "paste", "paste"],
            "material_code": ["sand", "P1", "cement", "water"],
            "share": [0.5, 0.5, 0.75, 0.25],
            "component_product": [None, "paste", None, None],
        }
    )
    write_parquet(mart / "recipes/all.parquet", origin(recipes, "recipe.csv", 11))
    bought = {"purchase_no": ["B1", "B2"], "material_code": "cement", "supplier_code": "9", "quantity_kg": 1000.0}
    bought |= {"unit_price_krw": 80.0, "ordered_on": pd.to_datetime(["2024-05-01", "2024-06-20"])}
    bought |= {"due_on": pd.to_datetime(["2024-05-08", "2024-07-05"])}
    bought |= {"received_on": pd.to_datetime(["2024-05-09", None]), "received_kg": [1000.0, 0.0]}
    purchases = pd.DataFrame({**bought, "is_fully_received": [True, False]})
    write_parquet(mart / "purchases/all.parquet", origin(purchases, "order.csv", 21))
    counts = pd.DataFrame({"counted_on": pd.to_datetime(["2024-06-23", "2024-06-30"]), "material_code": "cement"})
    write_parquet(mart / "stock_counts/all.parquet", origin(counts.assign(stock_kg=50.0), "stock.csv", 31))
    weather = {"date": [MONDAY], "region": "서울", "temperature_c": 20.0, "humidity_pct": 60.0, "rain_mm": 0.0}
    write_parquet(mart / "weather/all.parquet", origin(pd.DataFrame({**weather, "snow_cm": 0.0}), "weather.csv", 41))
    starts = pd.DataFrame({"month": [MONDAY], "construction_index": [1.0]})
    write_parquet(mart / "construction/all.parquet", origin(starts, "starts.csv", 51))
    write_parquet(mart / "supplier_terms/all.parquet", pd.DataFrame({"material_code": ["cement"]}))
    product = {"product_code": ["G1", "V1"], "product": ["grout", "void"], "region": "서울"}
    write_parquet(mart / "products/all.parquet", origin(pd.DataFrame(product), "products.csv", 61))
    customers = pd.DataFrame({"customer_code": ["7", "8"], "customer_name": "Han"})
    write_parquet(mart / "customers/all.parquet", origin(customers, "client.csv", 71))
    material = pd.DataFrame({"material_code": ["cement"], "material_name": "Cement"})
    write_parquet(mart / "materials/all.parquet", origin(material, "raw.csv", 81))
    planned = pd.DataFrame({"month": [MONDAY], "product": "grout", "quantity_kg": 900.0})
    write_parquet(mart / "planner_forecasts/all.parquet", origin(planned, "plan.csv", 91))
    lot = pd.DataFrame({"lot_no": ["L1"], "split_no": "1"})
    write_parquet(mart / "lots/all.parquet", origin(lot.assign(product="grout"), "lots.csv", 101))
    write_parquet(mart / "lot_materials/all.parquet", origin(lot.assign(material_code="sand"), "made.csv", 111))


def _forecast(root: Path) -> None:
    folder = root / "data/forecasts"
    weeks = pd.date_range(MONDAY, periods=2, freq="W-MON")
    rows = pd.DataFrame({"origin": MONDAY, "product": "grout", "week": weeks, "horizon_weeks": [1, 2]})
    rows = rows.assign(prediction_kg=[800.0, 1200.0], lower_kg=600.0, upper_kg=1500.0)
    write_parquet(folder / "demand/products.parquet", rows)
    parts = pd.DataFrame({"product": "grout", "month": 1, "part": ["level", "rain_mm_change"]})
    parts["contribution_kg"] = [2000.0, 1.0]
    write_parquet(folder / "demand/explanation.parquet", parts)
    drivers = pd.DataFrame({"origin": [MONDAY, MONDAY - pd.Timedelta(weeks=1)], "week": MONDAY})
    write_parquet(folder / "drivers/weekly.parquet", drivers.assign(temperature_c=[21.5, 99.0]))
    winner = {"candidate": "ridge", "parameters": {}, "fingerprint": "f1f1", "scores": {}, "losses": {}}
    write_json(folder / "demand/winners.json", {"demand": winner})
    write_json(root / "metrics/mart.json", {"data_version": "0123456789ab"})
    champion = root / "models/champion"
    write_json(champion / "demand/context.json", {})
    write_manifest(champion, "0123456789ab", {"demand": Winner(candidate="ridge", metrics={}, chosen_by={})})


def _plan(root: Path) -> None:
    plan = root / "data/plan"
    days = pd.to_datetime(["2024-07-01", "2024-07-02", "2024-07-08", "2024-07-03"])
    lots = pd.DataFrame({"lot": [1, 2, 3, 4], "line": "mixer", "product": ["grout", "grout", "grout", "void"]})
    lots = lots.assign(family="all", bucket=0, made_on=days, quantity_kg=[400.0, 600.0, 1200.0, 10.0])
    lots["serves"] = ["400 kg for order O1", "200 kg for order O1, 400 kg for forecast", "forecast", "forecast"]
    write_parquet(plan / "production_lots.parquet", lots)
    pegs = pd.DataFrame({"lot": [1, 2, 2, 3, 4], "kind": ["order", "order", "forecast", "forecast", "forecast"]})
    pegs["reference"] = ["O1", "O1", "forecast 2024-07-01", "forecast 2024-07-08", "forecast 2024-07-01"]
    pegs = pegs.assign(product="grout", quantity_kg=[400.0, 200.0, 400.0, 1200.0, 10.0], needed_on=MONDAY)
    write_parquet(plan / "production_pegs.parquet", pegs.assign(made_on=days[[0, 1, 1, 2, 3]], late_days=0))
    ordered = {"order_on": pd.to_datetime(["2024-07-01", "2024-07-08"]), "material_code": "cement"}
    ordered |= {"quantity_kg": [1000.0, 500.0], "needed_on": pd.to_datetime(["2024-07-01", "2024-07-10"])}
    ordered |= {"expected_on": pd.to_datetime(["2024-07-04", "2024-07-08"]), "reason": ["covers July", "covers August"]}
    write_parquet(plan / "purchase_orders.parquet", pd.DataFrame(ordered))
    stock = {"material_code": ["cement"], "on_hand_kg": 50.0, "stock_source": "counted 2024-06-30", "book_kg": np.nan}
    write_parquet(plan / "stock.parquet", pd.DataFrame(stock))
    levels = {"material_code": ["cement"], "safety_stock_kg": 75.0, "mean_lead_time_days": 7.5}
    levels |= {"longest_lead_time_days": 8.0, "lead_time_source": "1 receipt"}
    write_parquet(plan / "policy.parquet", pd.DataFrame(levels))
    write_json(root / "metrics/plan.json", {"winner": "min_max 0.98"})
    decision = {"number": 1, "day": MONDAY.date(), "decision": "change", "old_kg": 800.0, "expected_on": MONDAY.date()}
    decision |= {"who": "Kim", "decided_on": MONDAY.date(), "expires_on": MONDAY.date()}
    forecast = Override(**decision, kind="forecast", code="grout", new_kg=700.0, reason="the site is closed")
    order = Override(**decision | {"number": 2}, kind="order", code="cement", new_kg=1000.0, reason="the silo")
    write_parquet(plan / "overrides.parquet", as_table([forecast, order]))


@pytest.fixture(autouse=True)
def runs(monkeypatch: pytest.MonkeyPatch) -> dict[str, LoggedRun]:
    """What the store knows, by fingerprint."""
    known = {"f1f1": LoggedRun("a1b2c3d4", "0123456789ab")}
    monkeypatch.setattr("mixplan.lineage.trace.run_of", known.get)
    return known
