"""From a number back to the rows of the exports that it came from, and from a row on to the numbers that it moves."""
