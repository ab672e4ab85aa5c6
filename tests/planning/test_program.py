"""Programs solved for one aim after the other, without a word on stdout."""

import os
from itertools import product

import numpy as np
import pytest

from mixplan.config.production import SolverConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.lot_sizing import LotSizing
from mixplan.planning.program import Program
from mixplan.planning.set_ups import set_ups_of
from mixplan.planning.silence import silent_stdout

EXACT = SolverConfig(
    cleaning_tonne_days=1000.0, short_tonne_days=1000.0, gap=0.0, node_limit=10_000, time_limit_seconds=60.0
)


def test_a_later_aim_never_costs_an_earlier_one() -> None:
    """x + y >= 3 with the least x + y, then the least x - y: three of y, as y <= 5."""
    program = Program()
    both = program.variables(np.array([5.0, 5.0]), whole=True)
    program.rows((both[None, :], 1.0), lower=3.0)
    found, reached = program.solve({"sum": [(both, 1.0)], "difference": [(both, np.array([1.0, -1.0]))]}, EXACT)
    assert found.round(6).tolist() == [0.0, 3.0]
    assert (reached["sum"].value, reached["sum"].gap, reached["sum"].ended) == (3.0, 0.0, "optimal")
    assert reached["difference"].value == -3.0


def test_what_cannot_be_is_a_sentence() -> None:
    program = Program()
    one = program.variables(np.array([1.0]))
    program.rows((one[None, :], 1.0), lower=3.0)
    with pytest.raises(PlanningError, match="no plan was found"):
        program.solve({"least": [(one, 1.0)]}, EXACT)


def test_what_compiled_code_prints_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    with silent_stdout():
        os.write(1, b"HiGHS\n")
    os.write(1, b"result\n")
    assert capfd.readouterr().out == "result\n"


def fewest_by_trying(wanted: np.ndarray, capacity: float, cleaning: float) -> int:
    """One line, nothing kept beyond its bucket: every order of families, bucket by bucket."""
    states, families = {None: 0}, range(len(wanted))
    for bucket in range(wanted.shape[1]):
        needed = {family for family in families if wanted[family, bucket] > 0}
        total = wanted[:, bucket].sum()
        after: dict[int | None, int] = {}
        for (start, count), end in product(states.items(), families):
            begins = families if start is None else [start]
            for begin in begins:
                visited = needed | {begin, end}
                if begin == end and len(visited) > 1:
                    continue
                cleanings = len(visited) - 1
                if total + cleanings * cleaning <= capacity + 1e-9:
                    after[end] = min(after.get(end, 10**6), count + cleanings)
        states = after
    return min(states.values())


@pytest.mark.parametrize("seed", range(6))
def test_cleanings_are_the_fewest_that_any_order_of_families_needs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    buckets, families = 5, 3
    wanted = rng.integers(1, 4, (families, buckets)) * (rng.random((families, buckets)) < 0.6)
    problem = LotSizing(
        wanted=wanted[None].astype("float64"),
        capacity=np.full((1, buckets), 12.0),
        makes=np.ones((families, 1)),
        family=np.arange(families),
        smallest=np.array([0.1]),
        cleaning=np.array([0.5]),
        keeps=np.tile(np.arange(buckets), (families, 1)),
        days=np.ones(buckets, dtype="int64"),
        weights=np.array([1.0]),
        recipe=np.zeros((0, families, buckets)),
        spare=np.zeros((0, buckets)),
        shortage=1000.0,
    )
    found, reached = set_ups_of(problem, EXACT)
    assert reached["lateness"].value == 0.0
    assert found.cleanings.sum() == fewest_by_trying(wanted, 12.0, 0.5)
    assert (found.begins[..., 1:] == found.ends[..., :-1]).all()
    assert (found.begins.sum(axis=0) == 1).all()


def test_a_search_that_ends_at_its_nodes_gives_its_best_and_says_so() -> None:
    """A market split: three sums of thirty whole choices that should meet halves, which takes very many nodes."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 100, (3, 30))
    program = Program()
    chosen = program.variables(np.ones(30), whole=True)
    over, under = program.variables(np.full(3, np.inf)), program.variables(np.full(3, np.inf))
    for row in range(3):
        half = float(sizes[row].sum() // 2)
        columns = np.concatenate([chosen, over[row : row + 1], under[row : row + 1]])
        program.rows((columns[None], np.array([[*sizes[row], -1, 1]])), lower=half, upper=half)
    aim = [(over, 1.0), (under, 1.0)]
    few = EXACT.model_copy(update={"node_limit": 1})
    found, reached = program.solve({"split": aim}, few)
    again, _ = program.solve({"split": aim}, few)
    assert reached["split"].ended == "nodes"
    assert reached["split"].gap > 0
    assert np.array_equal(found, again), "the same on every run"
    split = sizes @ found[chosen].round() - sizes.sum(axis=1) // 2
    assert np.abs(split).sum() == pytest.approx(reached["split"].value)
