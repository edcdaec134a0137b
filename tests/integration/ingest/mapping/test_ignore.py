"""Lines that are no data are counted apart: they fill no entity, and are not quarantined."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.ingest.landing.balance import unbalanced
from pipelines.ingest.landing.manifests import committed
from pipelines.ingest.mapping.load import load_mapping
from tests.ingest_home import SALES, IngestHome, counts

IGNORE = SALES.replace(
    '  - path: "*.csv"\n', "  - path: \"*.csv\"\n    ignore: \"id = 'Total' OR customer = 'test'\"\n"
)
HEADER = "id,customer,day,price\n"
ROWS = "1,A,2025-01-01,10\n2,B,2025-01-02,20\nX,C,no day,30\n"
NOISE = "3,test,no day,\nTotal,,,60\n"


def loaded(folder: Path, mapping: str, content: str) -> tuple[IngestHome, list]:
    home = IngestHome.at(folder)
    home.mapping(mapping.replace("timezone", "quarantine_bar: 0.9\ntimezone", 1))
    home.raw(content)
    return home, home.load()


@pytest.mark.parametrize("mapping", [IGNORE, IGNORE.replace("        transaction_id: id\n", "")])
def test_ignored_lines_are_counted_and_not_quarantined(tmp_path: Path, mapping: str) -> None:
    home, (report,) = loaded(tmp_path, mapping, HEADER + ROWS + NOISE)
    assert report.problems == []
    assert counts(report) == (3, 2, 1, 0)
    assert "sales.csv: lines that `ignore` leaves out: 2" in report.notes
    assert [row[0] for row in home.quarantine()] == [4]
    assert [record.ignored for batch in committed(home.settings) for record in batch.files] == [2]
    assert unbalanced(home.settings) == []
    assert report.batch.quarantined_share == 1 / 3


def test_a_file_without_such_lines_has_no_note(tmp_path: Path) -> None:
    _, (report,) = loaded(tmp_path, IGNORE, HEADER + ROWS)
    assert not any("ignore" in note for note in report.notes)


def test_a_line_on_which_the_condition_fails_or_is_null_is_data(tmp_path: Path) -> None:
    mapping = IGNORE.replace("id = 'Total' OR customer = 'test'", "CAST(price AS INTEGER) < 0")
    home, (report,) = loaded(tmp_path, mapping, HEADER + "1,A,2025-01-01,ten\n2,B,2025-01-02,\n3,C,2025-01-02,7\n")
    assert counts(report) == (3, 1, 2, 0)
    assert {rule for _, _, rule, *_ in home.quarantine()} == {"type", "required"}


def test_a_line_that_meets_no_where_may_be_ignored(tmp_path: Path) -> None:
    mapping = IGNORE.replace("      transactions:\n", "      transactions:\n        where: price > '0'\n")
    _, (report,) = loaded(tmp_path, mapping, HEADER + ROWS + "3,test,2025-01-01,\n4,D,2025-01-01,\n")
    assert counts(report) == (4, 2, 2, 0)


def test_an_unknown_column_refuses_the_file(tmp_path: Path) -> None:
    _, (report,) = loaded(tmp_path, IGNORE.replace("customer = 'test'", "who = 'test'"), HEADER + ROWS)
    assert "sales.csv, line 1, ignore: " in str(report.refused[0])


def test_mappings_without_ignore_keep_their_digest(tmp_path: Path) -> None:
    """Landing has this digest: another one would read every file again."""
    home = IngestHome.at(tmp_path)
    home.mapping(SALES)
    mapping = load_mapping(home.settings.sources_dir / "shop.yml")
    assert mapping.digest(mapping.files[0]) == "53b9956fe7121aa55755c04e70030c0dae3cca7f23730a0340b7fec670678688"
    home.mapping(IGNORE)
    other = load_mapping(home.settings.sources_dir / "shop.yml")
    assert other.digest(other.files[0]) != mapping.digest(mapping.files[0])
