"""Who won, and how well: the leaderboard of each task and the winners' scores afterwards."""

from collections.abc import Callable
from typing import Any

from mixplan.report.inputs import Metrics
from mixplan.report.table import Cells, Table
from mixplan.report.words import count, millions, percent, plain, score, signed, tonnes

BASELINES = frozenset(
    {"baseline_only", "overdue", "climatology", "max_minus_mean", "planner", "popularity", "seasonal_naive"}
)
"""Candidates that learn next to nothing: what does not beat them is not worth having."""
DRIVER_NAMES = {
    "temperature_c": "Temperature, °C",
    "humidity_pct": "Humidity, %",
    "rain_mm": "Rain, mm",
    "snow_cm": "Snow, cm",
    "construction_index": "Construction index",
}
"""What axes and captions say, in the order in which drivers are shown."""

Column = tuple[str, str, Callable[[float], str]]
"""Heading, name of the metric and how it is written."""
DEMAND: tuple[Column, ...] = (
    ("WAPE 3m", "wape_3m", percent),
    ("WAPE 6m", "wape_6m", percent),
    ("RMSE 3m, t", "rmse_3m", tonnes),
    ("RMSE 6m, t", "rmse_6m", tonnes),
    ("R² 3m", "r2_3m", score),
    ("R² 6m", "r2_6m", score),
    ("Bias 3m", "bias_3m", signed),
    ("Bias 6m", "bias_6m", signed),
)
DRIVERS: tuple[Column, ...] = (
    ("R²", "r2", score),
    ("RMSE", "rmse", score),
    ("MAE", "mae", score),
    ("Covered", "coverage", percent),
)
RECOMMEND: tuple[Column, ...] = (
    ("RMSE", "rmse", score),
    ("R²", "r2", score),
    ("Impossible", "n_impossible", count),
    ("NDCG at 10", "ndcg_at_10", score),
    ("Recall at 10", "recall_at_10", percent),
    ("Coverage", "coverage", percent),
    ("Novelty, bits", "novelty", score),
)

RISK: tuple[Column, ...] = (
    ("Average precision", "average_precision", score),
    ("ROC AUC", "roc_auc", score),
    ("Brier", "brier", score),
    ("At risk", "base_rate", percent),
    ("Stake in first 10", "stake_share_top_10", percent),
)

ORDERING: tuple[Column, ...] = (
    ("Fill rate", "fill_rate", percent),
    ("Days short", "stock_out_days", count),
    ("Mean stock, t", "mean_stock_kg", tonnes),
    ("Peak stock, t", "peak_stock_kg", tonnes),
    ("Mean stock, KRW m", "mean_stock_krw", millions),
    ("Orders", "orders", count),
    ("Expedited", "expedites", count),
    ("Days late", "late_days", count),
    ("Cost, KRW m", "cost_krw", millions),
)

GLANCE = ("fill_rate", "stock_out_days", "mean_stock_kg", "orders", "cost_krw")
"""What a terminal has room for."""


def demand_board(metrics: Metrics) -> Table:
    """Every demand candidate, best first."""
    return _board("Demand of a product in a month", metrics["demand"], DEMAND)


def driver_boards(metrics: Metrics) -> list[Table]:
    """One table a driver: how well each candidate foresees it, by days ahead."""
    return [_driver_board(DRIVER_NAMES[driver], task) for driver, task in _drivers(metrics)]


def region_board(metrics: Metrics) -> Table:
    """How near a region's forecast comes, beside the country's in its place; no row where no regions are told apart."""
    rows = tuple(
        (DRIVER_NAMES[driver], band, score(own["rmse_country"]), score(own["rmse"]), signed(own["skill"]))
        for driver in DRIVER_NAMES
        for band, own in by_days_ahead(metrics["driver_regions"].get(driver, {})).items()
    )
    header = ("Driver", "Ahead", "RMSE, country's forecast", "RMSE, region's", "Saved")
    return Table("Weather by region", header, rows, range(2, len(header)))


def nothing_better(metrics: Metrics) -> str:
    """Drivers and days ahead that nothing foresees better than the usual year does; empty where there are none."""
    usual = []
    for driver, task in _drivers(metrics):
        bands = [band for band, of in by_days_ahead(task["bands"]).items() if of["winner"] == "climatology"]
        usual += [f"{DRIVER_NAMES[driver].partition(',')[0].lower()} {', '.join(bands)}"] if bands else []
    return "; ".join(usual)


