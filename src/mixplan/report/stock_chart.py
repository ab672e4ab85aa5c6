"""A picture of the material that the plan uses most."""

from typing import TYPE_CHECKING

from mixplan.planning.wording import weight
from mixplan.report.charts import BLUE, INK, ORANGE, Chart, chart, days, show_months
from mixplan.report.inputs import Results
from mixplan.report.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def stock_chart(results: Results) -> Chart:
    """Projected stock, the levels that call for orders, and the orders arriving."""
    use_kg = results.projected_stock.groupby("material_code")["requirement_kg"].sum()
    material = str(use_kg.idxmax())
    stock = results.projected_stock[results.projected_stock["material_code"] == material]
    terms = results.policy.set_index("material_code").loc[[material]]
    band = results.stock_bands[results.stock_bands["material_code"] == material]
    reorder_kg, safety_kg = (float(terms[name].iloc[0]) for name in ("reorder_point_kg", "safety_stock_kg"))
    lowest_kg, highest_kg, arriving = stock["closing_kg"].min(), stock["closing_kg"].max(), stock["receipts_kg"] > 0
    used = f"{weight(use_kg[material])} in {results.plan_weeks} weeks"
    caption = (
        f"{material} is the material that the plan uses most: {used}. Stock is that of each evening; in eight of ten "
        "futures, drawn from past forecasts' errors and past deliveries, it lies in the band. On the worst day "
        f"{percent(band['short_share'].max())} of them lack some."
    )
    alt = (
        f"Line chart of the projected stock of material {material}: between {weight(lowest_kg)} and "
        f"{weight(highest_kg)}. Reorder point {weight(reorder_kg)}, safety stock {weight(safety_kg)}; "
        f"orders arrive on {arriving.sum()} days."
    )

    def draw(figure: "Figure", is_narrow: bool) -> None:
        axes, dates = figure.add_subplot(), days(stock["date"])
        coming = stock.loc[arriving, "receipts_kg"] / 1000
        axes.bar(dates[arriving], coming, width=1.6, color=ORANGE, label="orders arriving")
        lower, upper = (band[name] / 1000 for name in ("lower_kg", "upper_kg"))
        axes.fill_between(dates, lower, upper, step="post", color=BLUE, alpha=0.2, linewidth=0, label="8 of 10 futures")
        axes.step(dates, stock["closing_kg"] / 1000, where="post", color=BLUE, linewidth=1.6, label="stock")
        axes.axhline(reorder_kg / 1000, color=INK, linewidth=1.1, linestyle="--", label="reorder point")
        axes.axhline(safety_kg / 1000, color=INK, linewidth=1.1, linestyle=":", label="safety stock")
        axes.set_ylim(bottom=min(0.0, 1.05 * lowest_kg / 1000))
        axes.set_ylabel(f"tonnes of {material}")
        axes.yaxis.set_major_formatter("{x:,g}")
        show_months(axes, 1)
        figure.legend(loc="outside upper left", ncols=2 if is_narrow else 4)

    return chart("stock", caption, alt, draw, (3.3, 3.5))
