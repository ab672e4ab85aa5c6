"""What recommendations may be told: what a rating is, the window it is taken over and the models that compete."""

import math
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Candidate, Strict
from mixplan.config.evaluation import SelectConfig
from mixplan.config.rerank import AblationConfig, NewConfig, RerankConfig
from mixplan.config.search import Range, check_searches

Weight = Annotated[float, Field(ge=0, le=1)]


class Popularity(Candidate):
    """Each product's mean rating, the same for every customer: the baseline."""

    target: Literal["mixplan.recommend.popularity.Popularity"] = Field(alias="_target_")
    damping: NonNegativeFloat
    """How many ratings at the overall mean each product starts with."""


class BaselineOnly(Candidate):
    """The overall mean and the bias of customer and product, by alternating least squares."""

    target: Literal["mixplan.recommend.baseline.BaselineOnly"] = Field(alias="_target_")
    n_epochs: PositiveInt
    """Rounds of alternating least squares."""
    reg_customer: NonNegativeFloat
    """L2 penalty on the biases of customers."""
    reg_product: NonNegativeFloat
    """L2 penalty on the biases of products."""


class _Factorisation(Candidate):
    """What every factorisation by stochastic gradient descent may be told."""

    draws_at_random: ClassVar[bool] = True
    n_factors: PositiveInt
    """Hidden traits of customers and products."""
    n_epochs: PositiveInt
    """Passes over the ratings."""
    lr_all: PositiveFloat
    """Learning rate of every parameter."""
    reg_all: NonNegativeFloat
    """L2 penalty on every parameter."""


class Svd(_Factorisation):
    """Matrix factorisation by stochastic gradient descent."""

    target: Literal["mixplan.recommend.svd.Svd"] = Field(alias="_target_")


class SvdPlusPlus(_Factorisation):
    """Matrix factorisation in which what a customer rated at all also tells its taste."""

    target: Literal["mixplan.recommend.svd.SvdPlusPlus"] = Field(alias="_target_")


class Als(Candidate):
    """Implicit feedback: who buys what, whatever the rating says; it ranks, and estimates no rating."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["mixplan.recommend.als.Als"] = Field(alias="_target_")
    factors: PositiveInt
    """Hidden traits of customers and products."""
    iterations: PositiveInt
    """Rounds of alternating least squares."""
    regularization: NonNegativeFloat
    """L2 penalty."""
    alpha: PositiveFloat
    """How much more a purchase is trusted than its absence."""


class Knn(Candidate):
    """A customer's ratings of the most similar products, about what is usual."""

    target: Literal["mixplan.recommend.knn.Knn"] = Field(alias="_target_")
    about: Literal["nothing", "product_mean", "baseline"]
    """What deviations are taken from: the basic, the centred and the baseline kind."""
    k: PositiveInt
    """Most similar products that count."""
    min_k: PositiveInt
    """Fewest similar products; with fewer the baseline answers alone."""
    similarity: Literal["cosine", "msd", "pearson"]
    """How the ratings of two products by the same customers are compared."""
    min_support: PositiveInt
    """Customers who must have rated both products for these to be similar at all."""


RecommendCandidate = Annotated[Popularity | BaselineOnly | Svd | SvdPlusPlus | Knn | Als, Field(discriminator="target")]


class RatingConfig(Strict):
    """What makes a purchase a rating: see ``mixplan.recommend.ratings``."""

    frequency_weight: Weight
    """Weight of how often the product was ordered."""
    share_weight: Weight
    """Weight of the product's share in what the customer bought."""
    recency_weight: Weight
    """Weight of how lately the product was ordered; the three weights add up to 1."""
    half_orders: PositiveFloat
    """Order days at which frequency counts a half."""
    half_share: Annotated[float, Field(gt=0, le=1)]
    """Share at which share counts a half."""
    half_life_days: PositiveFloat
    """Days since the last order at which recency counts a half."""

    @model_validator(mode="after")
    def _weights_add_up(self) -> "RatingConfig":
        total = self.frequency_weight + self.share_weight + self.recency_weight
        if not math.isclose(total, 1.0, abs_tol=1e-9):
            raise ValueError(f"frequency_weight, share_weight and recency_weight add up to {total:g}, not to 1")
        return self


class RecommendConfig(Strict):
    """Products to offer to each customer."""

    window_weeks: PositiveInt
    """Weeks of purchases that ratings are taken over; a score tests as many weeks as it learns from."""
    offers_per_customer: PositiveInt
    """New products that are offered to each customer."""
    rating: RatingConfig
    """What makes a purchase a rating."""
    select: SelectConfig
    """How the winner is picked."""
    simplicity: tuple[str, ...]
    """Candidates from the simplest to the richest: ties go to the earlier."""
    rerank: RerankConfig
    """How the winner's order of products is changed for sales."""
    new: NewConfig
    """What is offered of new products, and to new customers."""
    ablation: AblationConfig
    """How what each part brings is measured."""
    candidates: dict[str, RecommendCandidate]
    """The models that compete, by name."""
    search: dict[str, dict[str, Range]]
    """By candidate, the values that ``mixplan tune recommend`` may try."""

    @model_validator(mode="after")
    def _ranks_every_candidate(self) -> "RecommendConfig":
        without = sorted(set(self.candidates) - set(self.simplicity))
        if without:
            raise ValueError(f"simplicity does not name {', '.join(without)}, so ties could not be broken")
        return self

    @model_validator(mode="after")
    def _what_is_searched_exists(self) -> "RecommendConfig":
        check_searches(self.search, self.candidates)
        return self
