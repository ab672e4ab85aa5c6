"""Stage: what every candidate and policy came to, and which winners are champions, in MLflow."""

from collections.abc import Mapping
from pathlib import Path

from mixplan.artifacts.champion import CARD, read_champion
from mixplan.artifacts.files import read_json
from mixplan.config.base import Candidate
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.tracking.record import chosen, record_of
from mixplan.tracking.registry import register_challenger, register_champion
from mixplan.tracking.runs import add_scores, ensure_recorded, log_waiting

CHAMPION = Path("models/champion")


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
    manifest, decisions = read_champion(CHAMPION), read_json(Path("metrics/promote.json"))["decisions"]
    data_version = read_json(Path("metrics/mart.json"))["data_version"]
    for name, winner in chosen(Path("data/forecasts")).items():
        task = name if name in decisions else "drivers"
        registered, decision = f"mixplan-{name}", decisions[task]
        if decision["promote"]:
            card = (CHAMPION / task / CARD).read_text(encoding="utf-8")
            register_champion(registered, winner.fingerprint, manifest, task, decision["reason"], card)
        else:
            register_challenger(registered, winner.fingerprint, data_version, decision["reason"])


if __name__ == "__main__":
    run_stage(main)
