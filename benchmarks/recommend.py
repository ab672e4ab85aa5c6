"""How well and how fast products are recommended, beside published figures.

Ratings: SVD, SVD++ and KNN with baselines, as this project keeps them, with scikit-surprise's default values, in 5-fold
cross-validation on a file of ratings in MovieLens' format (user, item, rating and time, between tabs); its README has
RMSE 0.934, 0.919 and 0.931 on MovieLens 100k. Its KNN compares users, whose matrix does not fit for many; this project
compares products, so users and items change places for that row, and a row shows products compared. With --trials,
SVD's values are searched on a fold within the first training set, and the last row is SVD with what was found. Nothing
is downloaded: get ml-100k from https://grouplens.org/datasets/movielens/100k/ and name its u.data.

Speed: three new products with reasons for each of 100,000 customers out of 1,000 products, in one process.

    python benchmarks/recommend.py ratings ml-100k/u.data --trials 30
    python benchmarks/recommend.py speed
"""

import argparse
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.params import load_params
from mixplan.config.search import Range
from mixplan.evaluation.search import Budget, search
from mixplan.recommend.knn import Knn
from mixplan.recommend.model import ArrayModel
from mixplan.recommend.ranking import Ranker
from mixplan.recommend.shelf import Plant, shelf_of
from mixplan.recommend.svd import Svd, SvdPlusPlus

PROJECT = Path(__file__).parents[1]
PUBLISHED = {"SVD": 0.934, "SVD++": 0.919, "KNN baseline": 0.931}
"""RMSE on MovieLens 100k in scikit-surprise's README."""
SPACE = {
    "n_factors": Range(low=20, high=200, log=True),
    "n_epochs": Range(low=20, high=150, log=True),
    "lr_all": Range(low=0.002, high=0.02, log=True),
    "reg_all": Range(low=0.02, high=0.2, log=True),
}
FOLDS, WITHIN = 5, 0.005
AS_OF = pd.Timestamp("2024-07-01")


def published_models(seed: int) -> dict[str, ArrayModel]:
    """scikit-surprise's default values."""
    shared = {"n_epochs": 20, "random_state": seed}
    return {
        "SVD": Svd(n_factors=100, lr_all=0.005, reg_all=0.02, **shared),
        "SVD++": SvdPlusPlus(n_factors=20, lr_all=0.007, reg_all=0.02, **shared),
        "KNN baseline": Knn(about="baseline", k=40, min_k=1, similarity="msd", min_support=1),
    }


def swapped(ratings: pd.DataFrame) -> pd.DataFrame:
    """Customers in the place of products, and the other way round."""
    return ratings.rename(columns={"customer_code": "product", "product": "customer_code"})


def read_ratings(path: Path) -> pd.DataFrame:
    """customer_code, product and rating of a file in MovieLens' format."""
    names = ["customer_code", "product", "rating", "time"]
    frame = pd.read_csv(path, sep="\t", names=names, dtype={"customer_code": str, "product": str})
    return frame[["customer_code", "product", "rating"]].astype({"rating": "float64"})


def folds(ratings: pd.DataFrame, seed: int) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Ratings to learn from and to score, a fifth of them at a time."""
    part = np.random.default_rng(seed).permutation(len(ratings)) % FOLDS
    for fold in range(FOLDS):
        yield ratings[part != fold], ratings[part == fold]


def rmse(model: ArrayModel, train: pd.DataFrame, test: pd.DataFrame) -> float:
    """Root mean square error of a model on ratings that it has not seen."""
    model.fit(train)
    errors = [
        model.score(str(customer), list(rows["product"])) - rows["rating"].to_numpy()
        for customer, rows in test.groupby("customer_code")
    ]
    return float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))


def cross_validate(ratings: pd.DataFrame, seed: int, trials: int = 0) -> pd.DataFrame:
    """RMSE by model over all folds, beside the published one."""
    models = published_models(seed)
    rows = [(name, _mean_rmse(model, ratings, seed, name == "KNN baseline")) for name, model in models.items()]
    rows.append(("KNN baseline, products", _mean_rmse(models["KNN baseline"], ratings, seed)))
    if trials:
        rows.append(("SVD, searched", _mean_rmse(searched(ratings, seed, trials), ratings, seed)))
    table = pd.DataFrame(rows, columns=["model", "rmse"])
    published = table["model"].map(PUBLISHED)
    apart = (table["rmse"] - published).abs()
    return table.assign(
        published=published, reached=np.where(published.isna(), "", np.where(apart <= WITHIN, "yes", "no"))
    )


def searched(ratings: pd.DataFrame, seed: int, trials: int) -> Svd:
    """SVD with the values that did best on a fold within the first fold's training set; no test fold is seen."""
    inner = next(folds(next(folds(ratings, seed))[0], seed))
    values = {"n_factors": 100, "n_epochs": 20, "lr_all": 0.005, "reg_all": 0.02}
    best = search(
        SPACE,
        values,
        lambda tried: {"rmse": rmse(Svd(**tried, random_state=seed), *inner)},  # type: ignore[arg-type]
        "rmse",
        Budget(minutes=60.0, trials=trials),
        seed,
    )
    return Svd(**best.settings, random_state=seed)  # type: ignore[arg-type]


