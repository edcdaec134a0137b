"""Identity on the demo's raw leads: its customers compared with the true persons."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from benchmarks.identity.accuracy import Accuracy, accuracy
from benchmarks.identity.worlds import World, resolve_staged, staged
from pipelines.demo import truth
from pipelines.demo.generate import raw_tables
from pipelines.demo.presets import preset
from pipelines.demo.world.history import History, until
from tests.unit.demo.conftest import MIDDLING

PRECISION, RECALL = 0.995, 0.97


def resolve(leads: pd.DataFrame, persons: pd.DataFrame) -> tuple[pd.DataFrame, Accuracy]:
    """The customer of each record of a raw file, and how right they are."""
    with staged(World(leads, persons)) as connection:
        resolve_staged(connection)
        found = connection.execute("SELECT record_key, customer_key FROM identity.customer_records ORDER BY ALL").df()
        return found, accuracy(connection)


@pytest.mark.parametrize("name", ["demo", "hard"])
def test_customers_are_persons_also_with_masked_and_placeholder_phones(name: str, middling: History) -> None:
    config = replace(preset(name).config, leads=MIDDLING.leads)
    history = until(middling, config.days)
    raw, defects = raw_tables(history, config)
    persons = truth.record_person(history.records)
    withheld = defects[defects["defect"].isin(["masked_phone", "placeholder_phone"])]
    assert set(withheld["defect"]) == {"masked_phone", "placeholder_phone"}
    repeated = withheld["written"].duplicated(keep=False)
    assert repeated.sum() > 20

    merged, right = resolve(raw["leads.csv"], persons)
    assert (right.precision >= PRECISION, right.recall >= RECALL) == (True, True), right

    without = replace(config, dirt=replace(config.dirt, masked_phone=0.0, placeholder_phone=0.0))
    before, _ = raw_tables(history, without)
    pd.testing.assert_frame_equal(merged, resolve(before["leads.csv"], persons)[0])
    changed = (raw["leads.csv"] != before["leads.csv"]) & raw["leads.csv"].notna()
    assert set(changed.columns[changed.any()]) == {"phone"}
    assert all(raw[file].equals(before[file]) for file in raw if file != "leads.csv")
    assert list(raw["leads.csv"].index[changed["phone"]] + 2) == sorted(withheld["line"])
