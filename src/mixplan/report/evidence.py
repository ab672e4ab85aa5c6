"""What stands behind the demand winner: how sure its lead is, where it errs, and what better drivers would be worth."""

from typing import Any

import pandas as pd

from mixplan.report.boards import Column, winner_of
from mixplan.report.inputs import Metrics
from mixplan.report.table import Table
from mixplan.report.words import count, percent, plain, score, signed, tonnes

APART: tuple[Column, ...] = (
    ("Share", "share", percent),
    ("WAPE", "wape", percent),
    ("RMSE, t", "rmse", tonnes),
    ("R²", "r2", score),
    ("Bias", "bias", signed),
    ("MASE", "mase", score),
    ("Covered", "coverage", percent),
    ("Pinball, t", "pinball", tonnes),
)
DEMAND_PARTS = {
    "product_region_week": "Product, region, week",
    "product_week": "Product, week",
    "product_month": "Product, month",
    "total_month": "All products, month",
    "class_A": "A: largest",
    "class_B": "B: next",
    "class_C": "C: smallest",
    "class_new": "New: no sales in the year before",
    "class_X": "X: steady",
    "class_Y": "Y: variable",
    "class_Z": "Z: erratic",
}
"""Levels and classes in the order in which they are shown."""
VINTAGES: tuple[Column, ...] = (
    ("Months", "months", count),
    ("WAPE", "wape", percent),
    ("RMSE, t", "rmse", tonnes),
    ("Bias", "bias", signed),
    ("Planners' WAPE", "planners_wape", percent),
    ("Saved of theirs", "value_added", signed),
)
SKILLS = {
    "skill_seasonal_naive": "Saved of seasonal naive",
    "skill_planner": "Saved of planner",
    "skill_planners_own": "Saved of planners' own",
}
PARTS_SHOWN = 8
"""A tree adds a part for each feature."""
ORACLE: tuple[Column, ...] = (
    ("WAPE 3m", "wape_3m", percent),
    ("WAPE 6m", "wape_6m", percent),
    ("RMSE 3m, t", "rmse_3m", tonnes),
    ("RMSE 6m, t", "rmse_6m", tonnes),
)


def parts_board(explanation: pd.DataFrame) -> Table:
    """What the forecast of all products is made of, month by month: the weightiest parts, and what others come to.

    Args:
        explanation: product, month, part and contribution_kg, see ``mixplan.demand.explain``.
    """
    by_month = explanation.pivot_table(index="part", columns="month", values="contribution_kg", aggfunc="sum")
    weight = by_month.abs().sum(axis=1).sort_values(ascending=False, kind="stable")
    largest, others = by_month.loc[weight.index[:PARTS_SHOWN]], by_month.loc[weight.index[PARTS_SHOWN:]]
    sums = {plain(str(part)): month for part, month in largest.iterrows()}
    sums |= {"others": others.sum()} if len(others) else {}
    rows = [(part, *map(tonnes, month)) for part, month in (sums | {"forecast": by_month.sum()}).items()]
    header = ("Part", *(f"Month {month}, t" for month in by_month.columns))
    return Table("What the forecast is made of", header, tuple(rows), range(1, len(header)))


def lead_board(metrics: Metrics) -> Table:
    """What each demand candidate saves of the baselines' error, and how sure it is that the winner loses less."""
    task = metrics["demand"]
    board = task["leaderboard"]
    skills = [name for name in SKILLS if name in board[0]]
    rows = tuple(
        (plain(entry["candidate"]), *(signed(entry[name]) for name in skills), *_lead(task, entry["candidate"]))
        for entry in board
    )
    header = ("Candidate", *(SKILLS[name] for name in skills), "Loss on the winner's", "Likely between", "p")
    winner = [entry["candidate"] for entry in board].index(task["winner"])
    return Table("Is the lead more than luck?", header, rows, range(1, len(header)), winner)


def _lead(task: Any, candidate: str) -> tuple[str, str, str]:
    lead = task["against_winner"].get(candidate)
    if lead is None:
        return ("", "", "")
    ends = [signed(lead[name]) for name in ("excess_lower", "excess_upper") if name in lead]
    return signed(lead["excess"]), " and ".join(ends), score(lead["p_value"])


def demand_apart(metrics: Metrics) -> Table:
    """The demand winner's scores by level of sum and by class of product; blank where a metric is not taken."""
    task = metrics["demand"]
    own = winner_of(task)
    parts = {part: name for part, name in DEMAND_PARTS.items() if f"{part}/wape" in own}
    rows = tuple(
        (name, *(text(own[f"{part}/{metric}"]) if f"{part}/{metric}" in own else "" for _, metric, text in APART))
        for part, name in parts.items()
    )
    header = ("Part", *(heading for heading, _, _ in APART))
    return Table(f"Demand apart: {plain(task['winner'])}, all six months", header, rows, range(1, len(header)))


def oracle_board(metrics: Metrics) -> Table:
    """Scores of the best candidate that reads drivers as they are, and as an oracle of drivers would have them."""
    name, told = metrics["demand_oracle"]["candidate"], metrics["demand_oracle"]["scores"]
    forecast = next(entry for entry in metrics["demand"]["leaderboard"] if entry["candidate"] == name)
    rows = tuple(
        (what, *(text(own[name]) for _, name, text in ORACLE))
        for what, own in {"nothing: as forecast": forecast, **told}.items()
    )
    header = ("Known in advance", *(heading for heading, _, _ in ORACLE))
    return Table(f"If {plain(name)} had known the drivers", header, rows, range(1, len(header)))


def vintage_board(metrics: Metrics) -> Table:
    """Forecasts that plans were made of, held against what came, beside the planners' own numbers of that day."""
    rows = tuple(
        (
            entry["origin"],
            plain(entry["candidate"]),
            *(text(entry[name]) if name in entry else "" for _, name, text in VINTAGES),
        )
        for entry in metrics["vintages"]["scored"]
    )
    header = ("Planned from", "Forecast by", *(heading for heading, _, _ in VINTAGES))
    return Table("What came of the forecasts that were planned with", header, rows, range(2, len(header)))
