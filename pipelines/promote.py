"""Stage: winners scored once on the last window, and put in the champion's place where they are better."""

import logging
from pathlib import Path

from mixplan.artifacts.champion import ChampionError, Manifest, read_champion
from mixplan.artifacts.files import read_json, replace_folder, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.evaluation.significance import OriginTest
from mixplan.mart.read import read_table
from mixplan.promotion.assemble import DECIDED_WITH, assemble
from mixplan.promotion.decide import Contender, decide
from mixplan.promotion.winners import chosen, score_winners
from mixplan.tracking.registry import register_champion

CHAMPION = Path("models/champion")


def main(params: Params) -> None:
    """Score, decide, assemble ``models/champion`` and register what is in it."""
    tables = {name: read_table(Path("data/mart"), name) for name in ("recipes", "sales", "purchases", "stock_counts")}
    sales, data_version = tables["sales"], read_json(Path("metrics/mart.json"))["data_version"]
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    (winners, baselines), champion, decisions = score_winners(tables, origins, params), _champion(), {}
    test = OriginTest(params.evaluation.overlap, params.demand.select.level)
    for task, metric, noise in (
        ("demand", f"{params.demand.select.metric}_6m", test),
        ("recommend", params.recommend.select.metric, None),
    ):
        challenger = Contender.of(winners[task], data_version, metric)
        defender = Contender.of(champion.tasks[task], champion.data_version, metric) if champion else None
        decisions[task] = decide(challenger, defender, metric, params.promote.margin, noise)
        logging.info("%s: %s", task, decisions[task].reason)
    tasks = champion.tasks if champion else {}
    kept = {task: tasks[task] for task, leader in DECIDED_WITH.items() if leader and not decisions[leader].promote}
    with replace_folder(CHAMPION) as folder:
        manifest = assemble(folder, CHAMPION, kept, winners, sales, origins, params, data_version)
    for name, winner in chosen().items():
        task = name if name in winners else "drivers"
        if task not in kept:
            register_champion(f"mixplan-{name}", winner.fingerprint, manifest, task)
    holdout = {task: winner.metrics for task, winner in winners.items() if task != "customers"}
    write_json(Path("metrics/promote.json"), {"version": manifest.version, "holdout": {**holdout, **baselines}})


def _champion() -> Manifest | None:
    """What is served now; a folder that does not fit its manifest is replaced."""
    try:
        return read_champion(CHAMPION) if CHAMPION.exists() else None
    except ChampionError as error:
        logging.warning("%s", error)
        return None


if __name__ == "__main__":
    run_stage(main)
