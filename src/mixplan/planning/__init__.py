"""From a demand forecast to purchase orders, and the same policy replayed on history."""
