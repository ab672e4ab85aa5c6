"""A mixed-integer program put together block by block, and solved for one aim after the other by HiGHS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from mixplan.config.production import SolverConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.silence import silent_stdout
from mixplan.planning.tables import Integers, Values

Term = tuple[Integers, npt.ArrayLike]
"""Columns of each row (rows, or rows x several) and what they count: one number, or one for each row or column."""
_SLACK = 1e-6
"""How much worse an earlier aim may become for a later one: the solver's own rounding."""
_DIGITS = 6


Ending = Literal["optimal", "nodes", "clock"]


@dataclass(frozen=True)
class Reached:
    """How far the search for an aim came."""

    value: float
    gap: float
    """Relative distance from the proven best."""
    ended: Ending
    """``optimal`` where the gap is what was asked for, else the limit at which the search ended."""


@dataclass
class Program:
    """Columns with bounds, and rows that bind them."""

    columns: int = 0
    _lower: list[Values] = field(default_factory=list)
    _upper: list[Values] = field(default_factory=list)
    _whole: list[Values] = field(default_factory=list)
    _parts: list[sparse.csr_matrix] = field(default_factory=list)
    _limits: list[Values] = field(default_factory=list)

    def variables(self, upper: Values, lower: float | Values = 0.0, *, whole: bool = False) -> Integers:
        """New columns between ``lower`` and ``upper``, one for each of its cells and numbered in its shape."""
        numbers = np.arange(self.columns, self.columns + upper.size).reshape(upper.shape)
        self.columns += upper.size
        self._lower.append(np.broadcast_to(lower, upper.shape).ravel())
        self._upper.append(upper.ravel())
        self._whole.append(np.full(upper.size, float(whole)))
        return numbers

    def rows(self, *terms: Term, lower: npt.ArrayLike = -np.inf, upper: npt.ArrayLike = np.inf) -> None:
        """New rows: the sum of the terms of each lies between ``lower`` and ``upper``."""
        count = len(terms[0][0])
        cells = [(columns.reshape(count, -1), _by_row(np.asarray(counts, "float64"))) for columns, counts in terms]
        column = np.concatenate([columns.ravel() for columns, _ in cells])
        value = np.concatenate([np.broadcast_to(counts, columns.shape).ravel() for columns, counts in cells])
        row = np.concatenate([np.arange(count).repeat(columns.shape[1]) for columns, _ in cells])
        self._parts.append(sparse.csr_matrix((value, (row, column)), shape=(count, self.columns)))
        self._limits.append(np.array([np.broadcast_to(np.ravel(limit), count) for limit in (lower, upper)], "float64"))

    def solve(self, aims: Mapping[str, Sequence[Term]], config: SolverConfig) -> tuple[Values, dict[str, Reached]]:
        """The least of the first aim; of the plans that reach it the least of the second; and so on.

        Where a search ends before it has found anything, the plan of the aim before stands.

        Args:
            aims: by name, the terms whose sum is to be least.
            config: gap and limits of each aim.

        Returns:
            The value of each column; and how far each aim was reached.

        Raises:
            PlanningError: nothing was found for the first aim.
        """
        from scipy.optimize import LinearConstraint

        found: Values | None = None
        bindings, reached = [self._constraint()], {}
        for name, terms in aims.items():
            cost = self._cost(terms)
            answer = self._least(cost, bindings, config)
            found = answer.x if answer.x is not None else found
            if found is None:
                raise PlanningError(
                    "production: no plan was found; raise plan.production.solver.node_limit or time_limit_seconds"
                )
            value = float(cost @ found)
            reached[name] = _reached(value, answer)
            bindings.append(LinearConstraint(cost, -np.inf, value * (1 + _SLACK) + _SLACK))
        assert found is not None  # noqa: S101 - there is an aim
        return found, reached

    def _constraint(self) -> Any:
        from scipy.optimize import LinearConstraint

        parts = [
            sparse.csr_matrix((part.data, part.indices, part.indptr), (part.shape[0], self.columns))
            for part in self._parts
        ]
        return LinearConstraint(sparse.vstack(parts), *np.concatenate(self._limits, axis=1))

    def _least(self, cost: Values, bindings: Sequence[Any], config: SolverConfig) -> Any:
        from scipy.optimize import Bounds, milp

        with silent_stdout():
            return milp(
                cost,
                integrality=np.concatenate(self._whole),
                bounds=Bounds(np.concatenate(self._lower), np.concatenate(self._upper)),
                constraints=bindings,
                options={
                    "mip_rel_gap": config.gap,
                    "node_limit": config.node_limit,
                    "time_limit": config.time_limit_seconds,
                },
            )

    def _cost(self, terms: Sequence[Term]) -> Values:
        cost = np.zeros(self.columns)
        for columns, counts in terms:
            np.add.at(cost, columns.ravel(), np.broadcast_to(np.asarray(counts, "float64"), columns.shape).ravel())
        return cost


def _by_row(counts: Values) -> Values:
    """Counts that fit rows x several."""
    return counts if counts.ndim == 2 else counts.reshape(-1, 1)


def _reached(value: float, answer: Any) -> Reached:
    """What SciPy says of a search: status 0 is the gap, 1 the clock, and all else the limit of nodes."""
    endings: dict[int, Ending] = {0: "optimal", 1: "clock"}
    is_best = answer.x is not None and abs(value - answer.mip_dual_bound) <= _SLACK
    gap = 0.0 if is_best else 1.0 if answer.x is None else float(answer.mip_gap)
    return Reached(round(value, _DIGITS), round(gap, _DIGITS), endings.get(answer.status, "nodes"))
