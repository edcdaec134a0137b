"""Small published versions: the tables of the contracts, without rows or with the rows of a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.home.settings import DBT_PROJECT

DAY = date(2026, 6, 30)
COMMON: Mapping[str, Any] = {"as_of": DAY, "rule_version": "rules-0123456789ab"}


class Publication:
    """A `tierhouse.duckdb` under construction. Columns that a test does not give are null."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._connection = duckdb.connect(str(folder / "tierhouse.duckdb"))
        self._columns: dict[str, set[str]] = {}
        manifest = json.loads((DBT_PROJECT / "target" / "manifest.json").read_text(encoding="utf-8"))
        for node in manifest["nodes"].values():
            if node["resource_type"] == "model" and node["schema"] == "marts":
                columns = ", ".join(f"{name} {column['data_type']}" for name, column in node["columns"].items())
                self._connection.execute(f"CREATE TABLE {node['name']} ({columns})")
                self._columns[node["name"]] = set(node["columns"])
        self.add(
            "publication",
            run_id="r",
            published_at="2026-07-01 02:30:00",
            source_watermarks='{"crm": "2026-06-30"}',
        )

    def add(self, table: str, **values: Any) -> None:
        """Insert a row."""
        known = {name: value for name, value in COMMON.items() if name in self._columns[table]} | values
        places = ", ".join("?" * len(known))
        self._connection.execute(f"INSERT INTO {table} ({', '.join(known)}) VALUES ({places})", list(known.values()))

    def customer(self, number: int, grade: str = "B", money: float = 20_000, **values: Any) -> str:
        """Add a customer to the tables that have a row per customer. Returns the pseudonym."""
        customer = f"{number:032x}"
        grades = {
            "score": money, "expected_value_12m": money, "value_class": "C", "lifecycle_stage": "in_contact",
            "lifecycle_stage_en": "In contact", "lifecycle_stage_zh": "跟进中", "loyalty": "ordinary",
            "churn_status": "not_engaged", "warning_level": "none", "is_opted_out": False, "grade_changed_on": DAY,
            "strategy": "Call monthly", "strategy_zh": "每月回访",
        }  # fmt: skip
        self.add("customer_grades", customer_id=customer, grade=grade, **(grades | values))
        self.add("grade_history", customer_id=customer, graded_as_of=DAY, grade=grade, score=money)
        self.add(
            "customer_clv", customer_id=customer, value_state="lead_month", value_state_en="In touch within a month",
            value_state_zh="一个月内有联系", value_12m=money,
        )  # fmt: skip
        self.add("customer_profile", customer_id=customer, contact_channel="unknown")
        return customer

    def graded_before(self, customer: str, grade: str, days: int = 7, score: float = 10_000) -> None:
        """Add an earlier grade."""
        past = DAY - timedelta(days=days)
        self.add("grade_history", customer_id=customer, graded_as_of=past, grade=grade, score=score)

    def task(self, customer: str, agent: str, place: int, **values: Any) -> None:
        """Add a line of a work list."""
        line = {
            "task": "enquiry", "task_en": "Enquiry", "task_zh": "咨询回复", "reason": "Enquiry not answered yet",
            "reason_zh": "咨询尚未回复", "action": "Answer the enquiry", "action_zh": "回复咨询", "grade": "B",
            "is_marketing": False, "is_opted_out": False, "due_at": "2026-07-01 18:00:00", "is_overdue": False,
            "days_overdue": 0, "tasks_of_agent": 1, "capacity_per_day": 20,
        }  # fmt: skip
        self.add("agent_worklist", customer_id=customer, agent_id=agent, priority=place, **(line | values))

    def close(self) -> Path:
        """Return the folder of the version, ready to be read."""
        self._connection.close()
        return self.folder
