"""BG/NBD and Gamma-Gamma by mixplan, beside pymc-marketing, the maintained library of them, on the same histories.

pymc-marketing is no dependency of mixplan, so it lies in a folder of its own, whose packages come before the project's:

    uv pip install --target /tmp/pymc pymc-marketing
    PYTHONPATH=/tmp/pymc python benchmarks/buy_till_you_die.py

Run it after `make demo`. Histories are those of the day of study. The library finds the maximum of the posterior: with
flat priors, which is the greatest likelihood that mixplan looks for, and as it comes. Purchases and worth of the next
year are the library's formulas, and means of mixplan's drawn futures. Look at what comes of p and gamma rather than at
them: where a customer's orders are worth about the same, only their product is known.
"""

import sys
import time
import warnings
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from packaging.version import Version

from mixplan.config.params import load_params
from mixplan.customers.buy_till_you_die import WEEK_DAYS, fit_bg_nbd, fit_gamma_gamma, histories_of
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table

START = time.perf_counter()
warnings.simplefilter("ignore")
try:
    import pymc_marketing
    from pymc_extras.prior import Prior
    from pymc_marketing.clv import BetaGeoModel, GammaGammaModel
except ImportError:
    sys.exit("error: pymc-marketing is missing: run `uv pip install --target /tmp/pymc pymc-marketing` first")
IMPORT_SECONDS = time.perf_counter() - START
PROJECT = Path(__file__).parents[1]
DRAWS = 100_000
"""Futures of each customer: enough that their mean is right to a thousandth."""
FLAT = {name: Prior("HalfFlat") for name in ("r", "alpha", "a", "b")}
Values = npt.NDArray[np.float64]


class Study(NamedTuple):
    """What one of them makes of the histories."""

    parameters: dict[str, float]
    customers: dict[str, Values]
    """By measure: alive (chance), purchases and worth of the next year, value (of a purchase)."""
    seconds: float


def main() -> None:
    """Print parameters, what comes of them, and what the library costs."""
    if not (PROJECT / "data/mart/sales").is_dir():
        sys.exit("error: data/mart/sales is missing: run `make demo` first")
    params, sales = load_params(PROJECT / "params.yaml"), read_table(PROJECT / "data/mart", "sales")
    as_of = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation).final
    since = as_of - pd.Timedelta(days=params.risk.value.history_days)
    histories = histories_of(sales[sales["sold_on"] >= since], as_of)
    weeks = params.risk.value.horizon_days / WEEK_DAYS
    studies = {
        "mixplan": ours(histories, weeks),
        "library, flat priors": library(histories, weeks, FLAT),
        "library": library(histories, weeks, None),
    }
    sys.stdout.write(f"{len(histories)} customers, {as_of.date()}\n{show(studies)}{costs()}")


def ours(histories: pd.DataFrame, weeks: float) -> Study:
    """By mixplan."""
    start, rng = time.perf_counter(), np.random.default_rng(1)
    bg_nbd, gamma_gamma = fit_bg_nbd(histories), fit_gamma_gamma(histories)
    seconds = time.perf_counter() - start
    x, last, age, n, mean = (histories[name].to_numpy(np.float64) for name in ("x", "last", "age", "n", "mean"))
    drawn = bg_nbd.draw_purchases(histories, weeks, DRAWS, rng)
    customers = {
        "alive": bg_nbd.alive(x, last, age),
        "purchases": drawn.mean(axis=1),
        "value": gamma_gamma.expected(n, mean),
        "worth": gamma_gamma.draw_worth(histories, drawn, rng).mean(axis=1),
    }
    return Study(vars(bg_nbd) | vars(gamma_gamma), customers, seconds)


def library(histories: pd.DataFrame, weeks: float, priors: dict[str, Any] | None) -> Study:
    """By pymc-marketing; the priors of its Gamma-Gamma are flat as they come."""
    start, who = time.perf_counter(), pd.DataFrame({"customer_id": histories.index})
    x, last, age, n, mean = (histories[name].to_numpy(np.float64) for name in ("x", "last", "age", "n", "mean"))
    rhythm, spending = who.assign(frequency=x, recency=last, T=age), who.assign(frequency=n, monetary_value=mean)
    bg_nbd, gamma_gamma = BetaGeoModel(model_config=priors), GammaGammaModel()
    bg_nbd.fit(data=rhythm, method="map", progressbar=False)
    gamma_gamma.fit(data=spending, method="map", progressbar=False)
    seconds = time.perf_counter() - start
    found = {**bg_nbd.fit_result.data_vars, **gamma_gamma.fit_result.rename({"v": "gamma"}).data_vars}
    purchases = bg_nbd.expected_purchases(data=rhythm, future_t=weeks).to_numpy().ravel()
    value = gamma_gamma.expected_customer_spend(data=spending).to_numpy().ravel()
    alive = bg_nbd.expected_probability_alive(data=rhythm).to_numpy().ravel()
    customers = {"alive": alive, "purchases": purchases, "value": value, "worth": purchases * value}
    return Study({str(name): float(each.item()) for name, each in found.items()}, customers, seconds)


def show(studies: dict[str, Study]) -> str:
    """The table: a column for each."""
    reference = studies["mixplan"]
    rows = {name: [f"{one.parameters[name]:,.3f}" for one in studies.values()] for name in reference.parameters}
    for measure, own in reference.customers.items():
        each = [one.customers[measure] for one in studies.values()]
        rows[f"{measure}, mean"] = [f"{values.mean():,.3f}" for values in each]
        apart = [np.abs(values - own).max() / own.mean() for values in each]
        rows[f"{measure}, furthest"] = ["", *(f"{share:.4%}" for share in apart[1:])]
    rows["seconds to fit"] = [f"{one.seconds:.2f}" for one in studies.values()]
    lines = [f"{'':28}" + "".join(f"{name:>22}" for name in studies)]
    lines += [f"{name:28}" + "".join(f"{cell:>22}" for cell in cells) for name, cells in rows.items()]
    return "\n".join(lines) + "\nfurthest: from mixplan's, of all customers, as a share of the mean\n"


def costs() -> str:
    """Packages that the library brings beside the project's, and those of the project's that it holds at older ones."""
    folder = Path(pymc_marketing.__file__).parents[1]
    own = by_name([path for path in sys.path if Path(path).resolve() != folder])
    brought = by_name([str(folder)])
    new = [name for name in brought if name not in own]
    older = [
        f"{name} {brought[name].version} for {own[name].version}"
        for name in brought
        if name in own and Version(brought[name].version) < Version(own[name].version)
    ]
    size = sum(Path(str(file.locate())).stat().st_size for name in new for file in brought[name].files or ())
    return (
        f"the library takes {IMPORT_SECONDS:.1f} s to import and brings {len(new)} packages of {size / 2**20:.0f} MiB; "
        f"it holds back {', '.join(sorted(older)) or 'none of the project'}\n"
    )


def by_name(folders: list[str]) -> dict[str, Distribution]:
    """Installed packages, the first of each name."""
    found: dict[str, Distribution] = {}
    for package in distributions(path=folders):
        found.setdefault(package.metadata["Name"].lower().replace("_", "-"), package)
    return found


if __name__ == "__main__":
    main()
