"""Rolling origins, metrics and the rule that picks a winner."""
