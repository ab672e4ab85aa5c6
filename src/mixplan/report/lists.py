"""What to order, whom to call, and what became of the rows that were read."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from mixplan.report.inputs import Metrics
from mixplan.report.table import Table
from mixplan.report.words import count, percent, plain, tonnes, value


def orders_table(orders: pd.DataFrame, names: Mapping[str, str], first: int) -> Table:
    """The plan's first purchase orders; a material is shown by its code, and its name where it has one.

    Each says from whom it comes in how many days, and whose receipts say so.
    """
    rows = tuple(
        (
            f"{order.material_code} {names.get(order.material_code, '')}".strip(),
            order.supplier_code or "-",
            tonnes(order.quantity_kg),
            str(order.order_on.date()),
            str(order.expected_on.date()),
            f"{order.lead_time_days} {'day' if order.lead_time_days == 1 else 'days'}: {order.lead_time_source}",
            order.reason,
        )
        for order in _rows(orders.head(first))
    )
    header = ("Material", "Supplier", "Tonnes", "Order on", "Expected", "Lead time", "Why")
    return Table(_caption("Purchase orders of the plan", len(rows), len(orders)), header, rows, range(2, 5))


def orders_at_a_glance(orders: pd.DataFrame, first: int) -> Table:
    """The same in the columns for which a terminal has room."""
    table = orders_table(orders, {}, first)
    shown = [table.header.index(name) for name in ("Material", "Tonnes", "Order on", "Expected", "Why")]
    header, *rows = (tuple(row[place] for place in shown) for row in (table.header, *table.rows))
    return Table(table.caption, header, tuple(rows), range(1, 4))


def unplanned_table(unplanned: pd.DataFrame, first: int) -> Table:
    """What the plan leaves open, products before materials."""
    shown = unplanned.sort_values("kind", ascending=False, kind="stable").head(first)
    rows = tuple((f"{gap.kind} {gap.code}", tonnes(gap.quantity_kg), gap.reason) for gap in _rows(shown))
    caption = _caption("Left open by the plan", len(rows), len(unplanned))
    return Table(caption, ("What", "Tonnes", "Why"), rows, range(1, 2))


def risk_table(customers: pd.DataFrame, first: int) -> Table:
    """Customers at risk, the most valuable first."""
    at_risk = customers[customers["at_risk"]].sort_values(["monetary", "customer_code"], ascending=[False, True])
    rows = tuple(
        (
            f"{customer.customer_code} {customer.customer_name}".strip(),
            percent(customer.chance),
            value(customer.monetary, customer.monetary_unit),
            f"{value(customer.worth_low, customer.monetary_unit)} to "
            f"{value(customer.worth_high, customer.monetary_unit)}",
            customer.segment_profile,
            customer.reason,
            customer.action,
        )
        for customer in _rows(at_risk.head(first))
    )
    header = ("Customer", "Chance", "Bought in a year", "Next 12 months", "Segment", "Why", "What to do")
    return Table(_caption("Customers at risk", len(rows), len(at_risk)), header, rows, range(1, 4))


def changes_table(changes: pd.DataFrame, first: int) -> Table:
    """The latest changes of segment."""
    rows = tuple(
        (change.customer_code, str(change.changed_on.date()), change.before, change.after, change.cause)
        for change in _rows(changes.head(first))
    )
    header = ("Customer", "Seen on", "Before", "After", "Cause")
    return Table(_caption("Changes of segment", len(rows), len(changes)), header, rows, range(1, 2))


def quality_table(metrics: Metrics) -> Table:
    """What became of every row that was read, by table."""
    columns = ("read", "accepted", "corrected", "duplicates", "quarantined")
    rows = tuple(
        (plain(table).capitalize(), *(count(account[name]) for name in columns), _why(account))
        for table, account in sorted(metrics["mart"]["tables"].items())
    )
    header = ("Table", "Read", "As is", "Corrected", "Duplicates", "Quarantined", "Why")
    return Table("Rows of each table", header, rows, range(1, 6))


def _caption(what: str, shown: int, total: int) -> str:
    extent = f"all {total}" if shown == total else f"first {shown} of {total}"
    return f"{what}: {extent}"


def _why(account: Any) -> str:
    """The rules that rows broke, and what was put right."""
    parts = (("corrected", account["corrections"]), ("left out", account["broken"]))
    return "; ".join(
        f"{what}: " + ", ".join(f"{plain(rule)} {count(rows)}" for rule, rows in sorted(rules.items()))
        for what, rules in parts
        if rules
    )


def _rows(frame: pd.DataFrame) -> Iterable[Any]:
    return frame.itertuples(index=False)
