"""What the six regressors score on the real exports when order lines are split at random, and what out of time.

The exports' lines before 2021 were enlarged by a regression on weather and construction, so that the lines of one
product and day (even of one product and month) share one quantity. A random split puts copies of a line on both
sides, and a model that remembers the quantities of the products' months looks as if it could forecast them. Out of
time, 2020 has months that no line of the training has, and the same models must know what is yet to come; both give
them the weather as it came, which no forecast has.

Run: python benchmarks/other_protocols.py [--picture docs/protocols.svg]
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from lightgbm import LGBMRegressor
from matplotlib.figure import Figure
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Lasso, Ridge
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeRegressor
from xgboost import XGBRegressor

from mixplan.artifacts.files import read_json, sha256_of
from mixplan.config.base import MixplanError
from mixplan.config.compose import compose
from mixplan.config.params import parse_params
from mixplan.config.source import FilesSource
from mixplan.evaluation.metrics import r2
from mixplan.mart.build import build_mart
from mixplan.mart.read import read_table
from mixplan.report.charts import BLUE, GREY, LINE, NO_METADATA, ORANGE, STYLE
from mixplan.sources.ingest import ingest_files

PROJECT = Path(__file__).parents[1]
SOURCE = "MIXPLAN_SOURCE_DIR"
REGRESSORS: dict[str, Callable[[int], Any]] = {
    "decision_tree": lambda seed: DecisionTreeRegressor(random_state=seed),
    "random_forest": lambda seed: RandomForestRegressor(random_state=seed, n_jobs=2),
    "lightgbm": lambda seed: LGBMRegressor(random_state=seed, n_jobs=2, verbosity=-1),
    "xgboost": lambda seed: XGBRegressor(random_state=seed, n_jobs=2),
    "ridge": lambda _: Ridge(),
    "lasso": lambda _: Lasso(),
}
"""With their libraries' defaults: those of ``conf/`` were searched for ratios to a usual week."""
DRIVERS = ["temperature_c", "humidity_pct", "construction_index"]
TEST_SHARE = 0.2
TEST_FROM = pd.Timestamp("2020-01-01")
RANDOM, LATER, OWN = "random 80/20", "out of time", "pipeline"
BASELINE = "seasonal_naive"


def read_lines(mart: Path) -> pd.DataFrame:
    """Sales lines with the day's mean temperature and humidity of the country, and the month's construction."""
    sales = read_table(mart, "sales")
    month = sales["sold_on"].dt.to_period("M").dt.start_time
    weather = read_table(mart, "weather").groupby("date")[DRIVERS[:2]].mean()
    construction = read_table(mart, "construction").set_index("month")["construction_index"]
    lines = sales.assign(month=month).join(weather, on="sold_on").join(construction, on="month")
    return lines.dropna(subset=DRIVERS).reset_index(drop=True)


def repeated(lines: pd.DataFrame, time: str) -> float:
    """Share of lines whose product, time and quantity another line has too."""
    return float(lines.duplicated(["product", time, "quantity_kg"], keep=False).mean())


def protocols(lines: pd.DataFrame, seed: int) -> pd.DataFrame:
    """R² by regressor, one column a protocol, on the same features."""
    features = pd.get_dummies(lines["product"], dtype="float64").join(lines[DRIVERS])
    features = features.rename(columns={name: f"is_{number}" for number, name in enumerate(features.columns[:-3])})
    later = lines["sold_on"] >= TEST_FROM
    splits = {
        RANDOM: train_test_split(lines.index, test_size=TEST_SHARE, random_state=seed),
        LATER: (lines.index[~later], lines.index[later]),
    }
    models = REGRESSORS.items()
    return pd.DataFrame(
        {
            name: {model: fitted_r2(make(seed), features, lines["quantity_kg"], *split) for model, make in models}
            for name, split in splits.items()
        }
    )


