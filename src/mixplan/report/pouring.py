"""Days that are too cold or too wet to pour: how many are expected, and how well they were foreseen."""

from mixplan.planning.wording import day
from mixplan.report.boards import DRIVER_NAMES, by_days_ahead
from mixplan.report.inputs import Metrics, Results
from mixplan.report.table import Table
from mixplan.report.words import percent, plain, score

SHOWN_WEEKS = 8


def pouring_days(results: Results) -> Table:
    """Expected days of each kind in the weeks to come."""
    ahead = results.event_days.head(SHOWN_WEEKS)
    kinds = [name for name in ahead.columns if name not in ("origin", "week")]
    rows = tuple(
        (day(week), *(f"{value:.1f}" for value in values))
        for week, values in zip(ahead["week"], ahead[kinds].to_numpy(), strict=True)
    )
    header = ("Week from", *(_kind(results.metrics, name) for name in kinds))
    return Table("Days of the week on which nobody pours, as expected", header, rows, range(1, len(header)))


def pouring_board(metrics: Metrics) -> Table:
    """How likely such days were said to be: Brier scores beside those of the usual year."""
    rows = tuple(
        (
            _kind(metrics, name),
            band,
            percent(scores["share"]),
            score(scores["brier"]),
            score(scores["brier_usual"]),
            percent(scores["skill"]),
            score(scores["p_value"]),
        )
        for name, event in metrics["driver_events"].items()
        for band, scores in by_days_ahead(event["bands"]).items()
    )
    header = ("Day", "Ahead", "Share of days", "Brier", "Brier, usual year", "Saved", "p")
    return Table("Days on which nobody pours: how likely they were said to be", header, rows, range(2, len(header)))


def _kind(metrics: Metrics, name: str) -> str:
    """What makes a day one of the kind."""
    event = metrics["driver_events"][name]
    what, _, unit = DRIVER_NAMES[event["driver"]].partition(", ")
    side = "below" if event["side"] == "below" else "from"
    return f"{plain(name).capitalize()}: {what.lower()} {side} {event['limit']:g} {unit}"
