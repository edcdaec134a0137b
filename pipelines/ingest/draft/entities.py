"""Meanings → contract fields: which entities the lines fill, and how each field is made."""

from __future__ import annotations

from pipelines.ingest.contract import ENTITIES, Entity
from pipelines.ingest.draft import contents
from pipelines.ingest.draft.meaning import Meanings
from pipelines.ingest.draft.vocabulary import CODES
from pipelines.ingest.expressions import identifier, literal

Fields = dict[str, object]
"""Contract field to a column, or to keys of a field; `where`, `implied` and `# <field>` (a comment) beside them."""

OFFICE_STEPS = (("subscription", "subscribed_at", "subscription_amount"), ("sale", "signed_at", "signed_amount"))
OPTED_OUT = ("yes", "true", "1", "y", "是")
PERSON = ("lead_id", "full_name", "phone", "email")


def find_entities(found: Meanings) -> dict[str, list[Fields]]:
    """Entity to the ways in which a line fills it."""
    if found.has("month", "channel", "amount") and not found.has("lead_id"):
        return {"costs": [_fields(found, ENTITIES["costs"])]}
    amount = found.has("amount") or found.has("quantity", "unit_price")
    if found.has("signed_at", "signed_amount") or found.has("subscribed_at"):
        return {"leads": [_leads(found)], "transactions": _office_deals(found)}
    if amount and found.has("event_at"):
        return _deals(found)
    if found.has("lead_id", "event_at"):
        return {"interactions": [_interactions(found)]}
    if not any(map(found.has, PERSON)) and (found.has("agent_id") or found.has("agent_name")) and not amount:
        return {"agents": [_agents(found)]}
    if not any(map(found.has, PERSON)) and (found.has("property_id") or found.has("layout", "area")):
        return {"properties": [_properties(found, _own_id(found, "property_id"))]}
    return {"leads": [_leads(found)]}


def _fields(found: Meanings, entity: Entity) -> Fields:
    """The fields of the entity whose name is that of a meaning."""
    return {field.name: _column(found, field.name) for field in entity.fields if found.has(field.name)}


def _column(found: Meanings, meaning: str) -> object:
    column = found.columns[meaning]
    keys: Fields = {"column": column}
    if pattern := found.formats.get(column):
        keys["format"] = pattern
    if column in found.scales:
        keys["scale"] = found.scales[column]
    return keys if len(keys) > 1 else column


def _id(found: Meanings, meaning: str) -> object:
    column = found.columns[meaning]
    if contents.are_float_ids(found.table.texts(column)):
        return {"expr": f"regexp_replace({identifier(column)}, '\\.0$', '')"}
    return column


def _own_id(found: Meanings, *meanings: str) -> object:
    """What tells the rows of the file apart; None where nothing does."""
    if found.id_from_url:
        return {
            "expr": f"nullif(regexp_extract({identifier(found.columns['url'])}, '/([^/?#.]+)(\\.html?)?/?$', 1), '')"
        }
    for meaning in (*meanings, "record_id"):
        if found.has(meaning) and contents.are_unique(found.table.texts(found.columns[meaning])):
            return _id(found, meaning)
    return None


def _leads(found: Meanings) -> Fields:
    fields = _fields(found, ENTITIES["leads"])
    own = _id(found, "lead_id") if found.has("lead_id") else _own_id(found)
    if own is None:
        person = [found.columns[meaning] for meaning in ("full_name", "phone", "email") if found.has(meaning)]
        given = ", ".join(f"coalesce({identifier(column)}, '')" for column in person)
        own = {"expr": f"left(md5(concat_ws('|', {given})), 16)"} if person else {"value": "?"}
        found.doubts.append("no column is an id of the lead: " + ("a hash stands for it" if person else "state one"))
    created = [meaning for meaning in ("created_at", "event_at", "subscribed_at", "signed_at") if found.has(meaning)]
    if not created:
        found.doubts.append("no column says when a lead came in: state the day, or a column")
    fields |= {"lead_id": own, "created_at": _column(found, created[0]) if created else {"value": "2020-01-01"}}
    fields |= _consent(found) | _codes(found)
    if found.has("budget"):
        fields = {**_budget(found), **fields}
    if found.has("district"):
        fields["preferred_district"] = found.columns["district"]
    if found.has("layout"):
        fields["preferred_layout"] = found.columns["layout"]
    if found.has("agent_name") and not found.has("agent_id"):
        fields["agent_id"] = found.columns["agent_name"]
    return fields


def _budget(found: Meanings) -> Fields:
    """One column of budgets: upper ones, or ranges that are taken apart, the unit behind the last number for both."""
    column = found.columns["budget"]
    if contents.are_amounts(found.table.texts(column)):
        return {"budget_max": _column(found, "budget")}
    name, unit = identifier(column), f"regexp_extract({identifier(column)}, '[万亿]')"
    ends = {"budget_min": r"^[^0-9]*([0-9.]+)[^下内]*$", "budget_max": r"([0-9.]+)[^0-9上]*$"}
    scale: Fields = {"scale": found.scales[column]} if column in found.scales else {}
    return {
        field: {"expr": f"nullif(regexp_extract({name}, '{pattern}', 1), '') || {unit}", **scale}
        for field, pattern in ends.items()
    }


def _consent(found: Meanings) -> Fields:
    """Consent as it stands, or an opt-out turned round."""
    if not found.has("opt_out"):
        return {"marketing_consent": found.columns["consent"]} if found.has("consent") else {}
    spelt = sorted(set(found.table.texts(found.columns["opt_out"])))
    values = {text: "false" if text.casefold() in OPTED_OUT else "true" for text in spelt}
    return {"marketing_consent": {"column": found.columns["opt_out"], "values": values}} if len(spelt) <= 4 else {}


