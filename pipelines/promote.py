"""Stage: winners scored once on the last window, and put in the champion's place where they are better."""

import logging
from dataclasses import asdict
from pathlib import Path

from mixplan.artifacts.files import read_json, read_parquet, replace_folder, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.history import weekly_demand
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.promotion.assemble import DECIDED_WITH, assemble
from mixplan.promotion.challenger import keep_challenger
from mixplan.promotion.decisions import decisions_of
from mixplan.promotion.previous import CHAMPION, champion_lock, current, keep_previous
from mixplan.promotion.winners import FORECASTS, score_winners, winner_ms
from mixplan.tracking.outbox import leave_decisions


def main(params: Params) -> None:
    """Score, decide and assemble ``models/champion``."""
    tables = {name: read_table(Path("data/mart"), name) for name in ("recipes", "sales", "purchases", "stock_counts")}
    sales, data_version = tables["sales"], read_json(Path("metrics/mart.json"))["data_version"]
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    winners, others = score_winners(tables, origins, params)
    forecast, history = read_parquet(FORECASTS / "demand/products.parquet"), weekly_demand(sales, origins.final)
    model, took_ms = FORECASTS / "demand/model", winner_ms(sales, origins, params)
    with champion_lock():
        champion = current()
        decisions = decisions_of(winners, champion, forecast, history, model, took_ms, data_version, params)
        for task, decision in decisions.items():
            logging.info("%s: %s", task, decision.reason)
        made = {task: decisions[leader] for task, leader in DECIDED_WITH.items() if leader}
        promoted = [task for task, decision in made.items() if decision.promote]
        kept = {task: champion.tasks[task] for task in made if task not in promoted} if champion else {}
        with replace_folder(CHAMPION) as folder:
            manifest = assemble(folder, CHAMPION, kept, winners, sales, origins, params, data_version)
            keep_previous(champion, manifest, promoted)
    keep_challenger(
        decisions, lambda folder: assemble(folder, CHAMPION, {}, winners, sales, origins, params, data_version)
    )
    leave_decisions(manifest.version, data_version, {task: asdict(decision) for task, decision in made.items()})
    holdout = {task: winner.metrics for task, winner in winners.items() if task != "customers"}
    write_json(Path("metrics/promote.json"), {"version": manifest.version, "holdout": {**holdout, **others}})


if __name__ == "__main__":
    run_stage(main)
