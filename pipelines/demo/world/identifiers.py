"""Invented names, phones and e-mails that belong to no real person."""

from __future__ import annotations

import numpy as np
import pandas as pd
from faker.providers.person.zh_CN import Provider as ChineseNames

from pipelines.demo.chance import NULL, stream
from pipelines.demo.config import DemoConfig
from pipelines.demo.world import market

# Mobile prefixes of no Chinese operator: the numbers have the right length but do not exist.
UNASSIGNED_PREFIXES = ("160", "163", "164", "168", "169")
DOMAINS = ("example.com", "example.org", "example.net")
HAS_EMAIL = 0.45
FIRST_RECORD_WITHOUT_PHONE = 0.02
# Shares of second records that repeat both contacts or only the e-mail of the first record.
REPEATS_BOTH, REPEATS_EMAIL = 0.25, 0.15


def contact_fields(records: pd.DataFrame, people: pd.DataFrame, config: DemoConfig) -> pd.DataFrame:
    """full_name, phone and email of each record: clean text or null.

    A few second records share neither phone nor e-mail with the first, so that identity cannot link them.
    """
    rng = stream(config.seed, "identifiers")
    person, second = records["person"].to_numpy(), records["copy"].to_numpy() > 0
    phones = _phones(rng, len(people) + len(records), config)
    emails = _emails(rng, len(people), config)
    names = market.full_names(rng, len(people))
    stranger = second & (rng.random(len(records)) < config.unlinkable_second_records)
    has_email = np.array([email is not None for email in emails])[person]
    repeats = rng.random(len(records))
    email_only = np.where(second, repeats < REPEATS_EMAIL, repeats < FIRST_RECORD_WITHOUT_PHONE) & has_email & ~stranger
    shows_email = ~second | email_only | (repeats < REPEATS_EMAIL + REPEATS_BOTH)
    phone = np.where(stranger, phones[len(people) :], phones[person])
    return pd.DataFrame(
        {
            "full_name": names[person],
            "phone": np.where(email_only, NULL, phone),
            "email": np.where(shows_email & ~stranger, emails[person], NULL),
        }
    )


def _phones(rng: np.random.Generator, size: int, config: DemoConfig) -> np.ndarray:
    """Distinct numbers of eleven digits. Parts of a world have no common numbers."""
    pool = len(UNASSIGNED_PREFIXES) * 10**8 // config.parts
    numbers = rng.choice(pool, size, replace=False) + config.part * pool
    prefixes = np.array([int(prefix) for prefix in UNASSIGNED_PREFIXES])
    return (prefixes[numbers // 10**8] * 10**8 + numbers % 10**8).astype(str).astype(object)


def _emails(rng: np.random.Generator, size: int, config: DemoConfig) -> np.ndarray:
    given = rng.choice(np.array(_latin(ChineseNames.first_romanized_names), dtype=object), size)
    family = rng.choice(np.array(_latin(ChineseNames.last_romanized_names), dtype=object), size)
    domain = rng.choice(np.array(DOMAINS, dtype=object), size)
    number = (np.arange(1, size + 1) * config.parts - config.part).astype(str).astype(object)
    return np.where(rng.random(size) < HAS_EMAIL, given + "." + family + number + "@" + domain, NULL)


def _latin(names: tuple[str, ...]) -> list[str]:
    return [name.lower() for name in names if name.isascii() and name.isalpha()]
