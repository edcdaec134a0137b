"""From a file to grades, work and populations: what the status of a lead decides, and from when on it is known."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.ingest import landing
from pipelines.transform.scope import cutoff_utc
from tests.ingest_home import IngestHome
from tests.integration.dbt.compiled import Compiled, Rows

INGESTED = datetime(2025, 7, 20, 3, tzinfo=UTC)
PAST, LAST = date(2025, 3, 31), date(2025, 6, 30)
LEADS = """\
id,created,wants,status,changed
A,2025-04-01,buy,Open,
B,2025-04-01,buy,Lost,
C,2025-04-01,buy,Junk - wrong number,
D,2025-04-01,buy,Do not contact,
"""
MAPPING = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
history: true
files:
  - path: leads.csv
    entities:
      leads:
        lead_id: id
        created_at: created
        demand_type: wants
        status:
          column: status
          values: {Open: open, Lost: lost, Junk - wrong number: invalid, Do not contact: do_not_contact}
"""
CHANGED = MAPPING.replace("        status:\n", "        updated_at: changed\n        status:\n")
CONTACTS = """\
  - path: contacts.csv
    entities:
      interactions: {interaction_id: id, lead_id: lead, occurred_at: day, kind: kind}
"""
LISTINGS = """\
  - path: listings.csv
    entities:
      properties: {property_id: id, project: project, use: use, listed_from: listed}
"""


def landed(home: IngestHome, days: Iterable[date], publication: date, before: date | None = None) -> Rows:
    """What dbt is handed after these files were taken; each lead is a customer. `before`: known by the end of it."""
    tables: dict[str, list[dict[str, Any]]] = {}
    with duckdb.connect() as connection:
        landing.register(connection, home.settings)
        for name in ("leads", "interactions", "transactions", "properties", "batches", "sources", "files", "refusals"):
            rows = connection.execute(f"SELECT * FROM landing.{name}").to_arrow_table().to_pylist()
            if before and name in ("leads", "interactions", "transactions", "properties"):
                rows = [row for row in rows if row["known_at"] < cutoff_utc(before, home.settings)]
            tables[f"landing.{name}"] = rows
    keys = sorted({f"crm:{row['lead_id']}" for row in tables["landing.leads"]})
    return tables | {
        "scope.as_of_dates": [{"as_of": day} for day in days],
        "scope.run": [{"run_id": "run", "publication_as_of": publication, "rule_version": "rules",
                       "published_at": datetime(2025, 7, 1)}],  # noqa: DTZ001 - the contract's times carry no offset
        "identity.customer_records": [
            {"as_of": day, "record_key": key, "customer_key": key} for day in days for key in keys
        ],
        "identity.customers": [{"customer_key": key, "customer_id": key} for key in keys],
    }  # fmt: skip


def taken(folder: Path, mapping: str = MAPPING, **files: str) -> IngestHome:
    home = IngestHome.at(folder)
    home.mapping(mapping, "crm")
    for name, content in files.items():
        home.raw(content, f"{name}.csv", "crm")
    home.load(INGESTED)
    return home


def by_lead(models: Compiled, table: str, key: str, columns: str) -> dict[str, tuple]:
    rows = models.query(f"SELECT {key} AS lead, {columns} FROM {table} WHERE as_of = DATE '{LAST}'")
    return {row.pop("lead").removeprefix("crm:"): tuple(row.values()) for row in rows}


def test_dead_leads_are_no_open_leads_and_no_work(models: Compiled, tmp_path: Path) -> None:
    models.run(landed(taken(tmp_path, leads=LEADS), [LAST], LAST))

    graded = by_lead(models, "marts.customer_grades", "customer_id", "grade, lifecycle_stage, reason_1, strategy")
    assert graded["A"][0] != "D" and graded["A"][1] != "lost"
    assert {lead: graded[lead][:2] for lead in "BCD"} == dict.fromkeys("BCD", ("D", "lost"))
    assert {lead: graded[lead][2] for lead in "BCD"} == {
        "B": "Next deal: none expected; lead closed in the source as lost",
        "C": "Next deal: none expected; lead closed in the source as invalid",
        "D": "Next deal: none expected; lead closed in the source: do not contact",
    }
    assert graded["D"][3] == "No contact: the customer has asked for none"
    labels = by_lead(models, "marts.customer_profile", "customer_id", "lead_status, lead_status_zh, follow_up")
    assert {lead: row[:2] for lead, row in labels.items()} == {
        "A": ("open", "跟进中"), "B": ("lost", "已流失"), "C": ("invalid", "无效"), "D": ("do_not_contact", "拒绝联系"),
    }  # fmt: skip
    assert {labels[lead][2] for lead in "BCD"} == {"lost"}
    assert by_lead(models, "core.customer_demand", "customer_key", "is_open_lead") == {
        "A": (True,), "B": (False,), "C": (False,), "D": (False,),
    }  # fmt: skip
    assert by_lead(models, "service.crm_records", "lead_id", "next_action")["B"] == ("No work: the lead is lost",)


