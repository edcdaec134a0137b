"""Checks before a run writes to a home, also for a home without `home.json`."""

from datetime import UTC, datetime

import duckdb
import pytest

from pipelines.home.key import PseudonymKeyMissing, fingerprint, key_file, load_secret, pseudonym
from pipelines.home.prepare import check_home, take_home
from pipelines.home.remembered import SettingsChanged, accept, home_file, read_remembered
from pipelines.home.settings import Settings


@pytest.fixture
def before(tmp_path):
    """A home that was made before homes remembered anything."""
    settings = Settings(home=tmp_path, pseudonym_key=None)
    made = pseudonym("crm:1", load_secret(settings))
    with duckdb.connect(str(settings.restricted)) as connection:
        connection.execute("CREATE TABLE directory AS SELECT 'crm:1' AS customer_key, ? AS customer_id", [made])
    return settings


def test_a_check_writes_nothing_and_a_run_writes_home_json(tmp_path):
    settings = Settings(home=tmp_path, pseudonym_key=None)
    settings.home.chmod(0o755)
    lines = []
    check_home(settings, lines.append)
    assert not list(tmp_path.iterdir()) and len(lines) == 1
    take_home(settings, lines.append)
    assert set(read_remembered(settings)) == {"timezone", "phone_region", "shared_key_limit", "pseudonym_key"}
    assert len(lines) == 1


def test_a_home_without_home_json_accepts_its_key(before):
    take_home(before, lambda _: None)
    assert "pseudonym_key" in read_remembered(before)


def test_a_home_without_home_json_refuses_another_key(before):
    changed = Settings(home=before.home, pseudonym_key="another secret of it")
    for step in (check_home, take_home):
        with pytest.raises(SettingsChanged, match=r"restricted\.duckdb was made with another key .*every customer_id"):
            step(changed, lambda _: None)
    assert not home_file(before).exists()


def test_a_home_whose_key_is_lost_runs_with_an_accepted_new_key(tmp_path):
    settings = Settings(home=tmp_path, pseudonym_key=None)
    take_home(settings, lambda _: None)
    key_file(settings).unlink()
    with pytest.raises(PseudonymKeyMissing):
        take_home(settings, lambda _: None)
    key_file(settings).write_text("a new secret of it")
    with pytest.raises(SettingsChanged, match="every customer_id"):
        take_home(settings, lambda _: None)
    accept(settings, fingerprint(load_secret(settings)), "the disk broke", datetime(2026, 7, 1, tzinfo=UTC))
    take_home(settings, lambda _: None)
