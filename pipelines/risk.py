"""Stage: which customers are at risk and why, by the candidate that foresaw it best, and what each will be worth."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_json, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.customers.risk import RiskBacktest
from mixplan.customers.risk_reasons import reasons_of
from mixplan.customers.risk_scores import reliability, score_risk
from mixplan.customers.worth import WorthStudy
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.outbox import leave_scored
from mixplan.tracking.record import Scored


def main(params: Params) -> None:
    """Let the candidates compete at the selection origins, and predict by the winner as of the final one."""
    config, sales = params.risk, read_table(Path("data/mart"), "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    study = RiskBacktest(sales, config, params.seed)
    tried = {name: study.backtest(each, list(origins.selection)) for name, each in config.candidates.items()}
    scores = {name: score_risk(rows) for name, rows in tried.items()}
    entries = [Entry(name, own, config.simplicity.index(name)) for name, own in scores.items()]
    board = rank(entries, config.select.metric, config.select.tie_margin)
    winner = config.candidates[board[0].candidate]
    today = study.predict(winner, origins.final).drop(columns="as_of")
    found = today.assign(reason=reasons_of(today, config.horizon_days), is_flagged=today["chance"] >= config.call_above)
    futures = WorthStudy(sales, config.value, params.seed)
    valued = futures.worth(origins.final).merge(found, on="customer_code", how="left")
    write_parquet(Path("data/risk.parquet"), valued)
    metrics = {
        "definition": config.definition(),
        "winner": board[0].candidate,
        "leaderboard": [{"candidate": entry.candidate, **entry.metrics} for entry in board],
        "reliability": reliability(tried[board[0].candidate]),
        "worth": futures.scores(origins.holdout, origins.final),
    }
    write_json(Path("metrics/risk.json"), metrics)
    version = read_json(Path("metrics/mart.json"))["data_version"]
    each = config.candidates.items()
    leave_scored([Scored("risk", name, version, one.model_dump(by_alias=True), scores[name]) for name, one in each])
    logging.info("risk: %s wins with average precision %.3f", winner.target, board[0].metrics["average_precision"])


if __name__ == "__main__":
    run_stage(main)
