"""Every rule of the mart by name: what it says to people, and what becomes of a row that falls under it."""

from dataclasses import dataclass
from typing import Literal

from mixplan.mart.accounts import MartError

Outcome = Literal["corrected", "quarantined", "duplicate"]


@dataclass(frozen=True)
class Rule:
    """A rule and its one outcome."""

    name: str
    outcome: Outcome
    sentence: str
    """What was found, for the people who mend the source."""


_ALL = (
    Rule("blank_row", "quarantined", "The row has no text in any column."),
    Rule("duplicate", "duplicate", "The row repeats an earlier row in every column that is read."),
    Rule("missing_value", "quarantined", "A cell that must say something is blank."),
    Rule("not_a_number", "quarantined", "A cell that must hold a number is blank, is none or has an unknown unit."),
    Rule(
        "impossible_date", "quarantined", "A date is blank, does not exist, can be read in two ways or is too far away."
    ),
    Rule("not_yes_or_no", "quarantined", "A cell says neither yes nor no as the plant writes them."),
    Rule("unknown_customer", "quarantined", "No customer of the customer list has this code."),
    Rule("unknown_material", "quarantined", "No list, recipe or product has this material code."),
    Rule("unknown_product", "quarantined", "The code or name leads to no product that has a recipe."),
    Rule("unknown_region", "quarantined", "The region is not one that the plant sells to."),
    Rule("negative_quantity", "quarantined", "A quantity or share is below zero, or zero where something must be."),
    Rule("negative_price", "quarantined", "A price is below zero."),
    Rule("amount_mismatch", "quarantined", "The amount is not quantity times unit price."),
    Rule("date_order", "quarantined", "A date lies before another that must come first."),
    Rule("out_of_range", "quarantined", "A number is outside of what can be believed (conf/mart says what can)."),
    Rule("shares_not_100", "quarantined", "The shares of this lot or recipe do not add up to the whole."),
    Rule("lot_excluded", "quarantined", "The lot was taken out of production."),
    Rule("absent_material", "quarantined", "The share is zero: the recipe says that the product has none of it."),
    Rule("key_repeated", "quarantined", "An earlier good row has the same key and says something else."),
    Rule("code_as_float", "corrected", "A code that went through a column of floats is a whole number again."),
    Rule("thousands_separators", "corrected", "The commas between thousands are dropped."),
    Rule("number_with_unit", "corrected", "The unit is dropped, and the number is put in the unit of its column."),
    Rule("date_form", "corrected", "The same day is written as year-month-day."),
    Rule("excel_date", "corrected", "The day that Excel counts from 1900 is written as year-month-day."),
    Rule("time_of_day_dropped", "corrected", "The same day is written as year-month-day, without the time of day."),
    Rule("quantity_sign", "corrected", "The amount proves that the quantity is positive: only its sign was wrong."),
    Rule("shares_scaled", "corrected", "The shares of a recipe miss the whole by rounding and are scaled to it."),
    Rule("recipe_cycle", "corrected", "A product would be part of itself; the material counts as a raw material here."),
)

RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}
"""Every rule by its name."""

NO_FAULT = frozenset({"blank_row", "duplicate", "lot_excluded", "absent_material"})
"""Rules that hold rows back although nothing is wrong with what the columns say."""


def registered(name: str, *outcomes: Outcome) -> Rule:
    """The rule of this name, when it is one of these outcomes.

    Raises:
        MartError: no rule of this name has such an outcome.
    """
    if name not in RULES or RULES[name].outcome not in outcomes:
        raise MartError(f"no rule {name!r} leads to {' or '.join(outcomes)}: register it in mixplan.mart.rules")
    return RULES[name]