def _codes(found: Meanings) -> Fields:
    """Words of the trade become the codes of the profile; a word that nobody knows stays as it is."""
    fields: Fields = {}
    for field, codes in CODES.items():
        if found.has(field):
            column = found.columns[field]
            known = [word for word in codes if word in set(found.table.texts(column))]
            pairs = ", ".join(f"{literal(word)}: {literal(codes[word])}" for word in known)
            if known:
                fields[field] = {"expr": f"coalesce(map {{{pairs}}}[{identifier(column)}], {identifier(column)})"}
    return fields


def _deals(found: Meanings) -> dict[str, list[Fields]]:
    fields = _fields(found, ENTITIES["transactions"])
    own = _own_id(found, "deal_no")
    customer = _id(found, "lead_id") if found.has("lead_id") else own
    if customer is None:
        customer = found.columns.get("phone") or found.columns.get("full_name") or {"value": "?"}
        found.doubts.append("no column names the customer of a deal")
    elif not found.has("lead_id"):
        found.doubts.append("no column names the customer of a deal: each deal has one of its own")
    fields |= {"lead_id": customer, "occurred_at": _column(found, "event_at"), "kind": {"value": "sale"}}
    if found.has("quantity", "unit_price") and not found.has("amount"):
        quantity, price = identifier(found.columns["quantity"]), identifier(found.columns["unit_price"])
        fields["amount"] = {"expr": f"abs(CAST({quantity} AS DECIMAL(18, 4)) * CAST({price} AS DECIMAL(18, 4)))"}
    if own is not None and not (customer is own and not found.id_from_url and found.has("lead_id")):
        fields["transaction_id"] = own
    elif found.has("deal_no"):
        fields["deal_id"] = found.columns["deal_no"]
        _cancellations(found, fields)
    result: dict[str, list[Fields]] = {"transactions": [fields]}
    if not found.has("lead_id") or "lead" not in found.columns["lead_id"].casefold():
        implied = {"implied": True, "lead_id": customer, "created_at": _column(found, "event_at")}
        result = {"leads": [implied], **result}
    listing = _properties(found, own or found.columns.get("property_id"))
    if own is not None and found.has("area") and {"layout", "district"} & listing.keys():
        fields.setdefault("property_id", listing["property_id"])
        result["properties"] = [listing]
    return result


def _cancellations(found: Meanings, fields: Fields) -> None:
    """Numbers with a letter before them, always with a negative quantity, are cancellations."""
    if not found.has("quantity"):
        return
    table, column = found.table, found.columns["deal_no"]
    at, quantity = table.columns.index(column), table.columns.index(found.columns["quantity"])
    pairs = [(row[at], contents.numbers([row[quantity]])[0]) for row in table.rows if row[at] and row[at][0].isalpha()]
    letters = [number[0] for number, count in pairs if count is not None and count < 0]
    if letters and len(set(letters)) == 1 and len(letters) >= contents.ENOUGH * len(pairs):
        back = f"{identifier(column)} LIKE {literal(letters[0] + '%')}"
        fields["kind"] = {"expr": f"CASE WHEN {back} THEN 'cancellation' ELSE 'sale' END"}
        fields["deal_id"] = {"expr": f"CASE WHEN NOT {back} THEN {identifier(column)} END"}
        found.doubts.append(f"{column!r} beginning with {letters[0]} has negative quantities: taken as cancellations")


def _office_deals(found: Meanings) -> list[Fields]:
    lead, parts = _leads(found)["lead_id"], []
    for kind, day, amount in OFFICE_STEPS:
        if found.has(day):
            part: Fields = {"where": f"{identifier(found.columns[day])} IS NOT NULL", "lead_id": lead}
            part |= {"occurred_at": _column(found, day), "kind": {"value": kind}}
            parts.append({**part, "amount": _column(found, amount) if found.has(amount) else {"value": "0"}})
    return parts


def _interactions(found: Meanings) -> Fields:
    fields = _fields(found, ENTITIES["interactions"])
    fields |= {"lead_id": _id(found, "lead_id"), "occurred_at": _column(found, "event_at")}
    if (own := _own_id(found, "interaction_id")) is not None:
        fields["interaction_id"] = own
    allowed = ENTITIES["interactions"].field("kind").values or ()
    if found.has("kind"):
        spelt = sorted(set(found.table.texts(found.columns["kind"])))
        if set(spelt) - set(allowed) and len(spelt) <= 30:
            values = {text: text.casefold() if text.casefold() in allowed else "follow_up" for text in spelt}
            fields["kind"] = {"column": found.columns["kind"], "values": values}
            found.doubts.append("kinds of interactions are translated to follow_up where no kind has their name")
    else:
        fields["kind"] = {"value": "call" if "call" in found.columns["event_at"].casefold() else "follow_up"}
        found.doubts.append("no column says what kind of contact a line is")
    return fields


def _agents(found: Meanings) -> Fields:
    fields = _fields(found, ENTITIES["agents"])
    fields["agent_id"] = _id(found, "agent_id") if found.has("agent_id") else found.columns["agent_name"]
    if found.has("agent_name"):
        fields["name"] = found.columns["agent_name"]
    return fields


def _properties(found: Meanings, own: object) -> Fields:
    fields = {**_fields(found, ENTITIES["properties"]), "property_id": own or {"value": "?"}}
    if found.has("bedrooms", "living_rooms") and not found.has("layout"):
        rooms = f"{{{found.columns['bedrooms']}}}室{{{found.columns['living_rooms']}}}厅"
        fields["layout"] = {"template": rooms}
    return fields
