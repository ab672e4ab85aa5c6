"""What simulating many futures at once costs, beside one at a time.

Use is lumpy, lead times vary from three to fourteen days, half of the materials are ordered up to the forecast and
half up to a level. Both ways must come to the same stock.

Run: python benchmarks/futures.py [--futures 1000] [--materials 35] [--days 180]
"""

import argparse
import resource
import sys
import time

import numpy as np
import pandas as pd

from mixplan.config.params import load_params
from mixplan.planning.buying import buying_terms
from mixplan.planning.policies.interface import Levels
from mixplan.planning.scores import scores_of
from mixplan.planning.simulation import Course, Decision, simulate
from mixplan.planning.supply_calendar import Window
from mixplan.planning.tables import Integers, Values

ALONE = 20
"""One at a time is measured on so many futures."""
GIB = 2**20
"""Linux tells peak memory in KiB."""


def run(wanted: Values, took: Integers) -> Course:
    """The same plant in every future that is given."""
    rng, config = np.random.default_rng(7), load_params().plan.ordering
    _, days, materials = wanted.shape
    mean, lead = np.full(materials, 560.0), rng.integers(3, 15, materials)
    level = mean * (lead + 7) * 1.3
    levels = Levels(mean * 5, level, np.where(np.arange(materials) % 2, level, np.nan))
    expected = np.tile(mean, (days + 21, 1))
    window, nobody = Window(np.zeros_like(lead), lead, lead + 7), np.full(materials, np.nan)
    decisions = {day: Decision(levels, expected[: lead.max() + 7], window, nobody) for day in range(0, days, 7)}
    terms = buying_terms(config, pd.RangeIndex(materials))
    return simulate(wanted, took, mean * 20, [], decisions, terms)


def main() -> None:
    """Print one line a way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--futures", type=int, default=1000)
    parser.add_argument("--materials", type=int, default=35)
    parser.add_argument("--days", type=int, default=180)
    arguments = parser.parse_args()
    shape, rng = (arguments.futures, arguments.days, arguments.materials), np.random.default_rng(1)
    start = time.perf_counter()
    wanted = np.where(rng.random(shape) < 0.7, rng.gamma(2.0, 400.0, shape), 0.0)
    took = rng.integers(3, 15, shape)
    drawn = time.perf_counter()
    course = run(wanted, took)
    simulated = time.perf_counter()
    scores = scores_of(course, wanted, np.full(arguments.materials, 1000.0), load_params().plan.costs)
    scored = time.perf_counter()
    say = sys.stdout.write
    say(f"{shape[0]:,} futures, {shape[2]} materials, {shape[1]} days\n")
    say(f"drawn            {drawn - start:8.2f} s\n")
    say(f"simulated        {simulated - drawn:8.2f} s\n")
    say(f"scored           {scored - simulated:8.2f} s\n")
    say(f"together         {scored - start:8.2f} s\n")
    say(f"peak memory      {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB:8.2f} GiB\n")
    start = time.perf_counter()
    alone = [run(wanted[future : future + 1], took[future : future + 1]) for future in range(ALONE)]
    seconds = (time.perf_counter() - start) / ALONE * shape[0]
    if not all(np.array_equal(one.closing_kg[0], course.closing_kg[future]) for future, one in enumerate(alone)):
        sys.exit("error: one at a time comes to another stock")
    say(f"one at a time    {seconds:8.2f} s for all, from {ALONE}\n")
    say(f"fill rate: {scores['fill_rate'].mean():.4f} on average\n")


if __name__ == "__main__":
    main()
