"""Database servers for the tests: on loopback, in folders that go away, skipped where none is installed."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_fixed

PASSWORD = "p@ss/w:rd#"  # noqa: S105 - of a server that lives as long as the tests
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MARIADB = [shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin"), shutil.which("mariadb-install-db")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: list[str], **options: Any) -> None:
    """Run to its end, with its last words in the error."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # noqa: S603 - own commands
    assert done.returncode == 0, done.stderr


@retry(
    retry=retry_if_exception_type(sa.exc.OperationalError),
    stop=stop_after_attempt(200),
    wait=wait_fixed(0.1),
    reraise=True,
)
def wait_for(url: sa.URL) -> None:
    """Return as soon as the server answers."""
    execute(url, "SELECT 1")


def execute(url: sa.URL, *statements: str) -> None:
    """Run statements one by one."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@contextmanager
def running(command: list[str], log: Path, **options: Any) -> Iterator[None]:
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, **options)  # noqa: S603 - own commands
        try:
            yield
        finally:
            server.send_signal(signal.SIGINT if "postgres" in command[0] else signal.SIGTERM)
            server.wait(30)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sa.URL]:
    """PostgreSQL refuses to run as root, and its user cannot enter a folder of root's."""
    if not POSTGRESQL:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="mixplan-postgresql-") as name:
        folder, port = Path(name), free_port()
        (folder / "password").write_text(PASSWORD, encoding="utf-8")
        if owner:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        binaries, data = POSTGRESQL[-1], str(folder / "data")
        initdb = [str(binaries / "initdb"), "-D", data, "-U", "plant", "-A", "scram-sha-256", "--no-sync", "-E", "UTF8"]
        run([*initdb, f"--pwfile={folder / 'password'}", "--locale=C.UTF-8"], cwd=folder, **owner)
        server = [str(binaries / "postgres"), "-D", data, "-k", name, "-p", str(port), "-F"]
        with running([*server, "-c", "listen_addresses=127.0.0.1"], folder / "log", cwd=folder, **owner):
            url = sa.URL.create("postgresql+psycopg", "plant", PASSWORD, "127.0.0.1", port, "postgres")
            wait_for(url)
            yield url


@pytest.fixture(scope="session")
def mariadb_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.URL]:
    server, install = MARIADB
    if not (server and install):
        pytest.skip("MariaDB is not installed (Debian: apt-get install mariadb-server)")
    owner = ["--user=root"] if os.getuid() == 0 else []
    # A socket's path may have 107 bytes, so it does not lie in pytest's own folders.
    with tempfile.TemporaryDirectory(prefix="mixplan-mariadb-") as name:
        data, socket_file, port = f"--datadir={name}/data", f"{name}/socket", free_port()
        # A server that starts clears the temporary folder of all temporary tables, another server's too.
        temporary = f"--tmpdir={name}"
        run(
            [
                install,
                "--no-defaults",
                data,
                temporary,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *owner,
            ]
        )
        files = [f"--socket={socket_file}", f"--pid-file={name}/pid", "--innodb-flush-log-at-trx-commit=0"]
        network = [
            "--skip-name-resolve",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            "--character-set-server=utf8mb4",
        ]
        with running([server, "--no-defaults", data, temporary, *files, *network, *owner], Path(name) / "log"):
            root = sa.URL.create("mariadb+pymysql", "root", query={"unix_socket": socket_file})
            wait_for(root)
            user = f"CREATE USER plant@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"
            execute(root, user, "GRANT ALL ON *.* TO plant@'127.0.0.1'")
            yield sa.URL.create("mariadb+pymysql", "plant", PASSWORD, "127.0.0.1", port, "mysql")


@contextmanager
def empty_database(server: sa.URL) -> Iterator[sa.URL]:
    execute(server, "CREATE DATABASE plant")
    yield server.set(database="plant")
    execute(server, "DROP DATABASE plant")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> sa.URL:
    (tmp_path / "plant.db").touch()
    return sa.URL.create("sqlite", database=str(tmp_path / "plant.db"))


@pytest.fixture
def postgresql_url(postgresql_server: sa.URL) -> Iterator[sa.URL]:
    with empty_database(postgresql_server) as url:
        yield url


@pytest.fixture
def mariadb_url(mariadb_server: sa.URL) -> Iterator[sa.URL]:
    with empty_database(mariadb_server) as url:
        yield url


@pytest.fixture(params=["sqlite_url", "postgresql_url", "mariadb_url"])
def database_url(request: pytest.FixtureRequest) -> sa.URL:
    """An empty database of each kind, one after the other."""
    url: sa.URL = request.getfixturevalue(request.param)
    return url


@pytest.fixture(autouse=True)
def _loggers_are_heard() -> None:
    """Libraries such as MLflow set logging up for the whole process, and may silence loggers that were there before."""
    logging.disable(logging.NOTSET)
    for name, logger in logging.root.manager.loggerDict.items():
        if name.partition(".")[0] in {"bentoml", "httpx", "mixplan"} and isinstance(logger, logging.Logger):
            logger.disabled, logger.propagate = False, True
            logger.setLevel(logging.NOTSET)
