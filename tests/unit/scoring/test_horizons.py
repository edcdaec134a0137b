"""Python and dbt agree on the horizons of each target and on the horizon that grades."""

from __future__ import annotations

import csv

from models.features.targets import GRADING, QUESTIONS, TARGETS
from pipelines.home.settings import DBT_PROJECT

SEED = DBT_PROJECT / "seeds" / "rules" / "horizons.csv"


def seed_rows() -> list[dict[str, str]]:
    with SEED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_seed_lists_the_horizons_of_every_target():
    assert {(row["target"], int(row["horizon_days"])) for row in seed_rows()} == set(QUESTIONS)


def test_the_horizon_that_grades_is_the_same_in_python_and_in_dbt():
    grading = {row["target"]: int(row["horizon_days"]) for row in seed_rows() if row["grades"] == "true"}

    assert grading == {name: target.grading_horizon for name, target in TARGETS.items()}
    assert GRADING[1] == grading[GRADING[0]]
