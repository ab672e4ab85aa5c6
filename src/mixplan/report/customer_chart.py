"""A picture of customers and their segments."""

from typing import TYPE_CHECKING

import pandas as pd

from mixplan.report.charts import INK, Chart, chart
from mixplan.report.inputs import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = (
    ("o", "#1f5fa8"),
    ("s", "#b54b00"),
    ("D", "#11734b"),
    ("^", "#a3238e"),
    ("v", "#7a5c00"),
    ("P", "#00758f"),
    ("X", "#c2185b"),
    ("*", "#4b4b4b"),
)
"""Shape and colour of each segment, for readers who do not tell all colours apart."""


def customers_chart(results: Results) -> Chart:
    """Recency against value, one shape and colour a segment, and a ring around customers at risk."""
    customers, unit = plotted(results.customers), results.customers["monetary_unit"].iloc[0]
    profiles = dict(zip(customers["segment"], customers["segment_profile"], strict=True))
    sizes = customers["segment"].value_counts()
    labels = {segment: f"{profiles[segment]} ({sizes[segment]})" for segment in sorted(profiles)}
    caption = "Each mark is a customer. Left is recent, up is valuable; both axes are logarithmic."
    alt = (
        f"Scatter chart of {len(customers)} customers by days since the last order and value of a year, "
        f"{customers['at_risk'].sum()} of them at risk. Segments: {'; '.join(labels.values())}."
    )

    def draw(figure: "Figure", is_narrow: bool) -> None:
        axes = figure.add_subplot()
        for segment, label in labels.items():
            rows, (marker, colour) = customers[customers["segment"] == segment], MARKS[segment % len(MARKS)]
            points = axes.scatter(rows["recency_days"], rows["value"], s=36, c=colour, marker=marker, label=label)
            points.set(alpha=0.75, linewidth=0)
        at_risk = customers[customers["at_risk"]]
        rings = axes.scatter(at_risk["recency_days"], at_risk["value"], s=120, c="none", edgecolor=INK)
        rings.set_label(f"at risk ({len(at_risk)})")
        _make_logarithmic(axes)
        axes.set_xlabel("days since the last order")
        axes.set_ylabel("KRW million in a year" if unit == "KRW" else "tonnes in a year")
        figure.legend(loc="outside lower left" if is_narrow else "outside right upper")

    return chart("customers", caption, alt, draw, (3.9, 4.2 + 0.16 * len(labels)))


def plotted(customers: pd.DataFrame) -> pd.DataFrame:
    """Customers with ``value`` in KRW million or tonnes.

    Who bought nothing in the year has no place on a logarithmic axis, and is put at half of the smallest value.

    >>> customers = pd.DataFrame({"monetary": [5e6, 0.0], "monetary_unit": "KRW"})
    >>> plotted(customers)["value"].tolist()
    [5.0, 2.5]
    """
    value = customers["monetary"] / customers["monetary_unit"].map({"KRW": 1e6, "kg": 1e3})
    return customers.assign(value=value.clip(lower=value[value > 0].min() / 2))


def _make_logarithmic(axes: "Axes") -> None:
    """Ticks at 1, 2 and 5, written as plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axis.set_minor_locator(NullLocator())
