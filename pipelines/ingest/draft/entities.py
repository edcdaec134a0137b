"""Meanings → contract fields: which entities the lines of a file fill, and how each field is made."""

from __future__ import annotations

from pipelines.home.sql import identifier
from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.draft.contacts import contact_fields, is_contact_list
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
from pipelines.ingest.draft.leads import lead_fields
from pipelines.ingest.draft.meaning import Meanings

OFFICE_STEPS = (("subscription", "subscribed_at", "subscription_amount"), ("sale", "signed_at", "signed_amount"))


def find_entities(found: Meanings) -> dict[str, list[Fields]]:
    """Entity to the ways in which a line fills it."""
    person = any(map(found.has, (*PERSON, "lead_id")))
    if found.has("month", "channel", "amount") and not found.has("lead_id"):
        return {"costs": [fields_of(found, ENTITIES["costs"])]}
    amount = found.has("amount") or found.has("quantity", "unit_price")
    if found.has("signed_at", "signed_amount") or found.has("subscribed_at"):
        leads = _leads(found)
        return {"leads": [leads], "transactions": _office_deals(found, leads["lead_id"])}
    if amount and not found.has("event_at") and found.has("created_at") and is_deal_list(found):
        found.columns["event_at"] = found.columns["created_at"]
        found.doubts.append(f"no column says when a deal closed: {found.columns['created_at']!r} is taken for it")
    if amount and found.has("event_at"):
        return _deals(found)
    if found.has("event_at") and person and _are_contacts(found):
        return _contacts(found)
    if not person and (found.has("agent_id") or found.has("agent_name")) and not amount:
        return {"agents": [_agents(found)]}
    if not person and (found.has("property_id") or found.has("layout", "area")):
        return {"properties": [_properties(found, own_id(found, "property_id"))]}
    return {"leads": [_leads(found)]}


def _leads(found: Meanings) -> Fields:
    return {**lead_fields(found), "lead_id": lead_id(found)}


def _are_contacts(found: Meanings) -> bool:
    """Contacts name a kind, a direction or a result; else they repeat their leads, which a list of leads does not."""
    if is_contact_list(found):
        return True
    return found.has("lead_id") and not (
        any(map(found.has, PERSON)) and are_unique(found.table.texts(found.columns["lead_id"]))
    )


def _contacts(found: Meanings) -> dict[str, list[Fields]]:
    fields = contact_fields(found)
    customer = customer_id(found) or person_id(found) or row_id(found, "no column names the customer of a contact")
    fields["lead_id"] = customer
    return {"leads": [_implied(found, customer)], "interactions": [fields]}


def _implied(found: Meanings, customer: object) -> Fields:
    """The leads that deals or contacts imply: what their lines say of a person, once for each."""
    doubts_before, found.doubts = found.doubts, []
    everything = lead_fields(found)
    found.doubts = doubts_before
    column = found.columns.get("created_at") or found.columns["event_at"]
    if blank := len(found.table.rows) - len(found.table.texts(column)):
        found.doubts.append(f"{column!r} is blank on {blank:,} lines: without a day they will be quarantined")
    kept = ("full_name", "phone", "email", "channel", "budget_min", "budget_max", "created_at", "preferred_layout")
    fields = {name: everything[name] for name in kept if name in everything}
    return {"implied": True, **fields, "lead_id": customer}


def _deals(found: Meanings) -> dict[str, list[Fields]]:
    fields = deal_fields(found)
    own = own_id(found, "deal_no")
    fields |= deal_kind(found, one_line_each=own is not None)
    customer = customer_id(found) or person_id(found)
    if customer is None:
        customer = own or row_id(found, "no column names the customer of a deal")
        found.doubts.append("no column names the customer of a deal: each deal has one of its own")
    fields["lead_id"] = customer
    if "month" in found.columns.get("amount", "").casefold() or "月租" in found.columns.get("amount", ""):
        found.doubts.append(
            f"{found.columns['amount']!r} is the rent of a month; `amount` asks for that of the whole term"
        )
    if own is not None:
        fields["transaction_id"] = own
    deal_no = next((column for column in found.candidates.get("deal_no", ()) if column != own), None)
    if deal_no is not None and (own is None or column_id(found, deal_no) != own):
        fields["deal_id"] = column_id(found, deal_no)
    if own is None and found.has("deal_no"):
        cancellations(found, fields)
    result: dict[str, list[Fields]] = {"leads": [_implied(found, customer)], "transactions": [fields]}
    if (
        own is not None
        and found.has("area")
        and (found.has("layout") or found.has("district") or found.has("bedrooms", "living_rooms"))
    ):
        fields.setdefault("property_id", own)
        result["properties"] = [_properties(found, fields["property_id"])]
    return result


def _office_deals(found: Meanings, lead: object) -> list[Fields]:
    parts = []
    for kind, day, amount in OFFICE_STEPS:
        if found.has(day):
            part: Fields = {"where": f"{identifier(found.columns[day])} IS NOT NULL", "lead_id": lead}
            part |= {"occurred_at": column_field(found, day), "kind": {"value": kind}}
            parts.append({**part, "amount": column_field(found, amount) if found.has(amount) else {"value": "0"}})
    return parts


def _agents(found: Meanings) -> Fields:
    fields = fields_of(found, ENTITIES["agents"])
    named = found.columns.get("agent_name")
    fields["agent_id"] = column_id(found, found.columns["agent_id"]) if found.has("agent_id") else named
    if named:
        fields["name"] = named
    return fields


def _properties(found: Meanings, own: object) -> Fields:
    own = own or found.columns.get("property_id")
    fields = {**fields_of(found, ENTITIES["properties"]), "property_id": own or row_id(found, "no column is an id")}
    if found.has("bedrooms", "living_rooms") and not found.has("layout"):
        rooms = f"{{{found.columns['bedrooms']}}}室{{{found.columns['living_rooms']}}}厅"
        fields["layout"] = {"template": rooms}
    return fields
