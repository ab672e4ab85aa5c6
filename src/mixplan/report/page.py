"""The planners' page: one HTML file that fetches nothing and runs nothing."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from mixplan.planning.stock import ASSUMED
from mixplan.planning.wording import day
from mixplan.report import boards, evidence, production
from mixplan.report.customer_chart import customers_chart
from mixplan.report.forecast_charts import demand_chart, drivers_chart
from mixplan.report.headline import cards, lately, planners_rule, worth_note
from mixplan.report.inputs import Results
from mixplan.report.lists import changes_table, orders_table, quality_table, risk_table, unplanned_table
from mixplan.report.pouring import pouring_board, pouring_days
from mixplan.report.stock_chart import stock_chart
from mixplan.report.table import Table
from mixplan.report.trust_charts import reliability_chart, segments_chart, segments_note
from mixplan.report.words import plain

SHOWN = 15
"""Rows of a list that may be long."""


def render_page(results: Results, interval: float) -> str:
    """The page as HTML; equal results give equal text.

    Args:
        results: what the stages left behind.
        interval: level of the demand forecast's interval, such as 0.8.
    """
    metrics = results.metrics
    source = results.projected_stock.drop_duplicates("material_code")["stock_source"]
    lacking = [plain(table) for table in metrics["mart"]["lacking_tables"]]
    lacking += [boards.DRIVER_NAMES[name].partition(",")[0].lower() for name in metrics["mart"]["lacking_drivers"]]
    template = _environment().get_template("index.html.j2")
    return template.render(
        date=f"{day(results.origin)} {results.origin.year}",
        cards=cards(results),
        lately=lately(metrics),
        charts={
            "demand": demand_chart(results, interval),
            "stock": stock_chart(results),
            "customers": customers_chart(results),
            "drivers": drivers_chart(results),
            "segments": segments_chart(metrics),
            "reliability": reliability_chart(metrics),
        },
        assumed=int((source == ASSUMED).sum()),
        stocked=len(source),
        orders=orders_table(results.purchase_orders, results.material_names, SHOWN),
        unplanned=unplanned_table(results.unplanned, SHOWN),
        lots=production.lots_table(results.production_lots, SHOWN),
        made=production.made(results),
        decided=production.decided_table(results.overrides),
        worth=production.worth(metrics),
        scenarios=production.scenarios_table(results.scenarios),
        risk=risk_table(results.customers, SHOWN),
        risk_definition=metrics["risk"]["definition"],
        segments_note=segments_note(metrics),
        worth_note=worth_note(metrics),
        changes=changes_table(results.segment_changes, SHOWN),
        risk_board=boards.risk_board(metrics),
        ranking_note=boards.ranking_note(metrics),
        new_note=boards.new_note(metrics),
        demand=boards.demand_board(metrics),
        apart=evidence.demand_apart(metrics),
        leads=evidence.lead_board(metrics),
        vintages=evidence.vintage_board(metrics),
        oracle=evidence.oracle_board(metrics),
        parts=evidence.parts_board(results.explanation),
        planners=boards.planners_own(metrics),
        drivers=boards.driver_boards(metrics),
        regions=boards.region_board(metrics),
        pouring_days=pouring_days(results),
        pouring=pouring_board(metrics),
        nothing_better=boards.nothing_better(metrics),
        recommend=boards.recommend_board(metrics),
        ordering=boards.ordering_board(metrics),
        planners_rule=planners_rule(metrics),
        holdouts=boards.holdout_tables(metrics),
        quality=quality_table(metrics),
        lacking=lacking,
        mart=metrics["mart"],
        champion=metrics["promote"]["version"],
    )


def render_tables(title: str, sentences: Sequence[str], tables: Sequence[Table]) -> str:
    """A page of tables in the planners' page's dress, below some sentences."""
    return _environment().get_template("tables.html.j2").render(title=title, sentences=sentences, tables=tables)


def _environment() -> Environment:
    """Templates of this package: what they are given is escaped, and a name that they are not given is an error."""
    loader = PackageLoader("mixplan.report")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def write_page(path: Path, results: Results, interval: float) -> None:
    """Write the page to a file; see ``render_page``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_page(results, interval), encoding="utf-8")
