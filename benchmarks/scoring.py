"""Training on the demo, and a million customers scored with their reasons by its dormancy model.

The customers are drawn column by column from the rows of the demo, so that nearly all differ. Each figure is measured
on a separate process and includes the time to read the rows and the model.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.measure import Line, Measured, measure, show, tierhouse_command
from models.features.targets import GRADING
from models.score import score
from pipelines.demo.config import DemoConfig
from pipelines.home.settings import Settings
from pipelines.scoring.snapshots import read_snapshots
from pipelines.scoring.training import kept_models, train_all

CUSTOMERS = 1_000_000
BAR_SCORING, BAR_TRAINING = "30 s, 4 GB", "60 s"
SEED = 1


def run(folder: Path, rows: int | None) -> None:
    """Make and train the demo, then measure training and scoring alone. `rows`: number of customers."""
    rows = rows or CUSTOMERS
    settings, day = Settings(home=folder / "home"), DemoConfig().last_day
    whole = [_tierhouse(settings, *words) for words in (("demo", "--only-files"), ("train", "--as-of", str(day)))][-1]
    training = _contestant("train", settings.home, str(day))
    crowd = folder / "crowd.parquet"
    _write_crowd(settings, day, crowd, rows)
    scoring = _contestant("score", settings.home, str(day), str(crowd))
    alone = Measured(float(_log(settings.home, "score").read_text(encoding="utf-8").split()[-1]))
    show(
        f"scoring: {rows:,} customers, dormancy; training: the demo, all targets",
        [
            Line("tierhouse train, from the raw files", whole),
            Line("  of it the models", training, bar=BAR_TRAINING),
            Line("score with reasons, from its start", scoring, f"{rows / scoring.seconds:,.0f} rows/s", BAR_SCORING),
            Line("  of it models.score", alone, f"{rows / alone.seconds:,.0f} rows/s"),
        ],
    )


def _write_crowd(settings: Settings, day: date, path: Path, rows: int) -> None:
    """Write features of `rows` customers. Each column is drawn independently from the training snapshots."""
    known = read_snapshots(settings, day, *GRADING).drop(columns=["label", "horizon_days"])
    chance = np.random.default_rng(SEED)
    drawn = {name: known[name].to_numpy()[chance.integers(len(known), size=rows)] for name in known}
    keys = {"customer_key": [f"crowd:{number:07d}" for number in range(rows)], "as_of": pd.Timestamp(day)}
    pd.DataFrame(drawn | keys).to_parquet(path, index=False)


def _tierhouse(settings: Settings, *words: str) -> Measured:
    command = [tierhouse_command("tierhouse"), *words]
    return measure(command, settings.home.with_suffix(".log"), {"TIERHOUSE_HOME": str(settings.home)})


def _contestant(name: str, home: Path, *words: str) -> Measured:
    command = [sys.executable, "-m", "benchmarks.scoring", name, str(home), *words]
    return measure(command, _log(home, name))


def _log(home: Path, name: str) -> Path:
    return home.with_suffix(f".{name}.log")


def train_models(home: str, day: str) -> None:
    """Train every target at every horizon, on the existing snapshots."""
    train_all(Settings(home=Path(home)), date.fromisoformat(day), print)


def score_crowd(home: str, day: str, crowd: str) -> None:
    """Score the crowd by the model that grades. The last word of the output is the time in seconds."""
    settings = Settings(home=Path(home))
    model = next(model for model in kept_models(settings) if (model.target, model.horizon_days) == GRADING)
    features = pd.read_parquet(crowd)
    started = perf_counter()
    scored = score(model, features, as_of=date.fromisoformat(day))
    seconds = perf_counter() - started
    if (known := scored["probability"].notna().sum()) != len(features):
        raise AssertionError(f"expected {len(features):,} probabilities, found {known:,}")
    print(seconds)


if __name__ == "__main__":
    {"train": train_models, "score": score_crowd}[sys.argv[1]](*sys.argv[2:])
