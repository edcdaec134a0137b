"""The stages of a day and of a training, measured within one run of the command that users run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.large.sample import NOTHING, Cost, sampled, steps_of_last_run
from benchmarks.measure import tierhouse_command

STAGES: Mapping[str, tuple[str, ...]] = {
    "ingest": ("staged_batches", "landing"),
    "staging": ("dbt_staging",),
    "identity": ("customer_identity",),
    "core": ("dbt_core",),
    "features gate": ("customer_features_gate_features",),
    "mining": ("lead_forecast", "listing_recommendations", "association_rules", "personas"),
    "scores": ("scores", "scores_gate_scores"),
    "published tables": ("dbt_published", "history_checks_gate_history"),
    "published gate": ("customer_grades_gate_published",),
    "publication": ("published_version",),
    "report": ("report",),
    "snapshots": ("training_snapshots",),
    "snapshots gate": ("training_snapshots_gate_training",),
    "models": ("trained_models",),
    "comparison": ("model_evaluation", "champion_models"),
}
"""Stage → steps of the Dagster runs. A step that no stage names is a stage of its own."""
WHOLE = "whole command"


def measure_command(home: Path, log: Path, *words: str) -> dict[str, Cost]:
    """Run `tierhouse <words>` and return the cost of each stage of its last run, and of the whole command."""
    whole, samples = sampled([tierhouse_command("tierhouse"), *words], log, home)
    costs: dict[str, Cost] = {}
    for step, (begin, end) in sorted(steps_of_last_run(home).items(), key=lambda item: item[1]):
        stage = next((name for name, steps in STAGES.items() if step in steps), step)
        costs[stage] = costs.get(stage, NOTHING) + samples.between(begin, end)
    return costs | {WHOLE: whole}
