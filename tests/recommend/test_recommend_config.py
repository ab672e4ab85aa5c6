import pytest
from pydantic import ValidationError


def test_weights_must_add_up_to_one(config, make_config):
    rating = {**config.rating.model_dump(), "share_weight": 0.31}
    with pytest.raises(ValidationError, match=r"add up to 1\.01, not to 1"):
        make_config(rating=rating)


def test_every_candidate_must_have_its_place_in_simplicity(make_config):
    with pytest.raises(ValidationError, match="simplicity does not name als, baseline_only"):
        make_config(simplicity=["popularity"])


@pytest.mark.parametrize(
    "candidate",
    [
        {"_target_": "os.system"},
        {"_target_": "mixplan.recommend.popularity.Popularity", "damping": -1.0},
        {"_target_": "mixplan.recommend.popularity.Popularity", "damping": 1.0, "k": 3},
    ],
)
def test_wrong_candidates_are_refused(make_config, candidate):
    with pytest.raises(ValidationError):
        make_config(candidates={"popularity": candidate})
