"""A table that is mostly faulty stops the stage: then not its rows are wrong but how it was read."""

from mixplan.mart.accounts import MartError, Tally
from mixplan.mart.rules import NO_FAULT, RULES


def check_faulty_share(table: str, tally: Tally, largest: float) -> None:
    """Hold the share of faulty rows, among those that are not blank, to a limit.

    Args:
        table: what the error calls it.
        tally: what became of all of its rows.
        largest: highest share of faulty rows, 0..1.

    Raises:
        MartError: more rows are faulty; names the commonest rule, a row that breaks it, and what to do.
    """
    rows = tally.account.read - tally.broken.get("blank_row", 0)
    if tally.faulty <= largest * rows:
        return
    faults = {rule: count for rule, count in tally.broken.items() if rule not in NO_FAULT}
    commonest = max(sorted(faults), key=lambda rule: faults[rule])
    raise MartError(
        f"{table}: {tally.faulty} of {rows} rows are faulty, {faults[commonest]} by the rule {commonest} "
        f"({RULES[commonest].sentence.removesuffix('.').lower()}), such as {tally.examples[commonest]}; are columns "
        "swapped or headers renamed? Mend the map in conf/source or the export; the last mart is untouched"
    )
