"""What the prediction of risk may be told: when a customer is at risk, and the models that compete to foresee it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Candidate, Strict

Share = Annotated[float, Field(gt=0, lt=1)]


class Overdue(Candidate):
    """The rule: how many usual intervals have passed since the last order."""

    learns: ClassVar[bool] = False
    target: Literal["mixplan.customers.risk_models.Overdue"] = Field(alias="_target_")


class Logistic(Candidate):
    """Logistic regression on standardised features."""

    target: Literal["mixplan.customers.risk_models.Logistic"] = Field(alias="_target_")
    c: PositiveFloat
    """Inverse strength of the L2 penalty."""


class Boosted(Candidate):
    """Gradient-boosted trees of LightGBM."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["mixplan.customers.risk_models.Boosted"] = Field(alias="_target_")
    n_estimators: PositiveInt
    """Trees."""
    learning_rate: PositiveFloat
    """Share of each tree's answer that is taken."""
    num_leaves: Annotated[int, Field(ge=2)]
    """Leaves of a tree."""
    min_child_samples: PositiveInt
    """Fewest rows in a leaf."""


class BuyTillYouDie(Candidate):
    """BG/NBD: customers buy at their own rate until, after some purchase, they stop."""

    draws_at_random: ClassVar[bool] = True
    target: Literal["mixplan.customers.risk_models.BuyTillYouDie"] = Field(alias="_target_")
    draws: PositiveInt
    """Futures drawn of each customer."""


RiskCandidate = Annotated[Overdue | Logistic | Boosted | BuyTillYouDie, Field(discriminator="target")]


class RiskSelect(Strict):
    """The rule that picks the winner."""

    metric: Literal["average_precision", "roc_auc", "brier"]
    """The score that decides."""
    tie_margin: Annotated[float, Field(ge=0, lt=1)]
    """Relative difference that does not count as better: the simpler model wins such a tie."""


class ValueConfig(Strict):
    """What a customer will be worth."""

    horizon_days: PositiveInt
    """Days ahead that are valued."""
    history_days: PositiveInt
    """Days before the day of study that a customer's purchases are read of; what is older says little of today."""
    step_days: PositiveInt
    """Distance between the earlier days on which the distribution is held against what came."""
    quantiles: tuple[Share, Share, Share]
    """Low, middle and high of the distribution that is kept."""
    draws: PositiveInt
    """Futures drawn of each customer."""


class RiskConfig(Strict):
    """Who is at risk, and how it is foreseen."""

    horizon_days: PositiveInt
    """Days ahead that decide whether a customer was at risk …"""
    below_share: Share
    """… which it was when they held less than this share of the order days that its rhythm promised."""
    rhythm_days: PositiveInt
    """Days before the day of study that a customer's rhythm is taken over."""
    min_order_days: Annotated[int, Field(ge=2)]
    """Order days within ``rhythm_days`` without which a customer has no rhythm and is not judged."""
    training_step_weeks: PositiveInt
    """Distance between the past days from which a model learns."""
    training_origins: PositiveInt
    """Most past days from which a model learns, the latest whose outcome is known."""
    calibration_origins: PositiveInt
    """The last of these, on which scores become probabilities."""
    call_above: Share
    """A customer is flagged when the probability of being at risk is at least this."""
    select: RiskSelect
    """How the winner is picked."""
    simplicity: tuple[str, ...]
    """Candidates from the simplest to the richest: ties go to the earlier."""
    value: ValueConfig
    """What a customer will be worth."""
    candidates: dict[str, RiskCandidate]
    """The models that compete, by name."""

    @model_validator(mode="after")
    def _can_compete(self) -> "RiskConfig":
        without = sorted(set(self.candidates) - set(self.simplicity))
        if without:
            raise ValueError(f"simplicity does not name {', '.join(without)}, so ties could not be broken")
        if self.calibration_origins >= self.training_origins:
            raise ValueError("calibration_origins must be below training_origins, or nothing is left to learn from")
        return self

    def definition(self) -> str:
        """When a customer is at risk, as a sentence."""
        return (
            f"At risk: the next {self.horizon_days} days hold less than {self.below_share:.0%} of the order days that "
            f"the customer's own rhythm of the last {self.rhythm_days} days promises. Customers with fewer than "
            f"{self.min_order_days} order days in that time have no rhythm to fall behind, and are not judged."
        )
