"""What each line makes in each span of time: a lot-sizing problem with families that share a set-up.

A capacitated lot-sizing problem with set-up carry-over (Suerie and Stadtler, The Capacitated Lot-Sizing Problem with
Linked Lot Sizes, Management Science 49, 2003): a line that ends a bucket with a family begins the next with it, and is
not cleaned in between.
"""

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from mixplan.config.production import SolverConfig
from mixplan.planning.program import Program, Term
from mixplan.planning.tables import Integers, Values


@dataclass(frozen=True)
class LotSizing:
    """P products in F families, L lines, B buckets and K kinds of demand; weights in tonnes."""

    wanted: Values
    """(K, P, B)."""
    capacity: Values
    """(L, B)."""
    makes: Values
    """(F, L): 1 where the line can make the family, else 0."""
    family: Integers
    """(P,): the family of each product."""
    smallest: Values
    """(L,): smallest lot."""
    cleaning: Values
    """(L,): what the line could make while it is cleaned for another family."""
    keeps: Integers
    """(P, B): the last bucket whose demand what is made in the bucket may serve."""
    days: Integers
    """(B,): length of each bucket."""
    weights: Values
    """(K,): what a tonne that is a day late counts."""

    def by_family(self) -> "LotSizing":
        """The same plant with families as its products."""
        families = range(len(self.makes))
        is_of = np.equal.outer(np.arange(len(self.makes)), self.family).astype("float64")
        keeps = [self.keeps[self.family == each].min(axis=0, initial=self.wanted.shape[2] - 1) for each in families]
        wanted = np.einsum("fp,kpb->kfb", is_of, self.wanted)
        return replace(self, wanted=wanted, family=np.array(families), keeps=np.array(keeps))


@dataclass(frozen=True)
class LotSizes:
    """Who makes what when; weights in tonnes."""

    made: Values
    """(P, L, B)."""
    made_for: Values
    """(K, P, B): what was made of each product, by the kind of demand that it is for; the rest is surplus."""
    is_set: Values
    """(F, L, B): 1 where the line makes the family in the bucket."""
    carried: Values
    """(F, L, B): 1 where a line begins the bucket with the family that it ended the one before with."""
    reached: dict[str, float]
    """Each aim: lateness (weighted tonne-days), cleanings, stock (tonne-days); and its gap."""


def size_lots(problem: LotSizing, config: SolverConfig) -> LotSizes:
    """The least lateness, then the fewest cleanings, then the least stock.

    Which family is on which line when is solved first, for whole families: products share their family's cleaning, so
    all that a family's total leaves out is the smallest lot. Then each product gets its place in that pattern, again
    with the least lateness and then the least stock. What no line can make in time stays late to the plan's end: there
    is always a plan.

    Raises:
        PlanningError: the time was too short to find one.
    """
    if not problem.wanted.size:
        return _nothing(problem)
    families = _solve(problem.by_family(), config, None)
    return _solve(problem, config, families)


def _nothing(problem: LotSizing) -> LotSizes:
    """The plan of a plant from which nobody wants anything."""
    lines, spans = problem.capacity.shape
    idle = np.zeros((*problem.makes.shape, spans))
    reached = dict.fromkeys(("lateness", "cleanings", "stock"), 0.0)
    return LotSizes(np.zeros((0, lines, spans)), np.zeros(problem.wanted.shape), idle, idle, reached)


def _solve(problem: LotSizing, config: SolverConfig, pattern: LotSizes | None) -> LotSizes:
    program = Program()
    columns = _columns(program, problem, pattern)
    _balance(program, problem, columns)
    _set_up(program, problem, columns)
    _time(program, problem, columns)
    until_end = problem.days[::-1].cumsum()[::-1]
    cleanings: list[Term] = [(columns.is_set, 1.0), (columns.carried, -1.0)]
    stock: list[Term] = [(columns.stock, problem.days), (columns.surplus, until_end)]
    aims: dict[str, list[Term]] = {"lateness": [(columns.late, problem.weights[:, None, None] * problem.days)]}
    found, reached = program.solve(aims | {"cleanings": cleanings, "stock": stock}, config)
    is_set, carried = found[columns.is_set].round(), found[columns.carried].round()
    return LotSizes(found[columns.made], found[columns.made_for], is_set, carried, reached)


@dataclass(frozen=True)
class _Columns:
    """The program's columns by what they stand for."""

    made: Integers
    runs: Integers
    is_set: Integers
    carried: Integers
    made_for: Integers
    late: Integers
    stock: Integers
    surplus: Integers
    most: Values
    """(P, L, B): what a line can make at most of what is wanted before it is too old."""


