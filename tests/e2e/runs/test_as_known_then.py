"""No leaks: the tables of a day are the same whether or not later rows have landed."""

from datetime import date

import duckdb
import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.home.settings import DBT_PROJECT, Settings
from pipelines.ingest.contract import ENTITIES
from pipelines.integrity.log import accept
from pipelines.integrity.verify import covered
from pipelines.scoring.build_snapshots import CORE_OF_TRAINING, STAGING_OF_TRAINING, build_core
from pipelines.transform.scope import cutoff_utc
from tests.home import copy_home

THEN, LATER = date(2025, 6, 30), date(2025, 9, 30)
LABELS = "target_labels"
TABLES = sorted({path.stem for path in (DBT_PROJECT / "models" / "core").rglob("*.sql")} - {LABELS})
"""Every table of core. Labels look ahead to the latest day of the scope, so a test of their own covers them."""
SAMPLE = 150
ONE_ROW = "repeat_buying__by_as_of"
"""Grain: the day."""


def truncate(settings, cutoff):
    """Keep only rows that had happened and were known before the cutoff. Returns the number of deleted rows."""
    dropped = 0
    for path in (settings.landing / "data").rglob("*.parquet"):
        table = pq.read_table(path)
        keep = pc.less(table["known_at"], cutoff)
        happened = ENTITIES[path.stem.partition(".")[0]].happened
        if happened in table.column_names:
            before = pc.less(pc.cast(table[happened], table["known_at"].type), cutoff)
            keep = pc.and_kleene(keep, pc.fill_null(before, True))
        pq.write_table(table.filter(keep), path)
        dropped += table.num_rows - table.filter(keep).num_rows
    accept(settings.home, covered(settings.home, "landing/data"), "cut by a test")
    return dropped


@pytest.fixture(scope="module")
def builds(demo, tmp_path_factory):
    """Core at THEN and LATER from the whole landing and from one ending at LATER; at THEN from one ending there.

    `sample`: of the whole landing, for a sample of customers.
    """
    whole = Settings(home=copy_home(demo.home, tmp_path_factory.mktemp("whole") / "home"))
    cut = Settings(home=copy_home(demo.home, tmp_path_factory.mktemp("cut") / "home"))
    files = {name: cut.home / name / cut.warehouse.name for name in ("whole", "sample", "later", "then")}
    for file in files.values():
        file.parent.mkdir()
    build_core(whole, files["whole"], [THEN, LATER], "whole")
    sample = build_core(
        whole, files["sample"], [THEN, LATER], "sample", (STAGING_OF_TRAINING, CORE_OF_TRAINING), at_most=SAMPLE
    )
    assert sample.customers == SAMPLE < sample.all_customers
    for name, days in (("later", [THEN, LATER]), ("then", [THEN])):
        assert truncate(cut, cutoff_utc(days[-1], cut).to_pydatetime()) > 100
        build_core(cut, files[name], days, name)
    return {name: duckdb.connect(str(file), read_only=True) for name, file in files.items()}


@pytest.mark.parametrize("table", TABLES)
def test_a_day_is_the_same_from_the_whole_landing_and_from_one_cut_at_that_day(builds, table):
    query = f"SELECT * FROM core.{table} WHERE as_of = DATE '{THEN}' ORDER BY ALL"
    expected, found = (builds[name].execute(query).df() for name in ("then", "whole"))
    assert len(expected) > (0 if table == ONE_ROW else 10)
    assert found.equals(expected)


def test_labels_read_nothing_later_than_the_latest_day_of_the_scope(builds):
    query = f"SELECT * FROM core.{LABELS} ORDER BY ALL"
    expected, found = (builds[name].execute(query).df() for name in ("later", "whole"))
    assert set(expected["target"]) >= {"dormancy", "intent", "tenant_loss"}
    assert found.equals(expected)


def test_a_label_is_null_just_where_its_window_is_still_open(builds):
    labels = builds["whole"].execute(f"SELECT * FROM core.{LABELS}").df()
    still_open = labels["label_ends_on"] > str(LATER)
    assert labels["label"].isna().equals(still_open)
    assert 0 < still_open.sum() < len(labels)


@pytest.mark.parametrize("table", ["customer_features", "customer_triggers", LABELS])
def test_a_customer_of_a_sample_is_the_same_as_among_all_customers(builds, table):
    """Shares of agents and lengths of history too, although they describe other customers as well."""
    found = builds["sample"].execute(f"SELECT * FROM core.{table} ORDER BY ALL").df()
    everyone = builds["whole"].execute(f"SELECT * FROM core.{table} ORDER BY ALL").df()
    assert SAMPLE / 2 < found["customer_key"].nunique() <= 2 * SAMPLE
    chosen = everyone["customer_key"].isin(set(found["customer_key"]))
    # A column that is null in the whole sample has another type.
    pd.testing.assert_frame_equal(found, everyone[chosen].reset_index(drop=True), check_dtype=False, check_exact=True)


def test_merges_are_those_known_then(builds):
    query = f"SELECT record_key, customer_key FROM identity.customer_records WHERE as_of = DATE '{THEN}' ORDER BY ALL"
    assert builds["whole"].execute(query).fetchall() == builds["then"].execute(query).fetchall()
    merged_later = (
        builds["whole"]
        .execute(
            "SELECT count(*) FROM identity.customer_records AS early JOIN identity.customer_records AS late "
            f"USING (record_key) WHERE early.as_of = DATE '{THEN}' AND late.as_of = DATE '{LATER}' "
            "AND early.customer_key != late.customer_key"
        )
        .fetchone()
    )
    assert merged_later is not None


def test_the_customers_of_identity_are_those_of_dbt_on_every_day(builds):
    connection = builds["whole"]
    pairs = "SELECT as_of, record_key, customer_key FROM {} ORDER BY ALL"
    of_identity, of_dbt = (
        connection.execute(pairs.format(table)).fetchall()
        for table in ("identity.customer_records", "intermediate.int_records__by_as_of")
    )
    assert of_identity == of_dbt
    assert {as_of for as_of, *_ in of_dbt} == {THEN, LATER}
    keys = "SELECT DISTINCT as_of, customer_key FROM identity.customer_records ORDER BY ALL"
    assert (
        connection.execute(keys).fetchall()
        == connection.execute(
            "SELECT as_of, customer_key FROM core.customers WHERE first_known_at IS NOT NULL ORDER BY ALL"
        ).fetchall()
    )
