"""Identity on the demo's leads as they are written: who is one customer, held against who is one person."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from pipelines.demo import truth
from pipelines.demo.generate import raw_tables
from pipelines.demo.presets import preset
from pipelines.demo.world.history import History, until
from pipelines.home.settings import Settings
from pipelines.identity.contacts import Placeholders, contact_keys, read_email, read_phone
from pipelines.identity.customers import Versions, resolve_day
from tests.integration.dbt.properties.histories import rules
from tests.unit.demo.conftest import MIDDLING

LIMIT = Settings.model_fields["shared_key_limit"].default
PRECISION = 0.995


def customers(leads: pd.DataFrame) -> pd.Series:
    """Record → customer, of leads as written."""
    listed = Placeholders.of((row["kind"], row["text"]) for row in rules("placeholder_contacts"))
    leads = leads[leads["lead_id"].notna()].reset_index(drop=True)
    found = [
        contact_keys(leads["phone"], "phone", lambda text: read_phone(text, "CN", listed)),
        contact_keys(leads["email"], "email", lambda text: read_email(text, listed)),
    ]
    keys, faults = (pd.concat(parts, ignore_index=True) for parts in zip(*found, strict=True))
    known = pd.Timestamp(MIDDLING.last_day)
    rows = pd.DataFrame({"record_key": leads["lead_id"], "created_at": known, "known_at": known}).assign(
        superseded_at=pd.NaT, phone=leads["phone"].notna(), email=leads["email"].notna()
    )
    day = resolve_day(Versions(rows, keys, faults), MIDDLING.last_day, LIMIT)
    return day.records.set_index("record_key")["customer_key"]


def precision(customer: pd.Series, person: pd.Series) -> float:
    """Of all pairs of records that are one customer, the share that are one person."""
    found = pd.DataFrame({"customer": customer, "person": person.reindex(customer.index)})
    pairs, right = (
        (size * (size - 1) // 2).sum()
        for size in (found.groupby(by).size() for by in (["customer"], ["customer", "person"]))
    )
    return right / pairs


@pytest.mark.parametrize("name", ["demo", "hard"])
def test_withheld_phones_merge_no_strangers(name: str, middling: History) -> None:
    config = replace(preset(name).config, leads=MIDDLING.leads)
    history = until(middling, config.days)
    raw, defects = raw_tables(history, config)
    person = truth.tables(history, defects, config, ceiling=False)["record_person.parquet"].set_index("lead_id")[
        "person_id"
    ]
    withheld = defects[defects["defect"].isin(["masked_phone", "placeholder_phone"])]
    assert set(withheld["defect"]) == {"masked_phone", "placeholder_phone"}
    repeated = withheld["written"].duplicated(keep=False)
    assert repeated.sum() > 20

    found = customers(raw["leads.csv"])
    # A family of one phone is one customer: nothing in the files tells its members apart.
    households = defects.loc[defects["defect"] == "household_phone", "row_id"]
    assert precision(found.drop(households, errors="ignore"), person) >= PRECISION

    without = replace(config, dirt=replace(config.dirt, masked_phone=0.0, placeholder_phone=0.0))
    before, _ = raw_tables(history, without)
    pd.testing.assert_series_equal(found, customers(before["leads.csv"]))
    changed = (raw["leads.csv"] != before["leads.csv"]) & raw["leads.csv"].notna()
    assert set(changed.columns[changed.any()]) == {"phone"}
    assert all(raw[file].equals(before[file]) for file in raw if file != "leads.csv")
    assert list(raw["leads.csv"].index[changed["phone"]] + 2) == sorted(withheld["line"])
