"""A home with sources of every kind: drafted by `map`, good, dirty, poisoned, broken, and full of personal data."""

from __future__ import annotations

import random
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from tests.crm_exports import contacts_file, leads_file
from tests.e2e.shortages import Refused, run_with_little_memory
from tests.home import LAST_DAY, fingerprint, tierhouse
from tests.planted import plant

SHOP = """\
source: {name}
root: {root}
timezone: Asia/Shanghai
history: true
files:
  - path: {name}.csv
    entities:
      leads:
        lead_id: id
        created_at: day
      transactions:
        lead_id: id
        occurred_at: day
        kind: {{value: sale}}
        amount: price
        currency: {{value: CNY}}
"""
GOOD = "id,day,price\n" + "".join(f"{n},2026-0{1 + n % 6}-01,{n}.50\n" for n in range(1, 60))


class Crowded(NamedTuple):
    home: Path
    short: Refused
    """The run with too little memory, before all others."""
    checked: str
    """Output of `check` for the source whose mapping `map` has drafted."""
    blocked: subprocess.CompletedProcess[str]
    """The run that a poisoned batch has stopped."""
    published_before: dict[str, str]
    """Fingerprint of what was published before that run, and after it."""
    published_after: dict[str, str]
    done: subprocess.CompletedProcess[str]
    """The run after the batch was rejected."""


def crowd(home: Path, exports: Path) -> Crowded:
    """Fail for want of memory, add sources to a graded home, grade it, reject the poisoned batch, grade it again."""
    short = run_with_little_memory(home)
    exports.mkdir()
    chance, week = random.Random(1), date.fromisoformat(LAST_DAY) - timedelta(days=6)
    files = {
        exports / "leads.csv": leads_file(chance, 50, week, 6),
        exports / "activities.csv": contacts_file(chance, 20, 50, week, 7),
    }
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    tierhouse(home, "map", *map(str, files), "-o", str(home / "sources" / "drafted.yml"))
    checked = tierhouse(home, "check", "drafted").stdout

    plant(home, date.fromisoformat(LAST_DAY))
    _add_shop(home, "poisoned", GOOD + "".join(f"{n},2026-02-31,1\n" for n in range(100, 130)))
    _add_shop(home, "good", GOOD)
    _add_shop(home, "zipped", b"PK\x03\x04" + bytes(200))
    _add_shop(home, "empty", "")
    _add_shop(home, "headeronly", "id,day,price\n")
    _add_shop(home, "columnmissing", "id,price\n1,2\n")
    _add_shop(home, "nodate", "id,day,price\n1,31-02-2025,2\n2,30-02-2025,3\n")
    _add_shop(home, "wrongmapping", GOOD, SHOP.replace("lead_id: id", "lead: id"))
    _add_shop(home, "somedirt", GOOD + "60,2026-02-31,1\n61,2026-01-01,-5\n")
    before = fingerprint(home / "published")
    blocked = tierhouse(home, "run", "--as-of", LAST_DAY, check=False)
    after = fingerprint(home / "published")
    (batch,) = [folder.name for folder in (home / "staged").iterdir() if folder.name.startswith("poisoned-")]
    tierhouse(home, "reject", batch, "--reason", "wrong export")
    done = tierhouse(home, "run", "--as-of", LAST_DAY)
    tierhouse(home, "report")
    return Crowded(home, short, checked, blocked, before, after, done)


def _add_shop(home: Path, name: str, content: str | bytes, mapping: str = SHOP) -> None:
    raw = home / "raw"
    raw.mkdir(exist_ok=True)
    (raw / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    (home / "sources" / f"{name}.yml").write_text(mapping.format(name=name, root=raw), encoding="utf-8")
