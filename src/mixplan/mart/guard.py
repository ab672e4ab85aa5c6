"""A table or an export that is mostly faulty stops the stage: then not its rows are wrong but how it was read."""

from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import Faults, MartError, Tally
from mixplan.mart.rules import RULES


def check_faulty_share(table: str, tally: Tally, config: MartConfig) -> None:
    """Hold the share of faulty rows, among those that are not blank, to a limit: of each export and of the table.

    Args:
        table: what the error calls it.
        tally: what became of all of its rows.
        config: the limit, and the fewest rows of an export that is judged alone.

    Raises:
        MartError: more rows are faulty; names the commonest rule, a row that breaks it, and what to do.
    """
    for name, faults in tally.files.items():
        if faults.rows >= config.fewest_rows_judged:
            _check(f"rows of {name}", table, faults, config.largest_quarantined_share)
    _check("rows", table, tally.faults, config.largest_quarantined_share)


def _check(rows: str, table: str, faults: Faults, largest: float) -> None:
    if faults.faulty <= largest * faults.rows:
        return
    commonest = max(sorted(faults.broken), key=lambda rule: faults.broken[rule])
    raise MartError(
        f"{table}: {faults.faulty} of {faults.rows} {rows} are faulty, {faults.broken[commonest]} by the rule "
        f"{commonest} ({RULES[commonest].sentence.removesuffix('.').lower()}), such as {faults.examples[commonest]}; "
        "are columns swapped or headers renamed? Mend the map in conf/source or the export; the last mart is untouched"
    )
