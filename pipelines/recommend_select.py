"""Stage: the winning recommender, and what it offers every customer today."""

import logging
import shutil
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table
from mixplan.recommend.model import load_recommender
from mixplan.recommend.ranking import catalogue, recommend
from mixplan.tracking.record import Chosen, record_of, write_chosen
from mixplan.tracking.runs import scores_in_store


def main(params: Params) -> None:
    """Rank the candidates by what the tracking store has of them."""
    config = params.recommend
    records = {name: record_of("recommend", name, candidate) for name, candidate in config.candidates.items()}
    scores = scores_in_store(list(records.values()))
    # What estimates no rating has no RMSE to win by: it competes for the ranking alone.
    rating = {name: own for name, own in scores.items() if config.select.metric in own}
    entries = [Entry(name, own, config.simplicity.index(name)) for name, own in rating.items()]
    board = rank(entries, config.select.metric, config.select.tie_margin)
    winner = board[0].candidate
    sales = read_table(Path("data/mart"), "sales")
    final = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation).final
    bought, model = catalogue(sales, final), load_recommender(records[winner].model)
    offers = [
        recommend(model, bought, customer, config.offers_per_customer, new_only=True).assign(customer_code=customer)
        for customer in bought["customer_code"].unique()
    ]
    with replace_folder(Path("data/forecasts/recommend")) as folder:
        write_chosen(folder / "winners.json", {"recommend": Chosen.of(records[winner])})
        shutil.copytree(records[winner].model, folder / "model")
        write_parquet(folder / "catalogue.parquet", bought)
        write_parquet(folder / "offers.parquet", pd.concat(offers, ignore_index=True))
    order = [entry.candidate for entry in board] + [name for name in scores if name not in rating]
    leaderboard = [{"candidate": name, **scores[name]} for name in order]
    ranking_winner = max(order, key=lambda name: scores[name]["ndcg_at_10"])
    content = {"winner": winner, "ranking_winner": ranking_winner, "leaderboard": leaderboard}
    write_json(Path("metrics/recommend.json"), content)
    logging.info("recommend: %s wins with RMSE %.3f", winner, board[0].metrics["rmse"])


if __name__ == "__main__":
    run_stage(main)