def test_agents_have_no_work_for_dead_leads_but_for_what_a_lost_one_asks_later(
    models: Compiled, tmp_path: Path
) -> None:
    leads = LEADS.replace(",\n", ",2025-06-20\n")
    mapping = CHANGED + CONTACTS
    events = [f"{lead}{day},{lead},2025-06-{day},enquiry" for lead in "ABCD" for day in (18, 19, 29)]
    models.run(
        landed(taken(tmp_path, mapping, leads=leads, contacts="\n".join(["id,lead,day,kind", *events])), [LAST], LAST)
    )

    assert by_lead(models, "marts.agent_worklist", "customer_id", "task, reason") == {
        "A": ("enquiry", "Enquiry of 18 June, not answered for 13 days"),
        "B": ("enquiry", "Enquiry of 29 June, not answered for 2 days"),
    }
    engaged = models.query("SELECT customer_key FROM core.customer_features WHERE is_engaged")
    assert [row["customer_key"] for row in engaged] == ["crm:A"]


def test_a_converted_lead_is_not_dormant_where_no_source_tells_of_deals(models: Compiled, tmp_path: Path) -> None:
    mapping = CHANGED.replace("Lost: lost", "Won: converted") + CONTACTS
    leads = "id,created,wants,status,changed\nA,2025-01-02,buy,Won,2025-02-15\nB,2025-01-02,buy,Open,2025-02-15\n"
    contacts = "id,lead,day,kind\na,A,2025-01-05,enquiry\nb,B,2025-01-05,enquiry\n"
    models.run(landed(taken(tmp_path, mapping, leads=leads, contacts=contacts), [LAST], LAST))

    stages = by_lead(models, "core.customer_lifecycle", "customer_key", "lifecycle_stage, quiet_days")
    assert stages == {"A": ("completed", 176), "B": ("dormant", 176)}
    activity = models.query(
        "SELECT customer_key, is_dormant FROM measures.int_kpi_activity WHERE counted_on = '2025-06-01'"
    )
    assert sorted(tuple(row.values()) for row in activity) == [("crm:A", False), ("crm:B", True)]


def test_a_status_selects_no_population_before_it_was_known(models: Compiled, tmp_path: Path) -> None:
    leads = (
        "id,created,wants,status,changed\n"
        "undated,2025-01-02,buy,Lost,\n"
        "changed,2025-01-02,buy,Lost,2025-05-15\n"
        "long_lost,2025-01-02,buy,Lost,2025-02-15\n"
        "open,2025-01-02,buy,Open,2025-05-15\n"
        "later,2025-06-20,buy,Open,\n"
    )
    home = taken(tmp_path, CHANGED, leads=leads)
    question = f"SELECT target, customer_key FROM core.target_labels WHERE as_of = DATE '{PAST}' ORDER BY ALL"

    models.run(landed(home, [PAST, LAST], LAST))
    whole = models.query(question)
    last = models.query(
        f"SELECT customer_key FROM core.target_labels WHERE as_of = DATE '{LAST}' GROUP BY 1 ORDER BY 1"
    )
    models.run(landed(home, [PAST], PAST, before=PAST))
    assert models.query(question) == whole
    assert {row["customer_key"] for row in whole} == {"crm:undated", "crm:changed", "crm:open"}
    assert [row["customer_key"] for row in last] == ["crm:later", "crm:open"]


def test_a_word_that_is_no_status_counts_as_open_and_is_counted(models: Compiled, tmp_path: Path) -> None:
    leads = LEADS.replace("Lost", "Recycled").replace("Open", "").replace("Junk - wrong number", "INVALID")
    untranslated = MAPPING.partition("        status:")[0] + "        status: status\n"
    models.run(landed(taken(tmp_path, untranslated, leads=leads), [LAST], LAST))

    assert by_lead(models, "marts.customer_profile", "customer_id", "lead_status") == {
        "A": ("unknown",), "B": ("open",), "C": ("invalid",), "D": ("do_not_contact",),
    }  # fmt: skip
    (counted,) = models.query("SELECT * FROM marts.data_quality WHERE rule = 'unknown_status'")
    assert (counted["rows_checked"], counted["rows_failed"]) == (3, 1)


def test_a_listing_without_a_day_is_matched_from_the_day_on_which_it_is_known(models: Compiled, tmp_path: Path) -> None:
    listings = "id,project,use,listed\nundated,P,sale,\ndated,P,sale,2025-06-01\nlater,P,sale,2025-07-01\n"
    models.run(landed(taken(tmp_path, MAPPING + LISTINGS, leads=LEADS, listings=listings), [PAST, LAST], LAST))

    found = models.query("SELECT as_of, property_id FROM core.listings WHERE is_on_market ORDER BY ALL")
    assert [(row["as_of"], row["property_id"]) for row in found] == [
        (PAST, "undated"), (LAST, "dated"), (LAST, "undated"),
    ]  # fmt: skip
