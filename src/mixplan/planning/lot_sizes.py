"""What each line makes of each product in each span of time."""

from dataclasses import dataclass

import numpy as np

from mixplan.config.production import SolverConfig
from mixplan.planning.lot_sizing import LotSizing, flow
from mixplan.planning.program import Program, Reached
from mixplan.planning.set_ups import SetUps, set_ups_of
from mixplan.planning.tables import Values


@dataclass(frozen=True)
class LotSizes:
    """Who makes what when; weights in tonnes."""

    made: Values
    """(P, L, B)."""
    made_for: Values
    """(K, P, B): what was made of each product, by the kind of demand that it is for; the rest is surplus."""
    set_ups: SetUps
    reached: dict[str, Reached]
    """Each aim of each search: lateness (weighted tonne-days), cleanings and stock (tonne-days)."""


def size_lots(problem: LotSizing, config: SolverConfig) -> LotSizes:
    """The least lateness, then the fewest cleanings, then the least stock.

    Which family is on which line when is solved first, for whole families: products share their family's cleaning, so
    all that a family's total leaves out is the smallest lot. Then each product gets its place in that pattern, again
    with the least lateness and then the least stock. Stock that takes a material from what is wanted sooner counts more
    (``LotSizing.shortage``). What no line can make in time stays late to the plan's end: there is always a plan.

    Raises:
        PlanningError: the time was too short to find one.
    """
    if not problem.wanted.size:
        return _nothing(problem)
    set_ups, of_families = set_ups_of(problem.by_family(), config)
    program = Program()
    most = problem.most() * set_ups.is_set[problem.family]
    goods = flow(program, problem, most)
    runs = program.variables((most > 0).astype("float64"), whole=True)
    smallest = np.minimum(problem.smallest[None, :, None], most)
    program.rows((goods.made.ravel(), 1.0), (runs.ravel(), -most.ravel()), upper=0.0)
    program.rows((goods.made.ravel(), 1.0), (runs.ravel(), -smallest.ravel()), lower=0.0)
    left = problem.capacity - problem.cleaning[:, None] * set_ups.cleanings
    program.rows((goods.made.transpose(2, 1, 0).reshape(left.size, -1), 1.0), upper=left.T.ravel())
    found, reached = program.solve(goods.aims, config)
    searches = {f"families: {name}": each for name, each in of_families.items()} | {
        f"products: {name}": each for name, each in reached.items()
    }
    return LotSizes(found[goods.made], found[goods.made_for], set_ups, searches)


def _nothing(problem: LotSizing) -> LotSizes:
    """The plan of a plant from which nobody wants anything."""
    lines, spans = problem.capacity.shape
    idle = np.zeros((*problem.makes.shape, spans))
    # One family all the time: no cleaning.
    idle[0] = 1.0
    return LotSizes(np.zeros((0, lines, spans)), np.zeros(problem.wanted.shape), SetUps(idle, idle, idle), {})
