"""Speed and memory, as ratios within one run: `python -m benchmarks [rfm] [ingest] [demo]`.

Nothing here is a test: a ratio is read beside its bar, on a quiet machine (docs/benchmarks.md has the last figures).
"""
