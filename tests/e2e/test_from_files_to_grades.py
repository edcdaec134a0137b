"""New homes from their files to published grades with `map`, `check` and `run`, and no other command."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.home import published, tierhouse

LAST_DAY = date(2025, 6, 30)
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


def first_day(folder: Path, files: dict[str, str]) -> Path:
    """The home after `map`, `check` and `run` over the files."""
    home, raw = folder / "home", folder / "exports"
    raw.mkdir()
    for name, text in files.items():
        (raw / name).write_text(text, encoding="utf-8")
    mapping = home / "sources" / "crm.yml"
    tierhouse(home, "map", *(str(raw / name) for name in files), "-o", str(mapping))
    checked = tierhouse(home, "check", "crm")
    assert "0.0% quarantined" in checked.stdout
    tierhouse(home, "run", "--as-of", str(LAST_DAY))
    return home


def test_fifty_leads_and_a_week_of_contacts_are_graded(tmp_path: Path) -> None:
    rng = random.Random(1)
    week = LAST_DAY - timedelta(days=6)
    home = first_day(
        tmp_path, {"leads.csv": leads_file(rng, 50, week, 6), "activities.csv": contacts_file(rng, 20, 50, week, 7)}
    )
    grades = published(home, "customer_grades")
    assert len(grades) == 50
    assert grades["grade"].notna().all()


@pytest.mark.soak
def test_eight_thousand_leads_without_a_won_deal_are_graded(tmp_path: Path) -> None:
    rng = random.Random(2)
    first = LAST_DAY - timedelta(days=540)
    home = first_day(
        tmp_path,
        {
            "leads.csv": leads_file(rng, 8_000, first, 540),
            "activities.csv": contacts_file(rng, 12_000, 8_000, first, 540),
            "deals.csv": deals_file(rng, 1_500, 8_000, first, 500),
        },
    )
    grades = published(home, "customer_grades")
    assert len(grades) == 8_000
    assert grades["grade"].notna().all()
    assert (published(home, "customer_rfm")["frequency"] == 0).all()
