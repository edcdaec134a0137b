"""Every text of the rules tables is written for people: no code, and each language alone."""

from __future__ import annotations

import csv

import pytest

from models.features.names import NAMES
from pipelines.rules.version import RULES, rule_version
from tests.words import is_chinese, is_english

TABLES = sorted(path.stem for path in RULES.glob("*.csv"))


def rows(table: str) -> list[dict[str, str]]:
    with (RULES / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("table", TABLES)
def test_labels_have_their_language_and_no_code(table):
    texts = [(name, text) for row in rows(table) for name, text in row.items() if text and text != "{what}"]
    assert [text for name, text in texts if name.endswith("_zh") and not is_chinese(text)] == []
    assert [text for name, text in texts if name.endswith("_en") and not is_english(text)] == []


def test_a_label_is_in_both_languages():
    for table in TABLES:
        for row in rows(table):
            pairs = [(row[name], row[f"{name[:-3]}_zh"]) for name in row if name.endswith("_en")]
            assert all(bool(english) == bool(chinese) for english, chinese in pairs), (table, row)


def test_the_names_in_reasons_are_those_of_the_labels():
    labels = {(row["dimension"], row["code"]): row for row in rows("profile_labels")}
    for column in ("demand_type", "purpose"):
        for code, (english, chinese) in NAMES[column].items():
            label = labels[column, code]
            assert (english, chinese) == (label["label_en"].lower(), label["label_zh"])
    listed = {row["label"] for row in rows("published_texts") if row["label_kind"] == "channel"}
    assert listed == set(NAMES["first_channel"])


def test_a_wording_is_no_new_version_of_the_rules_and_a_number_is(tmp_path):
    table = tmp_path / "levels.csv"
    table.write_text('level,cut,label_en,label_zh\nlow,1,"Low, at least",低\n')
    before = rule_version(tmp_path)
    table.write_text("level,cut,label_en,label_zh\nlow,1,Little,较低\n")
    assert rule_version(tmp_path) == before
    table.write_text("level,cut,label_en,label_zh\nlow,2,Little,较低\n")
    assert rule_version(tmp_path) != before
