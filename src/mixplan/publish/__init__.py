"""The mart and the plan for other tools: as tables of a database, and as answers to SQL."""
