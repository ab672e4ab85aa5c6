"""Tastes that the sample plant gives its customers are recommended, by purchases that came later."""

from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.config.compose import compose
from mixplan.config.params import parse_params
from mixplan.config.source import SampleSource
from mixplan.recommend.model import new_recommender
from mixplan.recommend.ratings import split
from mixplan.recommend.scores import rank_scores
from mixplan.sources.sample.catalogue import load_catalogue
from mixplan.sources.sample.plant import simulate

ROOT = Path(__file__).parents[2]


def test_the_ranking_winner_is_far_above_popularity(config):
    """NDCG at 10 at least 1.5 times that of popularity, over the last two years: ALS knows who buys what."""
    params = parse_params(compose(ROOT / "conf"))
    assert isinstance(params.source, SampleSource)
    sales = simulate(params.source.simulation, load_catalogue(ROOT / params.source.path), params.seed).sales
    final, window = sales["sold_on"].max() + pd.Timedelta(days=1), pd.Timedelta(weeks=config.window_weeks)
    splits = [split(sales, final - (k + 1) * window, final - k * window, config.rating) for k in range(4)]
    reached = {
        name: [
            rank_scores(new_recommender(config.candidates[name], 1).fit(train), train, test)["ndcg_at_10"]
            for train, test in splits
        ]
        for name in ("als", "popularity")
    }
    assert np.mean(reached["als"]) >= 1.5 * np.mean(reached["popularity"])
