"""Fitted scikit-learn objects on disk in skops' safe format, with equal objects as equal bytes.

skops names the members of its archive after memory addresses and dates them today; both are replaced here.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

_SCHEMA = "schema.json"


def write_sklearn(path: Path, estimator: Any) -> None:
    """Write a fitted estimator."""
    import skops.io

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_canonical(skops.io.dumps(estimator)))


def read_sklearn(path: Path) -> Any:
    """Read what ``write_sklearn`` wrote; skops refuses types that it does not know to be safe.

    Tree storage is trusted because a champion's files are checked against their SHA-256 before they are read.
    """
    import skops.io

    return skops.io.load(path, trusted=["sklearn.tree._tree.Tree"])


def _canonical(archive: bytes) -> bytes:
    """The same archive with addresses numbered by first appearance and every date 1980."""
    source = zipfile.ZipFile(io.BytesIO(archive))
    schema = source.read(_SCHEMA).decode("utf-8")
    addresses = dict.fromkeys(re.findall(r'"__id__": (\d+)', schema))
    numbers = {address: str(position) for position, address in enumerate(addresses)}

    def renamed(text: str) -> str:
        return re.sub(r"\d{6,}", lambda match: numbers.get(match.group(), match.group()), text)

    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for name in sorted(source.namelist(), key=lambda name: (name == _SCHEMA, renamed(name))):
            content = json.dumps(json.loads(renamed(schema))).encode() if name == _SCHEMA else source.read(name)
            out.writestr(zipfile.ZipInfo(renamed(name)), content)
    return target.getvalue()
