"""``mixplan``: for people at a terminal."""
