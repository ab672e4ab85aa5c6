"""Files that no run can use: each ends in one sentence that says which, where and what to do, and nothing is lost."""

import errno
import os
import runpy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.source import FilesSource, TableExport
from mixplan.sources import csv_files, excel_files, ingest, parquet_files
from mixplan.sources.check import check_source
from mixplan.sources.files import SourceError, open_sheet
from mixplan.sources.ingest import ingest_files, read_exports
from mixplan.sources.parts import PartWriter

ROOT = Path(__file__).parents[2]
Write = Callable[..., Path]
EXPORTS = {"customers": TableExport(files=("client.*",), columns={"code": "customer_code", "name": "customer_name"})}


def failing(folder: Path, sentence: str) -> None:
    """Ingest must end with the sentence, and leave nothing in the memo that holds half a file."""
    with pytest.raises(SourceError, match=sentence):
        ingest_files(EXPORTS, folder, folder / "out", folder / "memo")
    assert not list(folder.glob("memo/*"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("code,name\n1,a\n2", r"client.csv, line 3: the file ends here without a line end, .*export it again"),
        ("code,name\n1,12", r"client.csv, line 2: the file ends here without a line end, so it may be cut off in this"),
        ('code,name\n1,"a\nb"\n2,"b"', r"client.csv, line 4: .*, or add a line end if the row is whole"),
        ("code,name\r1,a\r2,b", r"client.csv, line 3: the file ends here without a line end"),
        ("code,name", r"client.csv, line 1: the file ends here without a line end"),
        ("code,name\n1,a\n2,x,y", r"client.csv, line 3: 3 cells below 2 headers"),
        ('code,name\n1,"a\nb"\n2,"open\n3,c\n', r"client.csv, line 4: a quote opens in this row and never closes"),
        ('code,name\n1,a"\n2,"b', r"client.csv, line 3: a quote opens in this row and never closes"),
        ("code,name\n" + '1,"' + "x" * 200_000 + "\n", r"client.csv, line 2: field larger than field limit"),
        ('"' + "x" * 200_000 + "\n", r"client.csv, line 1: field larger than field limit"),
        ("", r"client.csv is empty: export it again"),
        ("\n ,\n", r"client.csv is empty: export it again"),
        ("Code ,name\n1,a\n", r"client.csv: no column code; it has Code, name; Code comes close, mend it or the map"),
        ("x,y\n1,a\n", r"client.csv: none of its 2 headers is known; it needs a first row with code, name; mend it or"),
    ],
)
def test_a_csv_that_cannot_be_meant_is_named(tmp_path: Path, write: Write, text: str, sentence: str) -> None:
    write("client.csv", text)
    failing(tmp_path, sentence)


def test_a_first_row_of_data_is_not_repeated(tmp_path: Path, write: Write) -> None:
    """A file without its header begins with a person, maybe; messages and tables are read by others."""
    write("client.csv", "2001,홍길동\n2002,김철수\n")
    with pytest.raises(SourceError) as told:
        read_exports(tmp_path, EXPORTS)
    (check,) = [check for check in check_source(tmp_path, EXPORTS) if check.file]
    assert check.stops
    assert "홍길동" not in f"{told.value} {check}"


