"""Records of delimited text: the csv module of Python is the oracle."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.privacy.records import Columns, NotDelimited, strip_records

IDS = Columns(frozenset({"id"}), references=frozenset({"referred_by"}))
CELL = st.text(st.sampled_from('ab1,;"\n\r 家'), max_size=6)
ROWS = st.lists(st.tuples(st.sampled_from(["L001", "L002", "L0011", "M001"]), CELL, CELL), max_size=8)


def _written(rows: list[tuple[str, ...]], encoding: str = "utf-8") -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([("id", "note", "other"), *rows])
    return stream.getvalue().encode(encoding)


@given(ROWS)
def test_the_other_records_keep_their_bytes(rows):
    stripped = strip_records(_written(rows), ["L001"], None, columns=IDS)
    assert stripped.content == _written([row for row in rows if row[0] != "L001"])
    assert stripped.removed == sum(row[0] == "L001" for row in rows)


def test_the_lines_of_landing_show_which_column_has_the_ids():
    text = b"referred_by,id\nL001,L002\nL001,L003\nL009,L001\n"
    stripped = strip_records(text, ["L001"], None, lines=[4], columns=IDS)
    assert stripped.content == b"referred_by,id\n,L002\n,L003\n"
    assert (stripped.removed, stripped.blanked, stripped.key) == (1, 2, "id")


def test_a_contact_in_a_note_of_another_record_is_blanked_and_their_own_phone_stays():
    text = b"id,phone,note\nL001,13812345678,\nL002,13812345678,call +86 138 1234 5678\n"
    stripped = strip_records(text, ["L001"], "(?i)(?:^|[^0-9]|86)138[^0-9a-z]{0,3}12345678", columns=IDS)
    assert stripped.content.decode().splitlines()[1].startswith("L002,13812345678,")


def test_gb18030_keeps_its_bytes():
    rows = [("L001", "家", "b"), ("L002", "镕镕", "c")]
    stripped = strip_records(_written(rows, "gb18030"), ["L001"], None, columns=IDS)
    assert stripped.content == _written(rows[1:], "gb18030")


def test_utf_16_is_no_text_of_this_kind():
    with pytest.raises(NotDelimited):
        strip_records("id,name\nL001,a\n".encode("utf-16"), ["L001"], None)


def test_a_cell_that_is_equal_to_a_short_id_stays():
    text = b"id,rooms,referred_by\n3,2,\n4,3,3\n"
    stripped = strip_records(text, ["3"], None, columns=IDS)
    assert stripped.content == b"id,rooms,referred_by\n4,3,\n"


def test_a_listing_with_the_id_of_a_lead_stays():
    text = b"no,seller\n3,call 13812345678\n"
    pattern = "(?i)(?:^|[^0-9]|86)138[^0-9a-z]{0,3}12345678"
    stripped = strip_records(text, [], pattern, columns=Columns(has_rows=False))
    assert stripped.content == b"no,seller\n3,\n"
