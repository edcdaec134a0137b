"""An agency in its first week: fifty leads and thirty contacts."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.home import LAST_DAY

MAPPING = """\
source: crm
root: .
timezone: Asia/Shanghai
history: true
files:
  - path: leads.csv
    entities:
      leads: {lead_id: id, created_at: created, channel: channel}
  - path: contacts.csv
    entities:
      interactions: {interaction_id: id, lead_id: lead, occurred_at: at, kind: kind, direction: way}
"""


def young_agency(home: Path) -> None:
    """Write the two files and their mapping. Ten leads are engaged, two of them have complained."""
    last = date.fromisoformat(LAST_DAY)
    leads = [
        f"L{n:02},{last - timedelta(days=1 + n % 6)},{('portal', 'walk_in', 'referral')[n % 3]}" for n in range(50)
    ]
    contacts = [
        f"C{n:02},L{n % 10:02},{last - timedelta(days=n % 4)} 15:{n:02}:00,{('call', 'enquiry', 'viewing')[n // 10]},in"
        for n in range(30)
    ]
    contacts += [f"C{30 + n},L{n:02},{last} 16:00:00,complaint,in" for n in range(2)]
    sources = home / "sources"
    sources.mkdir(parents=True)
    (sources / "leads.csv").write_text("\n".join(["id,created,channel", *leads, ""]), encoding="utf-8")
    (sources / "contacts.csv").write_text("\n".join(["id,lead,at,kind,way", *contacts, ""]), encoding="utf-8")
    (sources / "crm.yml").write_text(MAPPING, encoding="utf-8")
