"""From winners to champions: the last window scored once, the decision, the folder that serving reads."""
