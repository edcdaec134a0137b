"""From labelled rows to a fitted scorer: candidates, calibration, rolling origins, baselines."""
