"""``python -m mixplan`` is ``mixplan``."""

from mixplan.cli import main

main()
