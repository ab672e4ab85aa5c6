"""Stage: the planners' page, and the numbers of the plots that ``dvc plots`` draws."""

import logging
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_json, replace_folder
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.scores import by_month
from mixplan.report.inputs import read_results
from mixplan.report.page import write_page

METRICS = ("rmse", "wape", "r2")


def main(params: Params) -> None:
    """Write ``reports/index.html`` and ``plots/``."""
    results = read_results(Path())
    with replace_folder(Path("reports")) as folder:
        write_page(folder / "index.html", results, params.demand.interval)
    with replace_folder(Path("plots")) as folder:
        errors = errors_by_horizon(Path("metrics/demand"), list(params.demand.candidates))
        errors.to_csv(folder / "demand_by_horizon.csv", index=False)
        by_month(results.backtest).to_csv(folder / "demand_actual_vs_predicted.csv", index=False)
    logging.info("report: open reports/index.html")


def errors_by_horizon(folder: Path, candidates: list[str]) -> pd.DataFrame:
    """Candidate, month of the horizon and its scores, from each candidate's metrics."""
    rows = []
    for candidate in candidates:
        scores = read_json(folder / f"{candidate}.json")["by_horizon"]
        for month in sorted(scores["rmse"], key=int):
            own = {name: scores[name][month] for name in METRICS}
            rows.append({"candidate": candidate, "month": int(month), **own})
    return pd.DataFrame(rows)


if __name__ == "__main__":
    run_stage(main)
