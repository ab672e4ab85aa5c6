"""Schemathesis over the services' own OpenAPI document: no 5xx, and no answer outside of its schema.

Run it after `make demo`. Schemathesis is no dependency of mixplan, so it lies in a folder of its own:

    uv pip install --target /tmp/schemathesis schemathesis
    python benchmarks/fuzz.py /tmp/schemathesis 20000

Prints Schemathesis' own account and what the service counted by status, and ends with Schemathesis' exit code.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

sys.path[:0] = ["", "src"]

from benchmarks.serving import BENTO, server  # noqa: E402
from serving.openapi import ROUTES  # noqa: E402

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
COUNT = re.compile(
    r'bentoml_service_request_total\{endpoint="(?P<path>/[a-z]+)",'
    r'http_response_code="(?P<status>\d+)".*\} (?P<count>\S+)'
)
QUESTIONS = len(ROUTES) - 1
"""All but ``/model`` have something to vary."""


def main() -> None:
    """Serve the project's champion, and send at least so many cases, as many to each path that takes a question."""
    packages, cases = sys.argv[1], int(sys.argv[2])
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"--checks={CHECKS}", "--seed=1"]
    command += ["--phases=examples,coverage,fuzzing", f"--max-examples={-(-cases // QUESTIONS)}"]
    command += ["--continue-on-failure", "--suppress-health-check=all", "--exclude-path=/metrics"]
    path = str(Path(packages).absolute())
    with tempfile.TemporaryDirectory() as name:
        champion = str(Path("models/champion").absolute())
        with server(BENTO, name, "serving.service:Mixplan", MIXPLAN_CHAMPION=champion) as served:
            address = f"http://127.0.0.1:{served.port}"
            command += [f"--url={address}", f"{address}/docs.json"]
            ended = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, cwd=name, check=False)  # noqa: S603
            metrics = httpx.get(f"{address}/metrics").text.splitlines()
    counted = map(COUNT.match, metrics)
    counts = sorted((match["path"], match["status"], match["count"]) for match in counted if match)
    sys.stdout.write("".join(f"{path:20}{status:>6}{float(count):10.0f}\n" for path, status, count in counts))
    sys.exit(ended.returncode)


if __name__ == "__main__":
    main()
