"""An erasure that is killed while it puts files in place is carried to its end."""

from __future__ import annotations

import pytest

from pipelines.home.prepare import ErasureUnfinished, check_home
from pipelines.home.settings import Settings
from pipelines.privacy.audit import audit_file, entries, record
from pipelines.privacy.redo import Redo, apply


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", _env_file=None)


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_killed_erasure_ends_with_the_same_files(settings, done):
    home = settings.home
    home.mkdir()
    for name in ("a.txt", "b.txt", "gone.txt"):
        (home / name).write_text("before")
    redo = Redo(settings)
    redo.begin()
    for name in ("a.txt", "b.txt"):
        redo.new(home / name).write_text("after")
    redo.delete(home / "gone.txt")
    redo.counts["rows"] += 2
    assert (home / "a.txt").read_text() == "before"
    redo.seal()
    for name in ("a.txt", "b.txt")[:done]:
        (settings.erasing / "new" / name).replace(home / name)

    with pytest.raises(ErasureUnfinished, match="--resume"):
        check_home(settings, lambda _: None)
    assert apply(settings) == ({"rows": 2}, [])
    assert [(home / name).read_text() for name in ("a.txt", "b.txt")] == ["after", "after"]
    assert not (home / "gone.txt").exists()
    assert not settings.erasing.exists()


def test_the_audit_log_masks_contacts_and_is_private(settings):
    settings.home.mkdir()
    record(settings, "override", "crm/leads", {"reason": "asked by 13812345678"})
    record(settings, "export", "crm", {"records": 3})
    assert [entry.action for entry in entries(settings)] == ["override", "export"]
    assert "13812345678" not in audit_file(settings).read_text()
    assert audit_file(settings).stat().st_mode & 0o777 == 0o600
