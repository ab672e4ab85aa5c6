from mixplan.artifacts.champion import Winner
from mixplan.promotion.assemble import DECIDED_WITH
from mixplan.promotion.card import LIMITS, model_card

WINNER = Winner(
    candidate="ridge",
    metrics={"rmse_6m": 20.0},
    chosen_by={"rmse_6m": 12.5, "r2_6m": 1 / 3},
    losses={"2023-01-02": 4.0, "2023-02-06": 1.0, "2023-03-06": 7.0},
)


def test_a_card_says_all_that_it_must() -> None:
    card = model_card("demand", WINNER, "d1", "9 sales", ["mean_13", "usual"], "the plant")
    assert card.startswith("# demand: ridge\n\nOwner: the plant\n")
    assert "Data d1: 9 sales" in card
    assert "| r2_6m | 0.3333 |  |\n| rmse_6m | 12.5 | 20 |" in card
    assert "Loss over 3 origins: 4 in the mean, 1 at best (from 2023-02-06), 7 at worst (from 2023-03-06)." in card
    assert "- mean_13\n- usual" in card
    assert LIMITS["demand"] in card


def test_a_champion_that_was_scored_once_has_no_spread() -> None:
    assert "Spread" not in model_card("reorder", WINNER.model_copy(update={"losses": {}}), "d1", "", [], "x")


def test_every_task_has_its_limits() -> None:
    assert LIMITS.keys() == DECIDED_WITH.keys()
