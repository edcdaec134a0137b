"""The store: the directory of a model, its card, its plots, and the log of champions."""