def fitted_r2(regressor: Any, features: pd.DataFrame, target: pd.Series, train: pd.Index, test: pd.Index) -> float:
    """R² on the second part of a split of a regressor that was fitted to the first."""
    regressor.fit(features.loc[train], target[train])
    return r2(target[test], regressor.predict(features.loc[test]))


def pipelines_own(mart: Path) -> dict[str, float]:
    """R² of the pipeline's backtest by candidate, product x month up to six months ahead.

    Empty if its last run was of other data, or there was none.
    """
    metrics = PROJECT / "metrics"
    if not (metrics / "mart.json").is_file() or not (metrics / "demand.json").is_file():
        return {}
    if read_json(metrics / "mart.json")["data_version"] != sha256_of(mart)[:12]:
        return {}
    board = read_json(metrics / "demand.json")["leaderboard"]
    return {entry["candidate"]: entry["r2_6m"] for entry in board}


def draw(scores: pd.DataFrame, path: Path) -> None:
    """R² at random against out of time, a pair of dots a model."""
    with mpl.rc_context({**STYLE, "svg.hashsalt": "protocols"}):
        figure = Figure(figsize=(7.2, 2.8), layout="constrained")
        axes = figure.add_subplot(xlabel="R² of an order line's quantity", xlim=(0.0, 1.0))
        names = [name.replace("_", " ") for name in scores.index]
        axes.hlines(names, scores[LATER], scores[RANDOM], color=LINE, linewidth=3)
        axes.scatter(scores[RANDOM], names, color=ORANGE, zorder=3, label="rows split at random")
        axes.scatter(scores[LATER], names, color=BLUE, zorder=3, label="2020 from the years before")
        axes.invert_yaxis()
        axes.tick_params(length=0, labelcolor=GREY)
        axes.legend(loc="upper left")
        figure.savefig(path, format="svg", metadata=NO_METADATA)


def show(lines: pd.DataFrame, scores: pd.DataFrame) -> str:
    """The table of R² and the shares of repeated lines, as text."""
    rows = [f"{'R²':16}" + "".join(f"{name:>14}" for name in scores.columns)]
    rows += [f"{name.replace('_', ' '):16}" + "".join(f"{x:>14.3f}" for x in own) for name, *own in scores.itertuples()]
    rows.append(f"{len(lines):,} lines; another line has the same quantity of the same product")
    rows += [
        f"  on the same {what:6}{repeated(lines, time):>6.1%}"
        for what, time in (("day", "sold_on"), ("month", "month"))
    ]
    quantities, months = lines.groupby(["product", "month"])["quantity_kg"].nunique().agg(["sum", "size"])
    rows.append(f"  {months:,} products' months have {quantities:,} quantities between them")
    return "\n".join(rows) + "\n"


def main() -> None:
    """Print one table, and draw it where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, help="SVG file to draw")
    arguments = parser.parse_args()
    os.environ.setdefault(SOURCE, str(PROJECT.parent / "shared" / "data" / "admixture"))
    params = parse_params(compose(PROJECT / "conf", ["source=admixture"]))
    assert isinstance(params.source, FilesSource)  # noqa: S101 - what source=admixture is
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            ingest_files(params.source.exports, Path(params.source.path), folder / "raw")
            build_mart(folder / "raw", params.mart, folder / "mart", folder / "quarantine")
        except MixplanError as error:
            sys.exit(f"error: {error}; set {SOURCE} to the folder of the real exports")
        lines, own = read_lines(folder / "mart"), pipelines_own(folder / "mart")
    scores = protocols(lines, params.seed)
    if own:
        scores[OWN] = pd.Series(own)
    sys.stdout.write(show(lines, scores))
    if own:
        # Most of what varies there is how large a product is, which any forecast knows.
        sys.stdout.write(
            f"{OWN}: totals of a product and month; {BASELINE.replace('_', ' ')} has {own[BASELINE]:.3f} there\n"
        )
    if arguments.picture:
        draw(scores, arguments.picture)


if __name__ == "__main__":
    main()
