"""Sources from their files to published grades with `map`, `check` and `run`, and no other command."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.crm_exports import contacts_file, deals_file, leads_file
from tests.e2e.crowded import Crowded
from tests.home import published, tierhouse, with_source

LAST_DAY = date(2025, 6, 30)


def test_fifty_leads_and_a_week_of_contacts_are_graded(crowded: Crowded) -> None:
    assert "0.0% quarantined" in crowded.checked
    grades = with_source(crowded.home, published(crowded.home, "customer_grades"), "drafted")
    assert len(grades) == 50
    assert grades["grade"].notna().all()


@pytest.mark.soak
def test_eight_thousand_leads_without_a_won_deal_are_graded(tmp_path: Path) -> None:
    rng = random.Random(2)
    first = LAST_DAY - timedelta(days=540)
    home, raw = tmp_path / "home", tmp_path / "exports"
    raw.mkdir()
    files = {
        raw / "leads.csv": leads_file(rng, 8_000, first, 540),
        raw / "activities.csv": contacts_file(rng, 12_000, 8_000, first, 540),
        raw / "deals.csv": deals_file(rng, 1_500, 8_000, first, 500),
    }
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    tierhouse(home, "map", *map(str, files), "-o", str(home / "sources" / "crm.yml"))
    assert "0.0% quarantined" in tierhouse(home, "check", "crm").stdout
    tierhouse(home, "run", "--as-of", str(LAST_DAY))
    grades = published(home, "customer_grades")
    assert len(grades) == 8_000
    assert grades["grade"].notna().all()
    assert (published(home, "customer_rfm")["frequency"] == 0).all()
