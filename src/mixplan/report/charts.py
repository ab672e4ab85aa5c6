"""Charts as SVG that stands in the page itself: bytes depend on the data alone, and nothing is fetched."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Draw = Callable[["Figure", bool], None]
"""Draws on an empty figure, which is narrow or not."""

INK, GREY, LINE = "#1d2733", "#5b6774", "#d5dbe1"
BLUE, BAND, ORANGE = "#1f5fa8", "#c3d8ef", "#b54b00"
WIDE_IN, NARROW_IN = 10.4, 4.3
"""Width in inches, at which nine points read well across a desk's screen and across a telephone's."""
STYLE = {
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.frameon": False,
}
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
"""Neither the day nor the version of the library stands in the file."""


@dataclass(frozen=True)
class Chart:
    """A chart in two widths; the page shows the one that fits the screen."""

    caption: str
    wide: Markup
    narrow: Markup


def chart(name: str, caption: str, alt: str, draw: Draw, heights_in: tuple[float, float]) -> Chart:
    """Draw a chart in both widths.

    Args:
        name: makes the ids inside the SVG unique in the page.
        caption: stands below the chart.
        alt: what the chart shows, for people who cannot see it.
        draw: what is called for each width.
        heights_in: heights of the wide and of the narrow figure.
    """
    wide, narrow = heights_in
    return Chart(
        caption=caption,
        wide=_svg(f"{name}-wide", alt, draw, (WIDE_IN, wide), is_narrow=False),
        narrow=_svg(f"{name}-narrow", alt, draw, (NARROW_IN, narrow), is_narrow=True),
    )


def days(dates: Any) -> npt.NDArray[np.float64]:
    """Dates as matplotlib counts them, which needs no converter to be registered.

    >>> days(["1970-01-02"]).tolist()
    [1.0]
    """
    return np.asarray(dates, dtype="datetime64[D]").astype("float64")


def show_months(axes: "Axes", interval: int) -> None:
    """Ticks on the first of January and every so many months from it."""
    from matplotlib.dates import DateFormatter, MonthLocator

    axes.xaxis.set_major_locator(MonthLocator(range(1, 13, interval)))  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%b %Y"))  # type: ignore[no-untyped-call]


def _svg(name: str, alt: str, draw: Draw, size_in: tuple[float, float], *, is_narrow: bool) -> Markup:
    from matplotlib import style
    from matplotlib.figure import Figure

    text = io.StringIO()
    with style.context([STYLE, {"svg.hashsalt": name}], after_reset=True):
        figure = Figure(figsize=size_in, layout="constrained")
        draw(figure, is_narrow)
        figure.savefig(text, format="svg", transparent=True, metadata=NO_METADATA)
    return _inline(text.getvalue(), name, alt)


def _inline(document: str, name: str, alt: str) -> Markup:
    """A document's ``svg`` element with ids of its own and a text that stands for the picture."""
    element = document[document.index("<svg") :]
    element = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", element)
    return Markup(element.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1))  # noqa: S704 - drawn here
