"""Mapping files: their keys, and that every fault names file, line and field."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipelines.ingest.contract import ENTITIES
from pipelines.ingest.errors import MappingError
from pipelines.ingest.mapping.load import load_mapping

CLEAN = """\
source: crm
root: .
timezone: Asia/Shanghai
currency: CNY
history: true
files:
  - path: leads_*.csv
    entities:
      leads:
        lead_id: {template: "crm/{Id}"}
        created_at: {column: Created, format: "%d-%m-%Y"}
        marketing_consent: {column: Consent, values: {Yes: true, No: false}, null_values: [Select, ""]}
        budget_min: {column: 预算, scale: 10000}
        currency: {value: CNY}
        status: {expr: "CASE WHEN Won THEN 'won' END"}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "crm.yml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(MappingError) as caught:
        load_mapping(write(folder, text))
    return str(caught.value).splitlines()


def test_a_blank_translation_means_nothing(tmp_path: Path) -> None:
    text = CLEAN.replace("{Yes: true, No: false}", '{Yes: true, No: "", Maybe: " ", Ask: }')
    consent = load_mapping(write(tmp_path, text)).files[0].entities[0].field("marketing_consent")
    assert consent.values == (("Yes", "true"), ("No", None), ("Maybe", None), ("Ask", None))


def test_a_clean_mapping_loads_as_written(tmp_path: Path) -> None:
    mapping = load_mapping(write(tmp_path, CLEAN))
    leads = mapping.files[0].entities[0]
    assert (mapping.source, mapping.timezone, mapping.history, mapping.root) == (
        "crm", "Asia/Shanghai", True, tmp_path,
    )  # fmt: skip
    assert leads.keyed
    assert leads.field("lead_id").reads == {"Id"}
    assert leads.field("status").reads == {"Won"}
    assert leads.field("created_at").line == 11


