"""Stage: production, material requirements, purchase orders and projected stock; and the policy replayed on history."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_json, read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.planning.basis import TABLES, basis_of
from mixplan.planning.build import build_plan
from mixplan.planning.compete import build_policy, leaderboard, rank_settings, replay_all
from mixplan.planning.futures import beside_plant_rule, draw_futures
from mixplan.planning.history import history_of
from mixplan.planning.override_scores import scored
from mixplan.planning.overrides import held
from mixplan.planning.replay import replay
from mixplan.planning.schedule import proof
from mixplan.tracking.outbox import leave_scored
from mixplan.tracking.record import Scored

FORECASTS, BASELINE = Path("data/forecasts/demand"), "planner"


def main(params: Params) -> None:
    """Replay the policies on the demand winner's past forecasts, and plan by the one of least cost."""
    tables = {name: read_table(Path("data/mart"), name) for name in TABLES}
    sold, config, seed = tables["sales"]["sold_on"], params.plan, params.seed
    origins = plan_origins(sold.min(), sold.max(), params.evaluation)
    start, end = origins.selection[0], origins.holdout
    shares, by_day = (read_parquet(FORECASTS / f"shares_by_{name}.parquet") for name in ("region", "day"))
    backtests = dict(list(read_parquet(FORECASTS / "backtest.parquet").groupby("candidate", sort=False)))
    histories = {name: history_of(rows, by_day, tables, start, end, config, seed) for name, rows in backtests.items()}
    forecaster = next(iter(backtests))
    replays = replay_all(histories[forecaster], config, seed)
    board = rank_settings(replays, config)
    policy = build_policy(board[0], config, seed)
    weekly = read_parquet(FORECASTS / "products.parquet").rename(columns={"prediction_kg": "quantity_kg"})
    basis = basis_of(weekly, shares, by_day, tables, origins.final, config, overrides=held(Path(config.overrides)))
    plan = build_plan(basis, config, policy)
    bands, compared = beside_plant_rule(basis, draw_futures(basis, backtests[forecaster], config, seed), policy, config)
    decisions, worth = scored(basis, tables, plan.policy)
    with replace_folder(Path("data/plan")) as folder:
        for name, table in {**vars(plan), "stock_bands": bands, "replay": replays[board[0]].daily, **decisions}.items():
            write_parquet(folder / f"{name}.parquet", table)
    on = {"forecast": forecaster, "replay_from": str(start.date()), "replay_weeks": (end - start).days // 7}
    data = read_json(Path("metrics/mart.json"))["data_version"]
    replayed = {each: each.parameters(config) | on for each in board}
    leave_scored([Scored("reorder", each.label, data, own, replays[each].summary) for each, own in replayed.items()])
    others = {"planners_rule": replay(histories[BASELINE], config).summary, "futures": compared, "decisions": worth}
    write_json(Path("metrics/plan.json"), {**leaderboard(board, replays), **on, **others, **plan.summary()})
    logging.info("%s", "\n".join(replays[each].line(each.label) for each in board))
    logging.info("plan: lots are %s", proof(plan.production_searches))
    logging.info("plan: ordered by %s; %d left open in data/plan", board[0].label, len(plan.unplanned))


if __name__ == "__main__":
    run_stage(main)
