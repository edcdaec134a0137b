"""A day against the past: each absence, planted through real files, warns or blocks; a normal day does neither."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.demo.home import make_demo
from pipelines.demo.presets import preset
from pipelines.history.messages import SENTENCES, Check, describe
from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.stage import stage_sources
from pipelines.ledger.acceptances import accept
from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.history.agency import (
    DAY,
    FIRST,
    MAPPING,
    SOURCE_CHECKS,
    Agency,
    Judge,
    Rows,
    days,
    deals,
    found,
    leads,
    unusual,
)


def test_a_normal_day_neither_warns_nor_blocks(agency: Agency, judge: Judge) -> None:
    agency.write("leads_0630.csv", leads(DAY))
    agency.write("deals_0630.csv", deals(DAY))
    agency.load()
    checks = judge(agency.settings)
    assert unusual(checks) == {}
    assert {checks[path].level for path in ("crm/leads/volume_day", "crm/leads/values_day/has_phone")} == {"ok"}
    assert checks["crm/transactions/volume_day"].level == "not_judged"


def test_five_percent_of_the_usual_rows_warn_on_the_first_day(agency: Agency, judge: Judge) -> None:
    agency.write("leads_0630.csv", leads(DAY, 6))
    agency.load()
    checks = judge(agency.settings)
    assert unusual(checks) == {"crm/leads/volume_day": "warning"}
    said = str(checks["crm/leads/volume_day"])
    assert said.startswith("crm leads on Tuesday 2026-06-30: 6 rows, usually 12")
    assert "on a Tuesday (7 weeks)" in said or "on a Tuesday (8 weeks)" in said


def test_yesterdays_file_again_warns(agency: Agency, judge: Judge) -> None:
    agency.write("leads_0630.csv", leads(DAY - timedelta(days=1)))
    agency.load()
    checks = judge(agency.settings)
    assert unusual(checks) == {"crm/leads/volume_day": "warning"}
    assert checks["crm/leads/volume_day"].found == 0


def test_an_old_file_with_a_few_new_rows_warns_of_the_delivery(agency: Agency, judge: Judge) -> None:
    for day in days(DAY, DAY + timedelta(days=2)):
        agency.write(f"leads_{day:%m%d}.csv", leads(day))
        agency.load()
    day = DAY + timedelta(days=3)
    agency.write(f"leads_{day:%m%d}.csv", [*leads(DAY + timedelta(days=2)), *leads(day, 3)])
    agency.load()
    checks = judge(agency.settings, day)
    assert unusual(checks) == {"crm/leads/volume_day": "warning", "crm/leads/delivery_repeated": "warning"}
    assert "was an old file sent again?" in str(checks["crm/leads/delivery_repeated"])


def test_half_of_a_full_export_warns(agency: Agency, judge: Judge) -> None:
    export = [row for day in days(FIRST, DAY) for row in leads(day)]
    agency.write("leads_history.csv", export)
    agency.load()
    assert unusual(judge(agency.settings)) == {}
    day = DAY + timedelta(days=1)
    agency.write("leads_history.csv", [*export[len(export) // 2 :], *leads(day)])
    agency.load()
    checks = judge(agency.settings, day)
    assert unusual(checks) == {"crm/leads/delivery_lines": "warning"}
    assert "is a part of the export missing?" in str(checks["crm/leads/delivery_lines"])


def test_a_vanished_source_warns_and_blocks_after_a_fortnight(agency: Agency, judge: Judge) -> None:
    week = judge(agency.settings, DAY + timedelta(days=6))
    assert unusual(week) == {
        f"crm/{entity}/{rule}": "warning"
        for entity, rule in [("leads", "volume_day"), ("leads", "volume_week"), ("transactions", "volume_week")]
    }
    day = DAY + timedelta(days=14)
    fortnight = judge(agency.settings, day)
    assert {path for path, level in unusual(fortnight).items() if level == "block"} == {
        "all/leads/volume_total",
        "all/transactions/volume_total",
    }
    assert {"crm/leads/volume_day", "crm/leads/volume_week", "crm/leads/silence"} <= unusual(fortnight).keys()
    assert str(fortnight["crm/leads/silence"]) == (
        f"crm leads: no new row for 15 days up to {day}, at most 1 days apart before: has the source stopped?"
    )


def test_a_source_whose_mapping_was_taken_out_is_not_judged(agency: Agency, judge: Judge) -> None:
    (agency.settings.sources_dir / "crm.yml").rename(agency.settings.home / "crm.yml")
    assert judge(agency.settings, DAY + timedelta(days=20)) == {}


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        (leads(DAY, phone=False), "crm/leads/values_day/has_phone"),
        (leads(DAY, channels=["a"]), "crm/leads/values_day/channel"),
        (leads(DAY, channels=[""]), "crm/leads/values_day/channel"),
    ],
)
def test_a_column_that_is_shared_out_differently_warns(agency: Agency, judge: Judge, rows: Rows, path: str) -> None:
    agency.write("leads_0630.csv", rows)
    agency.load()
    assert unusual(judge(agency.settings)) == {path: "warning"}


def test_amounts_in_another_unit_warn(agency: Agency, judge: Judge) -> None:
    last = DAY + timedelta(days=20)
    for day in days(DAY, last):
        agency.write(f"deals_{day:%m%d}.csv", deals(day, unit=10_000))
        agency.write(f"leads_{day:%m%d}.csv", leads(day))
    agency.load()
    checks = judge(agency.settings, last)
    assert unusual(checks) == {"crm/transactions/amounts/sale": "warning"}
    assert "has the unit changed?" in str(checks["crm/transactions/amounts/sale"])


def test_a_young_home_and_a_first_load_are_not_judged(tmp_path: Path, judge: Judge) -> None:
    agency = Agency(tmp_path / "home")
    checks = judge(agency.settings, FIRST + timedelta(days=20))
    assert {check.level for path, check in checks.items() if "silence" not in path} == {"not_judged"}
    without_history = MAPPING.replace('history: {known_at: {column: at, format: "%Y-%m-%d %H:%M:%S"}}\n', "")
    agency = Agency(tmp_path / "no_history", without_history)
    assert unusual(judge(agency.settings, date(2026, 8, 30), date(2026, 9, 5))) == {}


def test_a_past_day_is_judged_as_it_would_have_been_then(agency: Agency, judge: Judge) -> None:
    agency.write("leads_0630.csv", leads(DAY, 6))
    agency.load()
    then = judge(agency.settings)
    for day in days(DAY + timedelta(days=1), DAY + timedelta(days=10)):
        agency.write(f"leads_{day:%m%d}.csv", leads(day))
    agency.load()
    assert judge(agency.settings) == then


def test_a_change_that_was_accepted_is_the_past_of_later_days(agency: Agency, judge: Judge) -> None:
    last = DAY + timedelta(days=50)
    for day in days(DAY, last):
        agency.write(f"leads_{day:%m%d}.csv", leads(day, 20))
    agency.load()
    path = "crm/leads/volume_day"
    assert judge(agency.settings)[path].level == "warning"
    written = accept(agency.settings, "crm/leads", DAY, "the portal was closed")
    assert written.accepted_by
    (file,) = (agency.settings.ledger / "acceptances").iterdir()
    assert json.loads(file.read_text())["reason"] == "the portal was closed"
    assert judge(agency.settings)[path].level == "accepted"
    assert judge(agency.settings, DAY - timedelta(days=1))[path].level == "ok"
    later = judge(agency.settings, last)
    assert (later[path].level, later[path].usual_high) == ("ok", 20)
    assert "crm/leads/volume_week" not in unusual(later)


MONTH = list(days(date(2026, 6, 1), DAY))


@pytest.mark.parametrize(
    ("name", "count", "seed"),
    [
        ("demo", 2000, 21),
        *(pytest.param(*case, marks=pytest.mark.soak) for case in [
            ("demo", 20_000, 201), ("demo", 20_000, 202), ("hard", 20_000, 203)
        ]),
    ],
)  # fmt: skip
def test_a_demo_month_that_chose_no_bar_neither_warns_nor_blocks(
    models: Compiled, judge: Judge, tmp_path: Path, name: str, count: int, seed: int
) -> None:
    settings = Settings(home=tmp_path / "home")
    make_demo(settings, preset(name, count, seed), lambda _: None)
    reports = stage_sources(settings, datetime(2026, 7, 1, tzinfo=UTC))
    landing.commit(settings, [report.batch for report in reports if report.batch])
    judge(settings, *MONTH)
    loud = {
        (day, path): level
        for day in MONTH
        for path, level in unusual(found(models, SOURCE_CHECKS, day)).items()
    }  # fmt: skip
    assert loud == {}
    assert {check.level for check in found(models, ["volume"], DAY).values()} >= {"ok"}


def test_every_rule_has_its_sentence_and_the_last_line_says_what_to_do(models: Compiled) -> None:
    rules = {row["rule"] for row in models.query("SELECT rule FROM rules.history_rules")}
    assert rules == SENTENCES.keys()
    checks = [Check(DAY, rule, "crm", "leads", "channel", 0.5, 1, 2, 0.25, 4, "block") for rule in sorted(rules)]
    lines = describe(checks)
    assert all(line.endswith("(blocks the publication)") for line in lines[:-1])
    assert "tierhouse accept crm/leads/amounts/channel --as-of 2026-06-30" in lines[-1]
