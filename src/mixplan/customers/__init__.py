"""How customers buy, who is at risk, and which kinds of customers there are."""
