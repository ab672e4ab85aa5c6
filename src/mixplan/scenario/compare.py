"""Plans side by side: lots, orders, stock-outs and money."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from mixplan.artifacts.files import files_below, read_json, read_parquet, replace_folder, write_json, write_parquet
from mixplan.planning.build import Plan
from mixplan.scenario.changes import ScenarioError, checked_name

BASE, SCENARIOS = Path("data/plan"), Path("scenarios")
Tables = Mapping[str, pd.DataFrame]


def figures(tables: Tables) -> dict[str, float]:
    """What people ask of a plan first; materials without a price are in no sum of money."""
    pegs, orders, stock = (tables[name] for name in ("production_pegs", "purchase_orders", "projected_stock"))
    return {
        "lots": len(tables["production_lots"]),
        "made_kg": float(tables["production_lots"]["quantity_kg"].sum()),
        "late_kg": float(pegs.loc[pegs["late_days"] > 0, "quantity_kg"].sum()),
        "orders_not_met": int((tables["unplanned"]["kind"] == "order").sum()),
        "purchase_orders": len(orders),
        "bought_kg": float(orders["quantity_kg"].sum()),
        "bought_krw": float((orders["quantity_kg"] * orders["unit_price_krw"]).sum()),
        "expedites": int(orders["expedite"].sum()),
        "stock_out_days": int(stock["is_short"].sum()),
        "mean_stock_krw": float(stock.groupby("date")["worth_krw"].sum().mean()),
    }


def by_code(base: Tables, other: Tables, table: str, code: str) -> pd.DataFrame:
    """Kilograms by product or material in both plans, the largest difference first.

    Returns:
        The code, base_kg, scenario_kg and difference_kg; only codes that differ.
    """
    kilograms = {
        name: tables[table].groupby(code)["quantity_kg"].sum()
        for name, tables in (("base_kg", base), ("scenario_kg", other))
    }
    rows = pd.DataFrame(kilograms).fillna(0.0).rename_axis(code).reset_index()
    rows["difference_kg"] = rows["scenario_kg"] - rows["base_kg"]
    rows = rows[rows["difference_kg"].abs() > 0.01]
    return rows.sort_values("difference_kg", key=lambda kg: -kg.abs(), kind="stable", ignore_index=True)


def save(root: Path, name: str, changes: list[str], plan: Plan) -> dict[str, Any]:
    """Write the scenario below ``scenarios/<name>`` and say what it changes.

    Returns:
        ``set``, and the ``base`` and ``scenario`` figures: the content of ``changes.json``.

    Raises:
        ScenarioError: the name is none, or there is no base plan.
    """
    base, other = saved_plan(root / BASE), vars(plan)
    said = {"set": changes, "base": figures(base), "scenario": figures(other)}
    with replace_folder(root / SCENARIOS / checked_name(name)) as folder:
        for table, frame in other.items():
            write_parquet(folder / f"{table}.parquet", frame)
        write_parquet(folder / "changed_lots.parquet", by_code(base, other, "production_lots", "product"))
        write_parquet(folder / "changed_orders.parquet", by_code(base, other, "purchase_orders", "material_code"))
        write_json(folder / "changes.json", said)
    return said


def saved_plan(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a plan.

    Raises:
        ScenarioError: there is none.
    """
    if not (folder / "production_lots.parquet").is_file():
        raise ScenarioError(f"{folder} holds no plan: run `dvc repro` first")
    return {path.stem: read_parquet(path) for path in files_below(folder) if path.suffix == ".parquet"}


def saved_scenarios(root: Path) -> dict[str, dict[str, Any]]:
    """What each saved scenario changes, by its name."""
    return {path.parent.name: read_json(path) for path in sorted((root / SCENARIOS).glob("[!.]*/changes.json"))}
