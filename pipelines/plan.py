"""Stage: production, material requirements, purchase orders and projected stock; and the policy replayed on history."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.planning.build import build_plan
from mixplan.planning.compete import build_policy, rank_settings, replay_all
from mixplan.planning.history import history_of
from mixplan.planning.replay import replay

FORECASTS = Path("data/forecasts/demand")
BASELINE = "planner"


def main(params: Params) -> None:
    """Replay the policies on the demand winner's past forecasts, and plan by the one of least cost."""
    names = ("recipes", "sales", "orders", "purchases", "stock_counts")
    tables = {name: read_table(Path("data/mart"), name) for name in names}
    sold, config, seed = tables["sales"]["sold_on"], params.plan, params.seed
    origins = plan_origins(sold.min(), sold.max(), params.evaluation)
    start, end = origins.selection[0], origins.holdout
    backtests = dict(list(read_parquet(FORECASTS / "backtest.parquet").groupby("candidate", sort=False)))
    histories = {name: history_of(rows, tables, start, end, config, seed) for name, rows in backtests.items()}
    forecaster = next(iter(backtests))
    replays = replay_all(histories[forecaster], config, seed)
    board = rank_settings(replays, config)
    winner, planners = board[0], replay(histories[BASELINE], config)
    weekly = read_parquet(FORECASTS / "products.parquet").rename(columns={"prediction_kg": "quantity_kg"})
    plan = build_plan(weekly, tables, origins.final, config, build_policy(winner, config, seed))
    with replace_folder(Path("data/plan")) as folder:
        for name, table in vars(plan).items():
            write_parquet(folder / f"{name}.parquet", table)
        write_parquet(folder / "replay.parquet", replays[winner].daily)
    content = {
        "winner": winner.label,
        "policy": winner.policy,
        "service_level": winner.service_level,
        "leaderboard": [{"candidate": setting.label, **replays[setting].summary} for setting in board],
        "forecast": forecaster,
        "planners_rule": planners.summary,
        "replay_from": str(start.date()),
        "replay_weeks": (end - start).days // 7,
        **plan.summary(),
    }
    write_json(Path("metrics/plan.json"), content)
    for setting in board:
        logging.info("%s", replays[setting].line(setting.label))
    for gap in plan.unplanned.itertuples():
        logging.warning("unplanned: %s %s: %s", gap.kind, gap.code, gap.reason)
    logging.info("plan: ordered by %s; %d material days short", winner.label, content["short_material_days"])


if __name__ == "__main__":
    run_stage(main)
