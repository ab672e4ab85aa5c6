from collections.abc import Callable

import pytest
from pydantic import ValidationError

from mixplan.config.customers import CustomersConfig


def test_fewest_above_most_segments_is_refused(make_config: Callable[..., CustomersConfig]):
    with pytest.raises(ValidationError, match="max_segments must not be below min_segments"):
        make_config(min_segments=5, max_segments=4)


@pytest.mark.parametrize("change", [{"window_days": 0}, {"n_init": "10"}, {"seed": 1}, {"segments": {}}])
def test_wrong_values_and_keys_are_refused(make_config: Callable[..., CustomersConfig], change):
    with pytest.raises(ValidationError):
        make_config(**change)
