"""The simulated plant knows for whom and for which site each name was typed: the names say the same."""

import numpy as np
import pandas as pd

from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
from mixplan.mart.product_names import parse_names
from mixplan.sources.sample import Catalogue, Plant


def test_every_name_is_parsed_to_its_truth(full_plant: Plant) -> None:
    truth = full_plant.products
    parsed = parse_names(truth["product_name"], full_plant.recipes["product"].unique(), load_gazetteer(GAZETTEER))
    columns = ["product", "customer_text", "site_text", "region"]
    pd.testing.assert_frame_equal(parsed[columns], truth[columns])
    assert not parsed["is_export"].any()
    assert truth["region"].nunique() > 10


def test_remarks_and_strengths_are_those_typed(full_plant: Plant, catalogue: Catalogue) -> None:
    truth = full_plant.products
    buyers = truth["customer_text"] + "(" + truth["site_text"] + ")"
    typed = [rest.replace(buyer, "").strip() for rest, buyer in zip(truth["remark"], buyers, strict=True)]
    parsed = parse_names(truth["product_name"], full_plant.recipes["product"].unique(), load_gazetteer(GAZETTEER))
    assert set(typed) == {"", *catalogue.product_remarks}
    strong = np.array(typed) == "(50%)"
    np.testing.assert_array_equal(parsed["strength_pct"], np.where(strong, 50.0, np.nan))
    assert parsed["remark"].tolist() == ["" if word == "(50%)" else word.strip("()") for word in typed]


def test_every_town_of_the_catalogue_lies_in_its_region(catalogue: Catalogue) -> None:
    known = load_gazetteer(GAZETTEER)
    assert {town: known.region_of(town) for region in catalogue.regions for town in region.towns} == {
        town: region.name for region in catalogue.regions for town in region.towns
    }
