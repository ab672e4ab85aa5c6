"""What stands behind the product in a long name: strength, customer, site, and remarks anywhere between them."""

import re
from typing import NamedTuple

from mixplan.mart.gazetteer import Gazetteer, any_of

FLY_ASH = r"F/A(?:\s?\(?\d+(?:\.\d+)?%\)?)?"
"""The mix is for concrete with fly ash; the per cent is the ash's, not the product's strength."""
STRENGTH = re.compile(r"(?<!F/A)(?<!F/A\s)(?:\(\s*(\d+(?:\.\d+)?)\s*%\s*\)|(?<!\S)(\d+(?:\.\d+)?)\s*%)")
"""A per cent in brackets, or one that nothing touches from the left, unless it is the fly ash's."""
BODY = re.compile(r"(?P<customer>[^()]*)(?:\((?P<site>[^()]+)\))?(?P<tail>.*)", re.DOTALL)
SIGNS = " \t\n-_,."


class NameParts(NamedTuple):
    """What the rest of a name says; text is empty where it says nothing."""

    strength_pct: float = float("nan")
    """The per cent that stands behind the product, or in brackets."""
    customer_text: str = ""
    site_text: str = ""
    """The brackets behind the customer, or a foreign place that the name has in place of them."""
    region: str = ""
    """The region of the site, as the gazetteer tells it."""
    is_export: bool = False
    """Whether the site is abroad; a foreign place behind a site in the country is a remark."""
    remark: str = ""
    """Everything else, in the order of the name."""


def parse_rest(product: str, rest: str, gazetteer: Gazetteer) -> NameParts:
    """Take apart what follows the product in a name.

    >>> from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
    >>> parse_rest("PEMA-SR3000F", "슬럼프용 성진도시(화성)구.성진", load_gazetteer(GAZETTEER))[1:]
    ('성진도시', '화성', '경기도남부', False, '슬럼프용 구.성진')
    """
    strength, text = _without_strength(_whole(product, rest))
    before, text = _leading_remarks(text, gazetteer)
    body = BODY.fullmatch(text)
    assert body is not None, "every part of the pattern may be empty"  # noqa: S101
    customer, site, tail = body["customer"].strip(SIGNS), (body["site"] or "").strip(), body["tail"]
    foreign = gazetteer.foreign.search(site or customer)
    if foreign and not site:
        customer, site, tail = customer[: foreign.start()], foreign[0], f"{customer[foreign.end() :]} {tail}"
    customer, of_customer = _trailing_remarks(customer, gazetteer)
    site, of_site = _trailing_remarks(site, gazetteer)
    remarks = [before, of_customer, of_site, " ".join(re.sub(r"[()]", " ", tail).split())]
    return NameParts(
        strength_pct=strength,
        customer_text=customer,
        site_text=site,
        region="" if foreign else gazetteer.region_of(site),
        is_export=foreign is not None,
        remark=" ".join(filter(None, (remark.strip(SIGNS) for remark in remarks))),
    )


def _whole(product: str, rest: str) -> str:
    """The rest with the sign whose first character the product took: HR1000F/A with F/A, PR10001.5% with 1.5%.

    >>> _whole("PEMA-HR1000F", "/A우경(진주)"), _whole("PEMA-PR10001", ".5%아이에스(청양)")
    ('F/A우경(진주)', '1.5%아이에스(청양)')
    """
    whole = product[-1:] + rest
    return whole if re.match(r"F/A|\d\.\d+\s*%", whole) else rest


def _without_strength(text: str) -> tuple[float, str]:
    """The first strength that the text states, and the text without it."""
    found = STRENGTH.search(text)
    if not found:
        return float("nan"), text
    return float(found[1] or found[2]), f"{text[: found.start()]} {text[found.end() :]}".strip()


def _leading_remarks(text: str, gazetteer: Gazetteer) -> tuple[str, str]:
    """Remarks before the customer, and the text behind them: known words, and brackets without a Korean syllable."""
    mark = rf"\([^()가-힣]*\)|{FLY_ASH}|{any_of(gazetteer.remark_words)}"
    found = re.match(rf"(?:\s*(?:{mark}))*", text)
    end = found.end() if found else 0
    return " ".join(re.sub(r"[()]", " ", text[:end]).split()), text[end:].lstrip(SIGNS)


def _trailing_remarks(text: str, gazetteer: Gazetteer) -> tuple[str, str]:
    """A customer or site without the known words at its end, and these words."""
    found = re.search(rf"(?:\s*(?:{FLY_ASH}|{any_of(gazetteer.remark_words)}))+$", text)
    start = found.start() if found else len(text)
    return text[:start].strip(SIGNS), text[start:].strip(SIGNS)
