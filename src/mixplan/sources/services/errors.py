"""What can go wrong with a service, by what helps against it."""

from mixplan.config.base import MixplanError


class ServiceError(MixplanError):
    """A service gave no usable answer, and asking again at once would not help."""


class PassingError(ServiceError):
    """A service gave no usable answer this time; asking again may help."""


class UnreadableError(ServiceError):
    """An answer is in none of the forms that the service is known to use."""