def _mean_rmse(model: ArrayModel, ratings: pd.DataFrame, seed: int, is_swapped: bool = False) -> float:
    parts = folds(swapped(ratings) if is_swapped else ratings, seed)
    return float(np.mean([rmse(model, train, test) for train, test in parts]))


def large_plant(customers: int, products: int, rng: np.random.Generator) -> tuple[Plant, npt.NDArray[np.str_]]:
    """A year of about twenty products each of very many customers."""
    codes, names = np.char.mod("C%06d", np.arange(customers)), np.char.mod("P%04d", np.arange(products))
    rows = 20 * customers
    popularity = rng.zipf(1.3, rows) % products
    sales = pd.DataFrame(
        {
            "sold_on": AS_OF - pd.to_timedelta(rng.integers(1, 365, rows), unit="D"),
            "customer_code": codes[np.repeat(np.arange(customers), 20)],
            "product": names[popularity],
            "region": np.char.mod("R%02d", rng.integers(0, 16, customers)).repeat(20),
            "quantity_kg": rng.lognormal(7.0, 0.5, rows),
            "unit_price_krw": 500.0 + 10.0 * (popularity % 100),
        }
    )
    listed = pd.DataFrame({"product": names, "brand": np.char.mod("G%02d", np.arange(products) % 30)})
    recipes = pd.DataFrame({"product": names, "material_code": np.char.mod("M%02d", np.arange(products) % 50)})
    counts = pd.DataFrame({"counted_on": pd.to_datetime([]), "material_code": [], "stock_kg": []})
    registered = pd.DataFrame({"customer_code": codes})
    return Plant(sales, listed, recipes.assign(share=1.0, component_product=None), counts, registered), codes


def speed(customers: int, products: int) -> pd.DataFrame:
    """Seconds and memory by step of offering three new products to everyone, by SVD and by item-based KNN."""
    config, rng = load_params(PROJECT / "params.yaml").recommend, np.random.default_rng(1)
    plant, codes = large_plant(customers, products, rng)
    pairs = plant.sales.drop_duplicates(["customer_code", "product"])[["customer_code", "product"]]
    ratings = pairs.assign(rating=rng.uniform(1.0, 5.0, len(pairs)))
    models: dict[str, ArrayModel] = {
        "SVD": Svd(n_factors=20, n_epochs=5, lr_all=0.02, reg_all=0.1, random_state=1),
        "item-based KNN": Knn(about="baseline", k=20, min_k=1, similarity="msd", min_support=1),
    }
    prefers = pd.Series(rng.choice(["favourite_groups", "often_bought"], customers), index=codes)
    rows = []
    for name, model in models.items():
        started = time.process_time()
        model.fit(ratings)
        fitted = time.process_time()
        ranker = Ranker(model, shelf_of(plant, prefers, AS_OF, config), config.rerank)
        ready, clock = time.process_time(), time.perf_counter()
        made = sum(len(ranker.recommend(str(code), 3, new_only=True)) for code in codes)
        ended, seconds = time.process_time(), time.perf_counter() - clock
        peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        rows.append((name, made, fitted - started, ready - fitted, ended - ready, seconds, peak_gib))
    return pd.DataFrame(
        rows, columns=["model", "offers", "fit CPU s", "shelf CPU s", "offers CPU s", "offers s", "peak GiB"]
    )


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description="Recommendations beside published figures, and their speed.")
    tasks = parser.add_subparsers(dest="task", required=True)
    of_ratings = tasks.add_parser("ratings", help="RMSE beside the published one")
    of_ratings.add_argument("file", type=Path, help="ratings in MovieLens' format")
    of_ratings.add_argument("--trials", type=int, default=0, help="search SVD's values by so many trials")
    of_speed = tasks.add_parser("speed", help="offers for very many customers")
    of_speed.add_argument("--customers", type=int, default=100_000)
    of_speed.add_argument("--products", type=int, default=1_000)
    options = parser.parse_args()
    if options.task == "ratings" and not options.file.is_file():
        sys.exit(f"error: {options.file} is no file: see the head of this program for where to get it")
    table = (
        cross_validate(read_ratings(options.file), seed=1, trials=options.trials)
        if options.task == "ratings"
        else speed(options.customers, options.products)
    )
    sys.stdout.write(table.to_string(index=False, float_format="{:,.3f}".format) + "\n")


if __name__ == "__main__":
    main()