def test_a_folder_that_may_not_be_listed_is_named(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Globbing takes such a folder for an empty one."""
    write("erp/client.csv", "code,name\n1,a\n")
    exports = {"customers": EXPORTS["customers"].model_copy(update={"files": ("erp/client.*",)})}
    assert len(read_exports(tmp_path, exports).tables["customers"]) == 1
    listed = os.scandir

    def refusing(path: Any = ".") -> Any:
        if str(path) == str(tmp_path / "erp"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refusing)
    for reading in (read_exports, check_source):
        with pytest.raises(SourceError, match=r"/erp cannot be read \(Permission denied\): see that"):
            reading(tmp_path, exports)


def test_folders_that_link_in_a_ring_are_listed_once(tmp_path: Path, write: Write) -> None:
    write("client.csv", "code,name\n1,a\n")
    (tmp_path / "erp").mkdir()
    for name in ("ring", "again"):
        (tmp_path / "erp" / name).symlink_to(tmp_path)
    assert len(read_exports(tmp_path, EXPORTS).tables["customers"]) == 1


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, write: Write) -> None:
    for text in ("code,name\n", "\ufeffcode,name\r\n"):
        write("client.csv", text)
        found = read_exports(tmp_path, EXPORTS)
        assert len(found.tables["customers"]) == 0
        assert found.coverage["files"][0]["rows"] == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "code,é\n".encode("latin-1"),
            "client.csv is neither UTF-8 nor CP949: as .* it breaks off on line 1 at byte 5",
        ),
        ("code,name\n1,a\n".encode("utf-16"), "client.csv is neither UTF-8 nor CP949: as .* line 1 at byte 0"),
        ("code,name\n1,가\n".encode("cp949") * 9 + b"\xff", "as CP949 it breaks off on line 19 at byte 135"),
        ("code,name\n1,가\n".encode() * 9 + b"\xea\xb0", "as UTF-8 it breaks off on line 19 at byte 144"),
        (b"\xef\xbb\xbf" + "code,name\n1,가\n".encode("cp949"), "client.csv is neither UTF-8 nor CP949"),
        (("code,name\n" + "1,가\n" * 400_000).encode("cp949") + b"\xff\n", "on line 400002 at byte 2000010;"),
    ],
)
def test_another_encoding_is_named_with_its_place(tmp_path: Path, write: Write, content: bytes, sentence: str) -> None:
    write("client.csv", content)
    failing(tmp_path, sentence)


def excel_bytes(folder: Path) -> bytes:
    pd.DataFrame({"code": range(2000), "name": "x"}).to_excel(folder / "good.xlsx", index=False)
    return (folder / "good.xlsx").read_bytes()


def parquet_bytes(folder: Path) -> bytes:
    pd.DataFrame({"code": range(2000), "name": "x"}).to_parquet(folder / "good.parquet", index=False)
    return (folder / "good.parquet").read_bytes()


def test_a_file_that_is_cut_off_is_named(tmp_path: Path, write: Write) -> None:
    write("a/client.xlsx", excel_bytes(tmp_path)[:9000])
    failing(tmp_path / "a", r"client.xlsx is no readable workbook \(.*\): it may be cut off; save it again")
    write("b/client.parquet", parquet_bytes(tmp_path)[:-200])
    failing(tmp_path / "b", r"client.parquet is no readable Parquet file \(.*\): it is cut off or damaged, export it")


def test_a_damaged_page_is_named(tmp_path: Path, write: Write) -> None:
    content = bytearray(parquet_bytes(tmp_path))
    content[4:400] = b"\xff" * 396
    write("a/client.parquet", bytes(content))
    failing(tmp_path / "a", r"client.parquet is no readable Parquet file \(.*\): it is cut off or damaged, export it")


def test_a_file_that_is_not_what_its_name_says_is_named(tmp_path: Path, write: Write) -> None:
    excel, parquet = excel_bytes(tmp_path), parquet_bytes(tmp_path)
    cases = [
        ("client.csv", excel, "workbook"),
        ("client.csv", parquet, "Parquet"),
        ("client.xlsx", b"code,name\n", "text"),
        ("client.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"old Excel \(.xls\)"),
        ("client.parquet", excel, "workbook"),
        ("client.parquet", b"code,name\n", "text"),
    ]
    for number, (name, content, kind) in enumerate(cases):
        write(f"{number}/{name}", content)
        failing(tmp_path / str(number), rf"{name} holds {kind}, not what its name says: name it for what it is, or")


def test_a_workbook_of_something_else_is_named(tmp_path: Path, write: Write) -> None:
    write("client.xlsx", b"PK\x03\x04 and nothing of a workbook")
    failing(tmp_path, r"client.xlsx is no readable workbook")


def test_a_column_without_plain_text_is_named(tmp_path: Path) -> None:
    pd.DataFrame({"code": [[1, 2]], "name": ["x"]}).to_parquet(tmp_path / "client.parquet")
    failing(tmp_path, r"client.parquet: column code is list<.*>, which has no plain text .*; export it as text")


def test_a_file_that_changes_while_it_is_read_is_named(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("client.csv", "code,name\n1,a\n")
    written = ingest.write_parts

    def growing(*arguments: Any) -> None:
        written(*arguments)
        with path.open("a") as file:
            file.write("2,b\n")

    monkeypatch.setattr(ingest, "write_parts", growing)
    failing(tmp_path, r"client.csv changed while it was read: run again when its export is finished")


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    forbidden, opened = write("client.csv", "code,name\n1,a\n"), Path.open

    def refusing(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == forbidden:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refusing)
    failing(tmp_path, r"client.csv cannot be read \(Permission denied\): see that it is there and that you may read it")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Run the ingest stage on the exports of the test's folder."""
    monkeypatch.chdir(tmp_path)
    source = FilesSource(kind="files", path="exports", exports=EXPORTS)
    main = runpy.run_path(str(ROOT / "pipelines/ingest.py"))["main"]
    return lambda: main(SimpleNamespace(seed=1, source=source))


def test_a_full_disk_leaves_the_last_good_state(
    tmp_path: Path, write: Write, stage: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("exports/client.csv", "code,name\n1,a\n")
    stage()
    before = sha256_of(tmp_path / "data")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write("exports/client.csv", "code,name\n1,b\n")
    monkeypatch.setattr(PartWriter, "write", full)
    with pytest.raises(SourceError, match=r"client.csv: No space left on device to write what it holds; free some"):
        stage()
    assert sha256_of(tmp_path / "data") == before


@pytest.mark.parametrize("suffix", ["csv", "slow.csv", "xlsx", "parquet"])
def test_no_kind_of_file_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    """The first rows are there while most of the file is not yet read, however long it is."""
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", 1000)
    for module in (csv_files, excel_files, parquet_files):
        monkeypatch.setattr(module, "BATCH_ROWS", 100)
    path = tmp_path / f"client.{suffix}"
    frame = pd.DataFrame({"code": range(3000), "name": "x"})
    if suffix.endswith("csv"):
        text = frame.to_csv(index=False)
        path.write_text(text.replace("\n", ",,\n").replace("name,,", "name") if "slow" in suffix else text)
    else:
        frame.to_excel(path, index=False) if suffix == "xlsx" else frame.to_parquet(path, index=False)
    batches: Iterator[Any] = open_sheet(path, path.name).read([0])
    first = next(batches)
    assert 0 < len(first.lines) < 300
    assert len(first.lines) + sum(len(rows.lines) for rows in batches) == 3000
