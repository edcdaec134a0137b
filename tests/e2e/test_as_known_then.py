"""The proof against leaks: the past is the same whether or not the future has landed."""

from datetime import date

import duckdb
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines.ingest.contract import ENTITIES
from pipelines.scoring.snapshots import build_core
from pipelines.settings import Settings
from pipelines.transform.project import dbt_resource
from pipelines.transform.scope import cutoff_utc
from tests.home import copy_home

THEN, LATER = date(2025, 6, 30), [date(2025, 9, 30), date(2026, 6, 30)]
TABLES = ("customers", "customer_features", "customer_lifecycle", "customer_abc", "deals")


def truncate(settings, cutoff):
    """Leave in landing only what had happened and was known before the cutoff."""
    dropped = 0
    for path in (settings.landing / "data").rglob("*.parquet"):
        table = pq.read_table(path)
        keep = pc.less(table["known_at"], cutoff)
        happened = ENTITIES[path.stem].happened
        if happened:
            before = pc.less(pc.cast(table[happened], table["known_at"].type), cutoff)
            keep = pc.and_kleene(keep, pc.fill_null(before, True))
        pq.write_table(table.filter(keep), path)
        dropped += table.num_rows - table.filter(keep).num_rows
    return dropped


@pytest.fixture(scope="module")
def builds(demo, tmp_path_factory):
    """Core at THEN: from the whole landing together with later days, and alone from a landing that ends at THEN."""
    whole = Settings(home=copy_home(demo.home, tmp_path_factory.mktemp("whole") / "home"))
    then = Settings(home=copy_home(demo.home, tmp_path_factory.mktemp("then") / "home"))
    assert truncate(then, cutoff_utc(THEN, then).to_pydatetime()) > 1000
    dbt = dbt_resource()
    files = whole.home / "whole.duckdb", then.home / "then.duckdb"
    build_core(whole, dbt, files[0], [THEN, *LATER], "whole")
    build_core(then, dbt, files[1], [THEN], "then")
    return files


@pytest.mark.parametrize("table", [*TABLES, "customer_rfm__by_as_of", "customer_purchase_history__by_as_of"])
def test_a_day_is_the_same_from_the_whole_landing_and_from_one_cut_at_that_day(builds, table):
    whole, then = (duckdb.connect(str(file), read_only=True) for file in builds)
    query = f"SELECT * FROM marts.{table} WHERE as_of = DATE '{THEN}' ORDER BY ALL"
    expected, found = then.execute(query).df(), whole.execute(query).df()
    assert len(expected) > 10
    assert found.equals(expected)


def test_merges_are_those_known_then(builds):
    whole, then = (duckdb.connect(str(file), read_only=True) for file in builds)
    query = f"SELECT record_key, customer_key FROM identity.customer_records WHERE as_of = DATE '{THEN}' ORDER BY ALL"
    assert whole.execute(query).fetchall() == then.execute(query).fetchall()
    merged_later = whole.execute(
        "SELECT count(*) FROM identity.customer_records AS early JOIN identity.customer_records AS late "
        f"USING (record_key) WHERE early.as_of = DATE '{THEN}' AND late.as_of = DATE '{LATER[-1]}' "
        "AND early.customer_key != late.customer_key"
    ).fetchone()
    assert merged_later is not None
