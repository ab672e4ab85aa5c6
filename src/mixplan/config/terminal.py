"""What people read at a terminal: words of files, but none of the signs that a terminal would obey."""

import logging
import sys
import unicodedata


def printable(text: str) -> str:
    r"""Text whose control characters and hidden ones are written out, but for line breaks and tabs.

    >>> printable("단가\x1b[2J\u202e")
    '단가\\x1b[2J\\u202e'
    """
    return "".join(_written_out(character) for character in text)


def log_to_stderr() -> None:
    """Show what loggers say on stderr, in words alone."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Printable("%(message)s"))
    handler.addFilter(_is_news)
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _is_news(record: logging.LogRecord) -> bool:
    """Not that a request was made: httpx tells of each, and thousands would drown what people wait for."""
    return record.name != "httpx" or record.levelno >= logging.WARNING


class _Printable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def _written_out(character: str) -> str:
    obeyed = unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in "\n\t"
    return character.encode("unicode_escape").decode("ascii") if obeyed else character
