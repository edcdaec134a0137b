"""A day against the past: each absence, planted through real files, warns or blocks; a normal day does neither."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest

from pipelines.demo.home import make_demo
from pipelines.demo.presets import preset
from pipelines.history.messages import SENTENCES, Check, describe
from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.stage import stage_sources
from pipelines.ledger.acceptances import accept
from pipelines.transform.scope import write_scope
from tests.integration.dbt.compiled import Compiled
from tests.integration.dbt.warehouse import HANDED_OVER

SOURCE_CHECKS = ("volume", "silence", "delivery", "value", "amount")
DAY = date(2026, 6, 30)
"""A Tuesday; no holiday lies in the ten weeks before it but the May golden week."""
FIRST = date(2026, 3, 3)
MAPPING = """\
source: crm
root: ../raw
timezone: Asia/Shanghai
history: {known_at: {column: at, format: "%Y-%m-%d %H:%M:%S"}}
files:
  - path: leads*.csv
    entities:
      leads:
        lead_id: id
        created_at: {column: at, format: "%Y-%m-%d %H:%M:%S"}
        phone: phone
        channel: channel
  - path: deals*.csv
    entities:
      transactions:
        transaction_id: id
        lead_id: lead
        occurred_at: {column: at, format: "%Y-%m-%d %H:%M:%S"}
        kind: {value: sale}
        currency: {value: CNY}
        amount: amount
"""
Rows = list[str]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    names = [f"int_{kind}_checks__by_as_of" for kind in (*SOURCE_CHECKS, "grading")]
    return Compiled(tmp_path_factory.mktemp("history"), *names)


def leads(
    day: date, count: int | None = None, *, phone: bool = True, channels: Sequence[str] = ("a", "b", "c")
) -> Rows:
    """The enquiries of a day: 120 on a weekday, 40 on Saturday and Sunday, more or less."""
    usual = (40 if day.weekday() > 4 else 120) + (day.toordinal() * 7) % 11
    rows = []
    for number in range(usual if count is None else count):
        at = datetime.combine(day, time(9)) + timedelta(minutes=3 * number)
        call = f"138{day.toordinal() % 10000:04}{number:04}" if phone and number % 20 else ""
        rows.append(f"{day}-{number},{at},{call},{channels[number % len(channels)]}")
    return rows


def deals(day: date, unit: int = 1) -> Rows:
    return [f"d{day}-{n},{day}-{n},{day} 15:0{n}:00,{(2_000_000 + 50_000 * n) // unit}" for n in range(4)]


def days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


class Agency:
    """A home whose files are known at the time that each row states."""

    def __init__(self, home: Path, mapping: str = MAPPING) -> None:
        self.settings = Settings(home=home)
        (home / "sources").mkdir(parents=True)
        (home / "raw").mkdir()
        (home / "sources" / "crm.yml").write_text(mapping)
        self.write("leads_history.csv", [row for day in days(FIRST, DAY - timedelta(days=1)) for row in leads(day)])
        rows = [row for day in days(FIRST, DAY - timedelta(days=1)) for row in deals(day)]
        self.write("deals_history.csv", rows)
        self.load()

    def write(self, name: str, rows: Rows) -> None:
        header = "id,at,phone,channel" if name.startswith("leads") else "id,lead,at,amount"
        (self.settings.home / "raw" / name).write_text("\n".join([header, *rows, ""]))

    def load(self) -> None:
        reports = stage_sources(self.settings, datetime(2026, 8, 30, tzinfo=UTC))
        assert not [problem for report in reports for problem in report.problems]
        landing.commit(self.settings, [report.batch for report in reports if report.batch])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read only: months of leads and deals, up to the day before."""
    return Agency(tmp_path_factory.mktemp("agency") / "home").settings.home


@pytest.fixture
def agency(loaded: Path, tmp_path: Path) -> Agency:
    """The day before, in a home that a test may change."""
    copied = Agency.__new__(Agency)
    copied.settings = Settings(home=Path(shutil.copytree(loaded, tmp_path / "home")))
    return copied


Judge = Callable[..., dict[str, Check]]


@pytest.fixture
def judge(models: Compiled, tmp_path: Path) -> Judge:
    """Every comparison of the last of the days, by its path."""

    def judged(settings: Settings, *as_of: date, kinds: Sequence[str] = SOURCE_CHECKS) -> dict[str, Check]:
        file = tmp_path / "given.duckdb"
        file.unlink(missing_ok=True)
        with duckdb.connect(str(file)) as connection:
            landing.register(connection, settings)
            write_scope(connection, settings, as_of or [DAY], "run")
            for entity in ("leads", "interactions", "transactions", "agents", "properties", "costs"):
                connection.execute(f"CREATE TABLE landing.{entity}_rows AS SELECT * FROM landing.{entity}")
                connection.execute(f"DROP VIEW landing.{entity}")
                connection.execute(f"ALTER TABLE landing.{entity}_rows RENAME TO {entity}")
        models.run_on(file)
        return found(models, kinds, max(as_of or [DAY]))

    return judged


