"""Which encoding a text file is in, and where it stops being in any."""

import codecs
from pathlib import Path

from mixplan.sources.sheet import SourceError

CHUNK = 1 << 20
"""Bytes that are looked at together."""


def encoding_of(path: Path, name: str, *, glance: bool = False) -> str:
    """``utf-8-sig`` where the file has that mark, ``utf-8`` where it is UTF-8, or else ``cp949``, which reading proves.

    Args:
        path: a text file.
        name: what errors call it.
        glance: judge by the beginning of the file alone.

    Raises:
        SourceError: the file has the mark of UTF-8 and is not.
    """
    with path.open("rb") as file:
        marked = file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    if _first_break(path, "utf-8", glance=glance) is None:
        return "utf-8-sig" if marked else "utf-8"
    if marked:
        raise wrong_encoding(path, name)
    return "cp949"


def wrong_encoding(path: Path, name: str) -> SourceError:
    """What to say of a file in neither encoding: where the one that gets further breaks off."""
    breaks = {label: _first_break(path, codec) for label, codec in (("UTF-8", "utf-8"), ("CP949", "cp949"))}
    label, (byte, line) = max(((label, at or (0, 1)) for label, at in breaks.items()), key=lambda found: found[1])
    return SourceError(
        f"{name} is neither UTF-8 nor CP949: as {label} it breaks off on line {line} at byte {byte}; "
        "save it in one of these encodings, or export it again if it is cut off there"
    )


def _first_break(path: Path, codec: str, *, glance: bool = False) -> tuple[int, int] | None:
    """Byte and line of what the codec cannot read, if anything."""
    decoder = codecs.getincrementaldecoder(codec)()
    byte, line = 0, 1
    with path.open("rb") as file:
        while True:
            chunk, pending = file.read(CHUNK), len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                start = error.start - pending
                return byte + start, line + chunk[: max(start, 0)].count(b"\n")
            if glance or not chunk:
                return None
            byte, line = byte + len(chunk), line + chunk.count(b"\n")
