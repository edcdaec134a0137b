"""The raw contract, version 1: the entities and fields to which every source is mapped (`docs/sources.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CONTRACT_VERSION = 1

SQL_TYPES = {
    "text": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "date": "DATE",
    "money": "DECIMAL(18, 4)",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "currency": "VARCHAR",
}

NUMBER_TYPES = ("money", "number", "integer")

SPANS = {"timestamp": (date(1990, 1, 1), date(2099, 12, 31)), "date": (date(1950, 1, 1), date(2199, 12, 31))}
"""First and last valid day by type. Other days are defaults of a form (1900-01-01, 9999-12-31) or misread."""

MAXIMA = {"money": Decimal(10**12), "number": Decimal(10**9), "integer": Decimal(10**9)}
"""Largest valid number by type. Larger numbers are misread. Sums of valid numbers fit DECIMAL(18, 4) and INTEGER."""

INTERACTION_KINDS = (
    "enquiry",
    "call",
    "message",
    "viewing",
    "online_viewing",
    "follow_up",
    "complaint",
    "survey",
    "referral",
    "cancellation",
)
TRANSACTION_KINDS = (
    "subscription",
    "deposit",
    "sale",
    "rental",
    "renewal",
    "refund",
    "cancellation",
)


@dataclass(frozen=True)
class Field:
    """One field of an entity.

    A row breaks the contract if the field is null and `required`, below `minimum`, above `maximum`, not one of
    `values`, or a day outside `span`. `limit` is a maximum below the maximum of the type. `restricted`: a direct
    identifier, which only landing and `restricted.duckdb` may contain. `strict`: a value that does not fit breaks the
    contract although the field is optional, because a row without the value would change a figure.
    """

    name: str
    type: str = "text"
    required: bool = False
    minimum: Decimal | None = None
    values: tuple[str, ...] | None = None
    restricted: bool = False
    limit: Decimal | None = None
    strict: bool = False

    @property
    def span(self) -> tuple[date, date] | None:
        return SPANS.get(self.type)

    @property
    def maximum(self) -> Decimal | None:
        return MAXIMA.get(self.type) if self.limit is None else self.limit

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.type]


@dataclass(frozen=True)
class Entity:
    """One table of the contract.

    `key`: the field with the id, if the entity has one. `happened`: the field with the time of the event.
    `natural_key`: fields that identify a row of an entity without an id; upper and lower case are equal in them.
    """

    name: str
    key: str | None
    happened: str | None
    fields: tuple[Field, ...]
    natural_key: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def empties(self, field: Field) -> bool:
        """Whether a value that does not fit is null in an accepted row, instead of breaking the contract."""
        return not (field.required or field.strict or field.name in (self.key, *self.natural_key))

    @property
    def open_fields(self) -> tuple[Field, ...]:
        """The fields that may leave landing: all fields except direct identifiers."""
        return tuple(field for field in self.fields if not field.restricted)


def _text(*names: str, restricted: bool = False, strict: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, restricted=restricted, strict=strict) for name in names)


def _money(*names: str, required: bool = False, strict: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, "money", required=required, minimum=Decimal(0), strict=strict) for name in names)


LINEAGE = (
    Field("row_key", required=True),
    Field("source", required=True),
    Field("file", required=True),
    Field("line", "integer", required=True),
    Field("batch", required=True),
    Field("ingested_at", "timestamp", required=True),
    Field("known_at", "timestamp", required=True),
    Field("content_hash", required=True),
)
"""Columns of every landed row before its contract fields. Times are UTC without offset. The column after the contract
fields is `extra`: the unmapped columns of the source as a JSON object, or null."""

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("leads", "lead_id", "created_at", (
            Field("lead_id", required=True),
            Field("created_at", "timestamp", required=True),
            Field("updated_at", "timestamp"),
            *_text("full_name", "phone", "email", restricted=True),
            *_text("customer_kind", "channel", "campaign", "demand_type", "purpose"),
            *_money("budget_min", "budget_max"),
            Field("currency", "currency", strict=True),
            *_text("preferred_district", "preferred_layout"),
            Field("area_min", "number", minimum=Decimal(0)),
            Field("area_max", "number", minimum=Decimal(0)),
            Field("stated_intent"),
            Field("status", strict=True),
            *_text("agent_id", "project", "referred_by"),
            Field("marketing_consent", "boolean", strict=True),
            *_text("occupation", "industry", "income_band"),
        )),
        Entity("interactions", "interaction_id", "occurred_at", (
            Field("interaction_id"),
            Field("lead_id", required=True),
            Field("occurred_at", "timestamp", required=True),
            Field("kind", required=True, values=INTERACTION_KINDS),
            Field("direction", values=("in", "out")),
            Field("answered", "boolean"),
            *_text("channel", "agent_id", "topic", "complaint_category"),
            Field("satisfaction_score", "number", minimum=Decimal(1), limit=Decimal(5)),
            Field("property_id"),
            Field("resolved_at", "timestamp", strict=True),
            Field("campaign"),
            Field("arm", strict=True),
        )),
        Entity("transactions", "transaction_id", "occurred_at", (
            Field("transaction_id"),
            Field("lead_id", required=True),
            Field("occurred_at", "timestamp", required=True),
            Field("kind", required=True, values=TRANSACTION_KINDS),
            *_money("amount", required=True),
            Field("deal_id", strict=True),
            Field("currency", "currency", strict=True),
            *_money("commission", strict=True),
            Field("property_id"),
            *_text("related_transaction_id", "agent_id", strict=True),
            Field("lease_end", "date", strict=True),
            Field("payment_plan"),
        )),
        Entity("agents", "agent_id", "hired_on", (
            Field("agent_id", required=True),
            Field("name", restricted=True),
            Field("team"),
            Field("capacity_per_day", "integer", minimum=Decimal(0)),
            Field("hired_on", "date"),
        )),
        Entity("properties", "property_id", "listed_from", (
            Field("property_id", required=True),
            *_text("project", "district", "layout"),
            Field("area", "number", minimum=Decimal(0)),
            *_money("list_price"),
            Field("use"),
            Field("listed_from", "date", strict=True),
            Field("listed_to", "date", strict=True),
        )),
        Entity("costs", None, "month", (
            Field("month", "date", required=True),
            Field("channel", required=True),
            *_money("amount", required=True),
            Field("campaign"),
        ), natural_key=("month", "channel", "campaign")),
    )
}  # fmt: skip  # one line per field, as in the tables of docs/sources.md
