"""Which products can be mixed from the materials in stock."""

import pandas as pd


def makeable(
    year: pd.DataFrame, recipes: pd.DataFrame, stock_counts: pd.DataFrame, as_of: pd.Timestamp, products: pd.Index
) -> pd.Series:
    """1 for a product whose materials suffice for a usual order by their last count, otherwise 0.

    A material that was never counted holds nothing up, nor does one that is a product itself.

    Args:
        year: sales of the last year; a usual order is the product's median, or that of all for one never sold.
        recipes: the mart's ``recipes``.
        stock_counts: the mart's ``stock_counts``, which may be empty.
        as_of: first day that is not known.
        products: whose answer is wanted.
    """
    usual = year.groupby("product")["quantity_kg"].median().reindex(products)
    usual = usual.fillna(year["quantity_kg"].median())
    counted = stock_counts[stock_counts["counted_on"] < as_of].sort_values("counted_on")
    stock = counted.drop_duplicates("material_code", keep="last").set_index("material_code")["stock_kg"]
    needs = recipes[recipes["component_product"].isna()]
    short = needs["share"] * needs["product"].map(usual) > needs["material_code"].map(stock)
    return pd.Series(1.0 - products.isin(needs.loc[short, "product"]), index=products)
