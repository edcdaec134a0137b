"""Metrics, intervals, drift, leaks and fairness, and whether a challenger is better than the champion."""
