"""The demo's agency: people with latent rates and realised futures, written as raw files a real agency could export.

Nothing here knows a threshold, a feature or a model, and nothing in the pipeline reads the truth it writes.
"""
