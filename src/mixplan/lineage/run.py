"""The run of the tracking store that a result was logged as."""

from typing import NamedTuple

from mixplan.tracking.results import SHORT
from mixplan.tracking.runs import DATA_VERSION, FINGERPRINT, find_run
from mixplan.tracking.store import StoreError, open_store, said_in_a_sentence


class LoggedRun(NamedTuple):
    """A run as people name it, and the data that it learnt from."""

    name: str
    """The first digits of its id, as `mixplan compare` takes them."""
    data_version: str


def run_of(fingerprint: str) -> LoggedRun | None:
    """The run of a result; None where the store does not know it yet, or does not answer."""
    try:
        with said_in_a_sentence():
            client = open_store()
            run_id = find_run(client, {FINGERPRINT: fingerprint})
            return LoggedRun(run_id[:SHORT], client.get_run(run_id).data.tags[DATA_VERSION]) if run_id else None
    except StoreError:
        return None
