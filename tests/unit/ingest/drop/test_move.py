"""Free names below a root, and moves that never overwrite a file."""

import errno
import os

import pytest

from pipelines.ingest.drop.move import NoFreeName, free_name, move_without_replacing


@pytest.fixture
def root(tmp_path):
    for name in ("leads.csv", "leads_0002.csv", "contacts.csv.gz"):
        (tmp_path / name).write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "free"),
    [
        ("deals.csv", "deals.csv"),
        ("leads.csv", "leads_0003.csv"),
        ("contacts.csv.gz", "contacts_0002.csv.gz"),
        ("2025/leads.csv", "2025/leads.csv"),
    ],
)
def test_a_name_that_is_taken_gets_the_next_number(root, file, free):
    assert free_name(root, file, "*") == free
    assert free == file or free > file, "expected a later delivery to sort after the earlier one"


def test_two_files_of_one_batch_have_different_names(root):
    assert free_name(root, "leads.csv", "*.csv", {"leads_0003.csv"}) == "leads_0004.csv"


def test_a_number_that_the_mapping_does_not_read_is_an_error_with_a_better_pattern(root):
    with pytest.raises(NoFreeName, match=r"reads only files named leads\.csv; with leads\*\.csv"):
        free_name(root, "leads.csv", "leads.csv")


def test_a_move_never_overwrites_and_can_continue_after_a_kill(root, tmp_path):
    source = tmp_path / "sent.csv"
    source.write_text("new")
    with pytest.raises(FileExistsError):
        move_without_replacing(source, root / "leads.csv")
    assert (source.read_text(), (root / "leads.csv").read_text()) == ("new", "leads.csv")
    (root / "in").mkdir()
    os.link(source, root / "in" / "sent.csv")
    move_without_replacing(source, root / "in" / "sent.csv")
    assert not source.exists()
    assert (root / "in" / "sent.csv").read_text() == "new"


def test_a_root_on_another_disk_never_has_a_partial_file_under_the_final_name(root, tmp_path, monkeypatch):
    source, target = tmp_path / "sent.csv", root / "in" / "sent.csv"
    source.write_text("new")
    link = os.link

    def link_within_a_folder(one, other):
        if one.parent != other.parent:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(one, other)

    monkeypatch.setattr(os, "link", link_within_a_folder)
    move_without_replacing(source, target)
    assert [path.name for path in target.parent.iterdir()] == ["sent.csv"]
    assert target.read_text() == "new"
    assert not source.exists()
