"""Metrics, intervals, drift, leaks, fairness, and the comparison of a challenger with the champion."""
