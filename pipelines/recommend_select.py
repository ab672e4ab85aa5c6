"""Stage: the winning recommender, what each part of its order brings, and what it offers every customer today."""

import logging
import shutil
from pathlib import Path

from mixplan.artifacts.files import read_parquet, replace_folder, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.config.stage import run_stage
from mixplan.evaluation.leaderboard import Entry, rank
from mixplan.evaluation.origins import plan_origins
from mixplan.recommend.ablation import ablation, preferred
from mixplan.recommend.cold_start import ColdStart
from mixplan.recommend.model import load_recommender
from mixplan.recommend.ranking import Ranker, new_offers
from mixplan.recommend.shelf import read_plant, shelf_of
from mixplan.tracking.record import Chosen, record_of, write_chosen


def main(params: Params) -> None:
    """Rank the candidates by their records, which MLflow shows too."""
    config = params.recommend
    records = {name: record_of("recommend", name, candidate) for name, candidate in config.candidates.items()}
    scores = {name: record.scores for name, record in records.items()}
    # What estimates no rating has no RMSE to win by: it competes for the ranking alone.
    rating = {name: own for name, own in scores.items() if config.select.metric in own}
    entries = [Entry(name, own, config.simplicity.index(name)) for name, own in rating.items()]
    board = rank(entries, config.select.metric, config.select.tie_margin)
    winner = board[0].candidate
    plant = read_plant(Path("data/mart"))
    origins = plan_origins(plant.sales["sold_on"].min(), plant.sales["sold_on"].max(), params.evaluation)
    asked = preferred(read_parquet(Path("data/customers.parquet")), params.customers)
    shelf = shelf_of(plant, asked, origins.final, config)
    ranker = Ranker(load_recommender(records[winner].model), shelf, config.rerank)
    with replace_folder(Path("data/forecasts/recommend")) as folder:
        write_chosen(folder / "winners.json", {"recommend": Chosen.of(records[winner])})
        shutil.copytree(records[winner].model, folder / "model")
        shelf.save(folder / "shelf")
        write_parquet(folder / "offers.parquet", new_offers(ranker, config.offers_per_customer))
    order = [entry.candidate for entry in board] + [name for name in scores if name not in rating]
    study = (plant, config.candidates[winner], origins.holdout, config, params.customers, params.seed)
    hidden = ColdStart(*study)
    content = {
        "winner": winner,
        "ranking_winner": max(order, key=lambda name: scores[name]["ndcg_at_10"]),
        "leaderboard": [{"candidate": name, **scores[name]} for name in order],
        "ablation": ablation(*study),
        "new_customers": hidden.of_customers(),
        "new_products": hidden.of_products(),
    }
    write_json(Path("metrics/recommend.json"), content)
    logging.info("recommend: %s wins with RMSE %.3f", winner, board[0].metrics["rmse"])


if __name__ == "__main__":
    run_stage(main)
