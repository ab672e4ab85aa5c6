"""Arrow and Python's csv must tell the same of any text; a naive reading of the whole is the judge."""

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mixplan.sources import csv_files
from mixplan.sources.files import SourceError, open_sheet

WIDTH = 2
TEXTS = st.text(st.sampled_from('a",\r\n가'), max_size=24)
WELL_FORMED = st.lists(st.lists(st.text(st.sampled_from('a",\r\n가'), max_size=4), min_size=WIDTH, max_size=WIDTH))


def naive(text: str) -> list[tuple[int, list[str]]] | str:
    """Rows below a header with their lines, or what is wrong, from the whole text at once."""
    ended = text if text.endswith(("\n", "\r")) else text + "\n"
    if list(csv.reader(io.StringIO(ended + "END", newline="")))[-1] != ["END"]:
        return "never closes"
    reader = csv.reader(io.StringIO(text, newline=""))
    rows, first = [], 1
    for row in reader:
        rows.append((first, row))
        first = reader.line_num + 1
    body = rows[1:]
    if any(cell.strip() for _, row in body for cell in row[WIDTH:]):
        return "cells below 2 headers"
    if ended != text:
        return "may be cut off"
    return [(line, (row + [""] * WIDTH)[:WIDTH]) for line, row in body]


def read(path: Path) -> list[tuple[int, list[str]]]:
    found: list[tuple[int, list[str]]] = []
    for rows in open_sheet(path, "a.csv").read(range(WIDTH)):
        columns = [rows.cells[at].to_pylist() for at in range(WIDTH)]
        found += zip(rows.lines.to_pylist(), map(list, zip(*columns, strict=True)), strict=True)
    return found


def agrees(folder: Path, text: str, encoding: str) -> None:
    path = folder / "a.csv"
    path.write_bytes(text.encode(encoding))
    expected = naive(text)
    if isinstance(expected, str):
        with pytest.raises(SourceError):
            read(path)
    else:
        assert read(path) == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@given(TEXTS)
@example('1,"two\nlines"\n"open,1\n')
@example('1,x"\n2,"open\n')
@example('1,2\n3,"cut')
@example("1,2\n3")
@example("\n\n1,2\n\n")
@example('"1"x,"a""b"\r\n\r,\r')
@settings(deadline=None, max_examples=300)
def test_any_text_reads_as_python_reads_it(tmp_path_factory: pytest.TempPathFactory, encoding: str, text: str) -> None:
    agrees(tmp_path_factory.mktemp("csv"), "x,y\n" + text, encoding)


@given(WELL_FORMED, st.sampled_from(["\n", "\r\n"]))
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_blocks_do_not_show_in_what_is_read(tmp_path: Path, rows: list[list[str]], line_end: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows([["head\ner", "y"], *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "BLOCK_BYTES", 48)
        patch.setattr(csv_files, "BATCH_ROWS", 2)
        agrees(tmp_path, text.getvalue(), "utf-8")


def test_a_row_that_arrow_refuses_changes_nothing_around_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's reader goes on where Arrow stopped, with the right lines."""
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 64)
    lines = [f"{number},x" for number in range(100)]
    lines[60] = "60,x,,"
    agrees(tmp_path, "x,y\n" + "\n".join(lines) + "\n", "utf-8")
    batches = [len(rows.lines) for rows in open_sheet(tmp_path / "a.csv", "a.csv").read([0])]
    assert len(batches) > 2


def test_the_fast_path_reads_an_ordinary_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("read by Python")

    monkeypatch.setattr(csv_files._Body, "_exact", refuse)
    agrees(tmp_path, 'x,"y\nz"\n1,"two\nlines"\n"3",4\n\n', "utf-8")
    assert pa.types.is_string(next(iter(open_sheet(tmp_path / "a.csv", "a.csv").read([0]))).cells[0].type)
