"""What is kept of a model: its directory, its card, its plots, and the log of champions."""
