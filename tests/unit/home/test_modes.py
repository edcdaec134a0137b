"""Who can read a home: its owner, and for the published tables a group."""

import grp
import os
import stat

import pytest

from pipelines.home.modes import PRIVATE, HomeOpen, close_home, keep_private, open_to_readers
from pipelines.home.settings import Settings, SettingsError, load_settings

GROUP = grp.getgrgid(os.getgid()).gr_name


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path):
    """A home of before: everything is open to everybody."""
    home = tmp_path / "home"
    for place in ("landing/data", "published/versions/v1", "drop/crm", "sources"):
        (home / place).mkdir(parents=True)
    files = [
        "warehouse.duckdb",
        "restricted.duckdb",
        "pseudonym.key",
        "landing/data/leads.parquet",
        "published/versions/v1/tierhouse.duckdb",
        "drop/crm/leads.csv",
        "sources/crm.yml",
        "mine.txt",
    ]
    for file in files:
        (home / file).touch()
    (home / "published" / "current").symlink_to("versions/v1")
    for path in [home, *home.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o666)
    return home


def test_an_open_home_is_closed_and_reported_once(home):
    message = close_home(Settings(home=home))
    assert message == f"modes of 11 files changed: only the owner reads {home}"
    for path in [home, *home.rglob("*")]:
        theirs = path.relative_to(home).parts[:1] in [("drop",), ("sources",), ("mine.txt",)]
        assert theirs or not mode(path) & 0o077, path
    assert mode(home / "mine.txt") == mode(home / "drop" / "crm" / "leads.csv") == 0o666
    assert close_home(Settings(home=home)) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("TIERHOUSE_PSEUDONYM_KEY=a secret of settings", 0o600),
        ("  export TIERHOUSE_PSEUDONYM_KEY='a secret'", 0o600),
        ("TIERHOUSE_POSTGRES_URL=postgresql://u:secret@db/bi", 0o600),
        ('TIERHOUSE_ALERT_URLS="wecombot://secret"', 0o600),
        ("#TIERHOUSE_PSEUDONYM_KEY=", 0o644),
        ("TIERHOUSE_THREADS=2", 0o644),
    ],
)
def test_an_env_file_with_the_key_is_closed_too(home, monkeypatch, tmp_path, line, expected):
    file = tmp_path / "env"
    file.write_text(f"TIERHOUSE_HOME=/srv\n{line}\n")
    file.chmod(0o644)
    monkeypatch.setattr("pipelines.home.modes.ENVIRONMENT", file)
    close_home(Settings(home=home))
    assert mode(file) == expected


def test_a_folder_on_another_disk_is_closed_and_links_inside_are_not_followed(home, tmp_path):
    disk = tmp_path / "disk"
    (home / "landing").rename(disk)
    (home / "landing").symlink_to(disk)
    outside = tmp_path / "outside.txt"
    outside.touch(0o644)
    outside.chmod(0o644)
    (disk / "link").symlink_to(outside)
    close_home(Settings(home=home))
    assert mode(disk / "data" / "leads.parquet") == 0o600
    assert mode(outside) == 0o644


def test_a_file_whose_mode_cannot_be_changed_is_refused(home, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.chmod", refuse)
    with pytest.raises(HomeOpen, match=r"other accounts can read .*mode 0\d{3}, owner \d+.*Operation not permitted"):
        close_home(Settings(home=home))
    monkeypatch.setattr("pathlib.Path.chmod", lambda *_, **__: None)
    with pytest.raises(HomeOpen, match="the file system keeps it"):
        close_home(Settings(home=home))


def test_a_folder_that_accounts_share_is_refused_and_unchanged(home):
    home.chmod(0o1777)
    with pytest.raises(HomeOpen, match="set TIERHOUSE_HOME to a folder of your own"):
        close_home(Settings(home=home))
    assert mode(home) == 0o1777
    assert mode(home / "pseudonym.key") == 0o666


def test_a_group_reads_the_published_tables_and_nothing_else(home):
    settings = Settings(home=home, readers=GROUP)
    close_home(settings)
    published = home / "published"
    assert mode(home) == 0o710
    assert {mode(path) for path in (published, published / "versions", published / "versions" / "v1")} == {0o750}
    assert mode(published / "current" / "tierhouse.duckdb") == 0o640
    assert all(not mode(home / name) & 0o077 for name in PRIVATE if (home / name).exists())
    new = published / "versions" / "v2"
    new.mkdir(mode=0o700)
    (new / "customer_grades.parquet").touch(0o600)
    open_to_readers(settings, new)
    assert mode(new) == 0o750 and mode(new / "customer_grades.parquet") == 0o640
    close_home(Settings(home=home))
    assert mode(home) == 0o700 and mode(new) == 0o700


def test_a_group_that_does_not_exist_is_refused(monkeypatch):
    monkeypatch.setenv("TIERHOUSE_READERS", "no such group")
    with pytest.raises(SettingsError, match=r"TIERHOUSE_READERS='no such group': .*expected a group of this machine"):
        load_settings()


def test_only_the_owner_reads_what_a_process_writes(tmp_path):
    before = os.umask(0)
    try:
        keep_private()
        (tmp_path / "file").touch()
        (tmp_path / "folder").mkdir()
    finally:
        os.umask(before)
    assert mode(tmp_path / "file") == 0o600 and mode(tmp_path / "folder") == 0o700
