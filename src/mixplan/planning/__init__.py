"""From a demand forecast to purchase orders, by the ordering policy that cost least when replayed on history."""
