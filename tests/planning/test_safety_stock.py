import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixplan.planning.policies.max_minus_mean import reorder_point, safety_stock

few = settings(max_examples=40, deadline=None)


def test_instance_by_hand() -> None:
    """100 a day as a rule and 130 at most; 23 days as a rule and 26 at most: order at 3,380, keep 1,080."""
    guard = safety_stock(130.0, 26.0, 100.0, 23.0)
    assert guard == 1080.0
    assert reorder_point(100.0, 23.0, guard) == 3380.0


positive = st.floats(0, 1e5)


@few
@given(positive, positive, positive, positive)
def test_never_below_zero_and_enough_for_the_worst(mean: float, more: float, usual: float, later: float) -> None:
    highest, longest = mean + more, usual + later
    guard = safety_stock(highest, longest, mean, usual)
    assert guard >= 0
    assert reorder_point(mean, usual, guard) == pytest.approx(highest * longest)