def found(models: Compiled, kinds: Sequence[str], day: date) -> dict[str, Check]:
    rows = [
        row
        for kind in kinds
        for schema in ["measures" if kind == "grading" else "intermediate"]
        for row in models.query(f"SELECT * FROM {schema}.int_{kind}_checks__by_as_of WHERE as_of = '{day}'")
    ]
    checks = [Check(**{name: row[name] for name in Check._fields}) for row in rows]
    return {check.path: check for check in checks}


def unusual(checks: dict[str, Check]) -> dict[str, str]:
    return {path: check.level for path, check in checks.items() if check.level in ("warning", "block")}


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


GRADES = {"A": 20, "B": 30, "C": 50, "D": 100}


def grading(day: date, counts: dict[str, int], level: str = "none", score: float = 40) -> list[dict]:
    return [
        {"customer_key": f"{grade}{number}", "graded_as_of": day, "grade": grade, "score": score,
         "rule_version": "rules-1", "model_version": "m1", "warning_level": level}
        for grade, count in counts.items() for number in range(count)
    ]  # fmt: skip


@pytest.fixture
def graded(models: Compiled) -> Callable[..., dict[str, Check]]:
    """The comparisons of a grading of the day with one before it."""

    def judged(today: list[dict], before: list[dict], accepted: Sequence[dict] = ()) -> dict[str, Check]:
        rows = {
            "scope.as_of_dates": [{"as_of": DAY}],
            "scope.run": [{"run_id": "run", "publication_as_of": DAY, "rule_version": "rules-1"}],
            "scope.acceptances": accepted,
            "ledger.grades": [*today, *before],
        }
        assert rows.keys() <= HANDED_OVER.keys()
        models.run(rows)
        return found(models, ["grading"], DAY)

    return judged


YESTERDAY = grading(DAY - timedelta(days=1), GRADES)


@pytest.mark.parametrize(
    ("today", "levels"),
    [
        (grading(DAY, GRADES), {}),
        (grading(DAY, {"A": 21, "B": 31, "C": 48, "D": 105}), {}),
        (grading(DAY, {"C": 1, "D": 1}), {"customers": "block"}),
        (grading(DAY, {"A": 18, "B": 27, "C": 45, "D": 90}), {"customers": "warning"}),
        (grading(DAY, {"D": 200}), {"one_grade": "block", "grade_shares": "warning"}),
        (grading(DAY, {"A": 200}), {"one_grade": "block", "grade_shares": "block"}),
        (grading(DAY, {"A": 20, "B": 80, "C": 50, "D": 50}), {"grade_shares": "warning"}),
        (grading(DAY, GRADES, level="high"), {"warned_share": "warning"}),
        (grading(DAY, GRADES, score=70), {"score_mean": "warning"}),
    ],
)
def test_a_grading_is_compared_with_the_one_before(graded, today: list[dict], levels: dict[str, str]) -> None:
    checks = graded(today, YESTERDAY)
    assert unusual(checks) == {f"all/customers/{rule}": level for rule, level in levels.items()}
    assert all(str(check) for check in checks.values() if check.level != "not_judged")


def test_the_first_grading_warns_of_one_grade_alone_and_an_accepted_one_is_not_compared(graded) -> None:
    assert unusual(graded(grading(DAY, {"D": 200}), [])) == {"all/customers/one_grade": "warning"}
    accepted = [{"source": "all", "entity": "customers", "accepted_from": DAY}]
    checks = graded(grading(DAY, {"A": 1, "D": 1}), YESTERDAY, accepted)
    assert {check.level for check in checks.values()} == {"accepted"}


def test_after_a_long_pause_only_what_would_mislead_is_named(graded) -> None:
    long_ago = grading(DAY - timedelta(days=90), GRADES)
    assert unusual(graded(grading(DAY, {"A": 20, "B": 80, "C": 50, "D": 50}), long_ago)) == {}
    assert unusual(graded(grading(DAY, {"D": 2}), long_ago)) == {"all/customers/customers": "block"}


def test_every_rule_has_its_sentence_and_the_last_line_says_what_to_do(models: Compiled) -> None:
    rules = {row["rule"] for row in models.query("SELECT rule FROM rules.history_rules")}
    assert rules == SENTENCES.keys()
    checks = [Check(DAY, rule, "crm", "leads", "channel", 0.5, 1, 2, 0.25, 4, "block") for rule in sorted(rules)]
    lines = describe(checks)
    assert all(line.endswith("(blocks the publication)") for line in lines[:-1])
    assert "tierhouse accept crm/leads/amounts/channel --as-of 2026-06-30" in lines[-1]
