"""What can be wrong with a plan's inputs."""

from mixplan.config.base import MixplanError


class PlanningError(MixplanError):
    """The plan cannot be made from these tables."""
