"""Drafts the entities that the lines of a file fill, with their fields."""

from __future__ import annotations

from pipelines.home.sql import identifier
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.contents import are_unique
from pipelines.ingest.draft.deals import cancellations, deal_fields, deal_kind, is_deal_list
from pipelines.ingest.draft.fields import Fields, column_field, fields_of
from pipelines.ingest.draft.ids import (
    PERSON,
    column_id,
    customer_id,
    lead_id,
    own_id,
    person_id,
    row_id,
)
from pipelines.ingest.draft.interactions import interaction_fields, is_interaction_list
from pipelines.ingest.draft.leads import lead_fields
from pipelines.ingest.draft.meanings import Meanings

OFFICE_STEPS = (("subscription", "subscribed_at", "subscription_amount"), ("sale", "signed_at", "signed_amount"))


def find_entities(meanings: Meanings) -> dict[str, list[Fields]]:
    """Entity to the YAML of its parts. A line fills each part once."""
    person = any(map(meanings.has, (*PERSON, "lead_id")))
    if meanings.has("month", "channel", "amount") and not meanings.has("lead_id"):
        return {"costs": [fields_of(meanings, ENTITIES["costs"])]}
    amount = meanings.has("amount") or meanings.has("quantity", "unit_price")
    if meanings.has("signed_at", "signed_amount") or meanings.has("subscribed_at"):
        leads = _leads(meanings)
        return {"leads": [leads], "transactions": _office_deals(meanings, leads["lead_id"])}
    if amount and not meanings.has("event_at") and meanings.has("created_at") and is_deal_list(meanings):
        meanings.columns["event_at"] = meanings.columns["created_at"]
        meanings.doubts.append(f"no column has the closing date of a deal: {meanings.columns['created_at']!r} is used")
    if amount and meanings.has("event_at"):
        return _deals(meanings)
    if meanings.has("event_at") and person and _are_interactions(meanings):
        return _interactions(meanings)
    if not person and (meanings.has("agent_id") or meanings.has("agent_name")) and not amount:
        return {"agents": [_agents(meanings)]}
    if not person and (meanings.has("property_id") or meanings.has("layout", "area")):
        return {"properties": [_properties(meanings, own_id(meanings, "property_id"))]}
    return {"leads": [_leads(meanings)]}


def _leads(meanings: Meanings) -> Fields:
    return {**lead_fields(meanings), "lead_id": lead_id(meanings)}


def _are_interactions(meanings: Meanings) -> bool:
    """Interactions have a kind, a direction or a result, or repeat lead ids, which a list of leads does not."""
    if is_interaction_list(meanings):
        return True
    return meanings.has("lead_id") and not (
        any(map(meanings.has, PERSON)) and are_unique(meanings.table.texts(meanings.columns["lead_id"]))
    )


def _interactions(meanings: Meanings) -> dict[str, list[Fields]]:
    fields = interaction_fields(meanings)
    customer = customer_id(meanings) or person_id(meanings)
    if customer is None:
        customer = row_id(meanings, "no column has the customer of an interaction")
    fields["lead_id"] = customer
    return {"leads": [_implied(meanings, customer)], "interactions": [fields]}


def _implied(meanings: Meanings, customer: object) -> Fields:
    """The leads that deals or interactions imply, with the fields of a person."""
    doubts, meanings.doubts = meanings.doubts, []  # Doubts about a full list of leads do not apply.
    all_fields = lead_fields(meanings)
    meanings.doubts = doubts
    column = meanings.columns.get("created_at") or meanings.columns["event_at"]
    if blank := len(meanings.table.rows) - len(meanings.table.texts(column)):
        meanings.doubts.append(f"{column!r} is blank on {blank:,} lines: they will be quarantined")
    names = ("full_name", "phone", "email", "channel", "budget_min", "budget_max", "created_at", "preferred_layout")
    fields = {name: all_fields[name] for name in names if name in all_fields}
    return {"implied": True, **fields, "lead_id": customer}


def _deals(meanings: Meanings) -> dict[str, list[Fields]]:
    fields = deal_fields(meanings)
    own = own_id(meanings, "deal_no")
    fields |= deal_kind(meanings, one_line_each=own is not None)
    customer = customer_id(meanings) or person_id(meanings)
    if customer is None:
        customer = own or row_id(meanings, "no column has the customer of a deal")
        meanings.doubts.append("no column has the customer of a deal: each deal gets its own customer")
    fields["lead_id"] = customer
    if "month" in meanings.columns.get("amount", "").casefold() or "月租" in meanings.columns.get("amount", ""):
        meanings.doubts.append(
            f"{meanings.columns['amount']!r} is the rent of a month; `amount` expects the rent of the whole term"
        )
    if own is not None:
        fields["transaction_id"] = own
    deal_no = next((column for column in meanings.candidates.get("deal_no", ()) if column != own), None)
    if deal_no is not None and (own is None or column_id(meanings, deal_no) != own):
        fields["deal_id"] = column_id(meanings, deal_no)
    if own is None and meanings.has("deal_no"):
        cancellations(meanings, fields)
    result: dict[str, list[Fields]] = {"leads": [_implied(meanings, customer)], "transactions": [fields]}
    if (
        own is not None
        and meanings.has("area")
        and (meanings.has("layout") or meanings.has("district") or meanings.has("bedrooms", "living_rooms"))
    ):
        fields.setdefault("property_id", own)
        result["properties"] = [_properties(meanings, fields["property_id"])]
    return result


def _office_deals(meanings: Meanings, lead: object) -> list[Fields]:
    parts = []
    for kind, day, amount in OFFICE_STEPS:
        if meanings.has(day):
            part: Fields = {"where": f"{identifier(meanings.columns[day])} IS NOT NULL", "lead_id": lead}
            part |= {"occurred_at": column_field(meanings, day), "kind": {"value": kind}}
            parts.append({**part, "amount": column_field(meanings, amount) if meanings.has(amount) else {"value": "0"}})
    return parts


def _agents(meanings: Meanings) -> Fields:
    fields = fields_of(meanings, ENTITIES["agents"])
    name = meanings.columns.get("agent_name")
    fields["agent_id"] = column_id(meanings, meanings.columns["agent_id"]) if meanings.has("agent_id") else name
    if name:
        fields["name"] = name
    return fields


def _properties(meanings: Meanings, own: object) -> Fields:
    own = own or meanings.columns.get("property_id")
    fields = {
        **fields_of(meanings, ENTITIES["properties"]),
        "property_id": own or row_id(meanings, "no column is an id"),
    }
    if meanings.has("bedrooms", "living_rooms") and not meanings.has("layout"):
        rooms = f"{{{meanings.columns['bedrooms']}}}室{{{meanings.columns['living_rooms']}}}厅"
        fields["layout"] = {"template": rooms}
    return fields
