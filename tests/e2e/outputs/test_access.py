"""What is held about a person: all of it, of this person alone, for the owner of the home alone."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from pipelines.home.sql import parquet_files
from tests.home import tierhouse


def held(home: Path, person: str, output: Path) -> dict:
    tierhouse(home, "access", person, "-o", str(output))
    assert output.stat().st_mode & 0o777 == 0o600
    return json.loads(output.read_text(encoding="utf-8"))


def directory(home: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(home / "restricted.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_customer_of_two_records_gets_the_rows_of_both(demo, tmp_path):
    [(customer, key, phone)] = directory(
        demo.home,
        "SELECT customer_id, customer_key, max(phone) FROM directory GROUP BY ALL "
        "HAVING count(*) > 1 AND count(phone) = count(*) ORDER BY customer_id LIMIT 1",
    )
    records = [
        record for (record,) in directory(demo.home, f"SELECT record_key FROM directory WHERE customer_key = '{key}'")
    ]
    found = held(demo.home, phone.split(", ")[0], tmp_path / "by_phone.json")

    assert found["records"] == sorted(records)
    assert held(demo.home, records[-1], tmp_path / "by_record.json") == found
    ids = [record.partition(":")[2] for record in records]
    for entity in ("leads", "interactions", "transactions"):
        rows = parquet_files(sorted((demo.home / "landing" / "data").glob(f"*/{entity}.parquet")))
        counted = duckdb.execute(f"SELECT count(*) FROM {rows} WHERE list_contains(?, lead_id)", [ids]).fetchone()
        assert len(found[entity]) == counted[0]
        assert {row["lead_id"] for row in found[entity]} <= set(ids)
    assert {row["full_name"] for row in found["leads"]} != {None}
    [grade] = found["published"]["customer_grades"]
    assert grade["customer_id"] == customer
    assert {row["customer_id"] for rows in found["published"].values() for row in rows} == {customer}
    assert found["published"]["grade_reasons"]
    assert {row["customer_key"] for row in found["ledger"]["grades"]} <= set(records)


def test_a_record_whose_id_is_a_phone_is_found_by_what_the_source_wrote(crowded, tmp_path):
    found = held(crowded.home, "planted:13871234567", tmp_path / "held.json")

    assert "13871234567" in {row["lead_id"] for row in found["leads"]}
    assert found["published"]["customer_grades"]


def test_nobody_and_an_office_are_errors_without_a_file(demo, tmp_path):
    nobody = tierhouse(demo.home, "access", "demo:L-none", "-o", str(tmp_path / "held.json"), check=False)

    assert nobody.returncode == 1
    assert "has this record id, phone or e-mail: expected `source:id`" in nobody.stderr
    assert not list(tmp_path.iterdir())
