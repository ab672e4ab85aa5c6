"""``mixplan mart``: what the rules of the mart did, and the rows that stayed out."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mixplan.cli.screen import show

mart = typer.Typer(help="Audit the mart.", no_args_is_help=True)
METRICS, QUARANTINE = Path("metrics/mart.json"), Path("data/quarantine")


@mart.command(epilog="Example: mixplan mart rules")
def rules() -> None:
    """Count the rows that fell under each rule, by table."""
    from mixplan.mart.ledger import read_metrics, rule_counts

    counts = rule_counts(read_metrics(METRICS))
    rows = [(row["table"], row["rule"], row["outcome"], f"{row['rows']:,}", row["sentence"]) for row in counts]
    show("Rules of the mart", ("Table", "Rule", "Outcome", "Rows", "What it says"), rows, range(3, 4))


@mart.command(epilog="Example: mixplan mart quarantine orders --rule amount_mismatch --csv > orders.csv")
def quarantine(
    table: Annotated[str, typer.Argument(help="A raw table, such as orders.")],
    rule: Annotated[str | None, typer.Option(help="Only rows that broke this rule.")] = None,
    first: Annotated[int, typer.Option(min=1, help="How many rows to show.")] = 20,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Show every row.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, whole, with the sentences of the rules.")] = False,
) -> None:
    """List rows that stayed out of the mart: where they come from, why, and what they say."""
    from mixplan.config.base import MixplanError
    from mixplan.config.source import RAW_TABLES
    from mixplan.mart.ledger import quarantined
    from mixplan.mart.rules import RULES

    if rule is not None and rule not in RULES:
        raise MixplanError(f"there is no rule {rule!r}: rules are {', '.join(RULES)}")
    if table not in RAW_TABLES:
        raise MixplanError(f"there is no table {table!r}: tables are {', '.join(RAW_TABLES)}")
    found = quarantined(QUARANTINE, table)
    if rule:
        found = found[found["rules"].str.split(",").map(lambda rules: rule in rules)]
    if csv:
        found.to_csv(sys.stdout, index=False)
        return
    rows = [
        (
            f"{row['source_file']}:{row['source_line']}",
            row["rules"],
            row["duplicate_of"],
            " | ".join(row[list(RAW_TABLES[table])]),
        )
        for _, row in found.head(len(found) if everything else first).iterrows()
    ]
    caption = f"Rows of {table} that stayed out: {len(rows)} of {len(found)}"
    show(caption, ("Where", "Rules", "Repeats", " | ".join(RAW_TABLES[table])), rows)
