"""A draft is a valid mapping for any file and shows no phone and no e-mail."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.home.lined_yaml import load_nodes
from pipelines.ingest.draft import draft_mapping
from pipelines.ingest.draft.table import read_table
from pipelines.ingest.errors import FileRefused
from pipelines.ingest.mapping.load import load_mapping
from tests.ingest_home import IngestHome, counts

KEYS = {"source", "root", "timezone", "currency", "history", "files"}
PIECES = [
    *"ab:#'\"\n\r\t,;{}[]&*!|>%@`\\-?=~ \x07\x1b\x7f\x85\u2028\u2029\ufeff\u200b名号日期$",
    *("\n  evil: 1", "# x", "\nroot: /etc", "\n---\n", "...", "<<: *x", "手机", "Created Time", "Deal Stage", "Amount"),
]
NAMES = st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join)
CELLS = st.sampled_from(["x", "Won", "2025-01-01", "5", "a b", "张三", "16000000001", "lost\n# y: z"])


@settings(max_examples=30, deadline=None)
@given(st.lists(NAMES, min_size=2, max_size=6), st.data())
def test_a_header_adds_no_key_and_keeps_its_text(names: list[str], data: st.DataObject) -> None:
    text = io.StringIO()
    rows = [[data.draw(CELLS) for _ in names] for _ in range(3)]
    csv.writer(text).writerows([names, *rows])
    with TemporaryDirectory() as folder:
        file, target = Path(folder) / "x.csv", Path(folder) / "x.yml"
        file.write_text(text.getvalue(), encoding="utf-8", newline="")
        try:
            made = draft_mapping([file], target.parent, "UTC")
        except FileRefused:
            return
        target.write_text(made.text, encoding="utf-8")
        root, duplicate_keys = load_nodes(made.text)
        assert {key for key, _ in root.items()} <= KEYS and not duplicate_keys, made.text
        mapping, columns = load_mapping(target), read_table(file).columns
        assert mapping.root == target.parent.resolve()
        (read,) = mapping.files
        mapped = [field.column for entity in read.entities for field in entity.fields if field.column is not None]
        assert set(mapped) <= set(columns), made.text


def test_a_hostile_header_is_drafted_and_read(tmp_path: Path) -> None:
    home = IngestHome.at(tmp_path)
    file = home.raw('"Lead Id","Created Time\n","Phone\nroot: /etc # ""x"""\nL1,2025-01-01,16000000001\n', "crm #1.csv")
    made = draft_mapping([file], home.settings.sources_dir, "UTC")
    home.mapping(made.text, "crm")
    (report,) = home.load()
    assert (report.problems, counts(report)) == ([], (1, 1, 0, 0))


@pytest.mark.parametrize(
    "first_row",
    ["Ann Lee,ann@example.com,open", "张三,138 0013 8000,无", "Bo,+86-138-0013-8000,new", "A,(at) a (at) b.co,x"],
)
def test_a_first_row_with_contact_data_is_no_header(tmp_path: Path, first_row: str) -> None:
    file = tmp_path / "x.csv"
    file.write_text(f"{first_row}\nBob Ray,bob@example.com,lost\n")
    made = draft_mapping([file], tmp_path, "UTC")
    assert "column_1" in made.text
    shown = made.text + "".join(made.doubts)
    assert not any(part in shown for part in ("ann", "Ann", "138", "张三", "Bo", "b.co", "bob"))


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(FileRefused, match=r"^x\.csv: expected a file, found a pipe"):
        draft_mapping([tmp_path / "x.csv"], tmp_path, "UTC")
