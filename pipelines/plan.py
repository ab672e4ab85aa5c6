"""Stage: production, material requirements, purchase orders and projected stock; and the policy replayed on history."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.planning.build import build_plan
from mixplan.planning.compete import build_policy, rank_policies, replay_policies
from mixplan.planning.replay import replay

FORECASTS = Path("data/forecasts/demand")
BASELINE = "planner"


def main(params: Params) -> None:
    """Replay the policies on the demand winner's past forecasts, and plan by the one of least cost."""
    tables = {
        name: read_table(Path("data/mart"), name)
        for name in ("recipes", "sales", "orders", "purchases", "stock_counts", "materials")
    }
    sold = tables["sales"]["sold_on"]
    origins = plan_origins(sold.min(), sold.max(), params.evaluation)
    start, config, seed = origins.selection[0], params.plan, params.seed
    backtests = dict(list(read_parquet(FORECASTS / "backtest.parquet").groupby("candidate", sort=False)))
    forecaster, forecasts = next(iter(backtests.items()))
    replays = replay_policies(forecasts, tables, start, config, seed)
    board = rank_policies(replays, config)
    planners = replay(backtests[BASELINE], tables, start, config, seed)
    weekly = read_parquet(FORECASTS / "products.parquet").rename(columns={"prediction_kg": "quantity_kg"})
    plan = build_plan(weekly, tables, origins.final, config, build_policy(board[0].candidate, config, seed))
    with replace_folder(Path("data/plan")) as folder:
        for name in ("production", "requirements", "policy", "stock", "projected_stock", "purchase_orders"):
            write_parquet(folder / f"{name}.parquet", getattr(plan, name))
        for name, result in {**replays, "planners_rule": planners}.items():
            write_parquet(folder / f"replay_{name}.parquet", result.daily)
    short = plan.projected_stock["is_short"]
    content = {
        "winner": board[0].candidate,
        "leaderboard": [{"candidate": entry.candidate, **entry.metrics} for entry in board],
        "forecast": forecaster,
        "planners_rule": planners.summary,
        "replay_from": str(start.date()),
        "replay_weeks": config.replay_weeks,
        "order_lines": len(plan.purchase_orders),
        "ordered_kg": float(plan.purchase_orders["quantity_kg"].sum()),
        "expedited_lines": int(plan.purchase_orders["expedite"].sum()),
        "short_material_days": int(short.sum()),
    }
    write_json(Path("metrics/plan.json"), content)
    logging.info("plan: ordered by %s; %d material days short", content["winner"], short.sum())


if __name__ == "__main__":
    run_stage(main)
