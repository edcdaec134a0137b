"""Identity on the demo's raw leads: its customers compared with the true persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest

from pipelines.demo import truth
from pipelines.demo.generate import raw_tables
from pipelines.demo.presets import preset
from pipelines.demo.world.history import History, until
from pipelines.home.settings import Settings
from tests.lead_versions import Version, resolved
from tests.unit.demo.conftest import MIDDLING

LIMIT = Settings.model_fields["shared_key_limit"].default
PRECISION = 0.995


def customers(leads: pd.DataFrame) -> pd.Series:
    """The customer_key of each lead_id of a raw file."""
    leads = leads[leads["lead_id"].notna()].astype(object).where(leads.notna(), None)
    known = datetime.combine(MIDDLING.last_day, datetime.min.time())
    versions = [
        Version(name, known, known, None, phone, email)
        for name, phone, email in leads[["lead_id", "phone", "email"]].itertuples(index=False)
    ]
    found = resolved(versions, [MIDDLING.last_day], LIMIT).execute(
        "SELECT record_key, customer_key FROM identity.customer_records ORDER BY record_key"
    )
    return found.df().set_index("record_key")["customer_key"]


def precision(customer: pd.Series, person: pd.Series) -> float:
    """The share of pairs of records of one customer that are records of one person."""
    records = pd.DataFrame({"customer": customer, "person": person.reindex(customer.index)})
    pairs, correct = (
        (size * (size - 1) // 2).sum()
        for size in (records.groupby(by).size() for by in (["customer"], ["customer", "person"]))
    )
    return correct / pairs


@pytest.mark.parametrize("name", ["demo", "hard"])
def test_masked_and_placeholder_phones_merge_no_strangers(name: str, middling: History) -> None:
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

    merged = customers(raw["leads.csv"])
    # A family with one phone is one customer: the files have no other evidence.
    households = defects.loc[defects["defect"] == "household_phone", "row_id"]
    assert precision(merged.drop(households, errors="ignore"), person) >= PRECISION

    without = replace(config, dirt=replace(config.dirt, masked_phone=0.0, placeholder_phone=0.0))
    before, _ = raw_tables(history, without)
    pd.testing.assert_series_equal(merged, customers(before["leads.csv"]))
    changed = (raw["leads.csv"] != before["leads.csv"]) & raw["leads.csv"].notna()
    assert set(changed.columns[changed.any()]) == {"phone"}
    assert all(raw[file].equals(before[file]) for file in raw if file != "leads.csv")
    assert list(raw["leads.csv"].index[changed["phone"]] + 2) == sorted(withheld["line"])
