"""The mappings of the real sources: every line accounted for, and the facts of their README reproduced."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from pipelines.home.settings import PROJECT_ROOT
from pipelines.ingest import landing
from pipelines.ingest.mapping.load import load_mapping
from pipelines.ingest.stage import SourceReport, stage_source
from tests.ingest_home import NOW, IngestHome

MAPPINGS = Path(__file__).parent / "mappings"
DATA = PROJECT_ROOT.parent / "shared" / "data"


def loaded(folder: Path, source: str) -> tuple[IngestHome, SourceReport]:
    if not (DATA / source).is_dir():
        pytest.skip(f"the real data is absent: {DATA / source}")
    home = IngestHome.at(folder)
    report = stage_source(home.settings, load_mapping(MAPPINGS / f"{source}.yml"), NOW, lambda _: None)
    landing.commit(home.settings, [report.batch])
    assert report.problems == []
    assert all(row.lines == row.accepted + row.quarantined + row.known for row in report.files)
    return home, report


def by_entity(report: SourceReport) -> dict[str, tuple[int, int, int, int]]:
    return {row.entity: (row.lines, row.accepted, row.quarantined, row.known) for row in report.files}


def test_estate_crm_is_accounted_for_to_the_row(tmp_path: Path) -> None:
    home, report = loaded(tmp_path, "estate_crm")
    assert by_entity(report) == {
        "leads": (15_000, 15_000, 0, 0),
        "transactions": (804, 804, 0, 0),
        "agents": (30, 30, 0, 0),
    }
    assert home.query("SELECT count(*) FROM landing.leads WHERE budget_min > budget_max") == [(990,)]
    assert home.query("SELECT source, interactions, transactions FROM landing.sources") == [("estate_crm", False, True)]
    assert home.query("SELECT DISTINCT kind, currency FROM landing.transactions") == [("sale", "INR")]
    assert home.query("SELECT CAST(created_at AS VARCHAR) FROM landing.leads WHERE lead_id = 'L000001'") == [
        ("2025-05-18 02:29:00",)
    ]
    assert home.query("SELECT CAST(occurred_at AS VARCHAR) FROM landing.transactions WHERE lead_id = 'L000048'") == [
        ("2025-06-26 19:51:33",)
    ]
    assert home.query("SELECT count(DISTINCT channel), count(channel) FROM landing.leads") == [(5, 15_000)]


def test_cdnow_keeps_its_honest_repetitions_and_free_purchases(tmp_path: Path) -> None:
    home, report = loaded(tmp_path, "cdnow")
    assert by_entity(report) == {"leads": (6_919, 2_357, 0, 4_562), "transactions": (6_919, 6_919, 0, 0)}
    repeated, free = home.query(
        "SELECT count(*) FILTER (NOT ends_with(row_key, '-1')), count(*) FILTER (amount = 0) FROM landing.transactions"
    )[0]
    assert (repeated, free) == (21, 8)


def test_online_retail_reproduces_its_facts(tmp_path: Path) -> None:
    home, report = loaded(tmp_path, "online_retail")
    assert by_entity(report) == {
        "leads": (541_909, 4_372, 135_080, 402_457),
        "transactions": (541_909, 406_789, 135_120, 0),
    }
    assert report.batch.quarantined_share <= report.batch.quarantine_bar
    without_customer = "SELECT sum(rows) FROM landing.quarantine WHERE (rule, field) = ('required', 'lead_id')"
    assert home.query(f"{without_customer} AND entity = 'transactions'") == [(135_080,)]
    sales = "SELECT count(*), count(DISTINCT lead_id), round(sum(amount)), count(deal_id) FROM landing.transactions"
    assert home.query(f"{sales} WHERE kind = 'sale'") == [(397_884, 4_338, 8_911_408, 397_884)]
    assert home.query(f"{sales} WHERE kind = 'cancellation'")[0][::3] == (8_905, 0)
    assert home.query("SELECT count(*) FROM landing.leads WHERE lead_id = '17850'") == [(1,)]
    vanished = "SELECT count(*) FROM landing.transactions AS t ANTI JOIN landing.leads AS l ON t.lead_id = l.lead_id"
    assert home.query(vanished) == [(0,)]


def test_beijing_resale_is_read_whole_but_for_its_truncated_row(tmp_path: Path) -> None:
    home, report = loaded(tmp_path, "beijing_resale")
    assert by_entity(report) == dict.fromkeys(("leads", "transactions", "properties"), (13_769, 13_768, 1, 0))
    assert {row[:4] for row in home.quarantine()} == {
        (13_771, entity, "ragged_row", None) for entity in by_entity(report)
    }
    deals = (
        "SELECT count(DISTINCT transaction_id), count(DISTINCT property_id), sum(amount), "
        "min(CAST(occurred_at + INTERVAL 8 HOUR AS DATE)), max(CAST(occurred_at + INTERVAL 8 HOUR AS DATE)) "
        "FROM landing.transactions"
    )
    assert home.query(deals) == [(13_768, 13_768, 62_517_830_000, date(2016, 6, 15), date(2017, 12, 13))]
    assert home.query("SELECT district, layout, area FROM landing.properties WHERE property_id = '101084782030'") == [
        ("朝阳", "2室1厅", 131.0)
    ]
    kept = home.settings.landing / "data" / report.batch.batch / "properties.parquet"
    unknown = "SELECT count(*) FROM read_parquet(?) WHERE extra->>'Construction time' IS NULL"
    assert duckdb.execute(unknown, [str(kept)]).fetchone() == (383,)


def test_the_sources_load_side_by_side_and_the_second_time_add_nothing(tmp_path: Path) -> None:
    if not (DATA / "cdnow").is_dir():
        pytest.skip(f"the real data is absent: {DATA}")
    home = IngestHome.at(tmp_path)
    home.settings.sources_dir.mkdir()
    for source in ("cdnow", "estate_crm"):
        text = (MAPPINGS / f"{source}.yml").read_text().replace("../../../../shared/data", str(DATA))
        (home.settings.sources_dir / f"{source}.yml").write_text(text)
    assert [bool(report.batch) for report in home.load()] == [True, True]
    assert [(report.batch, report.problems) for report in home.load()] == [(None, []), (None, [])]
