"""The problem of lot sizes, and the part of its program that says where goods go: made, in stock, late, or for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mixplan.planning.program import Program, Term
from mixplan.planning.tables import Integers, Values


@dataclass(frozen=True)
class LotSizing:
    """P products in F families, L lines, B buckets, K kinds of demand and M materials; weights in tonnes."""

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
    recipe: Values
    """(M, P, B): tonnes of each material in a tonne of each product that is in stock at the end of the bucket."""
    spare: Values
    """(M, B): what is there of each material at the end of the bucket, beyond all that is wanted until then; infinite
    where more can be ordered in time."""
    shortage: float
    """Tonne-days of stock that a tonne of material counts which is short for a day, as goods were made ahead of it."""

    def by_family(self) -> "LotSizing":
        """The same plant with families as its products."""
        families = range(len(self.makes))
        is_of = np.equal.outer(np.arange(len(self.makes)), self.family).astype("float64")
        keeps = [self.keeps[self.family == each].min(axis=0, initial=self.wanted.shape[2] - 1) for each in families]
        wanted = np.einsum("fp,kpb->kfb", is_of, self.wanted)
        # What a family has in stock is of the products that are wanted of it before they are too old.
        waiting = _may_wait(self).sum(axis=0)
        amount = is_of @ waiting
        weighed = np.einsum("fp,mpb->mfb", is_of, self.recipe * waiting)
        recipe = np.divide(weighed, amount, out=np.zeros_like(weighed), where=amount > 0)
        return replace(self, wanted=wanted, family=np.array(families), keeps=np.array(keeps), recipe=recipe)

    def most(self) -> Values:
        """(P, L, B): what a line can make at most of what is wanted before it is too old."""
        total = self.wanted.sum(axis=0).cumsum(axis=1)
        useful = np.take_along_axis(total, self.keeps, axis=1)[:, None, :] + self.smallest[None, :, None]
        most: Values = self.makes[self.family][:, :, None] * np.minimum(self.capacity, useful)
        return most


@dataclass(frozen=True)
class Flow:
    """The program's columns of goods."""

    made: Integers
    """(P, L, B)."""
    made_for: Integers
    """(K, P, B): by the kind of demand that it is for."""
    late: Integers
    """(K, P, B): wanted and not made, at the end of the bucket."""
    stock: Integers
    """(K, P, B): made and not yet wanted, at the end of the bucket."""
    surplus: Integers
    """(P, B): made for nobody, as the smallest lot is more than what is wanted."""
    aims: Mapping[str, Sequence[Term]]
    """Lateness (weighted tonne-days) and stock (tonne-days, with what ``LotSizing.shortage`` adds)."""


def flow(program: Program, problem: LotSizing, most: Values) -> Flow:
    """Columns of goods, and rows that keep them: what is made serves what is wanted, or is in stock or late."""
    unlimited = np.where(problem.wanted.sum(axis=2, keepdims=True) > 0, np.full(problem.wanted.shape, np.inf), 0.0)
    late, stock = program.variables(unlimited), program.variables(_may_wait(problem))
    surplus = program.variables(np.full(problem.wanted.shape[1:], np.inf))
    until_end = problem.days[::-1].cumsum()[::-1]
    aims: dict[str, list[Term]] = {
        "lateness": [(late, problem.weights[:, None, None] * problem.days)],
        "stock": [(stock, problem.days), (surplus, until_end)],
    }
    goods = Flow(program.variables(most), program.variables(unlimited), late, stock, surplus, aims)
    _balance(program, problem, goods)
    aims["stock"] += _ahead_of_materials(program, problem, goods)
    return goods


def _balance(program: Program, problem: LotSizing, goods: Flow) -> None:
    kinds, lines = len(problem.wanted), len(problem.capacity)
    first, later, before = np.s_[..., 0], np.s_[..., 1:], np.s_[..., :-1]
    for part, earlier in ((first, None), (later, before)):
        came: list[Term] = []
        if earlier is not None:
            came = [(goods.stock[earlier].ravel(), 1.0), (goods.late[earlier].ravel(), -1.0)]
        program.rows(
            (goods.made_for[part].ravel(), 1.0),
            (goods.stock[part].ravel(), -1.0),
            (goods.late[part].ravel(), 1.0),
            *came,
            lower=problem.wanted[part],
            upper=problem.wanted[part],
        )
    program.rows(
        (goods.made.transpose(0, 2, 1).reshape(-1, lines), 1.0),
        (goods.made_for.transpose(1, 2, 0).reshape(-1, kinds), -1.0),
        (goods.surplus.ravel(), -1.0),
        lower=0.0,
        upper=0.0,
    )


def _ahead_of_materials(program: Program, problem: LotSizing, goods: Flow) -> list[Term]:
    """Rows that tell how much of each material is short, as goods in stock have used it; and what that counts.

    What was made until a bucket is what was wanted, less what is late, and what is in stock or surplus: all that stock
    and surplus take beyond what is spare is taken from what is wanted. What is late leaves more, which is not counted.
    """
    most = np.einsum("mpb,kpb->mb", problem.recipe, _may_wait(problem))
    material, bucket = np.nonzero(most > problem.spare)
    if not material.size:
        return []
    short = program.variables(np.full(material.shape, np.inf))
    recipe = problem.recipe[material, :, bucket]
    kinds, ends = len(problem.wanted), int(bucket.max()) + 1
    made_before = (np.arange(ends) <= bucket[:, None]).astype("float64")
    program.rows(
        (goods.stock[:, :, bucket].transpose(2, 1, 0).reshape(len(bucket), -1), recipe.repeat(kinds, axis=1)),
        (
            np.tile(goods.surplus[:, :ends].ravel(), (len(bucket), 1)),
            (recipe[:, :, None] * made_before[:, None, :]).reshape(len(bucket), -1),
        ),
        (short, -1.0),
        upper=problem.spare[material, bucket],
    )
    return [(short, problem.shortage * problem.days[bucket])]


def _may_wait(problem: LotSizing) -> Values:
    """(K, P, B): what may be in stock after a bucket, as it is wanted before what was made in it is too old."""
    total = problem.wanted.cumsum(axis=2)
    until = np.broadcast_to(problem.keeps, problem.wanted.shape)
    waiting: Values = np.take_along_axis(total, until, axis=2) - total
    return waiting
