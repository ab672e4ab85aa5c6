"""``mixplan rollback``: back to the champion before."""

import logging
from typing import Annotated

import typer


def rollback(
    why: Annotated[str, typer.Option(help="What is wrong with the champion, in words.")],
) -> None:
    """Serve the previous champion again, in running services too; the same again undoes it."""
    import getpass
    from datetime import UTC, datetime

    from mixplan.promotion.previous import champion_lock, roll_back
    from mixplan.tracking.registry import restore_champions

    when = datetime.now(UTC).isoformat(timespec="seconds")
    with champion_lock():
        done, manifest = roll_back(getpass.getuser(), when, why)
    typer.echo(f"champion {done.version} -> {done.restored}")
    try:
        changed = restore_champions(manifest, f"rolled back by {done.who} on {done.when}: {done.why}")
    except Exception as error:  # what is served does not wait for a store that cannot be reached
        logging.warning("the registry is as it was, as the tracking store failed: %s", error)
    else:
        typer.echo(f"registry: {', '.join(changed) or 'as it was'}")