def recommend_board(metrics: Metrics) -> Table:
    """Every recommender, best first."""
    return _board("Recommendations: how a customer rates a product", metrics["recommend"], RECOMMEND)


def risk_board(metrics: Metrics) -> Table:
    """Every candidate that foresees risk, best first."""
    return _board("Customers at risk: who will order less than half of its usual", metrics["risk"], RISK)


def ranking_note(metrics: Metrics) -> str:
    """Whether the candidate that estimates ratings best also ranks best."""
    task = metrics["recommend"]
    if task["winner"] == task["ranking_winner"]:
        return f"{plain(task['winner'])} wins by RMSE, and its first ten products are the best too."
    return (
        f"{plain(task['winner'])} wins by RMSE, as the plant's rule says, but the first ten products of "
        f"{plain(task['ranking_winner'])} are better (NDCG at 10)."
    )


def new_note(metrics: Metrics) -> str:
    """How customers and products are met that were hidden and met as new; empty where nobody bought."""
    customers, products = metrics["recommend"]["new_customers"], metrics["recommend"]["new_products"]
    if not (customers["n"] and products["n"]):
        return ""
    return (
        f"Customers whose history was hidden: NDCG at 10 of {score(customers['ndcg_at_10'])}, "
        f"{score(customers['popularity_ndcg_at_10'])} by popularity. Products whose history was hidden are among the "
        f"first ten new ones of {percent(products['hit_rate_at_10'])} of the customers who then bought them, "
        f"{percent(products['chance_hit_rate_at_10'])} by chance."
    )


def ordering_board(metrics: Metrics) -> Table:
    """Every ordering policy at every service level, best first."""
    return _board("Ordering policies, replayed on the weeks that chose", metrics["plan"], ORDERING)


def ordering_at_a_glance(metrics: Metrics) -> Table:
    """Each ordering policy at its best service level, in a few columns."""
    policies = [entry["candidate"].partition(" ")[0] for entry in metrics["plan"]["leaderboard"]]
    best = [policies.index(policy) for policy in dict.fromkeys(policies)]
    plan = metrics["plan"] | {"leaderboard": [metrics["plan"]["leaderboard"][position] for position in best]}
    columns = tuple(column for column in ORDERING if column[1] in GLANCE)
    return _board("Ordering policies, each at its best service level", plan, columns)


def ordering_holdout(metrics: Metrics) -> Table:
    """The winner and the plant's own rule on the last window."""
    last = metrics["promote"]["holdout"]
    won, rule = last["reorder"], last["reorder_plant_rule"]
    rows = tuple((heading, text(won[name]), text(rule[name])) for heading, name, text in ORDERING)
    return Table("Orders", ("Score", plain(metrics["plan"]["winner"]), "Max minus mean"), rows, range(1, 3))


def drivers_at_a_glance(metrics: Metrics) -> Table:
    """One row a driver and band of days ahead: its winner with its RMSE, and its R² beside the climatology's."""
    rows = []
    for driver, task in _drivers(metrics):
        for band, of_band in by_days_ahead(task["bands"]).items():
            won, r2 = winner_of(of_band), {entry["candidate"]: entry["r2"] for entry in of_band["leaderboard"]}
            figures = (score(won["rmse"]), score(won["r2"]), score(r2["climatology"]))
            rows.append((DRIVER_NAMES[driver], band, plain(of_band["winner"]), *figures))
    header = ("Driver", "Ahead", "Winner", "RMSE", "R²", "R² climatology")
    return Table("Drivers by days ahead: ties go to the simpler model", header, tuple(rows), range(3, len(header)))


def demand_holdout(metrics: Metrics) -> Table:
    """The winner's scores when it was chosen and on the last window, where the baselines stand beside it."""
    last, won = metrics["promote"]["holdout"], winner_of(metrics["demand"])
    there = (last["demand"], last["demand_seasonal_naive"], last["demand_planner"])
    rows = tuple((heading, *(text(scores[name]) for scores in (won, *there))) for heading, name, text in DEMAND)
    header = ("Score", "When chosen", "Last weeks", "Seasonal naive there", "Planner there")
    return Table("Demand of a product in a month", header, rows, range(1, len(header)))


