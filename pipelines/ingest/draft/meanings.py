"""The meanings of the columns of a file, and how their values are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipelines.ingest.draft.table import Table

DATES = (
    "created_at",
    "updated_at",
    "event_at",
    "resolved_at",
    "lease_end",
    "listed_from",
    "listed_to",
    "hired_on",
    "month",
    "subscribed_at",
    "signed_at",
)
AMOUNTS = (
    "amount",
    "price",
    "unit_price",
    "commission",
    "list_price",
    "subscription_amount",
    "signed_amount",
    "quantity",
)
BOUNDS = ("budget_min", "budget_max", "area_min", "area_max")
SEVERAL = (
    "opt_out",
    "consent",
    "status",
    "kind",
    "won",
    "agent_name",
    "agent_id",
    "lead_id",
    "record_id",
    "deal_no",
    "first_name",
    "last_name",
    "interaction_id",
)
"""Meanings that several columns may have without a doubt: their values decide, or the first column is enough."""


@dataclass
class Meanings:
    """The meanings of the columns of one file. A meaning is a field of the contract or a word such as `event_at`.

    `columns`: meaning to its first column. `candidates`: meaning to all its columns. `formats`: date column to its
    strptime pattern. `scales`: column to the factor to the contract's unit. `decimals`: column of numbers to its
    decimal mark. `name`: name of the file. `id_from_url`: the id is a
    part of the page address, because the id column is not unique. `doubts`: what the draft is unsure about, for the
    user.
    """

    table: Table
    columns: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, list[str]] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    scales: dict[str, Any] = field(default_factory=dict)
    decimals: dict[str, str] = field(default_factory=dict)
    name: str = ""
    id_from_url: bool = False
    doubts: list[str] = field(default_factory=list)

    def add(self, meaning: str, column: str) -> None:
        self.candidates.setdefault(meaning, []).append(column)
        self.columns.setdefault(meaning, column)

    def has(self, *names: str) -> bool:
        return all(name in self.columns for name in names)
