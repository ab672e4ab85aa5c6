"""Where the sites that product names mention lie: regions by place name, as a data file says."""

import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import yaml
from pydantic import ValidationError, model_validator

from mixplan.config.base import MixplanError, Strict

GAZETTEER = Path(__file__).with_name("gazetteer.yaml")
"""The one that mixplan brings along."""

Rows = tuple[tuple[str, ...], ...]
"""Names in rows of related ones, which mean nothing more."""


class GazetteerError(MixplanError):
    """The gazetteer is missing or does not say what it must."""


class Ambiguous(Strict):
    """A name that places of several regions bear."""

    region: str
    """What it is taken for; empty where no region is likelier."""
    note: str
    """Which places bear it, and why this region."""


class Gazetteer(Strict):
    """Place names by region, foreign places, and the words that are remarks."""

    regions: dict[str, Rows]
    ambiguous: dict[str, Ambiguous]
    abroad: Rows
    remark_words: tuple[str, ...]
    """Uses and traits that names carry beside customer and site."""

    @model_validator(mode="after")
    def _each_name_once(self) -> "Gazetteer":
        listed = [name for rows in (*self.regions.values(), self.abroad) for row in rows for name in row]
        names = [*listed, *self.ambiguous, *self.remark_words]
        if "" in names:
            raise ValueError("a name is empty")
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(repeated)} must stand once: list a name of several regions as ambiguous")
        regions = {entry.region for entry in self.ambiguous.values()} - {""}
        if unknown := sorted(regions - set(self.regions)):
            raise ValueError(f"ambiguous names are taken for unknown regions {', '.join(unknown)}")
        return self

    @cached_property
    def region_by_name(self) -> dict[str, str]:
        """The region of every place name in the country; empty where the name is ambiguous without a default."""
        listed = {name: region for region, rows in self.regions.items() for row in rows for name in row}
        return listed | {name: entry.region for name, entry in self.ambiguous.items()}

    @cached_property
    def _place(self) -> re.Pattern[str]:
        return re.compile(rf"({any_of(self.region_by_name)})[시군구읍면동리]?(?![가-힣])")

    @cached_property
    def foreign(self) -> re.Pattern[str]:
        """A foreign place that stands for itself: other syllables touch it on neither side."""
        names = [name for row in self.abroad for name in row]
        return re.compile(rf"(?<![가-힣])({any_of(names)})(?![가-힣])")

    def region_of(self, site: str) -> str:
        """The region of a site; empty where the gazetteer can't tell.

        >>> gazetteer = load_gazetteer(GAZETTEER)
        >>> [gazetteer.region_of(site) for site in ("서부산-신평", "여주2", "화성시", "남원주", "남구", "성진")]
        ['부산광역시', '경기도남부', '경기도남부', '강원도', '', '']
        """
        found = self._place.match(site)
        return self.region_by_name[found[1]] if found else ""


def any_of(words: Iterable[str]) -> str:
    r"""A pattern of any of the words, the longest first; of no words, one that fits nowhere.

    >>> any_of(["a", "a.b"])
    'a\\.b|a'
    """
    return "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) or r"(?!)"


def load_gazetteer(path: Path) -> Gazetteer:
    """Read a gazetteer.

    Raises:
        GazetteerError: the file is missing, no YAML, or an entry is missing, unknown, repeated or of the wrong type.
    """
    try:
        return Gazetteer.model_validate_json(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except FileNotFoundError as error:
        raise GazetteerError(f"{path}: no such gazetteer; name a YAML file of place names by region") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        what = " ".join(str(error).split())
        raise GazetteerError(f"{path}: this is not YAML in UTF-8: {what}; correct it") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "gazetteer"
        raise GazetteerError(f"{path}: {where}: {first['msg']}; correct the entry") from error
