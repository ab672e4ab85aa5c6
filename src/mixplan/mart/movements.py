"""Sales, orders, purchases, lots and stock counts: what went in and out of the plant."""

import polars as pl

from mixplan.mart.accounts import Cleaned
from mixplan.mart.clean import Sieve
from mixplan.mart.contracts import is_amount
from mixplan.mart.master_data import Known


def clean_sales(sieve: Sieve, known: Known) -> Cleaned:
    """Sales lines; a return (negative quantity) is no demand and stays out."""
    customer = sieve.code("customer_code")
    sieve.known("unknown_customer", customer, known.customers)
    code, product = _product(sieve, known)
    region = sieve.filled("region")
    sieve.known("unknown_region", region, sieve.config.regions)
    values = {
        "sold_on": sieve.day("sold_on"),
        "customer_code": customer,
        "product_code": code,
        "product": product,
        "region": region,
        "quantity_kg": _positive(sieve, "quantity_kg"),
        "unit_price_krw": _price(sieve),
    }
    return sieve.finish(pl.DataFrame(values))


def clean_orders(sieve: Sieve, known: Known) -> Cleaned:
    """Customers' orders; the split lots of an order stand on rows of their own under one number."""
    customer = sieve.code("customer_code")
    sieve.known("unknown_customer", customer, known.customers)
    code, product = _product(sieve, known)
    price, amount = _price(sieve), sieve.number("amount_krw")
    ordered, due = sieve.day("ordered_on"), sieve.day("due_on")
    sieve.refuse("date_order", due < ordered)
    values = {
        "order_no": sieve.code("order_no"),
        "customer_code": customer,
        "product_code": code,
        "product": product,
        "quantity_kg": _proven_quantity(sieve, price, amount),
        "unit_price_krw": price,
        "amount_krw": amount,
        "ordered_on": ordered,
        "due_on": due,
        "sold_kg": _not_negative(sieve, "sold_kg"),
        "is_rush": sieve.flag("is_rush"),
    }
    return sieve.finish(pl.DataFrame(values))


def clean_purchases(sieve: Sieve, known: Known) -> Cleaned:
    """Purchases of materials; one without a receipt date is open. Suppliers are on no list, so any code will do."""
    material, supplier = sieve.code("material_code"), sieve.code("supplier_code")
    sieve.known("unknown_material", material, known.materials)
    ordered, due, received = sieve.day("ordered_on"), sieve.day("due_on"), sieve.optional_day("received_on")
    sieve.refuse("date_order", due < ordered)
    sieve.refuse("date_order", received < ordered)
    received_kg = sieve.optional_number("received_kg").fill_null(0.0)
    sieve.refuse("negative_quantity", received_kg < 0)
    values = {
        "purchase_no": sieve.code("purchase_no"),
        "material_code": material,
        "supplier_code": supplier,
        "quantity_kg": _positive(sieve, "quantity_kg"),
        "unit_price_krw": _price(sieve),
        "ordered_on": ordered,
        "due_on": due,
        "received_on": received,
        "received_kg": received_kg,
        "is_fully_received": sieve.flag("is_fully_received"),
    }
    return sieve.finish(pl.DataFrame(values))


def clean_lots(sieve: Sieve, known: Known) -> Cleaned:
    """Production lots without those that were taken out of production."""
    code, product = _product(sieve, known)
    requested, produced = sieve.day("requested_on"), sieve.optional_day("produced_on")
    sieve.refuse("date_order", produced < requested)
    sieve.refuse("lot_excluded", sieve.text["lot_status"] == sieve.config.excluded_lot_status)
    values = {
        "lot_no": sieve.code("lot_no"),
        "split_no": sieve.code("split_no"),
        "product_code": code,
        "product": product,
        "weight_kg": _positive(sieve, "weight_kg"),
        "requested_on": requested,
        "produced_on": produced,
        "is_rework": sieve.text["lot_type"] == sieve.config.rework_lot_type,
    }
    return sieve.finish(pl.DataFrame(values))


def clean_lot_materials(sieve: Sieve, known: Known) -> Cleaned:
    """What went into each lot; a lot whose shares miss 100 per cent, or with one that is none, is refused whole."""
    lot, split, material = sieve.code("lot_no"), sieve.code("split_no"), sieve.code("material_code")
    lots = pl.DataFrame({"lot_no": lot, "split_no": split})
    sieve.refuse("lot_excluded", pl.Series([row in known.excluded_lots for row in lots.iter_rows()], dtype=pl.Boolean))
    sieve.known("unknown_material", material, known.materials)
    share = _not_negative(sieve, "share_pct")
    shares = lots.with_columns(counted=pl.when(~sieve.duplicate).then(share), is_none=share.is_null() | (share < 0))
    total = shares.select(pl.col("counted").sum().over("lot_no", "split_no")).to_series()
    spoiled = shares.select(pl.col("is_none").any().over("lot_no", "split_no")).to_series()
    sieve.refuse("shares_not_100", spoiled | ((total - 100).abs() > sieve.config.lot_share_tolerance_pct))
    values = {
        "lot_no": lot,
        "split_no": split,
        "material_code": material,
        "weight_kg": _positive(sieve, "weight_kg"),
        "share_pct": share,
        "extra_kg": sieve.optional_number("extra_kg").fill_null(0.0),
    }
    return sieve.finish(pl.DataFrame(values))


def clean_stock_counts(sieve: Sieve, known: Known) -> Cleaned:
    """Stock counted at the end of a day; an empty tank is a count too."""
    material = sieve.code("material_code")
    sieve.known("unknown_material", material, known.materials)
    values = {
        "counted_on": sieve.day("counted_on"),
        "material_code": material,
        "stock_kg": _not_negative(sieve, "stock_kg"),
    }
    return sieve.finish(pl.DataFrame(values))


def _product(sieve: Sieve, known: Known) -> tuple[pl.Series, pl.Series]:
    code = sieve.code("product_code")
    sieve.known("unknown_product", code, known.product_of)
    product = code.replace_strict(
        list(known.product_of), list(known.product_of.values()), default=None, return_dtype=pl.String
    )
    return code, product


def _price(sieve: Sieve) -> pl.Series:
    price = sieve.optional_number("unit_price_krw")
    sieve.refuse("negative_price", price < 0)
    return price


def _positive(sieve: Sieve, column: str) -> pl.Series:
    values = sieve.number(column)
    sieve.refuse("negative_quantity", values <= 0)
    return values


def _not_negative(sieve: Sieve, column: str) -> pl.Series:
    values = sieve.number(column)
    sieve.refuse("negative_quantity", values < 0)
    return values


def _proven_quantity(sieve: Sieve, price: pl.Series, amount: pl.Series) -> pl.Series:
    """The quantity; where only its sign contradicts amount = quantity x price, the sign is corrected."""
    quantity = sieve.number("quantity_kg")
    proven = ((quantity < 0) & is_amount(-quantity * price, amount)).fill_null(value=False)
    sieve.correct("quantity_sign", "quantity_kg", proven, old=quantity, new=-quantity)
    sieve.refuse("negative_quantity", (quantity <= 0) & ~proven)
    sieve.refuse("amount_mismatch", ~is_amount(quantity * price, amount) & ~proven)
    return proven.to_frame("proven").select(pl.when("proven").then(-quantity).otherwise(quantity)).to_series()
