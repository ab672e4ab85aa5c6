"""MLflow: what each candidate left behind, the leaderboard's scores and the registry of champions."""
