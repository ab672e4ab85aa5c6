"""Stage: what every candidate and policy came to, and which winners are champions, in MLflow."""

import gc
from collections.abc import Mapping
from pathlib import Path

from mixplan.artifacts.files import read_json
from mixplan.config.base import Candidate
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.tracking.record import record_of
from mixplan.tracking.registry import register_decided
from mixplan.tracking.runs import add_scores, ensure_recorded, log_waiting


def main(params: Params) -> None:
    """Log what the store does not have yet, and move the registry's aliases as ``promote`` has decided."""
    tasks: dict[str, Mapping[str, Candidate]] = {
        "drivers": params.drivers.candidates,
        "demand": params.demand.candidates,
        "recommend": params.recommend.candidates,
    }
    records = {task: {name: record_of(task, name, each) for name, each in of.items()} for task, of in tasks.items()}
    for of_task in records.values():
        ensure_recorded(list(of_task.values()))
    log_waiting()
    leads = read_json(Path("metrics/demand.json"))["against_winner"]
    add_scores([records["demand"][name] for name in leads], "against_winner", leads)
    register_decided(Path("models/champion"), Path("data/forecasts"))


if __name__ == "__main__":
    gc.disable()  # to look for garbage would take an eighth of a process that ends in seconds
    run_stage(main)
