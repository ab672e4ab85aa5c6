"""Pictures of what is forecast: demand, and what may move it."""

from typing import TYPE_CHECKING

import pandas as pd

from mixplan.planning.wording import day
from mixplan.report.boards import DRIVER_NAMES
from mixplan.report.charts import BAND, BLUE, GREY, INK, ORANGE, Chart, chart, days, show_months
from mixplan.report.inputs import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HISTORY_WEEKS = 104


def demand_chart(results: Results, level: float) -> Chart:
    """Two years of demand, the past's forecasts beside it, and the forecast of the weeks to come.

    Args:
        results: what the stages left behind.
        level: of the forecast's interval.
    """
    totals, interval, origin = plant_totals(results), plant_interval(results.backtest, level), results.origin
    means = totals.mean()
    caption = (
        "Dashed: what the winner would have forecast at the time, from models that had not seen those weeks. "
        f"Band: in this backtest, {level:.0%} of the weeks lay so close to the forecast."
    )
    alt = (
        f"Line chart of the plant's demand by week. Sold: {means['actual']:,.0f} tonnes a week on average over the two "
        f"years before {day(origin)} {origin.year}. Forecast: {means['forecast']:,.0f} tonnes a week on average over "
        f"the {totals['forecast'].count()} weeks after it."
    )

    def draw(figure: "Figure", is_narrow: bool) -> None:
        axes, weeks = figure.add_subplot(), days(totals.index)
        low, high = (totals["forecast"] * bound for bound in interval)
        axes.fill_between(weeks, low, high, color=BAND, linewidth=0, label=f"{level:.0%} interval")
        axes.plot(weeks, totals["actual"], color=INK, linewidth=1.3, label="sold")
        axes.plot(weeks, totals["past_forecast"], "--", color=ORANGE, linewidth=1.2, label="backtest forecast")
        axes.plot(weeks, totals["forecast"], color=BLUE, linewidth=1.8, label="forecast")
        axes.axvline(float(days(origin)), color=GREY, linewidth=0.8)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("tonnes a week")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        show_months(axes, 6 if is_narrow else 3)
        figure.legend(loc="outside upper left", ncols=2 if is_narrow else 4)

    return chart("demand", caption, alt, draw, (3.7, 3.6))


def plant_totals(results: Results) -> pd.DataFrame:
    """Tonnes of the whole plant by week: actual, past_forecast and forecast.

    ``past_forecast`` is the latest of the backtest's forecasts of each week.
    """
    first, week = results.origin - pd.Timedelta(weeks=HISTORY_WEEKS), pd.Timedelta(weeks=1)
    sales = results.sales[results.sales["sold_on"].between(first, results.origin, inclusive="left")]
    monday = sales["sold_on"] - pd.to_timedelta(sales["sold_on"].dt.weekday, unit="D")
    past = results.backtest.sort_values("origin").drop_duplicates(["product", "week"], keep="last")
    totals_kg = {
        "actual": sales.groupby(monday)["quantity_kg"]
        .sum()
        .reindex(pd.date_range(first, results.origin - week, freq="W-MON"), fill_value=0.0),
        "past_forecast": past.groupby("week")["prediction_kg"].sum(),
        "forecast": results.forecast.groupby("week")["prediction_kg"].sum(),
    }
    weeks = pd.date_range(first, results.forecast["week"].max(), freq="W-MON", name="week")
    return pd.DataFrame({name: total / 1000 for name, total in totals_kg.items()}).reindex(weeks)


def plant_interval(backtest: pd.DataFrame, level: float) -> tuple[float, float]:
    """What the plant's forecast of a week is multiplied by for the bounds of its interval.

    The middle ``level`` of actual / forecast over the backtest's weeks. The products' own bounds added up would be far
    too wide, as products do not all fall short in the same week.

    >>> origin, weeks = pd.Timestamp("2024-01-01"), pd.date_range("2024-01-01", periods=5, freq="W-MON")
    >>> backtest = pd.DataFrame({"origin": origin, "week": weeks, "actual_kg": [80.0, 90.0, 100.0, 110.0, 120.0],
    ...                          "prediction_kg": 100.0})
    >>> [round(bound, 9) for bound in plant_interval(backtest, 0.5)]
    [0.9, 1.1]
    """
    totals = backtest.groupby(["origin", "week"])[["actual_kg", "prediction_kg"]].sum()
    ratio = totals["actual_kg"] / totals["prediction_kg"]
    return float(ratio.quantile((1 - level) / 2)), float(ratio.quantile((1 + level) / 2))


def driver_band(results: Results, name: str) -> tuple[pd.Series, pd.Series]:
    """A driver's forecast by week, less and plus what forecasts so many weeks ahead erred by."""
    of_driver = results.deviation[results.deviation["driver"] == name].set_index("weeks_ahead")["deviation"]
    expected = results.expected.set_index(results.expected["week"].sub(results.origin).dt.days // 7 + 1)[name]
    return expected - of_driver, expected + of_driver


def drivers_chart(results: Results) -> Chart:
    """The last two years of each driver, and what is expected of it."""
    names = [name for name in DRIVER_NAMES if name in results.expected]
    first = results.origin - pd.Timedelta(weeks=HISTORY_WEEKS)
    observed = results.observed[results.observed["week"].between(first, results.origin, inclusive="left")]
    expected, rows = results.expected, -(-len(names) // 3)
    ranges = (f"{DRIVER_NAMES[name]} from {expected[name].min():.1f} to {expected[name].max():.1f}" for name in names)
    caption = (
        "Weekly means over all regions. The band reaches as far to either side as such forecasts erred (the root mean "
        "squared error of the weeks that chose). The forecasts go into the demand forecast."
    )
    alt = f"Line charts of what may move demand, two years observed and then forecast: {'; '.join(ranges)}."

    def draw(figure: "Figure", is_narrow: bool) -> None:
        shape = (len(names), 1) if is_narrow else (rows, min(3, len(names)))
        grid = figure.subplots(*shape, squeeze=False).ravel()
        for axes, name in zip(grid, names, strict=False):
            axes.plot(days(observed["week"]), observed[name], color=INK, linewidth=1.1, label="observed")
            axes.fill_between(days(expected["week"]), *driver_band(results, name), color=BAND, linewidth=0)
            axes.plot(days(expected["week"]), expected[name], color=BLUE, linewidth=1.8, label="forecast")
            axes.set_title(DRIVER_NAMES[name], loc="left", fontsize=9)
            show_months(axes, 6 if is_narrow else 12)
        for axes in grid[len(names) :]:
            axes.set_visible(False)
        figure.legend(*grid[0].get_legend_handles_labels(), loc="outside upper left", ncols=2)

    return chart("drivers", caption, alt, draw, (0.5 + 2.1 * rows, 0.5 + 1.9 * len(names)))
