"""Decimal and thousands marks belong to a column: stated by `decimal`, or never guessed cell by cell."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest_home import IngestHome, counts
from tests.workbooks import workbook

GERMAN = """\
sep=;
Vorgangs-ID;Kunden-ID;Datum;Art;Preis;Provision
1;K1;07.03.2024;Verkauf;850.000;25.500,00
2;K2;15.04.2024;Verkauf;1.250.000;37.500,00
3;K3;20.05.2024;Verkauf;320.000;9.600,00
4;K4;21.05.2024;Verkauf;415.000,50 €;12.450,02
5;K5;22.05.2024;Verkauf;99.500;2.985,00
6;K6;23.05.2024;Verkauf;199.500;5.985,00
7;K7;24.05.2024;Verkauf;700000;5985
"""
MAPPING = """\
source: shop
root: ../raw/shop
timezone: Europe/Berlin
currency: EUR
history: true
quarantine_bar: 1
files:
  - path: "*.*"
    format: auto
    encoding: cp1252
    delimiter: ";"
    entities:
      transactions:
        transaction_id: Vorgangs-ID
        lead_id: Kunden-ID
        occurred_at: {column: Datum, format: "%d.%m.%Y"}
        kind: {value: sale}
        amount: Preis
"""
STATED = MAPPING.replace("amount: Preis", 'amount: {column: Preis, decimal: ","}')
AMOUNTS = "SELECT transaction_id, amount FROM landing.transactions ORDER BY 1"


@pytest.fixture
def home(tmp_path: Path) -> IngestHome:
    home = IngestHome.at(tmp_path)
    home.mapping(MAPPING)
    return home


def test_a_column_with_points_between_thousands_is_not_read_as_decimals(home: IngestHome) -> None:
    home.raw(GERMAN.encode("cp1252"), "deals.csv")
    home.load()
    assert home.query(AMOUNTS) == [("7", Decimal("700000"))]
    rows = home.quarantine()
    assert [(row[0], row[2], row[3]) for row in rows] == [(line, "type", "amount") for line in range(3, 9)]
    assert all("`decimal`" in row[4] for row in rows)
    assert "found text like 000.000" in rows[0][4]


def test_the_stated_mark_reads_the_column(home: IngestHome) -> None:
    home.mapping(STATED.replace("amount:", 'commission: {column: Provision, decimal: ","}\n        amount:'))
    home.raw(GERMAN.encode("cp1252"), "deals.csv")
    (report,) = home.load()
    assert counts(report) == (7, 7, 0, 0)
    read = home.query("SELECT amount, commission FROM landing.transactions ORDER BY transaction_id")
    assert [tuple(map(float, row)) for row in read] == [
        (850_000, 25_500), (1_250_000, 37_500), (320_000, 9_600), (415_000.5, 12_450.02), (99_500, 2_985),
        (199_500, 5_985), (700_000, 5_985),
    ]  # fmt: skip


def test_a_plain_column_with_three_decimals_stays_as_it_is(home: IngestHome) -> None:
    home.raw("Vorgangs-ID;Kunden-ID;Datum;Preis\n1;A;07.03.2024;850.000\n2;B;07.03.2024;12.5\n3;C;07.03.2024;x\n")
    home.load()
    assert home.query(AMOUNTS) == [("1", Decimal(850)), ("2", Decimal("12.5"))]


def test_the_other_locale_of_a_late_row_counts_for_the_rows_before_it(home: IngestHome) -> None:
    home.mapping(MAPPING.replace("        transaction_id: Vorgangs-ID\n", ""))
    home.raw("Kunden-ID;Datum;Preis\nA;07.03.2024;850.000\nB;07.03.2024;12\nC;07.03.2024;3,50\n")
    (report,) = home.load()
    assert counts(report) == (3, 1, 2, 0)
    assert home.query("SELECT lead_id, amount FROM landing.transactions") == [("B", Decimal(12))]


def test_numbers_of_a_workbook_and_of_parquet_need_no_decimal_mark(home: IngestHome) -> None:
    home.mapping(STATED)
    names = ["Vorgangs-ID", "Kunden-ID", "Datum", "Preis"]
    rows = [["1", "A", "07.03.2024", 850.125], ["2", "B", "07.03.2024", "1.250.000"], ["3", "C", "07.03.2024", 99.5]]
    home.raw(workbook({"S": [names, *rows]}), "deals.xlsx")
    target = io.BytesIO()
    columns = [["4", "5"], ["A", "B"], ["07.03.2024"] * 2, [Decimal("850.125"), Decimal("99.500")]]
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), target)
    home.raw(target.getvalue(), "deals.parquet")
    (report,) = home.load()
    assert counts(report) == (5, 5, 0, 0)
    assert [float(amount) for _, amount in home.query(AMOUNTS)] == [850.125, 1_250_000, 99.5, 850.125, 99.5]


def test_a_cell_that_is_a_number_is_never_ambiguous(home: IngestHome) -> None:
    home.mapping(MAPPING.replace("amount: Preis", "amount: Preis\n        property_id: Objekt"))
    names = ["Vorgangs-ID", "Kunden-ID", "Datum", "Preis", "Objekt"]
    rows = [[str(line), "A", "07.03.2024", 108.125, 12.345] for line in range(30)]
    rows += [["30", "A", "07.03.2024", "108,5", "X"], ["31", "A", "07.03.2024", "850.000", "Y"]]
    home.raw(workbook({"S": [names, *rows]}), "deals.xlsx")
    (report,) = home.load()
    assert counts(report) == (32, 30, 2, 0)
    read = home.query("SELECT DISTINCT amount, property_id FROM landing.transactions")
    assert read == [(Decimal("108.125"), "12.345")]


def test_a_line_without_an_id_is_the_same_line_in_a_workbook(home: IngestHome) -> None:
    home.mapping(MAPPING.replace("        transaction_id: Vorgangs-ID\n", ""))
    home.raw("Kunden-ID;Datum;Preis\nA;07.03.2024;850.125\nB;07.03.2024;12\n")
    home.load()
    home.raw(workbook({"S": [["Kunden-ID", "Datum", "Preis"], ["A", "07.03.2024", 850.125]]}), "again.xlsx")
    (report,) = home.load()
    assert counts(report) == (3, 0, 0, 3)


def test_a_required_field_that_a_translation_leaves_blank_is_quarantined(home: IngestHome) -> None:
    kind = 'kind: {column: Art, values: {Verkauf: sale, Storno: "", Offen: }}'
    home.mapping(MAPPING.replace("kind: {value: sale}", kind))
    home.raw("Vorgangs-ID;Kunden-ID;Datum;Art;Preis\n1;A;07.03.2024;Verkauf;1\n2;A;07.03.2024;Storno;1\n"
             "3;A;07.03.2024;Offen;1\n")  # fmt: skip
    home.load()
    assert home.query("SELECT kind FROM landing.transactions") == [("sale",)]
    assert [row[:4] for row in home.quarantine()] == [(line, "transactions", "required", "kind") for line in (3, 4)]
