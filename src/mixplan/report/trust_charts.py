"""How far segments and chances can be trusted: the numbers of segments that were tried, and the reliability curve."""

from typing import TYPE_CHECKING

from mixplan.report.charts import BLUE, GREY, ORANGE, Chart, chart
from mixplan.report.inputs import Metrics
from mixplan.report.words import percent, plain, score

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREEN = "#11734b"
TRIED = (
    ("silhouette", "silhouette: how far groups lie apart", "-o", BLUE),
    ("stability", "stability: how alike groups of samples are", "--s", ORANGE),
    ("smallest", "smallest group's share of customers", ":D", GREEN),
)
"""Score, what it says, its line and colour."""


def segments_note(metrics: Metrics) -> str:
    """Whether the segments are a finding."""
    own = metrics["customers"]
    chosen = f"{own['segments']:.0f}"
    agreement = score(own[f"stability_{chosen}"])
    if own["firm"]:
        return (
            f"{chosen} kinds of customers. Found anew in samples of the customers, they agree with these by "
            f"{agreement} (adjusted Rand index: 1 is fully, 0 is by chance)."
        )
    return (
        "No number of groups is found again in samples of the customers: they differ by degrees, and form no kinds. "
        f"They are cut into {chosen}, as many as there are names, to sort them; a customer near a border may as well "
        f"stand on its other side (agreement {agreement}, where 1 is fully and 0 is by chance)."
    )


def segments_chart(metrics: Metrics) -> Chart:
    """Silhouette, stability and size by the number of segments, and which number was taken."""
    own = metrics["customers"]
    numbers = sorted(int(name.removeprefix("silhouette_")) for name in own if name.startswith("silhouette_"))
    values = {name: [own[f"{name}_{k}"] for k in numbers] for name, *_ in TRIED}
    chosen = own["segments"]
    alt = (
        f"Line chart of {numbers[0]} to {numbers[-1]} segments, {chosen:.0f} of which were taken. "
        + "; ".join(f"{name} {', '.join(map(score, of))}" for name, of in values.items())
        + "."
    )

    def draw(figure: "Figure", is_narrow: bool) -> None:
        axes = figure.add_subplot()
        for name, label, line, colour in TRIED:
            axes.plot(numbers, values[name], line, color=colour, markersize=4, label=label)
        axes.axvline(chosen, color=GREY, linewidth=0.8)
        axes.set_xticks(numbers)
        axes.set_ylim(0.0, 1.0)
        axes.set_xlabel("number of segments")
        figure.legend(loc="outside lower left" if is_narrow else "outside right upper")

    return chart(
        "segments", "Numbers of segments that were tried; the line marks the one taken.", alt, draw, (2.6, 3.4)
    )


def reliability_note(metrics: Metrics) -> str:
    """What chances of risk are worth, where anything could be learnt about them."""
    task = metrics["risk"]
    if not any(point["share"] for point in task["reliability"]):
        return "No customer was at risk in the weeks that were tried, so nothing tells candidates or chances apart."
    return (
        f"{plain(task['winner'])} foresaw risk best. Customers are sorted by their chance into groups of equal number: "
        "where the mark lies on the line, as many of a group were at risk as was said."
    )


def reliability_chart(metrics: Metrics) -> Chart:
    """The share at risk against the chance that was given, on the weeks that chose."""
    points = metrics["risk"]["reliability"]
    said, came = ([point[name] for point in points] for name in ("chance", "share"))
    pairs = "; ".join(f"said {percent(one)}, came {percent(other)}" for one, other in zip(said, came, strict=True))

    def draw(figure: "Figure", is_narrow: bool) -> None:  # noqa: ARG001 - the same for both widths
        axes = figure.add_subplot()
        end = 1.1 * max([*said, *came, 0.05])
        axes.plot([0.0, end], [0.0, end], color=GREY, linewidth=0.8)
        axes.plot(said, came, "o-", color=BLUE, markersize=5)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel("chance of being at risk, as said")
        axes.set_ylabel("share at risk, as it came")

    return chart("reliability", reliability_note(metrics), f"Reliability curve: {pairs}.", draw, (2.6, 3.0))
