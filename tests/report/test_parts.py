"""Cards, boards and lists, each by itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from mixplan.report.boards import demand_board, drivers_at_a_glance, new_note, nothing_better, ordering_board
from mixplan.report.evidence import demand_apart, lead_board
from mixplan.report.headline import demand_card, fill_rate_card, lately, orders_card
from mixplan.report.inputs import read_metrics, read_orders, read_results
from mixplan.report.lists import orders_table, risk_table

Change = Callable[[str, Callable[[Any], Any]], None]
ORIGIN = pd.Timestamp("2024-07-01")


def test_last_year_is_the_weeks_that_start_52_weeks_earlier(root: Path, change_table: Change) -> None:
    first = pd.Timestamp("2023-07-03")

    def only_the_edges(sales: pd.DataFrame) -> pd.DataFrame:
        days = [first - pd.Timedelta(days=1), first, first + pd.Timedelta(days=13), first + pd.Timedelta(days=14)]
        return sales.head(4).assign(sold_on=days, quantity_kg=[64_000.0, 1000.0, 2000.0, 128_000.0])

    change_table("mart/sales/all", only_the_edges)
    assert demand_card(read_results(root)).detail.replace("\xa0", " ") == (
        "60.0% more than in the same weeks of last year (3 t)"
    )


def test_a_year_without_sales_is_said_so(root: Path, change_table: Change) -> None:
    change_table("mart/sales/all", lambda sales: sales.tail(3))
    assert demand_card(read_results(root)).detail == "nothing was sold in the same weeks of last year"


def test_this_week_ends_before_next_monday(root: Path) -> None:
    orders = read_orders(root).assign(expedite=False, unit_price_krw=100.0)
    orders["order_on"] = ORIGIN + pd.to_timedelta([0, 6, 7, 7, 7, 7, 7], unit="D")
    card = orders_card(orders, ORIGIN)
    assert card.figure == "2"
    assert card.detail.replace("\xa0", " ") == "3 t of materials; about KRW 0.3 million"


def test_orders_without_any_price_have_no_cost(root: Path) -> None:
    assert "; no price is known; " in orders_card(read_orders(root).assign(unit_price_krw=float("nan")), ORIGIN).detail


def test_the_planner_rule_may_win(root: Path, change_json: Change) -> None:
    change_json("demand", lambda demand: demand | {"winner": "planner"})
    change_json("plan", lambda plan: plan | {"winner": "max_minus_mean", "forecast": "planner"})
    change_json("promote", lambda promote: {"holdout": {"reorder": (rule := promote["holdout"]["reorder_plant_rule"]),
                                                        "reorder_plant_rule": rule}})  # fmt: skip
    metrics = read_metrics(root)
    card = fill_rate_card(metrics)
    assert card.figure == "99.3%"
    assert card.detail.replace("\xa0", " ") == (
        "10 t in stock at KRW 4.5 million, ordered by max minus mean in the last weeks, which chose no policy; by the "
        "plant's own rule 99.3%, 10 t in stock at KRW 4.5 million"
    )
    assert ordering_board(metrics).winner == 2
    board = demand_board(metrics)
    assert board.winner == 1
    assert board.rows[1][:2] == ("planner", "winner, baseline")


def test_bands_stand_by_days_ahead_and_not_by_their_letters(root: Path, change_json: Change) -> None:
    def in_order_of_letters(drivers: dict[str, Any]) -> dict[str, Any]:
        one = next(iter(drivers["temperature_c"]["bands"].values()))
        return {"temperature_c": drivers["temperature_c"] | {"bands": dict.fromkeys(["1d", "31-182d", "8-30d"], one)}}

    change_json("drivers", in_order_of_letters)
    assert [row[1] for row in drivers_at_a_glance(read_metrics(root)).rows] == ["1d", "8-30d", "31-182d"]


def test_it_says_where_the_usual_year_is_as_good_as_anything(root: Path, change_json: Change) -> None:
    assert nothing_better(read_metrics(root)) == "temperature 2-42d; humidity 1-42d"

    def all_won(drivers: dict[str, Any]) -> dict[str, Any]:
        for task in drivers.values():
            for band in task["bands"].values():
                band["winner"] = "gru"
        return drivers

    change_json("drivers", all_won)
    assert nothing_better(read_metrics(root)) == ""


def test_too_little_is_not_called_too_high(root: Path, change_json: Change) -> None:
    def lower(promote: dict[str, Any]) -> dict[str, Any]:
        promote["holdout"]["demand"]["bias_3m"] = -0.1
        return promote

    change_json("promote", lower)
    assert "were 10.0% too low in all" in lately(read_metrics(root))


def test_only_the_first_orders_are_shown_in_the_order_of_the_plan(root: Path) -> None:
    table = orders_table(read_orders(root), {"M1": "Lignin"}, 2)
    assert table.caption == "Purchase orders of the plan: first 2 of 7"
    assert [row[:6] for row in table.rows] == [
        ("M0", "S", "1.0", "2024-07-01", "2024-07-04", "1 day: 9 receipts from S"),
        ("M1 Lignin", "S", "2.0", "2024-07-01", "2024-07-04", "3 days: 9 receipts from S"),
    ]
    never_bought = orders_table(read_orders(root), {}, 7).rows[-1]
    assert (never_bought[1], never_bought[5]) == ("-", "3 days: default, as only 2 receipts in all")


def test_customers_at_risk_come_by_value(root: Path) -> None:
    customers = read_results(root).customers.assign(at_risk=True, monetary=[1e6, 3e6, 2e6])
    assert [row[0] for row in risk_table(customers, 2).rows] == ["C2", "C3 Gamma Ltd"]
    assert risk_table(customers, 2).caption == "Customers at risk: first 2 of 3"


def test_the_winner_is_shown_apart(root: Path, change_json: Change) -> None:
    """Of the winner only, in the order of levels and classes, with nothing where a metric is not taken."""
    scores = {"wape": 0.25, "rmse": 1500.0, "r2": 0.5, "bias": -0.125}

    def apart(demand: dict[str, Any]) -> dict[str, Any]:
        parts = {"class_A": scores | {"share": 0.75}, "product_week": scores | {"mase": 0.875, "pinball": 2500.0}}
        named = {f"{part}/{name}": value for part, own in parts.items() for name, value in own.items()}
        demand["leaderboard"][0] |= named
        demand["leaderboard"][1] |= dict.fromkeys(named, 9.0)
        return demand

    change_json("demand", apart)
    table = demand_apart(read_metrics(root))
    assert table.header == ("Part", "Share", "WAPE", "RMSE, t", "R²", "Bias", "MASE", "Covered", "Pinball, t")
    assert table.rows == (
        ("Product, week", "", "25.0%", "1.5", "0.500", "-12.5%", "0.875", "", "2.5"),
        ("A: largest", "75.0%", "25.0%", "1.5", "0.500", "-12.5%", "", "", ""),
    )


def test_leads_are_shown_of_every_candidate_with_its_skill(root: Path, change_json: Change) -> None:
    """A lead that cannot be tested has no interval, and a baseline that does not compete no column."""

    def changed(demand: dict[str, Any]) -> dict[str, Any]:
        for entry, saved in zip(demand["leaderboard"], (0.25, 0.0), strict=True):
            entry["skill_planner"] = saved
            entry.pop("skill_seasonal_naive", None)
        return demand | {"against_winner": {"planner": {"excess": -0.125, "p_value": 0.5}}}

    change_json("demand", changed)
    table = lead_board(read_metrics(root))
    assert table.header == ("Candidate", "Saved of planner", "Loss on the winner's", "Likely between", "p")
    assert table.rows == (("lightgbm", "+25.0%", "", "", ""), ("planner", "+0.0%", "-12.5%", "", "0.500"))
    assert table.winner == 0


def test_new_customers_and_products_are_in_one_line(usual_page):
    """Where nobody was hidden, nothing is said."""
    customers = {"n": 9.0, "ndcg_at_10": 0.543, "popularity_ndcg_at_10": 0.512}
    products = {"n": 9.0, "hit_rate_at_10": 0.88, "chance_hit_rate_at_10": 0.46}
    note = new_note({"recommend": {"new_customers": customers, "new_products": products}})
    assert "NDCG at 10 of 0.543, 0.512 by popularity" in note
    assert "of 88.0% of the customers who then bought them, 46.0% by chance" in note
    assert note in usual_page
    assert new_note({"recommend": {"new_customers": {"n": 0.0}, "new_products": products}}) == ""