def test_yes_and_no_stay_the_words_of_the_source(tmp_path: Path) -> None:
    consent = load_mapping(write(tmp_path, CLEAN)).files[0].entities[0].field("marketing_consent")
    assert consent.values == (("Yes", "true"), ("No", "false"))
    assert consent.null_values == ("Select",)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("source: crm", "source: My CRM", "crm.yml, line 1, source: expected lower-case letters"),
        ("source: crm\n", "", "crm.yml, line 1, source: expected a value"),
        ("root: .", "root: nowhere", "crm.yml, line 2, root: expected a folder"),
        ("root: .", "root: $NOT_SET_ANYWHERE/x", "crm.yml, line 2, root: '$NOT_SET_ANYWHERE/x' names an environment"),
        ("root: .", "root: $TOKEN", "crm.yml, line 2, root: expected a folder, found nothing at $TOKEN"),
        ("root: .", "root: round", "crm.yml, line 2, root: expected a folder, found nothing at "),
        ("root: .", "root: ~nobody-here/x", "crm.yml, line 2, root: expected a folder, found nothing at "),
        ("root: .", 'root: "a\\0b"', "crm.yml, line 2, root: expected a folder, found nothing at "),
        ("leads_*.csv", '"../*.csv"', "crm.yml, line 7, files[1].path: expected a path below the root"),
        ("leads_*.csv", "a/../../*.csv", "crm.yml, line 7, files[1].path: expected a path below the root"),
        ("leads_*.csv", "/etc/*.csv", "crm.yml, line 7, files[1].path: expected a path below the root"),
        ("leads_*.csv", '"**.csv"', "crm.yml, line 7, files[1].path: expected a path with ** alone between slashes"),
        ("leads_*.csv", '"a\\0b.csv"', "crm.yml, line 7, files[1].path: expected a path with ** alone between slashes"),
        ("leads_*.csv", "x.csv\n    encoding: base64", "crm.yml, line 8, files[1].encoding: expected an encoding"),
        ("leads_*.csv", "x.csv\n    encoding: undefined", "crm.yml, line 8, files[1].encoding: expected an encoding"),
        ("source: crm", "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
         "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
         "e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]", "crm.yml, line 5, e: expected at most 20,000 values"),
        ("Asia/Shanghai", "Asia/Shanghi", "crm.yml, line 3, timezone: expected an IANA zone"),
        ("history: true", "history: perhaps", "crm.yml, line 5, history: expected true, false"),
        ("currency: CNY\n", "colour: red\n", "crm.yml, line 4, mapping.colour: unknown key"),
        ("currency: CNY\n", "quarantine_bar: 5\n", "crm.yml, line 4, quarantine_bar: expected a share"),
        ("leads_*.csv", "leads.docx", "crm.yml, line 7, files[1].path: expected a name ending in"),
        ("leads_*.csv", "../leads.csv", "crm.yml, line 7, files[1].path: expected a path below the root"),
        ("leads_*.csv", "x.csv\n    encoding: utf9", "crm.yml, line 8, files[1].encoding: expected an encoding"),
        ("leads_*.csv", "x.csv\n    delimiter: ';;'", "crm.yml, line 8, files[1].delimiter: expected one character"),
        ("leads_*.csv", "x.parquet\n    header: [a]", "crm.yml, line 8, files[1].header: has no meaning"),
        ("      leads:", "      lead:", "crm.yml, line 9, files[1].lead: unknown entity"),
        ("        created_at:", "        creatd_at:", "crm.yml, line 11, leads.creatd_at: unknown field"),
        ("        created_at:", "        creatd_at:", "crm.yml, line 9, leads.created_at: required field is not"),
        ("format:", "formt:", "crm.yml, line 11, leads.created_at.formt: unknown key"),
        ('"%d-%m-%Y"', '"d-m-Y"', "crm.yml, line 11, leads.created_at.format: expected a strptime pattern"),
        ("column: Created", "column: Created, expr: Created", "crm.yml, line 11, leads.created_at: expected exactly"),
        ("{value: CNY}", "{column: C, default: CNY}", "crm.yml, line 14, leads.currency.default: needs `values`"),
        ("{value: CNY}", "{column: C, values: {a: CNY}, default: }",
         "crm.yml, line 14, leads.currency.default: expected text"),
        ("{value: CNY}", "{column: C, values: {a: CNY}, default: XXQ}",
         "crm.yml, line 14, leads.currency.default: expected a currency"),
        ("scale: 10000", "scale: many", "crm.yml, line 13, leads.budget_min.scale: expected a positive number"),
        ("scale: 10000", "scale: [1, 2]", "crm.yml, line 13, leads.budget_min.scale: expected a positive"),
        ("scale: 10000", "decimal: [x]", "crm.yml, line 13, leads.budget_min.decimal: expected the decimal mark"),
        ("leads_*.csv", "x.csv\n    header: [a, [b]]", "crm.yml, line 8, files[1].header: expected a list of"),
        ("scale: 10000", "decimal: ;", "crm.yml, line 13, leads.budget_min.decimal: expected the decimal mark"),
        ("{value: CNY}", "{value: CNY, decimal: '.'}", "crm.yml, line 14, leads.currency.decimal: has no meaning for"),
        ("currency: CNY\n", "currency: XYZ\n", "crm.yml, line 4, currency: expected a currency of ISO 4217"),
        ("{value: CNY}", "{value: dollars}", "crm.yml, line 14, leads.currency.value: expected a currency of ISO"),
        ("{value: CNY}", "{value: CNY, scale: 3}", "crm.yml, line 14, leads.currency.scale: has no meaning for a c"),
        ("CASE WHEN Won", "CASE Won WHEN", "crm.yml, line 15, leads.status: syntax error"),
        ("CASE WHEN Won THEN 'won' END", "Won), (Lost", "crm.yml, line 15, leads.status: expected one SQL"),
        ("{Id}", "Id", "crm.yml, line 10, leads.lead_id: expected text with columns in braces"),
        ("        status:", "        lead_id: I\n        status:", "crm.yml, line 15, files.entities.leads.lead_id:"),
        ("files:", "files: [", "crm.yml, line "),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_and_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, message: str
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    (tmp_path / "round").symlink_to("round")
    assert old in CLEAN
    found = faults_of(tmp_path, CLEAN.replace(old, new, 1))
    assert any(line.startswith(message) for line in found), found


