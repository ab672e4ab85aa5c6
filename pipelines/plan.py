"""Stage: production, material requirements, purchase orders and projected stock; and the policy replayed on history."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.planning.build import build_plan
from mixplan.planning.replay import replay

FORECASTS = Path("data/forecasts/demand")


def main(params: Params) -> None:
    """Plan with the demand winner's forecast; replay its forecasts of the backtest beside the planners' rule."""
    tables = {
        name: read_table(Path("data/mart"), name)
        for name in ("recipes", "sales", "orders", "purchases", "stock_counts", "materials")
    }
    sold = tables["sales"]["sold_on"]
    origins = plan_origins(sold.min(), sold.max(), params.evaluation)
    forecast = read_parquet(FORECASTS / "products.parquet")
    weekly = forecast.rename(columns={"prediction_kg": "quantity_kg"})
    plan = build_plan(weekly, tables, origins.final, params.plan)
    start = origins.selection[0]
    replays = {
        str(name): replay(forecasts, tables, start, params.plan, params.seed)
        for name, forecasts in read_parquet(FORECASTS / "backtest.parquet").groupby("candidate", sort=False)
    }
    with replace_folder(Path("data/plan")) as folder:
        for name in ("production", "requirements", "policy", "stock", "projected_stock", "purchase_orders"):
            write_parquet(folder / f"{name}.parquet", getattr(plan, name))
        for name, result in replays.items():
            write_parquet(folder / f"replay_{name}.parquet", result.daily)
    short = plan.projected_stock["is_short"]
    write_json(
        Path("metrics/plan.json"),
        {
            "replay": {name: result.summary for name, result in replays.items()},
            "replay_from": str(start.date()),
            "replay_weeks": params.plan.replay_weeks,
            "order_lines": len(plan.purchase_orders),
            "ordered_kg": float(plan.purchase_orders["quantity_kg"].sum()),
            "expedited_lines": int(plan.purchase_orders["expedite"].sum()),
            "short_material_days": int(short.sum()),
        },
    )
    logging.info("plan: %d order lines, %d material days short", len(plan.purchase_orders), short.sum())


if __name__ == "__main__":
    run_stage(main)
