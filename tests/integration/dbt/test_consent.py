"""From files to actions: who has opted out of marketing, from when on, and what is left to do for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipelines.ingest import landing
from tests.ingest_home import IngestHome
from tests.integration.dbt.compiled import Compiled, Rows
from tests.integration.dbt.test_lead_statuses import LAST, by_lead, landed

NO_MARKETING = "No marketing: service of running contracts only"
DAILY = """\
source: crm
root: ../raw/crm
timezone: Asia/Shanghai
files:
  - path: leads.csv
    entities:
      leads:
        lead_id: id
        created_at: created
        updated_at: changed
        demand_type: {value: buy}
        status: {column: status, values: {Open: open, Blocked: do_not_contact}}
        marketing_consent: {column: consent, values: {Y: "true", N: "false"}}
"""
HEADER = "id,created,changed,status,consent\n"
NIGHTS = [datetime(2025, 6, 10, 18, tzinfo=UTC), datetime(2025, 6, 20, 18, tzinfo=UTC)]
TONIGHT = datetime(2025, 6, 30, 18, tzinfo=UTC)
TOMORROW = datetime(2025, 7, 1, 18, tzinfo=UTC)
"""02:00 in Shanghai. In the night TONIGHT, 30 June has ended and is graded."""


def delivered(folder: Path, *deliveries: tuple[datetime, str], mapping: str = DAILY) -> IngestHome:
    """One file that is overwritten with each delivery."""
    home = IngestHome.at(folder)
    home.mapping(mapping, "crm")
    for moment, rows in deliveries:
        home.raw(HEADER + rows, "leads.csv", "crm")
        home.load(moment)
    return home


def same_person(rows: Rows, *records: str) -> dict[str, Any]:
    """The records as one customer, that of the first."""
    first = f"crm:{records[0]}"
    merged = {f"crm:{record}" for record in records}
    merged_records = [
        {**row, "customer_key": first} if row["record_key"] in merged else row for row in records_of(rows)
    ]
    return {**rows, "identity.customer_records": merged_records}


def records_of(rows: Rows) -> list[Mapping[str, Any]]:
    return list(rows["identity.customer_records"])


def opted_out(models: Compiled) -> dict[str, Any]:
    """Since when, of those whom the published grades call opted out."""
    found = by_lead(models, "marts.customer_grades", "customer_id", "is_opted_out, opted_out_on")
    assert all(refuses == (since is not None) for refuses, since in found.values())
    return {lead: str(since) for lead, (refuses, since) in found.items() if refuses}


FIRST = NIGHTS[0]
REFUSED = "2025-06-05"
LATER = {
    "blank": ("2025-06-15,Open,", REFUSED),
    "a yes without a date": (",Open,Y", REFUSED),
    "a yes with the date of the refusal": (f"{REFUSED},Open,Y", REFUSED),
    "a yes that is older": ("2025-06-02,Open,Y", REFUSED),
    "a yes beside a status that refuses": ("2025-06-15,Blocked,Y", REFUSED),
    "a yes with a later date": ("2025-06-15,Open,Y", None),
}


def test_a_later_version_takes_a_refusal_back_only_by_a_yes_with_a_later_date_of_its_own(
    models: Compiled, tmp_path: Path
) -> None:
    refused = "".join(f"{lead},2025-06-01,{REFUSED},Open,N\n" for lead in LATER)
    later = "".join(f"{lead},2025-06-01,{version}\n" for lead, (version, _) in LATER.items())
    models.run(landed(delivered(tmp_path, (FIRST, refused), (NIGHTS[1], later)), [LAST], LAST))
    assert opted_out(models) == {lead: since for lead, (_, since) in LATER.items() if since}


def test_a_default_yes_beside_a_blocked_status_takes_nothing_back_when_the_row_changes(
    models: Compiled, tmp_path: Path
) -> None:
    blocked = f"kept,2025-06-01,{REFUSED},Blocked,Y\nasked,2025-06-01,{REFUSED},Blocked,Y\n"
    again = "kept,2025-06-01,2025-06-12,Open,Y\nasked,2025-06-01,2025-06-12,Open,N\n"
    agreed = "kept,2025-06-01,2025-06-18,Open,Y\nasked,2025-06-01,2025-06-18,Open,Y\n"
    nights = (FIRST, datetime(2025, 6, 15, 18, tzinfo=UTC), NIGHTS[1])
    home = delivered(tmp_path, *zip(nights, (blocked, again, agreed), strict=True))
    models.run(landed(home, [LAST], LAST))
    assert opted_out(models) == {"kept": REFUSED}


def test_the_most_restrictive_record_decides_for_the_customer_and_every_action(
    models: Compiled, tmp_path: Path
) -> None:
    rows = (
        "no,2025-06-01,,Open,N\nyes,2025-06-02,2025-06-20,Open,Y\n"
        "blocked,2025-06-01,2025-06-03,Blocked,\nopened,2025-06-01,2025-06-04,Open,Y\n"
        "silent,2025-06-01,,Open,\nagrees,2025-06-01,,Open,Y\n"
    )
    home = delivered(tmp_path, (FIRST, rows))
    tables = landed(home, [LAST], LAST)
    models.run(same_person(same_person(tables, "no", "yes"), "opened", "blocked"))

    assert opted_out(models) == {"no": "2025-06-11", "opened": "2025-06-03"}
    actions = by_lead(models, "service.crm_records", "lead_id", "next_action, is_opted_out")
    assert actions["no"] == actions["yes"] == (NO_MARKETING, True)
    assert actions["opened"] == actions["blocked"] == ("No contact: the customer has asked for none", True)
    assert not actions["silent"][1] and not actions["agrees"][1]
    assert NO_MARKETING not in (actions["silent"][0], actions["agrees"][0])
    (reasons,) = by_lead(models, "marts.customer_grades", "customer_id", "reason_2").get("no", ())
    assert reasons.startswith("Has opted out of marketing: −30 % of the expected contribution (CNY ")


def test_a_refusal_is_heeded_in_the_night_in_which_it_arrives_and_not_before(models: Compiled, tmp_path: Path) -> None:
    agreed = "tonight,2025-06-01,,Open,Y\ntomorrow,2025-06-01,,Open,Y\n"
    home = delivered(
        tmp_path,
        (FIRST, agreed),
        (TONIGHT, agreed.replace("tonight,2025-06-01,,Open,Y", "tonight,2025-06-01,,Open,N")),
        (TOMORROW, agreed.replace("Y", "N")),
    )
    models.run(landed(home, [LAST], LAST))
    assert opted_out(models) == {"tonight": "2025-07-01"}
    assert by_lead(models, "service.crm_records", "lead_id", "next_action")["tonight"] == (NO_MARKETING,)
    # The score goes by what was known at the end of the day.
    assert by_lead(models, "core.customers", "customer_key", "is_opted_out") == {
        "tonight": (False,), "tomorrow": (False,),
    }  # fmt: skip


def test_a_refusal_outlives_its_version_its_mapping_and_its_source(models: Compiled, tmp_path: Path) -> None:
    home = delivered(tmp_path, (FIRST, f"A,2025-06-01,{REFUSED},Open,N\n"))
    home.mapping(DAILY.partition("        marketing_consent")[0], "crm")
    assert [report.batch is not None for report in home.load(NIGHTS[1])] == [True]
    (home.settings.sources_dir / "crm.yml").unlink()
    models.run(landed(home, [LAST], LAST))
    assert opted_out(models) == {"A": REFUSED}


def test_of_two_lines_of_one_delivery_the_one_that_refuses_counts(tmp_path: Path) -> None:
    refused, agreed = "A,2025-06-01,2025-06-05,Open,N\n", "A,2025-06-01,2025-06-09,Open,Y\n"
    home = delivered(tmp_path, (FIRST, refused + agreed))
    assert [row[2] for row in home.quarantine()] == ["duplicate_key"]
    assert home.query("SELECT marketing_consent FROM landing.leads") == [(False,)]


def test_a_refusal_in_a_quarantined_row_counts_and_nothing_else_of_the_row(models: Compiled, tmp_path: Path) -> None:
    agreed = "".join(f"{lead},2025-06-01,,Open,Y\n" for lead in ("bad_day", "bad_status", "blocked", "yes", "fine"))
    broken = (
        "bad_day,31-02-2025,2025-06-18,Open,N\nbad_status,2025-06-01,2025-06-17,??,N\n"
        "blocked,31-02-2025,,Blocked,Y\nyes,31-02-2025,2025-06-18,Open,Y\nnobody,31-02-2025,,Open,N\n"
    )
    home = delivered(tmp_path, (FIRST, agreed), (NIGHTS[1], f"{broken}fine,2025-06-01,,Open,Y\n"))
    assert len(home.quarantine()) == 5
    tables = landed(home, [LAST], LAST)
    models.run(tables)
    assert opted_out(models) == {"bad_day": "2025-06-18", "bad_status": "2025-06-17", "blocked": "2025-06-21"}
    (batch,) = {row["batch"] for row in tables["landing.refusals"]}
    landing.reject(home.settings, batch, "the wrong file")
    assert landed(home, [LAST], LAST)["landing.refusals"] == []


def test_a_refusal_is_not_known_on_a_day_before_it(models: Compiled, tmp_path: Path) -> None:
    home = delivered(tmp_path, (FIRST, "A,2025-06-01,,Open,Y\n"), (NIGHTS[1], "A,2025-06-01,2025-06-20,Open,N\n"))
    days = [date(2025, 6, 18), date(2025, 6, 20), LAST]
    models.run(landed(home, days, LAST))
    refusals = models.query(
        "SELECT as_of, opted_out_on, heeded_on FROM intermediate.int_opt_outs__by_customer_as_of ORDER BY as_of"
    )
    since = date(2025, 6, 20)
    assert [tuple(row.values()) for row in refusals] == [(days[1], None, since), (days[2], since, since)]
