"""Exports of a CRM with headers in English, as random as their seed."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

STATUSES = ("New", "Contacted", "Qualified", "Lost", "Junk Lead", "Do Not Contact")
STAGES = ("Prospecting", "Viewing", "Negotiation/Review", "Proposal/Price Quote", "Closed Lost", "On Hold")
SOURCES = ("Web", "Walk-in", "Referral", "Portal")


def moment(rng: random.Random, first: date, days: int) -> datetime:
    return datetime.combine(first, datetime.min.time()) + timedelta(
        days=rng.randrange(days), minutes=rng.randrange(1200)
    )


def leads_file(rng: random.Random, count: int, first: date, days: int) -> str:
    lines = ["Lead ID,First Name,Last Name,Mobile,Email,Lead Source,Lead Status,Lead Owner,Budget,Create Date"]
    for number in range(1, count + 1):
        created = moment(rng, first, days)
        lines.append(
            f"L{number},First{number},Last{number},1{60_0000_0000 + number},l{number}@example.com,"
            f'{rng.choice(SOURCES)},{rng.choice(STATUSES)},Agent {number % 9},"{rng.randrange(10, 90)}0,000",'
            f"{created:%Y-%m-%d %H:%M}"
        )
    return "\n".join(lines) + "\n"


def contacts_file(rng: random.Random, count: int, leads: int, first: date, days: int) -> str:
    lines = ["Activity ID,Lead ID,Activity Type,Direction,Outcome,Activity Date,Owner"]
    for number in range(1, count + 1):
        kind = rng.choice(("Call", "Call", "WhatsApp", "Site visit"))
        inbound = rng.choice(("Inbound", "Outbound"))
        outcome = rng.choice(("Connected", "No answer")) if kind == "Call" else ""
        at = moment(rng, first, days)
        lines.append(
            f"A{number},L{rng.randint(1, leads)},{kind},{inbound},{outcome},{at:%Y-%m-%d %H:%M},Agent {number % 9}"
        )
    return "\n".join(lines) + "\n"


def deals_file(rng: random.Random, count: int, leads: int, first: date, days: int) -> str:
    lines = ["Deal ID,Deal Name,Lead ID,Deal Stage,Amount,Currency,Close Date,Created Time,Deal Owner"]
    for number in range(1, count + 1):
        created = moment(rng, first, days)
        close = created.date() + timedelta(days=rng.randrange(20, 120))
        lines.append(
            f'D{number},Flat {number},L{rng.randint(1, leads)},{rng.choice(STAGES)},"{rng.randrange(10, 90)}0,000",CNY,'
            f"{close},{created:%Y-%m-%d %H:%M},Agent {number % 9}"
        )
    return "\n".join(lines) + "\n"
