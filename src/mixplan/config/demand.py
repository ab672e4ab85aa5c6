"""What the demand forecast may be told: its calendar, its intervals and the regressors that compete."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Candidate, Strict
from mixplan.config.evaluation import OriginSelectConfig
from mixplan.config.search import Range, check_searches

Share = Annotated[float, Field(gt=0, le=1)]


class SeasonalNaive(Candidate):
    """The same week of last year."""

    learns: ClassVar[bool] = False
    target: Literal["mixplan.demand.baselines.SeasonalNaive"] = Field(alias="_target_")


class Planner(Candidate):
    """The mean of the last three months, as planners do it by hand."""

    learns: ClassVar[bool] = False
    target: Literal["mixplan.demand.baselines.Planner"] = Field(alias="_target_")


class SeasonalAverage(Candidate):
    """The usual week, leaning to the one of its two answers that came nearer, at the height that the past had."""

    learns: ClassVar[bool] = False
    target: Literal["mixplan.demand.seasonal_average.SeasonalAverage"] = Field(alias="_target_")


class Ridge(Candidate):
    """Linear regression with an L2 penalty on standardised features."""

    target: Literal["mixplan.demand.linear.ridge"] = Field(alias="_target_")
    alpha: PositiveFloat
    """Strength of the penalty."""


class Lasso(Candidate):
    """Linear regression with an L1 penalty on standardised features."""

    target: Literal["mixplan.demand.linear.lasso"] = Field(alias="_target_")
    alpha: PositiveFloat
    """Strength of the penalty."""
    max_iter: PositiveInt
    """Most rounds of coordinate descent."""


class DecisionTree(Candidate):
    """One regression tree."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["sklearn.tree.DecisionTreeRegressor"] = Field(alias="_target_")
    max_depth: PositiveInt
    """Most splits between the root and a leaf."""
    min_samples_leaf: PositiveInt
    """Fewest rows in a leaf."""


class RandomForest(Candidate):
    """The mean of many trees, each grown on its own sample of rows."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["sklearn.ensemble.RandomForestRegressor"] = Field(alias="_target_")
    n_estimators: PositiveInt
    """Number of trees."""
    min_samples_leaf: PositiveInt
    """Fewest rows in a leaf."""
    max_features: Share
    """Share of the features tried at each split."""
    max_samples: Share
    """Share of the rows that each tree sees."""
    n_jobs: PositiveInt
    """Trees grown at once."""


class LightGbm(Candidate):
    """Gradient boosting with leaf-wise trees."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["lightgbm.LGBMRegressor"] = Field(alias="_target_")
    n_estimators: PositiveInt
    """Number of trees."""
    learning_rate: PositiveFloat
    """How much of each tree is taken."""
    num_leaves: Annotated[int, Field(ge=2)]
    """Most leaves of a tree."""
    min_child_samples: PositiveInt
    """Fewest rows in a leaf."""
    subsample: Share
    """Share of the rows that each tree sees."""
    subsample_freq: NonNegativeInt
    """Draw new rows every so many trees; 0 never."""
    colsample_bytree: Share
    """Share of the features that each tree sees."""
    reg_lambda: Annotated[float, Field(ge=0)]
    """L2 penalty on leaf values."""
    n_jobs: PositiveInt
    """Threads."""
    deterministic: bool
    """Equal input gives equal trees on one machine."""
    force_row_wise: bool
    """Fix the histogram layout instead of timing both."""
    verbosity: int
    """-1 is silent."""


class XgBoost(Candidate):
    """Gradient boosting with depth-wise trees."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["xgboost.XGBRegressor"] = Field(alias="_target_")
    n_estimators: PositiveInt
    """Number of trees."""
    learning_rate: PositiveFloat
    """How much of each tree is taken."""
    max_depth: PositiveInt
    """Most splits between the root and a leaf."""
    min_child_weight: PositiveFloat
    """Least sum of row weights in a leaf."""
    subsample: Share
    """Share of the rows that each tree sees."""
    colsample_bytree: Share
    """Share of the features that each tree sees."""
    reg_lambda: Annotated[float, Field(ge=0)]
    """L2 penalty on leaf values."""
    n_jobs: PositiveInt
    """Threads."""


Member = Annotated[
    SeasonalAverage | Ridge | Lasso | DecisionTree | RandomForest | LightGbm | XgBoost, Field(discriminator="target")
]


class Average(Candidate):
    """The mean of other candidates' answers."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["mixplan.demand.average.Average"] = Field(alias="_target_")
    members: Annotated[dict[str, Member], Field(min_length=2)]
    """The candidates that are averaged, by name, with their own hyper-parameters."""

    def hyper_parameters(self) -> dict[str, Any]:
        """The members as they are: each is built by its own configuration."""
        return {"members": self.members}


DemandCandidate = Annotated[
    SeasonalNaive
    | Planner
    | SeasonalAverage
    | Ridge
    | Lasso
    | DecisionTree
    | RandomForest
    | LightGbm
    | XgBoost
    | Average,
    Field(discriminator="target"),
]


class ClassesConfig(Strict):
    """Classes of products, as of the year before an origin."""

    volume: tuple[Share, Share]
    """Cumulative shares of the demand at which class A ends and class B ends; the rest is C."""
    variation: tuple[PositiveFloat, PositiveFloat]
    """Coefficients of variation of four-week demand below which a product is X, and below which Y; the rest is Z."""

    @model_validator(mode="after")
    def _in_order(self) -> "ClassesConfig":
        if self.volume[0] >= self.volume[1] or self.variation[0] >= self.variation[1]:
            raise ValueError("the second limit of classes must be above the first")
        return self


class DemandConfig(Strict):
    """Weekly demand by product."""

    country: str
    """ISO code of the country whose public holidays matter."""
    interval: Annotated[float, Field(gt=0, lt=1)]
    """Share of outcomes that the interval should hold."""
    classes: ClassesConfig
    """How products are sorted by volume and by variability where scores are shown apart."""
    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], ...]
    """Levels of the quantiles that are forecast beside the interval."""
    select: OriginSelectConfig
    """How the winner is picked."""
    simplicity: tuple[str, ...]
    """Candidates from the simplest to the richest: ties go to the earlier."""
    candidates: dict[str, DemandCandidate]
    """The regressors that compete, by name."""
    search: dict[str, dict[str, Range]]
    """By candidate, the values that ``mixplan tune demand`` may try."""

    @model_validator(mode="after")
    def _simplicity_is_complete(self) -> "DemandConfig":
        without = sorted(set(self.candidates) - set(self.simplicity))
        if without:
            raise ValueError(f"simplicity must name every candidate; it lacks {', '.join(without)}")
        return self

    @model_validator(mode="after")
    def _what_is_searched_exists(self) -> "DemandConfig":
        check_searches(self.search, self.candidates)
        return self
