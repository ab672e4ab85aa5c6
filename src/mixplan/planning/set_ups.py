"""Which family is on which line when: a lot-sizing problem with families that share a set-up.

A capacitated lot-sizing problem with set-up carry-over (Suerie and Stadtler, The Capacitated Lot-Sizing Problem with
Linked Lot Sizes, Management Science 49, 2003): a line that ends a bucket with a family begins the next with it, and is
not cleaned in between. How a line comes through time is written as a path: in each bucket it goes from one family to
another, and it begins where it has ended. That is a network, whose relaxation is far closer to whole numbers than one
column for each family that is carried over.
"""

from dataclasses import dataclass

import numpy as np

from mixplan.config.production import SolverConfig
from mixplan.planning.lot_sizing import Flow, LotSizing, flow
from mixplan.planning.program import Program, Reached, Term
from mixplan.planning.tables import Integers, Values


@dataclass(frozen=True)
class SetUps:
    """(F, L, B) each: 1 where it is so, else 0."""

    is_set: Values
    """The line is set up for the family in the bucket."""
    begins: Values
    """The line begins the bucket with the family."""
    ends: Values
    """The line ends the bucket with the family."""

    @property
    def cleanings(self) -> Values:
        """(L, B): every family but the one that a line begins with takes a cleaning."""
        cleanings: Values = self.is_set.sum(axis=0) - 1
        return cleanings


def set_ups_of(problem: LotSizing, config: SolverConfig) -> tuple[SetUps, dict[str, Reached]]:
    """Set-ups with the least lateness, then the fewest cleanings, then the least stock; and how far that was proven.

    The last two are one aim, in which a cleaning weighs as much as ``config.cleaning_tonne_days`` of stock: the search
    for the fewest cleanings alone has nothing to go by, and takes ten times as long.

    Args:
        problem: with families as its products; lots of a family have no smallest size here.
        config: when to stop.
    """
    program = Program()
    most = problem.most()
    goods = flow(program, problem, most)
    is_set = program.variables(_everywhere(problem.makes, problem), whole=True)
    # (F, F, L, B): from one family to another.
    passes = program.variables(_everywhere(problem.makes[:, None] * problem.makes[None, :], problem), whole=True)
    _path(program, is_set, passes)
    _time(program, problem, goods, is_set)
    _no_set_up_no_lot(program, problem, goods, is_set, most)
    # The passes of a line in a bucket are one, so the terms' sum is the number of cleanings.
    weight = config.cleaning_tonne_days
    fewest: list[Term] = [(is_set, weight), (passes, -weight), *goods.aims["stock"]]
    found, reached = program.solve({"lateness": goods.aims["lateness"], "cleanings and stock": fewest}, config)
    way = found[passes].round()
    return SetUps(found[is_set].round(), way.sum(axis=1), way.sum(axis=0)), reached


def _everywhere(possible: Values, problem: LotSizing) -> Values:
    return np.repeat(possible[..., None], problem.wanted.shape[2], axis=-1)


def _path(program: Program, is_set: Integers, passes: Integers) -> None:
    """A line takes one way through each bucket, on from where it was; what it begins or ends with it is set up for."""
    families = len(is_set)
    program.rows((_cells(passes.reshape(-1, *passes.shape[2:])), 1.0), lower=1.0, upper=1.0)
    for family in range(families):
        begins, ends, own = passes[family], passes[:, family], is_set[family]
        program.rows((_cells(begins), 1.0), (own.ravel(), -1.0), upper=0.0)
        program.rows((_cells(ends), 1.0), (own.ravel(), -1.0), upper=0.0)
        program.rows((_cells(ends[..., :-1]), 1.0), (_cells(begins[..., 1:]), -1.0), lower=0.0, upper=0.0)
        others = [each for each in range(families) if each != family]
        if not others:
            continue
        # A family that a line both begins and ends a bucket with is the only one in it.
        program.rows((_cells(passes[others, others]), 1.0), (own.ravel(), 1.0), upper=1.0)


def _time(program: Program, problem: LotSizing, goods: Flow, is_set: Integers) -> None:
    """Making and cleaning take no more than the line's time."""
    by_line = (2, 1, 0)
    cleaning = np.tile(problem.cleaning, problem.capacity.shape[1])
    program.rows(
        (goods.made.transpose(by_line).reshape(len(cleaning), -1), 1.0),
        (is_set.transpose(by_line).reshape(len(cleaning), -1), cleaning),
        upper=problem.capacity.T.ravel() + cleaning,
    )


def _no_set_up_no_lot(program: Program, problem: LotSizing, goods: Flow, is_set: Integers, most: Values) -> None:
    """A line makes nothing of a family that it is not set up for.

    That is said twice: by what the line can make at most, and more tightly by where it goes. What is made in a bucket
    is wanted in it, was late before it, or is in stock after it (an (l, S) inequality; Barany, Van Roy and Wolsey,
    Strong Formulations for Multi-Item Capacitated Lot Sizing, Management Science 30, 1984).
    """
    program.rows((goods.made.ravel(), 1.0), (is_set.ravel(), -most.ravel()), upper=0.0)
    lines, wanted = len(problem.capacity), problem.wanted.sum(axis=0)
    for part, before in ((np.s_[..., :1], None), (np.s_[..., 1:], np.s_[..., :-1])):
        late: list[Term] = [] if before is None else [(_of_lines(goods.late[before], lines), -1.0)]
        program.rows(
            (goods.made[part].ravel(), 1.0),
            (is_set[part].ravel(), -np.repeat(wanted[:, None][part], lines, axis=1).ravel()),
            (_of_lines(goods.stock[part], lines), -1.0),
            (_of_lines(goods.surplus[None][part], lines), -1.0),
            *late,
            upper=0.0,
        )


def _of_lines(columns: Integers, lines: int) -> Integers:
    """(K, F, B) as a row of K columns for each family, line and bucket."""
    return np.repeat(columns.transpose(1, 2, 0)[:, None], lines, axis=1).reshape(-1, len(columns))


def _cells(columns: Integers) -> Integers:
    """(N, L, B) as one row of N columns for each line and bucket."""
    return columns.reshape(len(columns), -1).T
