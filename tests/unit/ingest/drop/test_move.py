"""Names below a root, and moves that never overwrite."""

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
    assert free == file or free > file, "a later delivery must sort behind the earlier"


def test_two_files_of_one_batch_never_get_one_name(root):
    assert free_name(root, "leads.csv", "*.csv", {"leads_0003.csv"}) == "leads_0004.csv"


def test_a_number_that_the_mapping_would_not_read_is_refused_with_the_pattern_that_mends_it(root):
    with pytest.raises(NoFreeName, match=r"reads no other name than leads\.csv: with leads\*\.csv"):
        free_name(root, "leads.csv", "leads.csv")


def test_a_move_never_overwrites_and_can_be_taken_up_after_a_kill(root, tmp_path):
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


def test_a_root_on_another_disk_never_holds_half_a_file_under_its_name(root, tmp_path, monkeypatch):
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
