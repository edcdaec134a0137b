"""The last assets: the ledger of the day and the published version."""

from datetime import date
from functools import partial
from pathlib import Path

import dagster as dg
import duckdb

from pipelines.home.modes import open_to_readers
from pipelines.home.settings import load_settings
from pipelines.home.warehouse import connect, connect_in_memory
from pipelines.ledger.cases import write_cases
from pipelines.ledger.grades import write_grades
from pipelines.ledger.personas import write_centres
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.freshness import publication_freshness
from pipelines.orchestration.metadata import OWNERS, markdown_table, run_seconds
from pipelines.orchestration.partitions import AS_OF, ONE_RUN, as_of_dates
from pipelines.orchestration.resources import Home
from pipelines.publish.crm_export import build_export
from pipelines.publish.switch import damaged_versions, live_version, prune, switch, version_date
from pipelines.publish.tables import published_tables
from pipelines.publish.version import build_version
from pipelines.transform.scope import assert_scope

grade_ledger = dg.AssetSpec(
    "grade_ledger",
    group_name="ledger",
    description="The grade and warning of each customer on each day, append-only. A day reads the days before it. "
    "Grain: customer × graded_as_of.",
    owners=OWNERS,
    kinds={"parquet"},
)

case_ledger = dg.AssetSpec(
    "case_ledger",
    group_name="ledger",
    description="The win-back cases of each day with the arm that was drawn, append-only. A day reads the days before "
    "it. Grain: case × as_of.",
    owners=OWNERS,
    kinds={"parquet"},
)


@dg.asset(
    group_name="live",
    deps=[*published_tables(), "crm_records", "crm_worklist"],
    partitions_def=AS_OF,
    backfill_policy=ONE_RUN,
    owners=OWNERS,
    kinds={"python", "duckdb", "parquet"},
    pool="warehouse",
    freshness_policy=publication_freshness(load_settings()),
)
def published_version(context: dg.AssetExecutionContext, home: Home) -> dg.MaterializeResult:
    """The published tables of the run's last day as one folder, and `published/current` switched to it.

    `current` never moves to an older day: a backfill fills the ledger and leaves the present alone.
    """
    settings, days = home.settings, as_of_dates(context)
    with errors_as_failures(context):
        with connect(settings.warehouse, settings, say=context.log.info) as connection:
            assert_scope(connection, days)
            for day in days:
                written = _write_ledger(connection, settings.ledger, day)
                context.log.info(f"ledger {day}: {'written' if written else 'unchanged'}")
                if str(day) not in context.partition_keys:
                    # Days with gaps: Dagster itself records the last day only.
                    context.log_event(dg.AssetMaterialization(context.asset_key, partition=str(day)))
        version_id = f"{days[-1]}-{context.run.run_id[:8]}"
        engine = partial(connect_in_memory, settings)
        rows = build_version(settings.warehouse, settings.published / "versions", version_id, engine)
        open_to_readers(settings, settings.published / "versions" / version_id)
        records = build_export(
            settings.warehouse, settings.restricted_keys, settings.crm_export / "versions", version_id, engine
        )
        live = live_version(settings.published)
        moves = live is None or version_date(live) <= days[-1]
        if moves:
            switch(settings.crm_export, version_id)
            switch(settings.published, version_id)
            context.log.info(f"published/current is now {version_id}")
        else:
            context.log.info(f"{version_id} is kept; {live} is newer and stays live")
        for place in (settings.published, settings.crm_export):
            prune(place, settings.versions_kept)
            for fault in damaged_versions(place):
                context.log.warning(f"a kept version is damaged: {fault}; `tierhouse verify` says what to do")
        return dg.MaterializeResult(
            metadata={
                "version": version_id,
                "live": moves,
                "path": dg.MetadataValue.path(str(settings.published / "versions" / version_id)),
                "dagster/row_count": rows["customer_grades"],
                "records for the CRM": sum(records.values()),
                "rows of all tables": sum(rows.values()),
                "seconds since the run began": run_seconds(context),
                "records by source": markdown_table(["source", "records"], records.items()),
                "rows by table": markdown_table(["table", "rows"], rows.items()),
            }
        )


def _write_ledger(connection: duckdb.DuckDBPyConnection, ledger: Path, day: date) -> bool:
    """Write grades, personas and cases of a day. Returns whether the grades are new."""
    grades = connection.execute(
        "SELECT customer_key, as_of AS graded_as_of, grade, score, rule_version, model_version, "
        "CASE WHEN churn_status = 'scored' THEN warning_level END AS warning_level "
        "FROM grading.grades__by_as_of WHERE as_of = ?",
        [day],
    ).to_arrow_table()
    written = write_grades(ledger, day, grades)
    centres = connection.execute(
        "SELECT * EXCLUDE (as_of) FROM mining.persona_centres WHERE as_of = ? ORDER BY persona_id, feature",
        [day],
    ).to_arrow_table()
    write_centres(ledger, day, centres)
    cases = connection.execute(
        "SELECT * EXCLUDE (customer_key, opened_for_key), opened_for_key AS customer_key "
        "FROM service.int_cases__by_as_of WHERE as_of = ? AND ends_on >= as_of",
        [day],
    ).to_arrow_table()
    write_cases(ledger, day, cases)
    return written is not None
