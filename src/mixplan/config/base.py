"""What every configuration object shares: frozen, strict, and refusing keys it does not know."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field


class MixplanError(Exception):
    """A mistake that a person can mend; its message says what is wrong, where, and what to do."""


class ConfigError(MixplanError):
    """A parameter has a wrong name or value."""


class Strict(BaseModel):
    """A configuration object: it cannot change, and a wrong key or type is an error, as is a number without end."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, allow_inf_nan=False)


class Candidate(Strict):
    """A model that competes in a task: the class that implements it and its hyper-parameters.

    Subclasses narrow ``target`` to a ``Literal``, so only classes that mixplan names can ever be imported.
    """

    draws_at_random: ClassVar[bool] = False
    """Whether the implementing class takes a ``random_state``."""
    learns: ClassVar[bool] = True
    """Whether it is trained at all; a baseline is taken as it is."""
    counts_in_full: ClassVar[bool] = False
    """Whether its answers are taken as they are although it is trained: it learns too little to learn chance."""
    target: str = Field(alias="_target_")
    """Dotted path of the implementing class."""

    def hyper_parameters(self) -> dict[str, Any]:
        """Every field but the target: exactly what the implementing class is called with."""
        return self.model_dump(exclude={"target"})

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """The candidate with other hyper-parameters, checked as those of ``conf/`` are."""
        return type(self).model_validate({**self.model_dump(by_alias=True), **values})

    def implementation(self) -> Callable[..., Any]:
        """The target, imported now: configuration is read without the weight of the models' libraries."""
        module, _, name = self.target.rpartition(".")
        implementation: Callable[..., Any] = getattr(import_module(module), name)
        return implementation

    def build(self, **extra: Any) -> Any:
        """An instance of the target; ``extra`` carries run-time choices such as the seed."""
        return self.implementation()(**self.hyper_parameters(), **extra)
