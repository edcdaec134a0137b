"""The demo: an agency with simulated customers, written as raw files that a real agency could export.

The demo does not use thresholds, features or models of the pipeline. The pipeline does not read the demo's truth.
"""
