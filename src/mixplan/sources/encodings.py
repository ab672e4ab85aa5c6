"""Which encoding a text file is in, where it stops being in any, and the file as UTF-8."""

import codecs
from pathlib import Path
from typing import BinaryIO

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


class Utf8Pieces:
    """A file as UTF-8, with what Arrow asks of a file that it reads from its beginning to its end.

    No piece ends between the two characters of a line end: Arrow would lose the second inside a quoted cell.
    """

    closed = False

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding == "cp949" else None
        self._kept = b""

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes, and none only at the end."""
        piece, more = self._kept, True
        while more and piece in {b"", b"\r"}:
            chunk = self._file.read(max(size // 2 - 1, 1))  # one byte of CP949 becomes two at most
            more = bool(chunk)
            piece += self._decoder.decode(chunk, final=not chunk).encode() if self._decoder else chunk
        self._kept = b"\r" if more and piece.endswith(b"\r") else b""
        return piece.removesuffix(self._kept)
