"""Stage: the demand winner, and its forecast of the weeks to come."""

import logging
import shutil
from functools import partial
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.demand.backtest import forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.demand.model import DemandModel
from mixplan.demand.oracle import oracle_scores
from mixplan.demand.planners import skill_against_planners
from mixplan.demand.scores import planners_own_score, with_skill
from mixplan.demand.select import Selection, select
from mixplan.demand.shares import shares_of_last_year
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.tracking.record import Chosen, record_of, write_chosen
from mixplan.tracking.runs import add_scores, scores_in_store

MART, DRIVERS = Path("data/mart"), Path("data/forecasts/drivers")
BASELINE = "planner"


def main(params: Params) -> None:
    """Rank the candidates by what the tracking store has of them, and forecast with the best."""
    config, evaluation = params.demand, params.evaluation
    records = {name: record_of("demand", name, candidate) for name, candidate in config.candidates.items()}
    sales, plans = read_table(MART, "sales"), read_table(MART, "planner_forecasts")
    predictions = {name: read_parquet(record.predictions) for name, record in records.items()}
    scores = with_skill(scores_in_store(list(records.values())))
    for name, rows in predictions.items():
        if (saved := skill_against_planners(rows, plans, sales)) is not None:
            scores[name]["skill_planners_own"] = saved
    selection = select(scores, predictions, config, evaluation.overlap)
    winner = selection.board[0].candidate
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    drivers, observed = read_parquet(DRIVERS / "weekly.parquet"), read_parquet(DRIVERS / "observed.parquet")
    history = weekly_demand(sales, origins.final)
    builder = partial(FeatureBuilder, history, observed=observed, country=config.country)
    model = DemandModel.load(records[winner].model)
    ahead = forecast(model, builder(drivers), origins.final, evaluation.horizon_weeks)
    told = (builder, drivers, observed, config.candidates[winner], origins, evaluation, config.interval, params.seed)
    oracle = oracle_scores(*told)
    backtests = [predictions[name].assign(candidate=name) for name in dict.fromkeys([winner, BASELINE])]
    with replace_folder(Path("data/forecasts/demand")) as folder:
        write_parquet(folder / "backtest.parquet", pd.concat(backtests, ignore_index=True))
        write_chosen(folder / "winners.json", {"demand": Chosen.of(records[winner], selection.losses)})
        shutil.copytree(records[winner].model, folder / "model")
        write_parquet(folder / "products.parquet", ahead.drop(columns=["level_kg", "actual_kg"]))
        for by in ("region", "customer_code"):
            write_parquet(folder / f"shares_by_{by}.parquet", shares_of_last_year(sales, by, origins.final))
    own = planners_own_score(plans, sales, origins.selection[0], origins.holdout)
    metrics = {
        "winner": winner,
        "leaderboard": [{"candidate": entry.candidate, **entry.metrics} for entry in selection.board],
        "against_winner": selection.against_winner,
        "oracle": oracle,
        "planners_own": own,
    }
    write_json(Path("metrics/demand.json"), metrics)
    add_scores([records[name] for name in selection.against_winner], "against_winner", selection.against_winner)
    of_oracle = {f"{what.replace(' ', '_')}/{name}": x for what, own in oracle.items() for name, x in own.items()}
    add_scores([records[winner]], "oracle", {winner: of_oracle})
    say(selection)


def say(selection: Selection) -> None:
    """Print who won, and how sure that is."""
    winner, origins = selection.board[0].candidate, list(selection.losses)
    logging.info("demand: %s wins on %d origins to %s", winner, len(origins), origins[-1])
    for name, lead in selection.against_winner.items():
        logging.info("demand: %s: loss %+.0f%% on the winner's, p = %.3f", name, 100 * lead["excess"], lead["p_value"])


if __name__ == "__main__":
    run_stage(main)
