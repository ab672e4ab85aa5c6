"""What exploding recipes into bought materials costs as the plant grows, beside a plain loop.

Products hold eight ingredients each; a tenth of them are themselves ingredients of others, three levels deep. The loop
follows every recipe down by hand for a hundred products, and must come to the same kilograms.

Run: python benchmarks/explosion.py [--products 10000] [--materials 500] [--days 180]
"""

import argparse
import sys
import time

import numpy as np
import pandas as pd

from mixplan.planning.bill_of_materials import bill_of_materials, explode
from mixplan.planning.requirements import daily_requirements

PARTS = 8
LOOPED = 100
"""The loop is measured on so many products."""


def recipes_of(products: int, materials: int) -> pd.DataFrame:
    """Recipes whose shares add up to one; the first tenth of the products are bought goods mixed for the others."""
    rng = np.random.default_rng(1)
    names, codes = np.array([f"P{n:05d}" for n in range(products)]), np.array([f"M{n:03d}" for n in range(materials)])
    level = np.where(np.arange(products) < products // 10, np.arange(products) * 3 // max(products // 10, 1), 3)
    starts = np.searchsorted(level, np.arange(4))
    product = np.repeat(np.arange(products), PARTS)
    share = rng.dirichlet(np.ones(PARTS), products).ravel()
    is_mixed = (np.arange(len(product)) % PARTS == 0) & (level[product] > 0)
    below = starts[level[product] - 1] + rng.integers(0, 2**31, len(product)) % np.maximum(
        np.bincount(level, minlength=4)[level[product] - 1], 1
    )
    return pd.DataFrame(
        {
            "product": names[product],
            "material_code": np.where(is_mixed, "G", codes[rng.integers(0, materials, len(product))]),
            "share": share,
            "component_product": pd.Series(names[below]).where(is_mixed, None),
        }
    )


def loop(recipes: pd.DataFrame, quantities: pd.DataFrame) -> dict[str, float]:
    """Kilograms of each material over all days, recipe by recipe."""
    lines: dict[str, list[tuple[str, float, str | None]]] = {}
    for row in recipes.itertuples(index=False):
        lines.setdefault(row.product, []).append((row.material_code, row.share, row.component_product))
    needed: dict[str, float] = {}

    def follow(product: str, kilograms: float) -> None:
        for code, share, component in lines[product]:
            if component is None:
                needed[code] = needed.get(code, 0.0) + kilograms * share
            else:
                follow(component, kilograms * share)

    for product in quantities:
        for kilograms in quantities[product]:
            follow(product, kilograms)
    return needed


def main() -> None:
    """Print one line a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--materials", type=int, default=500)
    parser.add_argument("--days", type=int, default=180)
    arguments = parser.parse_args()
    recipes, rng = recipes_of(arguments.products, arguments.materials), np.random.default_rng(2)
    names, days = sorted(recipes["product"].unique()), arguments.days
    daily = pd.DataFrame(rng.gamma(2.0, 100.0, (days, len(names))), columns=names)
    weeks = pd.date_range("2024-01-01", periods=-(-days // 7), freq="7D")
    weekly = pd.DataFrame(
        {
            "week": np.repeat(weeks, len(names)),
            "product": np.tile(names, len(weeks)),
            "quantity_kg": rng.gamma(2.0, 700.0, len(weeks) * len(names)),
        }
    )
    dates = pd.date_range(weeks[0], periods=7 * len(weeks))
    by_day = pd.DataFrame({"week": weeks.repeat(7), "date": dates, "share": 1 / 7})
    say = sys.stdout.write
    say(f"{arguments.products:,} products, {arguments.materials} materials, {days} days\n")
    start = time.perf_counter()
    bill = bill_of_materials(recipes)
    billed = time.perf_counter()
    needed = explode(daily, bill)
    exploded = time.perf_counter()
    say(f"bill of materials         {billed - start:8.3f} s\n")
    say(f"explosion of daily use    {exploded - billed:8.3f} s\n")
    say(f"together                  {exploded - start:8.3f} s\n")
    daily_requirements(weekly, bill, by_day)
    say(f"weekly plan, day by day   {time.perf_counter() - exploded:8.3f} s\n")
    few = daily[names[-LOOPED:]]
    start = time.perf_counter()
    by_hand = loop(recipes, few)
    seconds = time.perf_counter() - start
    found = explode(few, bill).sum()
    if not np.allclose(found, [by_hand.get(code, 0.0) for code in found.index]):
        sys.exit("error: the loop comes to other kilograms")
    say(f"plain loop, {LOOPED} products  {seconds:8.3f} s, or {seconds * len(names) / LOOPED:,.0f} s for all\n")
    say(f"kilograms: {needed.to_numpy().sum():,.0f} needed, {daily.to_numpy().sum():,.0f} made\n")


if __name__ == "__main__":
    main()
