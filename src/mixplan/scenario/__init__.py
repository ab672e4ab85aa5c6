"""What would be planned if something were otherwise."""
