"""An agency whose files are known at the time that each row states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from pipelines.history.messages import Check
from pipelines.home.settings import Settings
from pipelines.ingest import landing
from pipelines.ingest.stage import stage_sources
from tests.integration.dbt.compiled import Compiled

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


Judge = Callable[..., dict[str, Check]]


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
