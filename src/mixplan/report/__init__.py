"""What planners read: one static page, and the screen at the end of a run."""
