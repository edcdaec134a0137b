"""The assets of ingestion: sources are staged, then committed to landing after the gate `raw` has passed."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from textwrap import indent
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from pipelines.gates.asset_check import assert_passed, check_gate
from pipelines.home.first_day import remember_first_day
from pipelines.home.settings import Settings, load_settings
from pipelines.ingest import landing as store
from pipelines.ingest.batches import Batch, staged
from pipelines.ingest.contract import LINEAGE
from pipelines.ingest.drop.reject import reject_dropped
from pipelines.ingest.engine import open_engine
from pipelines.ingest.errors import IngestError
from pipelines.ingest.gate_tables import file_counts, staged_tables, write_file_counts
from pipelines.ingest.landing.balance import unbalanced
from pipelines.ingest.sources import connection_key, delivery, source_assets
from pipelines.ingest.stage import SourceReport, stage_sources
from pipelines.ingest.typing.emptied import emptied_lines, is_over_bar, unread_fields
from pipelines.ledger.grades import first_graded_day
from pipelines.orchestration.failures import errors_as_failures
from pipelines.orchestration.metadata import OWNERS, column_schema, markdown_table
from pipelines.orchestration.resources import Home

FILE_COLUMNS = ["source", "file", "entity", "lines", "accepted", "quarantined", "known"]


SOURCES = source_assets(load_settings())
PULLED = [connection_key(file.stem) for file in load_settings().connection_files]


@dg.asset(
    group_name="ingest",
    deps=[*SOURCES, *PULLED],
    owners=OWNERS,
    kinds={"python", "parquet"},
    pool="warehouse",
    check_specs=[
        dg.AssetCheckSpec(
            "every_line_accounted_for",
            asset="staged_batches",
            description="Lines = accepted + quarantined + known rows, for each file and entity.",
        ),
        dg.AssetCheckSpec(
            "every_file_readable",
            asset="staged_batches",
            description="Files and mappings that could not be read. The others are still read.",
        ),
        dg.AssetCheckSpec(
            "gate_raw",
            asset="staged_batches",
            blocking=True,
            description="All rows are accounted for; no batch is over its quarantine bar.",
        ),
    ],
)
def staged_batches(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """New rows of the sources, mapped to the raw contract. Rows that break the contract are in quarantine.

    Grain: file × entity. The rows are not committed yet. The gate `raw` checks them in this step, so that a run that is
    retried from its failure reads the corrected files.
    """
    settings = home.settings
    with errors_as_failures(context):
        reports = stage_sources(settings, settings.now(), context.log.info)
        files = file_counts(reports)
        problems = [problem for report in reports for problem in report.problems]
        for problem in problems:
            context.log.warning(f"refused: {problem}")
        for note in (note for report in reports for note in report.notes):
            context.log.warning(note)
        for line in (line for report in reports if report.batch for line in emptied_lines(report.batch.emptied)):
            context.log.warning(line)
        for folder in reject_dropped(settings, reports, context.log.warning):
            context.log.warning(f"sent back to the drop folder: {folder}; report.txt there has the reasons")
        if files.empty:
            raise IngestError("no file could be read:\n" + indent("\n".join(problems), "    "))
        write_file_counts(settings, files)
    totals = files[["lines", "accepted", "quarantined", "known"]].sum()
    context.log.info(
        f"{totals['lines']:,} rows: {totals['accepted']:,} accepted, {totals['quarantined']:,} quarantined, "
        f"{totals['known']:,} already known; a line counts once for each entity that it fills"
    )
    gate = raw_gate(context, settings)
    yield dg.MaterializeResult(
        metadata=_counts(files, reports),
        check_results=[
            dg.AssetCheckResult(
                check_name="every_line_accounted_for",
                passed=bool((files["unaccounted"] == 0).all()),
                metadata={"files": len(files), "lines": int(totals["lines"])},
            ),
            dg.AssetCheckResult(
                check_name="every_file_readable",
                passed=not problems,
                severity=dg.AssetCheckSeverity.WARN,
                description="; ".join(problems) or None,
            ),
            gate,
        ],
    )
    assert_passed(gate)


def _counts(files: pd.DataFrame, reports: Sequence[SourceReport]) -> dict[str, Any]:
    """Return the counts of lines, by file and in total, of quarantined rows by cause, and of emptied values."""
    batches = [report.batch for report in reports if report.batch]
    faults = [astuple(fault) for batch in batches for fault in batch.faults]
    emptied = [astuple(count)[:6] for batch in batches for count in batch.emptied]
    accepted, quarantined, known = (int(files[name].sum()) for name in ("accepted", "quarantined", "known"))
    return {
        "dagster/row_count": accepted,
        "dagster/column_schema": column_schema(files.dtypes.astype(str).to_dict()),
        "rows accepted": accepted,
        "rows quarantined": quarantined,
        "rows already known": known,
        "files": markdown_table(FILE_COLUMNS, files[FILE_COLUMNS].itertuples(index=False)),
        "causes of quarantine": markdown_table(["file", "entity", "rule", "field", "rows"], faults),
        "values that do not fit": markdown_table(["file", "entity", "field", "rule", "rows", "values"], emptied),
    }


def raw_gate(context: dg.AssetExecutionContext, settings: Settings) -> dg.AssetCheckResult:
    """Check the staged batches by the gate `raw`. The result lists the quarantined rows of batches over their bar."""
    with errors_as_failures(context):
        tables, causes = staged_tables(settings), quarantined(staged(settings))
    spill = settings.staged / ".spill"
    with open_engine(settings, [settings.staged], spill) as connection:
        return check_gate(context, "raw", connection, tables, settings.data_docs, causes)


def quarantined(batches: Sequence[Batch]) -> list[str]:
    """Describe the quarantined rows of each batch over its bar: totals, then file, rule and rows, most rows first."""
    over = [batch for batch in batches if is_over_bar(batch)]
    faults = [fault for batch in over for fault in batch.faults]
    faults.sort(key=lambda fault: (-fault.rows, fault.file, fault.entity, fault.rule, fault.field or ""))
    totals = [f"{batch.batch}: {batch.quarantined:,} rows of {batch.quarantined_lines:,} lines" for batch in over]
    return (
        totals
        + [
            f"{fault.file}, {fault.entity}: quarantined by {fault.rule} of {fault.field or 'the line'}: {fault.rows:,}"
            for fault in faults
        ]
        + [line for batch in over for line in emptied_lines(batch.emptied, unread_fields(batch))]
    )


@dg.asset(
    group_name="ingest",
    deps=[staged_batches],
    owners=OWNERS,
    kinds={"python", "parquet"},
    pool="warehouse",
    check_specs=[
        dg.AssetCheckSpec(
            "no_row_lost",
            asset="landing",
            blocking=True,
            description="The counts of every batch add up, and all its rows, also known rows, are stored.",
        )
    ],
)
def landing(context: dg.AssetExecutionContext, home: Home) -> Iterator[dg.MaterializeResult]:
    """Every row that was ever accepted, with its source, file, line, batch and the time when it became known.

    Grain: row version. Append-only Parquet. A batch exists once its manifest exists.
    """
    settings = home.settings
    with errors_as_failures(context):
        for batch in store.commit(settings, staged(settings)):
            context.log.info(
                f"committed {batch.batch}: " + ", ".join(f"{n:,} {name}" for name, n in batch.accepted.items())
            )
            if event := delivery(batch):
                context.log_event(event)
        batches = store.committed(settings)
        if not batches:
            raise IngestError(f"landing is empty: no source of {settings.sources_dir} has delivered a row yet")
        lost = unbalanced(settings)
        for problem in lost:
            context.log.error(problem)
        with duckdb.connect() as connection:
            rows = store.count_rows(connection, settings)
            begin = store.first_lead_day(connection, settings, store.live_leads(settings))
        begin = remember_first_day(settings, begin, first_graded_day(settings.ledger))
    no_row_lost = dg.AssetCheckResult(
        check_name="no_row_lost",
        passed=not lost,
        metadata={"batches": len(batches)},
        description="; ".join(lost) or None,
    )
    yield dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(rows.values()),
            "dagster/column_schema": column_schema({field.name: field.sql_type for field in LINEAGE}),
            "batches": len(batches),
            "first day that can be graded": str(begin),
            **{f"rows, {name}": count for name, count in rows.items()},
        },
        check_results=[no_row_lost],
    )
    assert_passed(no_row_lost)
