"""Training snapshots: the daily dbt models, built for past days in a separate DuckDB file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from pipelines.home.settings import Settings
from pipelines.home.warehouse import connect
from pipelines.identity.customers import write_customers
from pipelines.ingest import landing
from pipelines.rules.check import assert_rules
from pipelines.rules.fx_rates import assert_rates
from pipelines.scoring.days import first_days, snapshot_days
from pipelines.scoring.snapshots import Sample, write_sample
from pipelines.transform.assets import CORE, STAGING
from pipelines.transform.dbt import run_dbt
from pipelines.transform.scope import write_scope

NO_TESTS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
"""The daily run tests the same models on the same rows. Here the features gate checks the result."""


SAMPLED_CUSTOMERS = 40_000
"""Customers whose history a training builds at most, chosen by a hash of their keys before anything is built for them.

The time and the memory of a training then end to grow with the home, apart from one pass over landing. More customers
teach little (docs/runbook.md, "Training at a million leads").
"""

TRAINED = ("target_labels", "customer_triggers", "customer_rfm__by_as_of", "repeat_buying__by_as_of")
"""Core tables that training and its gate read. The features are among the inputs of the labels."""
RULES_READ = "fqn:tierhouse.rules.placeholder_contacts fqn:tierhouse.rules.warning_levels"
"""Rules that identity and the comparison of models read."""


def _leading_to_trained(select: str) -> str:
    """Return the part of a selection of dbt that leads to the tables of `TRAINED`."""
    return " ".join(f"+{table},{part}" for table in TRAINED for part in select.split())


STAGING_OF_TRAINING = f"{RULES_READ} {_leading_to_trained(STAGING)}"
CORE_OF_TRAINING = _leading_to_trained(CORE)


def build_snapshots(settings: Settings, trained_through: date, run_id: str, say: Callable[[str], None]) -> None:
    """Build core in the training warehouse for the snapshots before `trained_through`, and for that day itself.

    Labels need the day itself: they describe what landing knew by its end. If landing is too young for a snapshot, only
    the day is built, and every question reports what it waits for.
    """
    settings.training_warehouse.unlink(missing_ok=True)
    with connect(settings.training_warehouse, settings) as connection:
        landing.register(connection, settings)
        firsts = first_days(connection, settings, trained_through)
    days = snapshot_days(firsts, trained_through)
    span = f"{len(days)} snapshots from {days[0]} to {days[-1]}" if days else "no snapshot yet"
    say(f"{span}, labels as known at {trained_through}")
    sample = build_core(
        settings,
        settings.training_warehouse,
        [*days, trained_through],
        run_id,
        (STAGING_OF_TRAINING, CORE_OF_TRAINING),
        at_most=SAMPLED_CUSTOMERS,
    )
    with connect(settings.training_warehouse, settings) as connection:
        write_sample(connection, sample)
    if sample.customers < sample.all_customers:
        say(f"sample of {sample.customers:,} of {sample.all_customers:,} customers")


def build_core(
    settings: Settings,
    warehouse: Path,
    days: Sequence[date],
    run_id: str,
    select: tuple[str, str] = (STAGING, CORE),
    at_most: int | None = None,
) -> Sample:
    """Build staging and core for the given days, from landing alone, in the DuckDB file `warehouse`.

    `select`: the models of staging and of core, in dbt's syntax. `at_most`: build a sample of this number of
    customers. Tables that describe no customers, such as the answer shares of agents, are built from all rows. Returns
    the numbers of customers.
    """
    assert_rules()
    assert_rates(settings)
    with connect(warehouse, settings) as connection:
        landing.register(connection, settings)
    target = settings.home / "dbt" / f"{warehouse.parent.name}-{run_id[:8]}"
    run_dbt(settings, warehouse, "build", "--select", select[0], *NO_TESTS, target=target)
    with connect(warehouse, settings) as connection:
        write_scope(connection, settings, days, run_id)
        found = write_customers(connection, settings, days, directory=False, sample=at_most)
    run_dbt(settings, warehouse, "build", "--select", select[1], *NO_TESTS, target=target)
    shutil.rmtree(target)
    everyone = found.customers if found.sampled_from is None else found.sampled_from
    return Sample(everyone if at_most is None else min(everyone, at_most), everyone)
