"""Stage: every customer's behaviour, risk, segment, what to do, and who changed its segment."""

import logging
from pathlib import Path

from mixplan.artifacts.files import read_json, read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.customers.behaviour import behaviour
from mixplan.customers.changes import segment_changes
from mixplan.customers.segments import find_segments
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.outbox import leave_scored
from mixplan.tracking.record import Scored

RISK = ["customer_code", "chance", "reason", "value_promised", "worth_low", "worth_middle", "worth_high"]


def main(params: Params) -> None:
    """Study customers as of the first day after the last complete week."""
    config = params.customers
    sales = read_table(Path("data/mart"), "sales")
    as_of = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation).final
    risk = read_parquet(Path("data/risk.parquet"))
    flagged = set(risk.loc[risk["is_flagged"].eq(True), "customer_code"])
    frame = behaviour(sales, as_of, config).merge(risk[RISK], on="customer_code", how="left")
    frame = frame.assign(at_risk=frame["customer_code"].isin(flagged))
    segments = find_segments(frame, config, params.seed)
    write_parquet(Path("data/customers.parquet"), segments.assign(frame))
    write_parquet(Path("data/segment_changes.parquet"), segment_changes(sales, as_of, segments, config))
    with replace_folder(Path("models/customers")) as folder:
        segments.save(folder / "segments.json")
    write_json(Path("metrics/customers.json"), segments.metrics() | {"at_risk": float(frame["at_risk"].sum())})
    version = read_json(Path("metrics/mart.json"))["data_version"]
    tried = [Scored("segments", f"{k} segments", version, {"k": k}, one) for k, one in segments.tried.items()]
    leave_scored(tried)
    logging.info("customers: %d in %d segments", len(frame), len(segments.sizes))


if __name__ == "__main__":
    run_stage(main)