def holdout_tables(metrics: Metrics) -> list[Table]:
    """The winners' scores when they were chosen, beside those of the last window, which chose nothing."""
    last = metrics["promote"]["holdout"]
    recommend = metrics["recommend"]
    others = [
        (DRIVER_NAMES[driver], *scores)
        for driver, task in _drivers(metrics)
        for scores in _beside(task["scores"], _of_driver(last["drivers"], driver), DRIVERS)
    ]
    others += [("Recommendations", *scores) for scores in _beside(winner_of(recommend), last["recommend"], RECOMMEND)]
    others += [("Customers at risk", *row) for row in _beside(winner_of(metrics["risk"]), last["risk"], RISK)]
    header = ("Score", "When chosen", "Last weeks")
    return [
        demand_holdout(metrics),
        ordering_holdout(metrics),
        Table("Drivers, recommendations and risk", ("Forecast", *header), tuple(others), range(2, 4)),
    ]


def planners_own(metrics: Metrics) -> dict[str, str]:
    """Scores of the numbers that planners wrote down by heading; empty where the source has none."""
    own = metrics["demand"]["planners_own"]
    columns: tuple[Column, ...] = (("WAPE", "wape", percent), ("RMSE", "rmse", tonnes), ("R²", "r2", score))
    return {heading: text(own[name]) for heading, name, text in (*columns, ("bias", "bias", signed)) if own}


def _drivers(metrics: Metrics) -> list[tuple[str, Any]]:
    """Each driver that has a winner, with its leaderboard."""
    return [(driver, metrics["drivers"][driver]) for driver in DRIVER_NAMES if driver in metrics["drivers"]]


def _board(caption: str, task: Any, columns: tuple[Column, ...]) -> Table:
    board, winner = task["leaderboard"], task["winner"]
    rows = tuple(
        (
            plain(entry["candidate"]),
            _role(entry["candidate"], winner),
            *(text(entry[name]) if name in entry else "-" for _, name, text in columns),
        )
        for entry in board
    )
    header = ("Candidate", "Role", *(heading for heading, _, _ in columns))
    return Table(caption, header, rows, range(2, len(header)), [entry["candidate"] for entry in board].index(winner))


def by_days_ahead(bands: dict[str, Any]) -> dict[str, Any]:
    """Bands by days ahead; metrics are kept in the order of their letters."""
    return dict(sorted(bands.items(), key=lambda item: int(item[0].removesuffix("d").partition("-")[0])))


def _driver_board(caption: str, task: Any) -> Table:
    """A row a candidate, winners first, with the bands of days ahead that it wins, and a column a band."""
    bands = by_days_ahead(task["bands"])
    r2 = {band: {entry["candidate"]: entry["r2"] for entry in of["leaderboard"]} for band, of in bands.items()}
    won = {band: of["winner"] for band, of in bands.items()}
    candidates = dict.fromkeys([*won.values(), *next(iter(r2.values()))])
    rows = tuple(
        (
            plain(name),
            ", ".join(band for band in bands if won[band] == name),
            *(score(r2[band][name]) for band in bands),
        )
        for name in candidates
    )
    header = ("Candidate", "Wins", *(f"R² {band}" for band in bands))
    return Table(caption, header, rows, range(2, len(header)))


def _role(candidate: str, winner: str) -> str:
    roles = {"winner": candidate == winner, "baseline": candidate in BASELINES}
    return ", ".join(role for role, applies in roles.items() if applies)


def _beside(chosen: dict[str, float], last: dict[str, float], columns: tuple[Column, ...]) -> list[Cells]:
    """The winner's scores that both times have: heading, when chosen, in the last window."""
    return [(heading, text(chosen[name]), text(last[name])) for heading, name, text in columns if name in last]


def _of_driver(scores: dict[str, float], driver: str) -> dict[str, float]:
    """One driver's scores out of those named ``<driver>/<metric>``."""
    return {name.removeprefix(f"{driver}/"): value for name, value in scores.items() if name.startswith(f"{driver}/")}


def winner_of(task: Any) -> Any:
    """The entry of the leaderboard that won."""
    return next(entry for entry in task["leaderboard"] if entry["candidate"] == task["winner"])