def test_a_list_where_a_number_is_expected_is_named_as_a_list(tmp_path: Path) -> None:
    faults = faults_of(tmp_path, CLEAN.replace("scale: 10000", "scale: [1, 2]", 1))
    assert any(line.endswith("expected a positive number, found a list or keys") for line in faults), faults


def test_a_mapping_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "crm.yml")
    with pytest.raises(MappingError, match=r"^crm\.yml, line 1, file: expected a file"):
        load_mapping(tmp_path / "crm.yml")


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    text = CLEAN.replace("Asia/Shanghai", "Mars").replace("format:", "formt:").replace("scale: 10000", "scale: 0")
    assert [line.split(", ")[1] for line in faults_of(tmp_path, text)] == ["line 3", "line 11", "line 13"]


def test_a_constant_outside_the_contract_is_a_fault(tmp_path: Path) -> None:
    text = """\
source: crm
root: .
timezone: UTC
files:
  - path: x.csv
    entities:
      transactions:
        lead_id: a
        occurred_at: b
        amount: c
        kind: {column: d, values: {Deal: sold, Rent: rental}}
"""
    (line,) = faults_of(tmp_path, text)
    assert line.startswith("crm.yml, line 11, transactions.kind.values.Deal: expected one of subscription")


@pytest.mark.parametrize(
    ("entity", "field", "constant"),
    [
        ("leads", "lead_id", '{value: "?"}'),
        ("interactions", "lead_id", '{value: "?"}'),
        ("interactions", "interaction_id", "{expr: \"'x'\"}"),
        ("transactions", "lead_id", '{value: "?"}'),
        ("transactions", "transaction_id", '{value: "1"}'),
        ("transactions", "deal_id", '{value: "1"}'),
        ("transactions", "related_transaction_id", "{expr: '1'}"),
        ("agents", "agent_id", "{value: A}"),
        ("properties", "property_id", "{value: A}"),
    ],
)
def test_an_id_that_reads_no_column_is_a_fault(tmp_path: Path, entity: str, field: str, constant: str) -> None:
    entries = {entry.name: entry.name for entry in ENTITIES[entity].fields if entry.required}
    entries |= {"kind": f"{{value: {'call' if entity == 'interactions' else 'sale'}}}"} if "kind" in entries else {}
    lines = "".join(f"        {name}: {text}\n" for name, text in (entries | {field: constant}).items())
    head = "source: crm\nroot: .\ntimezone: UTC\nfiles:\n  - path: x.csv\n    entities:\n"
    (fault,) = faults_of(tmp_path, f"{head}      {entity}:\n{lines}")
    assert f"{entity}.{field}: expected an id that is read from a column, found a constant" in fault


@pytest.mark.parametrize("name", ["AED", "rmb", "hk $", "TWD", "brl"])
def test_currencies_of_a_mapping_are_those_of_iso(tmp_path: Path, name: str) -> None:
    mapping = load_mapping(write(tmp_path, CLEAN.replace("currency: CNY\n", f'currency: "{name}"\n')))
    assert mapping.currency in ("AED", "CNY", "HKD", "TWD", "BRL")


def test_an_empty_mapping_and_a_missing_one_are_clear(tmp_path: Path) -> None:
    assert faults_of(tmp_path, "")[0].startswith("crm.yml, line 1, mapping: expected keys")
    with pytest.raises(MappingError, match=r"gone\.yml, line 1, file: cannot be read"):
        load_mapping(tmp_path / "gone.yml")


def test_the_digest_follows_the_meaning_not_the_layout(tmp_path: Path) -> None:
    mapping = load_mapping(write(tmp_path, CLEAN))
    commented = load_mapping(write(tmp_path, "# a comment\n\n" + CLEAN))
    changed = load_mapping(write(tmp_path, CLEAN.replace("10000", "1000")))
    digests = [one.digest(one.files[0]) for one in (mapping, commented, changed)]
    assert digests[0] == digests[1] != digests[2]
