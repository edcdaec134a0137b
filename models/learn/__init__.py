"""Fitting: from labelled rows to a scorer, with candidates, calibration, rolling origins and baselines."""