def _columns(program: Program, problem: LotSizing, pattern: LotSizes | None) -> _Columns:
    total = problem.wanted.sum(axis=0).cumsum(axis=1)
    useful = np.take_along_axis(total, problem.keeps, axis=1)[:, None, :] + problem.smallest[None, :, None]
    most = problem.makes[problem.family][:, :, None] * np.minimum(problem.capacity, useful)
    any_set = np.broadcast_to(problem.makes[:, :, None], (*problem.makes.shape, problem.wanted.shape[2]))
    unlimited = np.where(problem.wanted.sum(axis=2, keepdims=True) > 0, np.full(problem.wanted.shape, np.inf), 0.0)
    fixed = (any_set, any_set) if pattern is None else (pattern.is_set, pattern.carried)
    least: tuple[float | Values, ...] = (0.0, 0.0) if pattern is None else fixed
    return _Columns(
        made=program.variables(most),
        runs=program.variables((most > 0).astype("float64"), whole=True),
        is_set=program.variables(fixed[0], least[0], whole=True),
        carried=program.variables(fixed[1], least[1], whole=True),
        made_for=program.variables(unlimited),
        late=program.variables(unlimited),
        stock=program.variables(_may_wait(problem)),
        surplus=program.variables(np.full(problem.wanted.shape[1:], np.inf)),
        most=most,
    )


def _balance(program: Program, problem: LotSizing, columns: _Columns) -> None:
    """What is made and was in stock, less what was late, serves what is wanted, or is in stock or late."""
    kinds, lines = len(problem.wanted), len(problem.capacity)
    first, later, before = np.s_[..., 0], np.s_[..., 1:], np.s_[..., :-1]
    for part, earlier in ((first, None), (later, before)):
        came: list[Term] = []
        if earlier is not None:
            came = [(columns.stock[earlier].ravel(), 1.0), (columns.late[earlier].ravel(), -1.0)]
        program.rows(
            (columns.made_for[part].ravel(), 1.0),
            (columns.stock[part].ravel(), -1.0),
            (columns.late[part].ravel(), 1.0),
            *came,
            lower=problem.wanted[part],
            upper=problem.wanted[part],
        )
    program.rows(
        (columns.made.transpose(0, 2, 1).reshape(-1, lines), 1.0),
        (columns.made_for.transpose(1, 2, 0).reshape(-1, kinds), -1.0),
        (columns.surplus.ravel(), -1.0),
        lower=0.0,
        upper=0.0,
    )


def _set_up(program: Program, problem: LotSizing, columns: _Columns) -> None:
    """A lot is at least the smallest, needs its family, and the family a cleaning or to be there already."""
    made, runs, is_set, carried = columns.made, columns.runs, columns.is_set, columns.carried
    smallest = np.minimum(problem.smallest[None, :, None], columns.most)
    program.rows((made.ravel(), 1.0), (runs.ravel(), -columns.most.ravel()), upper=0.0)
    program.rows((made.ravel(), 1.0), (runs.ravel(), -smallest.ravel()), lower=0.0)
    program.rows((runs.ravel(), 1.0), (is_set[problem.family].ravel(), -1.0), upper=0.0)
    program.rows((carried.ravel(), 1.0), (is_set.ravel(), -1.0), upper=0.0)
    program.rows((carried[:, :, 1:].ravel(), 1.0), (is_set[:, :, :-1].ravel(), -1.0), upper=0.0)
    program.rows((carried.transpose(2, 1, 0).reshape(-1, len(carried)), 1.0), upper=1.0)
    for own, other in permutations(range(len(is_set)), 2):
        # A family that a line both begins and ends a bucket with is the only one in it.
        program.rows(
            (carried[own, :, :-1].ravel(), 1.0),
            (carried[own, :, 1:].ravel(), 1.0),
            (is_set[other, :, :-1].ravel(), 1.0),
            upper=2.0,
        )


def _time(program: Program, problem: LotSizing, columns: _Columns) -> None:
    """Making and cleaning take no more than the line's time."""
    by_line = (2, 1, 0)
    cleaning = np.tile(problem.cleaning, problem.capacity.shape[1])
    program.rows(
        (columns.made.transpose(by_line).reshape(len(cleaning), -1), 1.0),
        (columns.is_set.transpose(by_line).reshape(len(cleaning), -1), cleaning),
        (columns.carried.transpose(by_line).reshape(len(cleaning), -1), -cleaning),
        upper=problem.capacity.T,
    )


def _may_wait(problem: LotSizing) -> Values:
    """(K, P, B): what may be in stock after a bucket, as it is wanted before what was made in it is too old."""
    total = problem.wanted.cumsum(axis=2)
    until = np.broadcast_to(problem.keeps, problem.wanted.shape)
    waiting: Values = np.take_along_axis(total, until, axis=2) - total
    return waiting
