"""A home with a few files of each place of the checksum log, written by the functions of runs."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from models.store.champions import CHAMPIONS
from models.store.json_files import as_json
from models.store.store import FILES
from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.drop.batches import DroppedFile, new_batch, write_record
from pipelines.integrity.log import changing
from pipelines.integrity.sums import file_sum
from pipelines.ledger.acceptances import accept
from pipelines.ledger.grades import write_grades
from pipelines.publish import version
from pipelines.publish.crm_export import TASKS, build_export
from pipelines.publish.switch import switch
from tests.ingest_home import NOW, IngestHome

DAYS = [date(2026, 6, day) for day in (1, 2, 3)]
AFTER = date(2026, 7, 1)
MODELS = ("dormancy-90-20260601-aa", "dormancy-90-20260602-bb")
HEADER = "id,customer,day,price\n"
EMPTY_LIST = ", ".join(f"NULL::VARCHAR AS {column}" for column in TASKS.columns)


def small_home(home: Path, patch: pytest.MonkeyPatch) -> Settings:
    """Five batches (one with quarantined rows, two set aside), a drop record, three days of ledger, an acceptance,
    two models, two published versions with their exports."""
    ingest = IngestHome.at(home)
    ingest.mapping()
    for number, rows in enumerate(("1,A,2025-01-01,10\n2,B,2025-01-02,20\n", "3,C,2025-01-03,30\n4,D,never,1\n"), 1):
        ingest.raw(HEADER + rows + f"{90 + number},Z,2025-01-04,{number}\n", f"sales{number}.csv")
        ingest.load(NOW + timedelta(days=number))
    aside = []
    # The row of the fourth file comes again with the fifth, and stays when the fourth batch is set aside.
    for number, rows in ((3, "53,E,2025-01-03,3\n"), (4, "54,E,2025-01-03,4\n"), (5, "54,E,2025-01-03,4\n")):
        ingest.raw(HEADER + rows, f"sales{number}.csv")
        (report,) = ingest.load(NOW + timedelta(days=number))
        aside.append(report.batch.batch)
    for batch in aside[:2]:
        landing.reject(ingest.settings, batch, "a wrong export")
    write_record(ingest.settings, new_batch(ingest.settings, "shop", [DroppedFile("a.csv", "a.csv", "0" * 64)]))
    for day in DAYS:
        write_grades(ingest.settings.ledger, day, grades(day))
    accept(ingest.settings, "shop/transactions", DAYS[0], "the portal was closed")
    _models(ingest.settings)
    _publications(ingest.settings, patch)
    return ingest.settings


def grades(day: date, grade: str = "A") -> pa.Table:
    return pa.table(
        {
            "customer_key": [f"crm:{number}" for number in range(30)],
            "graded_as_of": [day] * 30,
            "grade": [grade] * 30,
            "score": [float(number + day.day) for number in range(30)],
            "rule_version": ["rules-1"] * 30,
            "model_version": [None] * 30,
            "warning_level": ["low"] * 30,
        }
    )


def _models(settings: Settings) -> None:
    """Two models as the store lays them out; of their files only the bytes matter here."""
    history = []
    for number, model_id in enumerate(MODELS, start=1):
        folder = settings.model_store / model_id
        with changing(settings.home, folder / "manifest.json"):
            folder.mkdir(parents=True)
            for name in FILES:
                (folder / name).write_bytes(f"{model_id} {name} ".encode() * 20)
            hashes = {name: file_sum(folder / name).sha256 for name in FILES}
            (folder / "manifest.json").write_bytes(as_json({"model_id": model_id, "sha256": hashes}))
        event = {"event": "promoted", "model_id": model_id, "trained_through": f"2026-06-0{number}", "decision": {}}
        history.append(event)
    with changing(settings.home, settings.model_store / CHAMPIONS):
        (settings.model_store / CHAMPIONS).write_bytes(as_json({"dormancy-90": history}))


def _publications(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    tables = {"customer_grades": ("customer_id",), "publication": ("as_of",)}
    patch.setattr(version, "published_tables", lambda: tables)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("CREATE SCHEMA marts; CREATE SCHEMA service")
        connection.execute("CREATE TABLE marts.customer_grades AS SELECT range AS customer_id FROM range(50)")
        connection.execute("CREATE TABLE marts.publication AS SELECT DATE '2026-06-30' AS as_of")
        connection.execute(
            "CREATE TABLE service.crm_records AS SELECT 'shop' AS source, range::VARCHAR AS lead_id, 'A' AS grade, "
            "'Low' AS intent, '低' AS intent_zh, 'low' AS warning_level, '低' AS warning_level_zh, "
            "'call' AS next_action, '电话' AS next_action_zh, "
            "DATE '2026-07-01' AS due_on, false AS is_opted_out, NULL::DATE AS opted_out_on, "
            "DATE '2026-06-30' AS as_of FROM range(20)"
        )
        connection.execute(f"CREATE TABLE service.crm_worklist AS SELECT 'shop' AS source, {EMPTY_LIST} WHERE false")
        no_keys = "SELECT '' AS kind, '' AS text, '' AS key WHERE false"
        connection.execute(f"COPY ({no_keys}) TO '{settings.restricted_keys}' (FORMAT parquet)")
    for version_id in ("2026-06-29-aaaaaaaa", "2026-06-30-bbbbbbbb"):
        version.build_version(settings.warehouse, settings.published / "versions", version_id)
        build_export(settings.warehouse, settings.restricted_keys, settings.crm_export / "versions", version_id)
        switch(settings.published, version_id)
        switch(settings.crm_export, version_id)
