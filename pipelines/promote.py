"""Stage: winners scored once on the last window, and put in the champion's place where they are better."""

import logging
from pathlib import Path

from mixplan.artifacts.champion import ChampionError, Manifest, read_champion
from mixplan.artifacts.files import read_json, replace_folder, write_json
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.promotion.assemble import DECIDED_WITH, assemble
from mixplan.promotion.decide import Contender, decide
from mixplan.promotion.winners import driver_winners, score_winners
from mixplan.tracking.record import Record, record_of
from mixplan.tracking.registry import register_champion
from mixplan.tracking.runs import ensure_recorded

CHAMPION = Path("models/champion")


def main(params: Params) -> None:
    """Score, decide, assemble ``models/champion`` and register what is in it."""
    sales, data_version = read_table(Path("data/mart"), "sales"), read_json(Path("metrics/mart.json"))["data_version"]
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    winners, champion, decisions = score_winners(sales, origins, params), _champion(), {}
    for task, metric in (("demand", f"{params.demand.select.metric}_6m"), ("recommend", params.recommend.select.metric)):
        challenger = Contender(winners[task].candidate, data_version, winners[task].metrics[metric])
        served = champion and champion.tasks[task]
        defender = served and Contender(served.candidate, champion.data_version, served.metrics[metric])
        decisions[task] = decide(challenger, defender or None, metric, params.promote.margin)
        logging.info("%s: %s", task, decisions[task].reason)
    kept = {task: champion.tasks[task] for task, led in DECIDED_WITH.items() if led and not decisions[led].promote}
    with replace_folder(CHAMPION) as folder:
        manifest = assemble(folder, CHAMPION, kept, winners, sales, origins, params, data_version)
    for name, record, task in _records(params, winners["demand"].candidate, winners["recommend"].candidate):
        if task not in kept:
            run_id = ensure_recorded([record])[record.candidate]
            scores = winners[task].metrics
            register_champion(name, run_id, manifest.tasks[task].version, data_version, scores)
    write_json(
        Path("metrics/promote.json"),
        {"version": manifest.version, "holdout": {task: winner.metrics for task, winner in winners.items()}},
    )


def _champion() -> Manifest | None:
    """What is served now; a folder that does not fit its manifest is replaced."""
    try:
        return read_champion(CHAMPION) if CHAMPION.exists() else None
    except ChampionError as error:
        logging.warning("%s", error)
        return None


def _records(params: Params, demand: str, recommend: str) -> list[tuple[str, Record, str]]:
    """Registered name, record and task of every winner that a run has logged."""
    return [
        ("mixplan-demand", record_of("demand", demand, params.demand.candidates[demand]), "demand"),
        ("mixplan-recommend", record_of("recommend", recommend, params.recommend.candidates[recommend]), "recommend"),
        *(
            (f"mixplan-driver-{driver}", record_of("drivers", name, params.drivers.candidates[name]), "drivers")
            for driver, name in driver_winners().items()
        ),
    ]


if __name__ == "__main__":
    run_stage(main)
